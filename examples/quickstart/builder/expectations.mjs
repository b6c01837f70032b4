/**
 * Writes expected.json: for each record of each file, what should become of it, from the plan alone. One record a line, so that a
 * change of the plan is a small change of the file. README.md explains the fields.
 */
import { boilerplate, invisible } from "./markup.mjs";
import { schemeOf } from "./robots.mjs";
import { lettersOf } from "./sources.mjs";
import { textDigest } from "./texts.mjs";

export function expectations({ placed, texts, robots }) {
  const records = [
    ...placed.map(expectCapture),
    ...texts.jsonl.map((row, index) => expectText("texts.jsonl.gz", index, row)),
    { file: "texts.wet.gz", index: 0, type: "warcinfo", outcome: "skipped", why: "record-type" },
    ...texts.wet.map((row, index) => expectText("texts.wet.gz", index + 1, row)),
    ...texts.parquet.map((row, index) => expectText("texts.parquet", index, row)),
  ];
  const captures = robots.map(({ host, date, status }) => ({
    url: `${schemeOf(host)}://${host}/robots.txt`,
    captured_at: date,
    status: Number(status.slice(0, 3)),
  }));
  const lines = (list) => `[\n${list.map((item) => `    ${JSON.stringify(item)}`).join(",\n")}\n  ]`;
  return `{
  "format": 1,
  "as_of": "2025-01-31",
  "totals": ${JSON.stringify(totalsOf(records))},
  "invisible": ${JSON.stringify(invisible)},
  "boilerplate": ${JSON.stringify(boilerplate)},
  "robots": ${lines(captures)},
  "records": ${lines(records)}
}
`;
}

function expectCapture({ file, index, type, url, skipped, page }) {
  if (page === undefined) return { file, index, type, ...(url === undefined ? {} : { url }), outcome: "skipped", why: skipped };
  const paragraphs = page.text.sections.flatMap((section) => section.paragraphs.map((paragraph) => paragraph.text));
  // Forty characters say more than a heading would.
  const long = paragraphs.filter((text) => text.length >= 40);
  const [first, last] = long.length > 0 ? [long[0], long.at(-1)] : [paragraphs[0], paragraphs.at(-1)];
  return {
    file,
    index,
    type,
    url,
    captured_at: page.date,
    ...page.expect,
    ...(page.open === undefined ? {} : { open: page.open }),
    language: page.label,
    charset: page.charset,
    letters: lettersOf(page.text),
    begins: [...first].slice(0, 40).join(""),
    ends: [...last].slice(-40).join(""),
  };
}

function expectText(file, index, { text, url, date, label, expect }) {
  const identity = url === undefined ? {} : { url, captured_at: date };
  return { file, index, type: "text", ...identity, ...expect, language: label, text_sha256: textDigest(text) };
}

/** Counts by outcome; dropped documents by stage. `open` records are counted as the plan expects them. */
function totalsOf(records) {
  const totals = { records: records.length, skipped: 0, documents: 0, kept: 0, dropped: {}, duplicates: 0, open: 0 };
  for (const { outcome, stage, open } of records) {
    if (outcome === "skipped") totals.skipped++;
    else totals.documents++;
    if (outcome === "kept") totals.kept++;
    if (outcome === "duplicate") totals.duplicates++;
    if (outcome === "dropped") totals.dropped[stage] = (totals.dropped[stage] ?? 0) + 1;
    if (open !== undefined) totals.open++;
  }
  return totals;
}
