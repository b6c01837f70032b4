/**
 * The corpus that the benchmark of `audit` asks: three hosts of 5, 1,000 and 50,000 pages that the pipeline really processed, with
 * 24 captures of robots.txt each, in the middle of ten million synthetic ledger rows and a million documents of other hosts. The
 * synthetic rows are written as the pipeline's last phase writes its tables: sorted, zstd, its row groups, its rows a file.
 */

import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { hashFile } from "../../dist/corpus/index.js";
import { literal, openSql, WarcWriter } from "../../dist/formats/index.js";
import { run } from "../../dist/pipeline/index.js";

export const hosts = [
  ["www.five.example", 5],
  ["www.thousand.example", 1_000],
  ["www.fifty.example", 50_000],
];

/** Rows of the synthetic hosts on either side of the real ones. */
const sides = { ledger: 5_000_000, documents: 500_000 };
const pagesOfAHost = 50;
const fileRows = 5_000_000;

/** Makes the corpus in `folder`, unless it is there; about 0.8 GB. */
export async function benchCorpus(folder) {
  const corpus = join(folder, "corpus");
  if (statSync(join(corpus, "complete"), { throwIfNoEntry: false })) return corpus;
  rmSync(corpus, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writePages(join(folder, "pages.jsonl"));
  await writeRobots(join(folder, "robots.warc.gz"));
  const recipe = {
    version: 1,
    name: "audit-bench",
    inputs: [{ path: "pages.jsonl", source: "bench" }],
    stages: [
      { consent: { robots: ["robots.warc.gz"] } },
      "extract",
      { quality: { min_words: 12 } },
      "duplicates",
      "pii",
      "tokenize",
    ],
    storage: { text: "delete", units: "delete" },
  };
  writeFileSync(join(folder, "recipe.yaml"), JSON.stringify(recipe));
  await run({ recipePath: join(folder, "recipe.yaml"), corpus, workers: 1, memoryBytes: 1e9 });
  await surround(corpus);
  writeFileSync(join(corpus, "complete"), "");
  return corpus;
}

/** Pages captured over eight years; one in ten has the text of another, one in fifty is too short, one in twenty names an e-mail address. */
function writePages(path) {
  const out = openSync(path, "w");
  for (const [host, pages] of hosts) {
    for (let i = 0; i < pages; i++) {
      const section = ["news", "premium", "archive", "sport", "culture"][i % 5];
      const of = i % 10 === 9 ? i - 9 : i;
      const text =
        i % 50 === 8
          ? `Short ${i}.`
          : `The story numbered ${of} of ${host} tells of a day in the town and of the people who live there, one of them called number ${of * 7919}.${i % 20 === 3 ? ` Write to reader${of}@mail.example about it.` : ""}\nThe second paragraph of story ${of} is as quiet as the first.`;
      const day = new Date(Date.UTC(2017, 0, 1) + (i % 2900) * 86_400_000).toISOString();
      writeSync(
        out,
        `${JSON.stringify({ text, url: `https://${host}/${section}/2021/0${(i % 9) + 1}/story-of-the-day-${i}.html?page=${i % 3}`, date: day })}\n`,
      );
    }
  }
  closeSync(out);
}

/**
 * 24 captures a host from 2018 to 2026 of twelve different files, which first close what crawlers have no use for, then name AI
 * crawlers and close sections to them. As on the sites of examples/web.yaml, most changes concern no agent: sixteen files of one
 * newspaper there come to three different readings, these twelve to six.
 */
async function writeRobots(path) {
  const out = openSync(path, "w");
  const writer = new WarcWriter({ write: (bytes) => void writeSync(out, bytes) });
  for (const [host] of hosts) {
    for (let i = 0; i < 24; i++) {
      const at = new Date(Date.UTC(2018, 0, 15) + i * 124 * 86_400_000).toISOString();
      const body = Buffer.from(robotsText(host, i >> 1));
      const block = Buffer.concat([
        Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n`),
        body,
      ]);
      const fields = [
        ["WARC-Target-URI", `https://${host}/robots.txt`],
        ["WARC-Date", at],
        [
          "WARC-Record-ID",
          `<urn:uuid:00000000-0000-4000-8000-${createHash("sha256")
            .update(host + i)
            .digest("hex")
            .slice(0, 12)}>`,
        ],
        ["Content-Type", "application/http; msgtype=response"],
      ];
      await writer.write({ type: "response", fields, block });
    }
  }
  closeSync(out);
}

function robotsText(host, step) {
  const lines = [`# ${host}, version ${step}`, "User-agent: *"];
  for (let i = 0; i < (step < 6 ? 40 : 45); i++)
    lines.push(`Disallow: /${["cgi", "search", "print", "account", "newsletter"][i % 5]}/${i}/`);
  lines.push("Disallow: /*?print=1", "Disallow: /*.pdf$", "Allow: /search/help");
  if (step >= 4) lines.push("", "User-agent: CCBot", "Disallow: /premium/");
  if (step >= 7)
    lines.push("", "User-agent: GPTBot", "User-agent: Google-Extended", "Disallow: /premium/", "Disallow: /archive/");
  if (step >= 11) lines.push("", "User-agent: ClaudeBot", "User-agent: Bytespider", "Disallow: /");
  lines.push("", "User-agent: SomeSeoBot", `Crawl-delay: ${step}`, `Disallow: /feed/${step}/`);
  lines.push("", `Sitemap: https://${host}/sitemap.xml`, "");
  return lines.join("\n");
}

/** Replaces the tables by ones that have the synthetic rows around the real ones. */
async function surround(corpus) {
  const path = join(corpus, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  const spill = join(corpus, "..", "spill");
  mkdirSync(spill, { recursive: true });
  const sql = await openSql({ memoryBytes: 1.5e9, spillFolder: spill });
  try {
    for (const table of ["ledger", "documents"]) {
      const real = manifest.tables[table].map((file) => literal(join(corpus, file.path)));
      const columns = await rowsOf(sql, `DESCRIBE SELECT * FROM read_parquet([${real.join(", ")}])`);
      const side = (
        letter,
        suffix,
      ) => `SELECT ${columns.map((column) => `${cellOf(column, table, suffix)} AS ${column.column_name}`).join(", ")}
        FROM (SELECT '${letter}' || lpad((i // ${pagesOfAHost})::VARCHAR, 7, '0') AS name, i FROM range(${sides[table]}) AS r(i))`;
      const before = manifest.tables[table];
      const all = [side("a", "com"), `SELECT * FROM read_parquet([${real.join(", ")}])`, side("z", "org")];
      manifest.tables[table] = await writeTable(
        sql,
        corpus,
        table,
        all,
        sides[table] * 2 + before.reduce((sum, file) => sum + file.rows, 0),
      );
      for (const file of before) rmSync(join(corpus, file.path));
    }
    // The evidence of the synthetic rows: a site's robots.txt, and for one row in five of its own.
    const evidence = manifest.tables.evidence.map((file) => literal(join(corpus, file.path)));
    const made = `SELECT sha256(json) AS id, json AS evidence FROM (
        SELECT '{"authority":"https://www.' || name || '.com","filler":true,"padding":"' || repeat('robots ', 60) || '"}' AS json
        FROM (SELECT 'a' || lpad(i::VARCHAR, 7, '0') AS name FROM range(${sides.ledger / pagesOfAHost}) AS r(i))
        UNION ALL SELECT '{"kept_url":"https://www.a.com/' || i || '","filler":true}' FROM range(1000000) AS r(i))`;
    const before = manifest.tables.evidence;
    const sorted = `SELECT * FROM (${made} UNION ALL SELECT id, evidence FROM read_parquet([${evidence.join(", ")}])) ORDER BY id`;
    manifest.tables.evidence = await writeTable(
      sql,
      corpus,
      "evidence",
      [sorted],
      1_000_000 + sides.ledger / pagesOfAHost + before[0].rows,
    );
    for (const file of before) rmSync(join(corpus, file.path));
  } finally {
    sql.close();
    rmSync(spill, { recursive: true, force: true });
  }
  const { totals } = manifest;
  totals.kept += 2 * sides.documents;
  totals.dropped["consent/robots-disallow"] += 2 * sides.ledger;
  totals.documents += 2 * (sides.documents + sides.ledger);
  totals.records += 2 * (sides.documents + sides.ledger);
  writeFileSync(path, JSON.stringify(manifest, null, 1));
}

function cellOf({ column_name: name, column_type: type }, table, suffix) {
  const page = `(i % ${pagesOfAHost})`;
  const url = `'https://www.' || name || '.${suffix}/section/' || lpad(${page}::VARCHAR, 3, '0') || '/' || hash(i)`;
  const cells = {
    id: `unhex(md5('${table}${suffix}' || i))`,
    url,
    captured_at: "make_timestamp(1500000000000000 + (hash(i) % 200000000000000)::BIGINT)::TIMESTAMPTZ",
    locator_file: "'segments/' || (hash(i) % 900)::VARCHAR || '/warc/CC-MAIN-20240101000000-00000.warc.gz'",
    locator_offset: "(hash(i + 1) % 1000000000)::DOUBLE",
    locator_length: "(5000 + hash(i + 2) % 50000)::DOUBLE",
    locator_unit: "'bytes'",
    source_id: `'<urn:uuid:' || md5('${suffix}' || i) || '>'`,
    host_key: `'${suffix},' || name || ',www'`,
    source: "'bench'",
    stage: "'consent'",
    rule: "'robots-disallow'",
    evidence: "sha256(name)",
    shard: "'shards/99999-none.arrow'",
    redactions: "''",
  };
  return cells[name] ?? (type === "VARCHAR" ? "''" : type.startsWith("TIMESTAMP") ? `NULL::${type}` : `0::${type}`);
}

/** As the pipeline's last phase writes a table. */
async function writeTable(sql, corpus, table, selects, rows) {
  await sql.run(`SET preserve_insertion_order = true`);
  const files = [];
  for (let first = 0, index = 0; first < rows; first += fileRows, index++) {
    const relative = `${table}/${table}-bench-${String(index).padStart(5, "0")}.parquet`;
    const from = `SELECT * FROM (${selects.join(" UNION ALL ")}) LIMIT ${fileRows} OFFSET ${first}`;
    const size = table === "evidence" ? 2048 : 20_000;
    await sql.run(
      `COPY (${from}) TO ${literal(join(corpus, relative))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${size})`,
    );
    const hash = createHash("sha256");
    const bytes = hashFile(join(corpus, relative), hash);
    files.push({
      name: `${table}-${index}`,
      path: relative,
      bytes,
      rows: Math.min(fileRows, rows - first),
      sha256: hash.digest("hex"),
    });
  }
  return files;
}

async function rowsOf(sql, statement) {
  const rows = [];
  for await (const row of sql.rows(statement)) rows.push(row);
  return rows;
}
