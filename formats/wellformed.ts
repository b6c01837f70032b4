/**
 * Makes the rows of a column well-formed UTF-8 (Unicode 15, table 3-7): what every reader promises of its utf8 columns. The
 * bytes are checked in one native call; rows are only touched where something is wrong.
 */
import { repairUtf8 } from "../native/index.js";
import { BytesBuilder, type BytesColumn, bytesAt } from "./columns.js";

export function utf8Rows(values: Uint8Array, offsets: Int32Array): BytesColumn {
  const rows = offsets.length - 1;
  const used = values.subarray(offsets[0], offsets[rows]);
  const column: BytesColumn = { type: "utf8", values, offsets };
  if (repairUtf8(used) === used && beginsRows(values, offsets)) return column;
  const builder = new BytesBuilder("utf8", used.length);
  for (let row = 0; row < rows; row++) {
    const repaired = repairUtf8(bytesAt(column, row));
    // A repair can triple its text, and offsets end at 2^31.
    if (builder.size + repaired.length > 0x7fffffff) throw new RangeError("repaired text passes 2 GiB");
    builder.append(repaired);
  }
  return builder.finish();
}

/** Where the whole is well formed, a row can only be ill-formed by beginning, and the row before by ending, inside a sequence. */
function beginsRows(values: Uint8Array, offsets: Int32Array): boolean {
  const end = offsets[offsets.length - 1];
  for (let row = 0; row < offsets.length - 1; row++) {
    if (offsets[row] < end && (values[offsets[row]] & 0xc0) === 0x80) return false;
  }
  return true;
}
