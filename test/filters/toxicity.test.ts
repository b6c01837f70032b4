import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Batch } from "../../corpus/index.js";
import { toxicity } from "../../filters/toxicity/index.js";
import { listsFor } from "../../filters/toxicity/languages.js";
import { wordListsAsset } from "../../filters/toxicity/lists.js";
import { neutralEntries } from "../../filters/toxicity/neutral.js";
import { utf8Column } from "../../formats/index.js";
import { WordLists } from "../../native/index.js";
import { testInput } from "../inputs.js";

const folder = { baseFolder: "", assetFolder: "" };

async function judge(texts: readonly string[], languages?: readonly string[], parameters: object = {}) {
  const parsed = toxicity.parameters.parse(parameters);
  const filter = await toxicity.open(parsed, await toxicity.prepare(parsed, folder));
  const columns = { text: utf8Column(texts), ...(languages === undefined ? {} : { language: utf8Column(languages) }) };
  const { verdicts, columns: added } = filter.process(new Batch(Object.entries(columns)));
  return { verdicts, matches: [...(added?.toxicity_matches?.values ?? [])], share: [...(added?.toxicity_share?.values ?? [])] };
}

const lists = JSON.parse(readFileSync(wordListsAsset().path, "utf8")).lists as Record<string, { entries: string[] }>;
const entry = (list: string, index: number) => lists[list]?.entries[index] ?? "";
const german = entry("de", 3);

