/**
 * Exact duplicates over the whole corpus: documents whose text is the same byte for byte. The earliest capture is kept, whichever
 * file it lies in; among captures of one moment the smallest id, then the smallest unit and row. The ledger names the one kept.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { BytesBuilder, bytesAt, literal, openSql } from "../../formats/index.js";
import type { CorpusFilter } from "../filter.js";

const parameters = z
  .strictObject({
    ignore_white_space: z
      .boolean()
      .default(false)
      .describe("Compare texts with every run of white space (space, tab, line breaks) taken as one space."),
  })
  .describe("Exact duplicates over all inputs of the run.");

type Parameters = z.infer<typeof parameters>;

export const duplicates: CorpusFilter<Parameters> = {
  kind: "corpus",
  name: "duplicates",
  version: 1,
  summary: "Keeps one of all documents with the same text: the one captured first.",
  parameters,
  needs: ["text"],
  rules: { "exact-duplicate": "The same text was captured earlier, at the page that is named, and is kept there." },
  signature: { text_sha256: "binary" },

  sign(batch, { ignore_white_space }) {
    const text = batch.bytes("text");
    const digests = new BytesBuilder("binary", batch.rows * 32);
    for (let row = 0; row < batch.rows; row++) {
      const bytes = bytesAt(text, row);
      digests.append(
        createHash("sha256")
          .update(ignore_white_space ? foldWhiteSpace(bytes) : bytes)
          .digest(),
      );
    }
    return { text_sha256: digests.finish() };
  },

  async *decide(signatures, _parameters, scratch) {
    if (signatures.length === 0) return;
    const sql = await openSql({ memoryBytes: scratch.memoryBytes, spillFolder: scratch.folder });
    try {
      await sql.run("CREATE TABLE files (path VARCHAR, unit VARCHAR)");
      for (let i = 0; i < signatures.length; i += 1000) {
        const values = signatures.slice(i, i + 1000).map(({ path, unit }) => `(${literal(path)}, ${literal(unit)})`);
        await sql.run(`INSERT INTO files VALUES ${values.join(", ")}`);
      }
      const paths = signatures.map(({ path }) => literal(path)).join(", ");
      const order = "captured_at NULLS LAST, id, unit, row";
      const rows = sql.rows(`
        SELECT unit, row, lower(hex(text_sha256)) AS digest, lower(hex(kept_id)) AS kept_id, kept_url, epoch_ms(kept_at) AS kept_at
        FROM (
          SELECT unit, row, text_sha256,
                 row_number() OVER same AS place,
                 first_value(id) OVER same AS kept_id,
                 first_value(url) OVER same AS kept_url,
                 first_value(captured_at) OVER same AS kept_at
          FROM read_parquet([${paths}], filename = 'file') AS s JOIN files ON files.path = s.file
          WINDOW same AS (PARTITION BY text_sha256 ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
        )
        WHERE place > 1 ORDER BY unit, row`);
      for await (const { unit, row, digest, kept_id, kept_url, kept_at } of rows) {
        yield {
          unit: String(unit),
          row: Number(row),
          rule: "exact-duplicate",
          evidence: {
            text_sha256: String(digest),
            kept_id: String(kept_id),
            kept_url: String(kept_url ?? ""),
            kept_captured_at: kept_at === null || kept_at === undefined ? null : new Date(Number(kept_at)).toISOString(),
          },
        };
      }
    } finally {
      sql.close();
    }
  },
};

function foldWhiteSpace(bytes: Uint8Array): Uint8Array {
  const folded = new Uint8Array(bytes.length);
  let size = 0;
  let inSpace = false;
  for (const byte of bytes) {
    const space = byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
    if (space && inSpace) continue;
    folded[size++] = space ? 0x20 : byte;
    inSpace = space;
  }
  return folded.subarray(0, size);
}
