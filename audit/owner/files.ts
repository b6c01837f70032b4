/** Writes an owner's report as three files beside each other, each whole or not at all: the page, JSON, and all pages as CSV. */
import { join } from "node:path";
import { type CorpusFolder, disk, sha256 } from "../../corpus/index.js";
import { renderOwnerPage } from "../page/index.js";
import { TextFile } from "../text-file.js";
import { csvHeader, csvLine } from "./csv.js";
import { reportJson } from "./json.js";
import type { OwnerReport, Subject } from "./model.js";
import { makeOwnerReport, type OwnerReportOptions } from "./report.js";
import { parseSubject } from "./subject.js";

export interface WrittenReport {
  readonly report: OwnerReport;
  /** Paths, as `folder` names them. */
  readonly html: string;
  readonly json: string;
  readonly csv: string;
}

/**
 * Makes the report and writes it into a folder, over one of the same subject. The CSV file has every page, also where `limit` cuts
 * the list in the other two.
 *
 * @throws DataError as makeOwnerReport, and where the folder cannot be written
 */
export async function writeOwnerReport(
  corpus: CorpusFolder,
  options: Omit<OwnerReportOptions, "onPage">,
  folder: string,
): Promise<WrittenReport> {
  const name = reportName(parseSubject(options.asked, options.exact).subject);
  const [html, json, csv] = ["html", "json", "csv"].map((ending) => join(folder, `${name}.${ending}`));
  disk.makeFolder(folder);
  const open: TextFile[] = [];
  const create = (path: string): TextFile => {
    const file = new TextFile(path);
    open.push(file);
    return file;
  };
  try {
    const table = create(csv);
    table.write(csvHeader);
    const report = await makeOwnerReport(corpus, { ...options, onPage: (page) => table.write(csvLine(page)) });
    const object = create(json);
    for (const piece of reportJson(report)) object.write(piece);
    create(html).write(renderOwnerPage(report));
    for (const file of open) file.finish();
    return { report, html, json, csv };
  } catch (error) {
    for (const file of open) file.abandon();
    throw error;
  }
}

/** `www.example.org-audit`, or with eight digits of the page's digest; nothing in it but letters, digits, dots, hyphens, underscores. */
export function reportName({ host, url, scope }: Subject): string {
  const safe = host.replaceAll(/[^a-z0-9.-]/g, "_").slice(0, 200);
  const part = url !== null ? `-page-${sha256(url).slice(0, 8)}` : scope === "host" ? "-exact" : "";
  return `${safe}${part}-audit`;
}