describe("matching", () => {
  const matcher = (entries: readonly string[]) => {
    const { values, offsets } = utf8Column(entries);
    return new WordLists(values, offsets, new Uint8Array(entries.length));
  };
  const matches = (entries: readonly string[], text: string) => {
    const { values, offsets } = utf8Column([text]);
    return [...matcher(entries).match(values, offsets, Int32Array.of(1)).entries].map((i) => entries[i]);
  };

  test.each([
    ["Scunthorpe, Essex, class, cocktail", ["cunt", "sex", "ass", "cock"], []],
    ["An ASS. (ass) ass's", ["ass"], ["ass", "ass", "ass"]],
    ["ÄRSCHE Ärsche", ["ärsche"], ["ärsche", "ärsche"]],
    ["FUT fut FÜT", ["füt"], ["füt"]],
    ["İBNE ıbne IBNE", ["ibne"], ["ibne", "ibne", "ibne"]],
    ["blow your load; blow\n your\u00a0load; blow, your load", ["blow your load"], ["blow your load", "blow your load"]],
    ["blow job blow jobs", ["blow", "blow job"], ["blow job", "blow"]],
    ["s&m, s & m, s m", ["s&m"], ["s&m"]],
    ["他妈的人", ["他妈", "他妈的"], ["他妈的"]],
    ["卖b 卖bc", ["卖B"], ["卖B"]],
    ["ตูดx", ["ตูด"], ["ตูด"]],
    ["ตู้ด", ["ตูด"], []],
    ["a🖕b", ["🖕"], ["🖕"]],
    ["씨발 씨발놈", ["씨발"], ["씨발"]],
    ["x\u0301 x", ["x"], ["x"]],
  ])("%s", (text, entries, expected) => {
    expect(matches(entries, text)).toEqual(expected);
  });

  test("random words match exactly where a plain split finds them", () => {
    const word = fc.constantFrom("a", "b", "ab", "ba", "aa", "B", "é");
    const entries = fc.uniqueArray(
      fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(" ").toLowerCase()),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(entries, fc.array(word, { maxLength: 30 }), (entries, words) => {
        const lower = words.map((w) => w.toLowerCase());
        const expected: string[] = [];
        for (let i = 0; i < lower.length; ) {
          const here = entries
            .filter((e) => e === lower.slice(i, i + e.split(" ").length).join(" "))
            .sort((a, b) => b.split(" ").length - a.split(" ").length)[0];
          if (here !== undefined) expected.push(here);
          i += here?.split(" ").length ?? 1;
        }
        expect(matches(entries, words.join(" "))).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test("any bytes are taken, and bad arguments are refused", () => {
    const lists = matcher(["a b", "", " ", "中"]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { units, matched } = lists.match(bytes, Int32Array.of(0, bytes.length), Int32Array.of(-1));
        expect(matched[0]).toBeLessThanOrEqual(units[0]);
      }),
    );
    const { values, offsets } = utf8Column(["a"]);
    expect(() => new WordLists(values, offsets, Uint8Array.of(32))).toThrow(RangeError);
    expect(() => new WordLists(values, offsets, new Uint8Array(0))).toThrow(RangeError);
    expect(() => lists.match(values, offsets, new Int32Array(0))).toThrow(RangeError);
  });

  test.each(["a ", "中", "🖕", "blow your ", "\u0301", "blow "])("a megabyte of %s costs linear time", (unit) => {
    const { values, offsets } = utf8Column([unit.repeat(Math.ceil((1 << 20) / Buffer.byteLength(unit)))]);
    const begin = process.cpuUsage();
    matcher(["blow your load", "中中中中中中中", "blow blow blow blow x"]).match(values, offsets, Int32Array.of(1));
    expect(process.cpuUsage(begin).user / 1000).toBeLessThan(1000);
  });
});

test("a page is judged by the lists of its language alone", async () => {
  const text = `${`${german} `.repeat(2)}${entry("de", 2)} und ${"mehr ".repeat(20)}`;
  const { verdicts, matches, share } = await judge([text, text, text, text], ["deu_Latn", "fra_Latn", "xho_Latn", "und"]);
  expect(verdicts?.map(({ keep }) => keep)).toEqual([false, true, true, true]);
  expect(matches).toEqual([3, 0, 0, 0]);
  expect(share).toEqual([0.125, 0, Number.NaN, 0]);
});

test("German, Latin and French words are no matches of other languages' lists", async () => {
  const { matches } = await judge(
    ["Ich bin am Abend nicht mit dem Fan.", "cum laude", "il con"],
    ["deu_Latn", "lat_Latn", "ita_Latn"],
  );
  expect(matches).toEqual([0, 0, 0]);
});

test("the evidence names list, index and digest, and no word", async () => {
  const text = `${`${german} `.repeat(4)}${entry("de", 2)} ${"wort ".repeat(20)}`;
  const { verdicts } = await judge([text], ["deu_Latn"]);
  expect(verdicts?.[0]).toEqual({
    keep: false,
    rule: "obscene-words",
    evidence: {
      matches: 5,
      words: 25,
      words_matched: 5,
      threshold: 0.03,
      entries: [
        ["de", 3, 4],
        ["de", 2, 1],
      ],
      lists: { de: expect.stringMatching(/^[0-9a-f]{64}$/) },
    },
  });
  expect(JSON.stringify(verdicts)).not.toContain(german);
});

test("too few matches, too few different entries or too small a share keep a page", async () => {
  const words = "fucking bullshit ";
  const three = `${words}fucking `;
  const { verdicts } = await judge([words, three, `${three}${"fine ".repeat(98)}`, "fucking ".repeat(9)]);
  expect(verdicts?.map(({ keep }) => keep)).toEqual([true, false, true, true]);
  const strict = await judge([words, "fucking"], undefined, { min_matches: 1, min_entries: 1 });
  expect(strict.verdicts?.map(({ keep }) => keep)).toEqual([false, false]);
});

test("lists that are not in use judge nothing", async () => {
  const { share } = await judge([`${german} `.repeat(9)], ["deu_Latn"], { lists: ["en"] });
  expect(share).toEqual([Number.NaN]);
});

test("an encyclopedia's page on health is kept", async () => {
  const text =
    "Sexual health concerns the anatomy of the penis, the vagina, the vulva and the anus, sexual intercourse, semen and orgasm. " +
    "Rape and incest are crimes; a rapist is punished by law. Nipples and genitals are examined, nudity is a matter of culture.";
  const { verdicts, matches } = await judge([text], ["eng_Latn"]);
  expect(verdicts?.[0]?.keep).toBe(true);
  expect(matches).toEqual([0]);
});

test("every neutral word is an entry of its list, and every list has a language", () => {
  for (const [list, words] of Object.entries(neutralEntries)) {
    for (const word of words) expect(lists[list]?.entries).toContain(word);
  }
  const reachable = new Set(
    "ara ces dan deu eng epo spa fas fin fil fra hin hun ita jpn kab kor nld nor pol por rus swe tha tlh tur zho"
      .split(" ")
      .flatMap((code) => listsFor(code) ?? []),
  );
  expect([...reachable].sort()).toEqual(Object.keys(lists).sort());
});

test("a changed word list is refused", async () => {
  const parsed = toxicity.parameters.parse({});
  const [asset] = await toxicity.prepare(parsed, folder);
  if (asset === undefined) throw new Error("no asset");
  await expect(toxicity.open(parsed, [{ ...asset, sha256: "0".repeat(64) }])).rejects.toMatchObject({ code: "ASSET_CHANGED" });
});

test.skipIf(testInput("books/austen_janeaustenr") === undefined)("no page of Jane Austen is dropped", async () => {
  const folder = testInput("books/austen_janeaustenr") ?? "";
  const pages = readdirSync(folder).flatMap((file) => readFileSync(`${folder}/${file}`, "utf8").match(/[\s\S]{1,1000}/g) ?? []);
  const { verdicts, matches } = await judge(
    pages,
    pages.map(() => "eng_Latn"),
  );
  expect(verdicts?.filter(({ keep }) => !keep)).toEqual([]);
  expect(Math.max(...matches)).toBeLessThan(3);
});
