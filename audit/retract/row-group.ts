/**
 * Decides on one row group of the documents table: what is read of it, and which of its documents go, as plain data. Only what deciders
 * ask for is read; where the documents that go lie is looked up for all of them at once (placed.ts).
 */
import { canonicalJson, type EvidenceBlob, sha256 } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { isBytes, openParquet, type ParquetFile } from "../../formats/index.js";
import { type DeciderSpec, type Decisions, type Doubt, type OpenDecider, openDecider } from "./open-decider.js";

/** Rows [start, end) of a file of the documents table. */
export interface RowGroup {
  /** Counted from 0. */
  readonly file: number;
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** A document that goes. */
export interface Gone {
  /** Its row in the file. */
  readonly at: number;
  readonly rule: string;
  /** SHA-256 of the evidence's canonical JSON. */
  readonly evidence: string;
}

/** Of one decider. */
export interface GroupDecisions {
  readonly decider: number;
  readonly gone: readonly Gone[];
  readonly unsure: readonly { readonly at: number; readonly why: Doubt }[];
  /** Canonical JSON by its id. */
  readonly evidence: ReadonlyMap<string, string>;
  /** Each once from one GroupDecider. */
  readonly blobs: readonly EvidenceBlob[];
}

/** Deciders opened for any number of row groups. */
export class GroupDecider {
  #file: { readonly path: string; readonly parquet: ParquetFile } | undefined;
  readonly #blobs = new Set<string>();
  readonly #columns: readonly string[];

  private constructor(private readonly deciders: readonly OpenDecider[]) {
    this.#columns = [...new Set(["url", ...deciders.flatMap(({ columns }) => columns)])];
  }

  static async open(specs: readonly DeciderSpec[]): Promise<GroupDecider> {
    return new GroupDecider(await Promise.all(specs.map(openDecider)));
  }

  /** What each decider takes, in their order; nothing where it takes nothing. A document may be taken by several. */
  async decide({ path, start, end }: RowGroup): Promise<readonly GroupDecisions[]> {
    const file = await this.#open(path);
    const { url, captured_at, signals } = await file.readRows(start, end, { columns: this.#columns });
    if (url === undefined || !isBytes(url) || (captured_at !== undefined && isBytes(captured_at))) throw otherTypes(path);
    if (signals !== undefined && !isBytes(signals)) throw otherTypes(path);
    const documents = { url, ...(captured_at && { captured_at }), ...(signals && { signals }) };
    const decided = this.deciders.map((decider) => decider.decide(documents));
    return decided.flatMap((decisions, decider) =>
      decisions.gone.length + (decisions.unsure?.length ?? 0) === 0 ? [] : [{ decider, ...this.#told(decisions, start) }],
    );
  }

  async close(): Promise<void> {
    for (const decider of this.deciders) decider.close();
    await this.#file?.parquet.close();
  }

  #told(decisions: Decisions, start: number): Omit<GroupDecisions, "decider"> {
    const ids = new Map<object, string>();
    const evidence = new Map<string, string>();
    const gone = decisions.gone.map(({ row, reason }): Gone => {
      let id = ids.get(reason);
      if (id === undefined) {
        const json = canonicalJson(reason.evidence);
        id = sha256(json);
        ids.set(reason, id);
        evidence.set(id, json);
      }
      return { at: start + row, rule: reason.rule, evidence: id };
    });
    const unsure = (decisions.unsure ?? []).map(({ row, why }) => ({ at: start + row, why }));
    const blobs = decisions.blobs.filter((blob) => !this.#blobs.has(blob.sha256));
    for (const blob of blobs) this.#blobs.add(blob.sha256);
    return { gone, unsure, evidence, blobs };
  }

  async #open(path: string): Promise<ParquetFile> {
    if (this.#file?.path !== path) {
      await this.#file?.parquet.close();
      this.#file = { path, parquet: await openParquet(path) };
    }
    return this.#file.parquet;
  }
}

function otherTypes(file: string): DataError {
  return new DataError("CORPUS_DAMAGED", { file, detail: "the documents table has columns of other types" });
}
