import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CountsBuilder,
  canonicalJson,
  countRedactions,
  imbalance,
  joinRedactions,
  redactionsFromJson,
  redactionsToJson,
  tally,
} from "../../corpus/index.js";

test("counts that do not balance cannot be finished", () => {
  const counts = new CountsBuilder();
  counts.records = 3;
  counts.documents = 2;
  tally(counts.skipped, "request");
  counts.kept = 1;
  expect(() => counts.finish("unit")).toThrowError(/2 documents, but 1 kept \+ 0 dropped \+ 0 quarantined/);
  tally(counts.dropped, "quality/too-few-words");
  expect(counts.finish("unit")).toMatchObject({ records: 3, documents: 2, dropped: { "quality/too-few-words": 1 } });
  counts.records++;
  expect(imbalance(counts)).toBe("4 records, but 2 documents + 1 skipped");
});

test("canonical JSON does not depend on the order of keys and parses back", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(canonicalJson({ b: 1, a: [true, null, "ü"] })).toBe('{"a":[true,null,"ü"],"b":1}');
  expect(() => canonicalJson({ a: Number.NaN })).toThrow(TypeError);
});

test("redactions survive the way through a table, and the earlier of two overlapping spans stands", () => {
  const rows = ["", '[[0,4,"email"],[9,2,"ip"]]', '[[3,5,"iban"]]'];
  const redactions = redactionsFromJson(rows);
  expect(rows.map((_, row) => redactionsToJson(redactions, row))).toEqual(rows);
  expect(countRedactions(redactions, 1)).toEqual({ email: 1, ip: 1 });
  const other = redactionsFromJson(["", '[[2,3,"name"],[20,1,"name"]]', ""]);
  if (redactions === undefined || other === undefined) throw new Error("no spans");
  expect(redactionsToJson(joinRedactions(redactions, other), 1)).toBe('[[0,4,"email"],[9,2,"ip"],[20,1,"name"]]');
});
