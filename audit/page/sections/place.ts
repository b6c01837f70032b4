/** Where a record lies, in words. */
import type { Place } from "../../owner/model.js";
import { type Content, html } from "../markup.js";
import { raw } from "../section.js";
import { count } from "../wording.js";

export function placeText({ file, offset, length, unit, record_id }: Place): Content {
  const where =
    unit === "row"
      ? `row ${count(offset)}`
      : `${count(length)} bytes from byte ${count(offset)} of ${unit === "inflated" ? "its decompressed contents" : "the file"}`;
  return html`${raw(file)}, ${where}${record_id === "" ? null : html`, record ${raw(record_id)}`}`;
}
