/** Which format a file has, told by its content. */
import { closeSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { constants, gunzipSync } from "node:zlib";
import { DataError } from "../errors/index.js";

export type FileFormat = "warc" | "parquet" | "jsonl" | "arrow";

/**
 * By magic bytes; what lies inside a compressed file, and what a file with a damaged beginning was, is told by its name.
 * @throws DataError INPUT_FORMAT_UNKNOWN
 */
export function formatOf(path: string): FileFormat {
  const { format, compressed } = sniffFormat(path);
  if (format !== undefined) return format;
  const name = basename(path).toLowerCase();
  if (/\.(warc|wet|wat|arc)(\.|$)/.test(name)) return "warc";
  if (/\.(jsonl?|ndjson)(\.|$)/.test(name)) return "jsonl";
  if (!compressed && name.endsWith(".parquet")) return "parquet";
  if (!compressed && /\.(arrows?|feather)$/.test(name)) return "arrow";
  throw new DataError("INPUT_FORMAT_UNKNOWN", { file: path });
}

/** What the first bytes tell, of a gzip file those inside. */
export function sniffFormat(path: string): { readonly format: FileFormat | undefined; readonly compressed: boolean } {
  const head = headOf(path);
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  const compressed = gzip || head.readUInt32LE(0) === 0xfd2fb528;
  const start = (gzip ? inflated(head) : head).toString("latin1").replace(/^\xef\xbb\xbf/, "");
  if (/^(WARC\/|filedesc:)/.test(start.trimStart())) return { format: "warc", compressed };
  if (start.trimStart().startsWith("{")) return { format: "jsonl", compressed };
  if (!compressed && start.startsWith("PAR1")) return { format: "parquet", compressed };
  if (!compressed && /^(ARROW1|\xff{4})/.test(start)) return { format: "arrow", compressed };
  return { format: undefined, compressed };
}

/** As much as the beginning of a gzip member gives; nothing where it is damaged. */
function inflated(head: Uint8Array): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 20 });
  } catch {
    return Buffer.alloc(0);
  }
}

function headOf(path: string): Buffer {
  const handle = openSync(path, "r");
  try {
    const head = Buffer.alloc(512);
    return head.subarray(0, Math.max(4, readSync(handle, head, 0, head.length, 0)));
  } finally {
    closeSync(handle);
  }
}
