/**
 * WARC files (ISO 28500:2017, WARC 1.1; the drafts 0.17 and 0.18 too) as records of bytes, read in bounded memory. WET and WAT
 * files are WARC files and are read the same way. Plain files, a gzip member or Zstandard frame per record, and one compressed
 * stream of many records are told apart by content.
 */
import { warcTargetUri } from "./warc-header.js";
import type { WarcFault, WarcReadOptions, WarcRecord, WarcWalkEntry } from "./warc-record.js";
import { scanWarc } from "./warc-scan.js";
import { loadZstd } from "./zstd.js";

/**
 * The records that begin in [start, end), in file order, and a fault for each that could not be read.
 *
 * A record alone in its gzip member is given out only after the member's checksum was right. Records that share a member come
 * before its checksum is known; a wrong one is then the last item.
 * @throws DataError INPUT_NOT_FOUND, INPUT_UNREADABLE, INPUT_NOT_WARC, ARC_UNSUPPORTED, COMPRESSION_UNSUPPORTED, and
 * WARC_NOT_CUTTABLE where `start` is not 0 and records share a member.
 */
export async function* readWarc(path: string, options: WarcReadOptions = {}): AsyncGenerator<WarcRecord | WarcFault, void> {
  // So that parseHttpResponse, which cannot wait, can undo zstd in what comes out of here.
  await loadZstd();
  let index = 0;
  for await (const item of scanWarc(path, options, true)) yield { ...item, index: index++ };
}

/** The same records, faults and errors as `readWarc`, without keeping blocks: for cutting a file into ranges. */
export async function* walkWarc(path: string, options: WarcReadOptions = {}): AsyncGenerator<WarcWalkEntry | WarcFault, void> {
  let index = 0;
  for await (const item of scanWarc(path, options, false)) {
    if (item.kind === "fault") {
      yield { ...item, index: index++ };
      continue;
    }
    const { offset, length, unit, type, fields } = item;
    const cut = unit === "bytes" || offset === 0;
    yield { kind: "entry", index: index++, offset, length, unit, type, targetUri: warcTargetUri(fields), cut };
  }
}
