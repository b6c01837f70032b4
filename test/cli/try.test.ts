/** `try` runs every filter of the house, one document at a time, with what it needs and no more. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { builtInFilters } from "../../filters/index.js";
import { openForTry, type TryAnswer, type TryDocument } from "../../pipeline/index.js";
import { root } from "../pipeline/corpora.js";

async function answer(name: string, parameters: Readonly<Record<string, unknown>>, document: TryDocument): Promise<TryAnswer> {
  const filter = await openForTry(name, parameters);
  try {
    const [only] = filter.answer([document]);
    if (only === undefined) throw new Error("no answer");
    return only;
  } finally {
    filter.close();
  }
}

const robots = [join(root, "examples/quickstart/robots.warc.gz")];
const prose =
  "The reading circle meets on the first Tuesday of each month, and everybody who reads is welcome to come. ".repeat(5);

it.each([
  ["consent", { robots, as_of: "2025-01-31", policy: "as-of" }, { url: "https://press.example/story" }, "robots-disallow"],
  ["language", { allow: ["deu"] }, { text: prose }, "language"],
  ["quality", {}, { text: "Too short." }, "too-few-words"],
  ["toxicity", {}, { text: "You bastard tosser, this sucks, you fucking tosser." }, "obscene-words"],
] as const)("%s drops, and says by which rule and on what evidence", async (name, parameters, document, rule) => {
  const { verdict, rule: found, evidence } = await answer(name, parameters, { text: "", ...document });
  expect(verdict).toBe("drop");
  expect(found).toContain(rule);
  expect(Object.keys(evidence ?? {})).not.toEqual([]);
});

it("pii shows what it would redact", async () => {
  const { redactions } = await answer("pii", {}, { text: "Write to jane@example.org." });
  expect(redactions).toEqual([{ kind: "email", start: 9, length: 16, text: "jane@example.org" }]);
});

it("duplicates shows what a document would be known by", async () => {
  const { signature } = await answer("duplicates", {}, { text: "abc" });
  expect(signature).toEqual({ text_sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" });
});

it.each(builtInFilters.map(({ name }) => name))("%s refuses a parameter that it does not know, by name", async (name) => {
  await expect(openForTry(name, { no_such_parameter: 1 })).rejects.toThrow(/no_such_parameter/);
});
