/** An owner's report as JSON text, in pieces: a report of many pages is never one string. */
import type { OwnerReport } from "./model.js";

/** Rows of a list that make one piece. */
const step = 256;

/** Pieces that together are one JSON object and a line end; a key of the report a line, a page a line. */
export function* reportJson(report: OwnerReport): Generator<string> {
  let before = "{";
  for (const [key, value] of Object.entries(report)) {
    yield `${before}\n${JSON.stringify(key)}:`;
    if (Array.isArray(value) && value.length > 0) {
      for (let at = 0; at < value.length; at += step) {
        const rows = value.slice(at, at + step).map((row) => JSON.stringify(row));
        yield `${at === 0 ? "[" : ","}\n${rows.join(",\n")}`;
      }
      yield "]";
    } else yield JSON.stringify(value);
    before = ",";
  }
  yield "\n}\n";
}
