/**
 * An exchange as WARC records (ISO 28500:2017): response, request, and metadata that says how it went. Where there was no answer
 * the metadata says so, and nothing pretends to be a response.
 */
import { createHash, randomUUID } from "node:crypto";
import type { NewWarcRecord } from "../../formats/index.js";
import type { Exchange } from "./exchange.js";

type Field = readonly [name: string, value: string];

export function warcinfoRecord(filename: string, about: readonly Field[], now: Date): NewWarcRecord {
  return {
    type: "warcinfo",
    fields: [
      ["WARC-Record-ID", `<urn:uuid:${randomUUID()}>`],
      ["WARC-Date", now.toISOString()],
      ["WARC-Filename", filename],
      ["Content-Type", "application/warc-fields"],
    ],
    block: fieldsBlock([...about, ["format", "WARC File Format 1.1"]]),
  };
}

/**
 * @param via the URL whose redirect led here
 * @param attempt counted from 1
 */
export function exchangeRecords(
  { url, startedAt, milliseconds, address, request, outcome }: Exchange,
  via: string | undefined,
  attempt: number,
): readonly NewWarcRecord[] {
  const common: readonly Field[] = [
    ["WARC-Date", new Date(startedAt).toISOString()],
    ["WARC-Target-URI", url],
    ...(address === undefined ? [] : ([["WARC-IP-Address", address]] as const)),
  ];
  const records: NewWarcRecord[] = [];
  let first: string | undefined;
  const add = (type: string, mediaType: string, block: Uint8Array, more: readonly Field[] = []): void => {
    const id = `<urn:uuid:${randomUUID()}>`;
    const fields: Field[] = [["WARC-Record-ID", id], ...common];
    if (first !== undefined) fields.push(["WARC-Concurrent-To", first]);
    fields.push(["WARC-Block-Digest", `sha256:${sha256(block)}`], ...more, ["Content-Type", mediaType]);
    records.push({ type, fields, block });
    first ??= id;
  };
  if (outcome.kind === "response") {
    const { payloadSha256, truncated, block } = outcome;
    add("response", "application/http;msgtype=response", block, [
      ...(payloadSha256 === undefined ? [] : ([["WARC-Payload-Digest", `sha256:${payloadSha256}`]] as const)),
      ...(truncated === undefined ? [] : ([["WARC-Truncated", truncated]] as const)),
    ]);
  }
  if (request.length > 0) add("request", "application/http;msgtype=request", request);
  add("metadata", "application/warc-fields", fieldsBlock(metadata(outcome, via, attempt, milliseconds)));
  return records;
}

/** `fetchFailure` is what the consent filter takes for an unreachable site (filters/consent/warc-captures.ts). */
function metadata(
  outcome: Exchange["outcome"],
  via: string | undefined,
  attempt: number,
  milliseconds: number,
): readonly Field[] {
  return [
    ["fetchTimeMs", String(milliseconds)],
    ["fetchAttempt", String(attempt)],
    ...(via === undefined ? [] : ([["via", via]] as const)),
    ...(outcome.kind === "failure" ? ([["fetchFailure", outcome.failure]] as const) : []),
    ...(outcome.kind === "refused" ? ([["fetchRefused", "address-not-public"]] as const) : []),
    ...(outcome.detail === "" ? [] : ([["fetchDetail", outcome.detail]] as const)),
  ];
}

/** Values may hold what a server wrote: line ends become blanks. */
function fieldsBlock(fields: readonly Field[]): Uint8Array {
  return Buffer.from(fields.map(([name, value]) => `${name}: ${value.toWellFormed().replace(/[\r\n]+/g, " ")}\r\n`).join(""));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
