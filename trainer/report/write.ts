/** Writes the report of a run into its folder. */
import { join } from "node:path";
import { replaceFile } from "../../corpus/index.js";
import { readMetrics } from "../run/metrics.js";
import type { ReportedRun } from "./model.js";
import { renderTrainingPage } from "./page.js";

/** @returns its path */
export function writeTrainingReport(folder: string, run: ReportedRun): string {
  const path = join(folder, "report.html");
  replaceFile(path, Buffer.from(renderTrainingPage(run, readMetrics(folder))));
  return path;
}
