/** Writes a corpus as a whole as two files beside each other, each whole or not at all: the page, and JSON. */
import { join } from "node:path";
import { type CorpusFolder, disk } from "../../corpus/index.js";
import { TextFile } from "../text-file.js";
import { makeSummary, type SummaryOptions } from "./make.js";
import type { CorpusSummary } from "./model.js";

export interface WrittenSummary {
  readonly summary: CorpusSummary;
  /** Paths, as `folder` names them. */
  readonly html: string;
  readonly json: string;
}

/**
 * Makes the summary and writes it into a folder as `summary.html` and `summary.json`, over those that are there.
 *
 * @throws DataError as makeSummary, and where the folder cannot be written
 */
export async function writeSummary(corpus: CorpusFolder, options: SummaryOptions, folder: string): Promise<WrittenSummary> {
  const summary = await makeSummary(corpus, options);
  // Loaded where it is used: it needs the pipeline, which an answer about one host does without.
  const { renderSummaryPage } = await import("../page/summary/index.js");
  const [html, json] = [join(folder, "summary.html"), join(folder, "summary.json")];
  const texts = [
    [html, renderSummaryPage(summary)],
    [json, `${JSON.stringify(summary, null, 1)}\n`],
  ] as const;
  disk.makeFolder(folder);
  const open: TextFile[] = [];
  try {
    for (const [path, text] of texts) {
      const file = new TextFile(path);
      open.push(file);
      file.write(text);
    }
    for (const file of open) file.finish();
  } catch (error) {
    for (const file of open) file.abandon();
    throw error;
  }
  return { summary, html, json };
}
