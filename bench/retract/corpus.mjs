/**
 * The corpus that the benchmark of `retract` asks: five million documents of 200,000 hosts whose sizes fall as Zipf's law says. The
 * pipeline processes a few pages with the hosts' robots.txt captures; then its documents table is replaced by a synthetic one, written
 * as the pipeline's last phase does, and its list of shards by one that the rows fit. There are no shards: a retraction reads none.
 */
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { hashFile, hostKey } from "../../dist/corpus/index.js";
import { answerAll, RobotsCompiler } from "../../dist/filters/index.js";
import { BytesBuilder, literal, openSql, ParquetWriter, WarcWriter } from "../../dist/formats/index.js";
import { run } from "../../dist/pipeline/index.js";
import { bodiesOf, pathsFor, seeded } from "../consent/inputs.mjs";

export const size = { documents: 5_000_000, hosts: 200_000 };
const fileRows = 5_000_000;
const groupRows = 20_000;
const shardRows = 62_500;
/** Coprime to the number of documents: neighbours of the table lie in different shards, as they do in a corpus. */
const stride = 1_000_003;

/** Makes the corpus and `new.warc` in `folder`, unless they are there; about 2 GB. */
export async function benchCorpus(folder, robotsWarc) {
  const corpus = join(folder, "corpus");
  if (statSync(join(corpus, "complete"), { throwIfNoEntry: false })) return corpus;
  rmSync(corpus, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const bodies = await bodiesOf(robotsWarc);
  const hosts = hostsOf(bodies);
  await writeCaptures(join(folder, "old.warc"), hosts, "2024-12-10T12:00:00Z", ({ old }) => old);
  await writeCaptures(join(folder, "new.warc"), hosts, "2026-06-01T12:00:00Z", ({ next }) => next);
  writeFileSync(
    join(folder, "pages.jsonl"),
    Array.from(
      { length: 50 },
      (_, i) => `${JSON.stringify({ text: `Page ${i} of few words.`, url: `https://www.first.example/${i}` })}\n`,
    ).join(""),
  );
  const recipe = {
    version: 1,
    name: "retract-bench",
    inputs: [{ path: "pages.jsonl", source: "bench" }],
    stages: [{ consent: { robots: ["old.warc"] } }, "extract", "tokenize"],
    storage: { text: "delete", units: "delete" },
  };
  writeFileSync(join(folder, "recipe.yaml"), JSON.stringify(recipe));
  await run({ recipePath: join(folder, "recipe.yaml"), corpus, workers: 1, memoryBytes: 1e9 });
  writeRows(join(folder, "rows.parquet"), hosts);
  await replaceTables(corpus, join(folder, "rows.parquet"));
  rmSync(join(folder, "rows.parquet"));
  rmSync(join(folder, "old.warc"));
  writeFileSync(join(corpus, "complete"), JSON.stringify(countsOf(hosts)));
  return corpus;
}

/** Documents whose site has a capture: the others are decided without one. */
function countsOf(hosts) {
  return { asked: hosts.reduce((sum, { next, pages }) => sum + (next === undefined ? 0 : pages), 0) };
}

/**
 * Sixty hosts of a hundred have a capture, half of them word for word one of the real files, the others with a line of their own in
 * it, so that it has to be read for them alone. None of these closes the whole site to any agent, or the run would have kept nothing
 * of it. The new captures are of the same hosts; one in ten has another of the real files by then, whatever it says.
 */
function hostsOf(bodies) {
  const random = seeded(7);
  const suffixes = ["com", "org", "de", "co.uk", "fr", "info", "ch", "jp"];
  const compiler = compilerOf();
  const open = bodies.filter((body) => !isDenied(compiler.compile(body).answer("/index.html")));
  const named = (body, origin) =>
    random(2) === 0 ? body : Buffer.concat([body, Buffer.from(`\n# ${origin}\nSitemap: ${origin}/sitemap.xml\n`)]);
  const hosts = Array.from({ length: size.hosts }, (_, i) => {
    const scheme = random(12) === 0 ? "http" : "https";
    const port = random(400) === 0 ? ":8443" : "";
    const name = `${random(2) === 0 ? "www." : ""}site-${(i * 7919) % 1_000_003}.${suffixes[random(suffixes.length)]}`;
    const origin = `${scheme}://${name}${port}`;
    const body = open[random(open.length)];
    const old = random(100) < 60 ? named(body, origin) : undefined;
    const next = old !== undefined && random(10) === 0 ? named(bodies[random(bodies.length)], origin) : old;
    return { origin, key: hostKey(`${origin}/`), weight: 1 / (i + 10) ** 0.9, old, next, body };
  });
  const total = hosts.reduce((sum, { weight }) => sum + weight, 0);
  for (const host of hosts) host.pages = Math.max(1, Math.floor((size.documents * host.weight) / total));
  hosts[0].pages += size.documents - hosts.reduce((sum, { pages }) => sum + pages, 0);
  return hosts.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** For the agents of the recipe's consent stage. */
function compilerOf() {
  const profile = join(import.meta.dirname, "../../assets/agents/apertus-2025-01.json");
  return new RobotsCompiler(JSON.parse(readFileSync(profile, "utf8")).agents);
}

function isDenied({ denied }) {
  return denied.rfc || denied.intent;
}

/** Paths that the run let through. */
function keptPaths(host, count, random, compiler) {
  const file = host.old === undefined ? undefined : compiler.compile(host.old);
  const kept = [];
  while (kept.length < count) {
    // Of the addresses that crawls know, few are made of what robots.txt speaks about.
    const paths = pathsFor(host.body, count - kept.length, random, 12);
    const answers = file === undefined ? [] : answerAll(paths.map((target) => ({ file, target })));
    kept.push(...paths.filter((_, i) => file === undefined || !isDenied(answers[i])));
  }
  return kept;
}

async function writeCaptures(path, hosts, date, bodyOf) {
  const out = openSync(path, "w");
  const writer = new WarcWriter({ write: (bytes) => void writeSync(out, bytes) }, { gzip: false });
  for (const host of hosts) {
    const body = bodyOf(host);
    if (body === undefined) continue;
    const head = `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n`;
    const id = createHash("sha256")
      .update(host.origin + date)
      .digest("hex")
      .slice(0, 12);
    const fields = [
      ["WARC-Target-URI", `${host.origin}/robots.txt`],
      ["WARC-Date", date],
      ["WARC-Record-ID", `<urn:uuid:00000000-0000-4000-8000-${id}>`],
      ["Content-Type", "application/http; msgtype=response"],
    ];
    await writer.write({ type: "response", fields, block: Buffer.concat([Buffer.from(head), body]) });
  }
  closeSync(out);
}

/** Address, key and date of each document, in the order of the table. */
function writeRows(path, hosts) {
  const out = openSync(path, "w");
  const types = { url: "utf8", host_key: "utf8", captured_at: "timestamp", shard: "int32", row: "int32" };
  const fields = Object.entries(types).map(([name, type]) => ({ name, type }));
  const writer = new ParquetWriter({ write: (bytes) => void writeSync(out, bytes) }, fields, { codec: "uncompressed" });
  const random = seeded(11);
  const compiler = compilerOf();
  const from = Date.UTC(2014, 0, 1);
  let at = 0;
  for (const host of hosts) {
    for (let left = host.pages; left > 0; ) {
      const rows = Math.min(left, groupRows);
      left -= rows;
      const paths = keptPaths(host, rows, random, compiler);
      const url = new BytesBuilder("utf8", rows * 64);
      const key = new BytesBuilder("utf8", rows * 32);
      for (const path of paths) {
        url.appendString(host.origin + (random(50) === 0 ? path.replace("news", "n\u00e4chste") : path));
        key.appendString(host.key);
      }
      const places = Array.from({ length: rows }, (_, i) => ((at + i) * stride) % size.documents);
      at += rows;
      writer.write({
        url: url.finish(),
        host_key: key.finish(),
        captured_at: { type: "timestamp", values: Float64Array.from({ length: rows }, () => from + random(3.4e8) * 1000) },
        shard: { type: "int32", values: Int32Array.from(places, (place) => Math.floor(place / shardRows)) },
        row: { type: "int32", values: Int32Array.from(places, (place) => place % shardRows) },
      });
    }
  }
  writer.finish();
  closeSync(out);
}

async function replaceTables(corpus, rows) {
  const path = join(corpus, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  const shardPath = (number) => `'shards/' || lpad((${number})::VARCHAR, 5, '0') || '-0123456789ab.arrow'`;
  const spill = join(corpus, "..", "spill");
  mkdirSync(spill, { recursive: true });
  const sql = await openSql({ memoryBytes: 1.5e9, spillFolder: spill });
  try {
    const real = manifest.tables.documents.map((file) => literal(join(corpus, file.path)));
    const columns = [];
    for await (const column of sql.rows(`DESCRIBE SELECT * FROM read_parquet([${real.join(", ")}])`)) columns.push(column);
    const cells = {
      id: "unhex(md5(url))",
      url: "url",
      host_key: "host_key",
      captured_at: "captured_at",
      locator_file: "'segments/' || (hash(url) % 900)::VARCHAR || '/warc/CC-MAIN-20240101000000-00000.warc.gz'",
      locator_offset: "(hash(url) % 1000000000)::DOUBLE",
      locator_length: "(5000 + hash(url) % 50000)::DOUBLE",
      locator_unit: "'bytes'",
      source_id: "'<urn:uuid:' || md5(url) || '>'",
      source: "'bench'",
      shard: shardPath("shard"),
      row: "row",
      tokens: "(100 + hash(url) % 1500)::INTEGER",
    };
    const select = columns.map(({ column_name: name, column_type: type }) => {
      const cell = cells[name] ?? (type === "VARCHAR" ? "''" : type.startsWith("TIMESTAMP") ? `NULL::${type}` : `0::${type}`);
      return `${cell} AS ${name}`;
    });
    const before = manifest.tables.documents;
    manifest.tables.documents = [];
    for (let first = 0, index = 0; first < size.documents; first += fileRows, index++) {
      const relative = `documents/documents-bench-${String(index).padStart(5, "0")}.parquet`;
      const made = join(corpus, relative);
      await sql.run(
        `COPY (SELECT ${select.join(", ")} FROM read_parquet(${literal(rows)}) LIMIT ${fileRows} OFFSET ${first})
          TO ${literal(made)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${groupRows})`,
      );
      const hash = createHash("sha256");
      const bytes = hashFile(made, hash);
      const held = Math.min(fileRows, size.documents - first);
      manifest.tables.documents.push({
        name: `documents-${index}`,
        path: relative,
        bytes,
        rows: held,
        sha256: hash.digest("hex"),
      });
    }
    for (const file of before) rmSync(join(corpus, file.path));
    manifest.shards = Array.from({ length: size.documents / shardRows }, (_, i) => ({
      ...manifest.shards[0],
      path: `shards/${String(i).padStart(5, "0")}-0123456789ab.arrow`,
      rows: shardRows,
    }));
    manifest.totals.kept = size.documents;
    writeFileSync(path, JSON.stringify(manifest));
    // Version 0 names the shards by their digest.
    const { shardsDigest } = await import("../../dist/corpus/index.js");
    const version = join(corpus, "versions/000000.json");
    const first = JSON.parse(readFileSync(version, "utf8"));
    writeFileSync(version, JSON.stringify({ ...first, shards_digest: shardsDigest(manifest) }));
  } finally {
    sql.close();
    rmSync(spill, { recursive: true, force: true });
  }
}
