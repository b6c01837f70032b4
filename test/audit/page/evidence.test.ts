/** Evidence in words: statements as sentences, nothing where there is nothing. */
import { expect, it } from "vitest";
import { evidenceList } from "../../../audit/page/sections/evidence.js";

it("a statement is one sentence, whatever it holds, and empty lists are left away", () => {
  const deny = {
    signal: "tdmrep",
    location: "meta",
    category: "mine",
    value: "deny",
    where: "meta tdm-reservation",
    raw: "<1>",
  };
  const { source } = evidenceList({
    conflicts: [],
    denied_by: [deny],
    denied_by_more: 0,
    others: [{ ...deny, location: "robots.txt", where: "line 3", category: "train", value: "unknown", scope: "GPTBot" }],
    others_more: 2,
  });
  const text = source.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
  expect(text).toContain("Denied by meta tdm-reservation says &lt;1&gt; and denies text and data mining");
  expect(text).toContain("robots.txt, line 3, says &lt;1&gt; and speaks of training of models ( GPTBot )");
  expect(text).toContain("Others more 2");
  expect(text).not.toMatch(/Conflicts|Denied by more/);
});
