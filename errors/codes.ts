/** The table of error codes. A code, once released, keeps its meaning; entries are sorted by code. */
export const codes = {
  ADDON_MISSING: {
    summary: "the native addon is not built",
    mend: "run `npm run build:native` (it needs python3, make and g++)",
  },
  ARC_UNSUPPORTED: {
    summary: "this is an ARC file, the predecessor of WARC, which is not read",
    mend: "convert it to WARC first, for example with `warcio recompress old.arc.gz new.warc.gz`",
  },
  COMPRESSED_CORRUPT: {
    summary: "a compressed file is cut or damaged",
    mend: "fetch the file again and compare its checksum with the publisher's",
  },
  COMPRESSED_TOO_LARGE: {
    summary: "a compressed file holds far more than its size allows, as a decompression bomb does",
    mend: "if the file is honest, decompress it first and give the decompressed file",
  },
  COMPRESSION_UNSUPPORTED: {
    summary: "this kind of compression is not read",
    mend: "decompress the file, or compress it again with gzip",
  },
  INPUT_NOT_FOUND: {
    summary: "no such input file",
    mend: "check the path; patterns in a recipe are relative to the recipe's own folder",
  },
  INPUT_NOT_WARC: {
    summary: "this is not a WARC file",
    mend: "check the path and the format that the recipe names; a WARC file begins with `WARC/1.0` or `WARC/1.1`, plain or compressed",
  },
  INPUT_UNREADABLE: {
    summary: "the input file cannot be read",
    mend: "check the file's permissions and that it is a file",
  },
  INTERNAL: {
    summary: "a fault in apertus-data itself",
    mend: "please report it with the command, the recipe and this message",
  },
  WARC_NOT_CUTTABLE: {
    summary: "this WARC file cannot be read in parts, because several of its records share one compressed member",
    mend: "read the whole file as one unit, or write it anew with one gzip member a record (`warcio recompress`)",
  },
} as const satisfies Record<string, { readonly summary: string; readonly mend: string }>;
