/**
 * The example's texts that are no web captures: JSON lines, a WET file (conversion records of WARC, as Common Crawl publishes them)
 * and a Parquet file with the columns of FineWeb. Their text is exact, so the expectation gives its SHA-256.
 */
import { createHash } from "node:crypto";
import { DuckDBInstance } from "@duckdb/node-api";
import { personal } from "./prose.mjs";
import { halves, plainText } from "./sources.mjs";
import { gzip, recordId, WarcFile } from "./warc.mjs";

const kept = { outcome: "kept" };
const english = { lang: "en", label: "eng_Latn" };
const press = {
  outcome: "dropped",
  stage: "consent",
  agent: "GPTBot",
  rule: "Disallow: /",
  robots_captured_at: "2025-01-10T09:00:00Z",
};

/** The three files' rows: `{ text, url?, date?, lang, label, expect }`, text as one string. */
export function planTexts(sources, nextChapter) {
  const chapter = (url, date, expect = kept) => ({ ...english, text: plainText(nextChapter()), url, date, expect });
  const half = (code, which, lang, label, url, date) => {
    return { lang, label, text: plainText(halves(sources.declaration(code))[which]), url, date, expect: kept };
  };
  const copy = (row, url, date) => {
    const expect = { outcome: "duplicate", of: row.url, of_captured_at: row.date };
    return { ...row, url, date, expect };
  };
  const planted = ({ text, spans }, url, date) => ({
    ...english,
    text: plainText(text),
    url,
    date,
    expect: { outcome: "kept", spans },
  });

  const first = chapter("https://novels.example/jsonl/1", "2023-02-01T10:00:00Z");
  const second = chapter("https://novels.example/wet/1", "2023-06-01T10:00:00Z");
  const jsonl = [
    first,
    half("oss", "first", "os", "oss_Cyrl", "https://rights.example/os/1", "2023-02-02T10:00:00Z"),
    half("tir", "first", "ti", "tir_Ethi", "https://rights.example/ti/1", "2023-02-03T10:00:00Z"),
    // Neither address nor date: nobody to ask, so consent has nothing to say.
    { ...chapter(undefined, undefined), expect: kept },
    chapter("https://press.example/jsonl/story", "2023-02-04T10:00:00Z", press),
    // The same words as a page of the crawl, a line each; kept or not, the placeholders it talks about stay text.
    planted(
      { text: withoutTitle(personal.literal.text, "Note."), spans: personal.literal.spans },
      "https://contact.example/jsonl/literal",
      "2023-02-05T10:00:00Z",
    ),
    copy(second, "https://mirror.example/jsonl/2", "2024-02-06T10:00:00Z"),
  ];
  const wet = [
    second,
    half("xho", "second", "xh", "xho_Latn", "https://rights.example/xh/2", "2024-03-02T10:00:00Z"),
    half("mya", "first", "my", "mya_Mymr", "https://rights.example/my/1", "2024-03-03T10:00:00Z"),
    chapter("https://press.example/wet/story", "2024-03-04T10:00:00Z", press),
    copy(first, "https://mirror.example/wet/1", "2024-03-05T10:00:00Z"),
  ];
  const parquet = [
    chapter("https://novels.example/parquet/1", "2024-05-01T10:00:00Z"),
    chapter("https://novels.example/parquet/2", "2024-05-02T10:00:00Z"),
    chapter("https://press.example/parquet/story", "2024-05-03T10:00:00Z", press),
    copy(first, "https://mirror.example/parquet/1", "2024-05-04T10:00:00Z"),
    planted(
      { text: withoutTitle(personal.contact.text, "Notice."), spans: personal.contact.spans },
      "https://contact.example/parquet/contact",
      "2024-05-05T10:00:00Z",
    ),
    chapter("https://library.example/parquet/public", "2024-05-06T10:00:00Z"),
  ];
  return { jsonl, wet, parquet };
}

/** The page's text behind a word of its own, so that it equals no other text. */
function withoutTitle(text, opening) {
  return { ...text, sections: [{ heading: opening, paragraphs: text.sections[0].paragraphs }] };
}

export function writeJsonLines(rows) {
  const lines = rows.map(({ text, url, date }, index) =>
    JSON.stringify({ text, id: `quickstart-${index}`, ...(url === undefined ? {} : { url, date }), source: "quickstart" }),
  );
  return gzip(Buffer.from(`${lines.join("\n")}\n`));
}

/** Common Crawl puts no digest of the payload and a list of languages into each record. */
export function writeWet(name, rows) {
  const file = new WarcFile(name, "1.0");
  for (const { text, url, date, label } of rows) {
    const fields = { "WARC-Refers-To": recordId(`page ${url}`), "WARC-Identified-Content-Language": label.slice(0, 3) };
    file.write({ type: "conversion", url, date, fields, contentType: "text/plain" }, text);
  }
  return file.bytes();
}

/** FineWeb's columns and types. token_count counts words here: the column is there because FineWeb has it. */
export async function writeParquet(path, rows) {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE texts (text VARCHAR, id VARCHAR, dump VARCHAR, url VARCHAR, date VARCHAR, file_path VARCHAR,
    language VARCHAR, language_score DOUBLE, token_count BIGINT)`);
  for (const { text, url, date, lang } of rows) {
    const filePath = "s3://example/crawl-data/quickstart.warc.gz";
    const values = [
      text,
      recordId(`page ${url}`),
      "QUICKSTART-2024-05",
      url,
      date,
      filePath,
      lang,
      1,
      BigInt(text.split(/\s+/).length),
    ];
    await connection.run("INSERT INTO texts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values);
  }
  await connection.run(`COPY texts TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();
}

export const textDigest = (text) => createHash("sha256").update(text).digest("hex");
