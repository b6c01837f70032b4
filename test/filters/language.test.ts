import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { Batch, sha256 } from "../../corpus/index.js";
import { language } from "../../filters/language/index.js";
import { stringAt, utf8Column } from "../../formats/index.js";
import { anyText } from "../any-text.js";

const fixtures = join(import.meta.dirname, "../fixtures/fasttext");
const scratch = mkdtempSync(join(tmpdir(), "language-test-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const context = { baseFolder: fixtures, assetFolder: scratch };

async function identify(texts: readonly string[], given: Record<string, unknown> = {}, declared?: readonly string[]) {
  const parameters = language.parameters.parse(given);
  const open = await language.open(parameters, await language.prepare(parameters, context));
  const claims = declared === undefined ? [] : [["declared_language", utf8Column(declared)] as const];
  const result = open.process(new Batch([["text", utf8Column(texts)], ...claims]));
  const batch = new Batch(Object.entries(result.columns ?? {}));
  const rows = texts.map((_, row) => ({
    language: stringAt(batch.bytes("language"), row),
    confidence: batch.numbers("language_confidence").values[row] ?? Number.NaN,
    runnerUp: stringAt(batch.bytes("language_runner_up"), row),
    script: stringAt(batch.bytes("script"), row),
  }));
  const more = texts.map((_, row) => ({
    group: stringAt(batch.bytes("language_group"), row),
    groupConfidence: batch.numbers("language_group_confidence").values[row] ?? Number.NaN,
    split: stringAt(batch.bytes("language_split"), row),
    prior: stringAt(batch.bytes("language_prior"), row),
    otherShare: batch.numbers("language_other_share").values[row] ?? Number.NaN,
  }));
  return { rows, more, verdicts: result.verdicts, names: batch.names };
}

// Sentences written for this test.
const sentences: Readonly<Record<string, string>> = {
  eng_Latn: "The train arrived two hours late because there was snow on the northern line, and nobody at the station knew why.",
  deu_Latn: "Der Zug kam zwei Stunden zu spät an, weil auf der nördlichen Strecke Schnee lag, und niemand wusste Bescheid.",
  fra_Latn: "Le train est arrivé avec deux heures de retard à cause de la neige, et personne à la gare ne savait pourquoi.",
  spa_Latn: "El tren llegó con dos horas de retraso por la nieve, y nadie en la estación sabía lo que estaba pasando.",
  ita_Latn: "Il treno è arrivato con due ore di ritardo a causa della neve, e nessuno alla stazione sapeva il perché.",
  por_Latn: "O comboio chegou com duas horas de atraso por causa da neve, e ninguém na estação sabia o que se passava.",
  pol_Latn:
    "Pociąg przyjechał z dwugodzinnym opóźnieniem z powodu śniegu i nikt na stacji nie wiedział, dlaczego tak się stało.",
  fin_Latn: "Juna saapui kaksi tuntia myöhässä lumen takia, eikä kukaan asemalla tiennyt, mistä oli kysymys.",
  hun_Latn: "A vonat két órát késett a hó miatt, és az állomáson senki sem tudta, hogy mi történt valójában.",
  tur_Latn: "Tren kar yüzünden iki saat geç geldi ve istasyonda hiç kimse bunun nedenini bilmiyordu.",
  rus_Cyrl: "Поезд опоздал на два часа, потому что выпал снег, и никто на вокзале не знал, что случилось и когда он придёт.",
  ukr_Cyrl: "Потяг запізнився на дві години через сніг, і ніхто на вокзалі не знав, чому так сталося.",
  ell_Grek: "Το τρένο έφτασε με δύο ώρες καθυστέρηση εξαιτίας του χιονιού και κανείς δεν ήξερε γιατί.",
  heb_Hebr: "הרכבת הגיעה באיחור של שעתיים בגלל השלג ואף אחד בתחנה לא ידע מדוע",
  tha_Thai: "รถไฟมาถึงช้าไปสองชั่วโมงเพราะหิมะตก และไม่มีใครที่สถานีรู้ว่าเกิดอะไรขึ้น",
  jpn_Jpan: "雪のために電車は二時間遅れて到着しましたが、駅では誰もその理由を知りませんでした。",
  cmn_Hani: "因为下雪，火车晚点了两个小时，车站里没有人知道这是为什么。",
  kor_Hang: "눈 때문에 기차가 두 시간 늦게 도착했지만 역에서는 아무도 그 이유를 알지 못했습니다.",
  arb_Arab: "وصل القطار متأخرا ساعتين بسبب الثلوج ولم يكن أحد في المحطة يعرف السبب",
};

test("names the language and the script of everyday sentences", async () => {
  const { rows, verdicts, names } = await identify(Object.values(sentences));
  expect(rows.map((row) => row.language)).toEqual(Object.keys(sentences));
  expect(rows.map((row) => row.script)).toEqual(Object.keys(sentences).map((label) => label.slice(4)));
  for (const row of rows) {
    expect(row.confidence).toBe(Math.round(row.confidence * 1e4) / 1e4);
    expect(row.runnerUp).toMatch(/^[a-z]{3}_[A-Z][a-z]{3}$/);
    expect(row.runnerUp).not.toBe(row.language);
  }
  expect(verdicts).toBeUndefined();
  expect([...names].sort()).toEqual(Object.keys(language.adds).sort());
});

test("what is no language is und and, unless the recipe says otherwise, kept", async () => {
  const noise = [
    "",
    "12.05.2031 — 44 %",
    "qpwoe zmxnc qlwke rjtht alskd zmxnb qwpeo rutyd",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  ];
  const kept = await identify(noise);
  expect(kept.rows.map((row) => row.language)).toEqual(noise.map(() => "und"));
  expect(kept.rows.slice(0, 2)).toEqual([0, 1].map(() => ({ language: "und", confidence: 0, runnerUp: "", script: "Zyyy" })));
  expect(kept.verdicts).toBeUndefined();
  const dropped = await identify(noise, { drop_undetermined: true });
  expect(dropped.verdicts).toEqual(noise.map(() => expect.objectContaining({ keep: false, rule: "language-undetermined" })));
});

test("allow and deny take labels and ISO 639-3 codes, deny first; und is allowed only where it is named", async () => {
  const texts = [sentences.deu_Latn ?? "", sentences.fra_Latn ?? "", sentences.rus_Cyrl ?? "", "!!!"];
  const rules = async (given: Record<string, unknown>) =>
    (await identify(texts, given)).verdicts?.map((verdict) => (verdict.keep ? "" : verdict.rule));
  expect(await rules({ allow: ["deu", "rus_Cyrl"] })).toEqual(["", "language-not-allowed", "", "language-not-allowed"]);
  expect(await rules({ deny: ["fra_Latn"] })).toEqual(["", "language-denied", "", ""]);
  expect(await rules({ allow: ["deu", "und"], deny: ["deu"] })).toEqual([
    "language-denied",
    "language-not-allowed",
    "language-not-allowed",
    "",
  ]);
  expect(await rules({ allow: ["deu"], drop_undetermined: true })).toEqual([
    "",
    "language-not-allowed",
    "language-not-allowed",
    "language-undetermined",
  ]);
});

test("evidence is small and repeats the annotation", async () => {
  const { rows, verdicts } = await identify([sentences.fra_Latn ?? ""], { allow: ["deu"] });
  const [row] = rows;
  expect(verdicts).toEqual([
    {
      keep: false,
      rule: "language-not-allowed",
      evidence: {
        language: "fra_Latn",
        language_confidence: row?.confidence,
        language_runner_up: row?.runnerUp,
        language_group: "",
        language_group_confidence: row?.confidence,
        language_prior: "",
        language_other_share: 0,
        script: "Latn",
      },
    },
  ]);
});

test("below the least confidence the language is und and the best guess is the runner-up", async () => {
  const { rows } = await identify(["fra la de"], { min_confidence: 1 });
  expect(rows[0]?.language).toBe("und");
  expect(rows[0]?.runnerUp).toMatch(/_Latn$/);
});

test("a fastText model of the user's reads the text as it is, and its labels pass through", async () => {
  const [line = ""] = readFileSync(join(fixtures, "lines.txt"), "utf8").split("\n");
  const answers = JSON.parse(readFileSync(join(fixtures, "expected.json"), "utf8")) as Record<string, [string, number][][]>;
  const label = answers["norms.ftz"]?.[0]?.[0]?.[0].replace("__label__", "");
  const texts = [line.replace(" ", "\n"), line, "3.14"];
  const given = { engine: { fasttext: "norms.ftz" } };
  const { rows } = await identify(texts, given);
  expect(rows[0]).toEqual(rows[1]);
  expect(rows.map((row) => row.language)).toEqual([label, label, "und"]);
  const [asset] = await language.prepare(language.parameters.parse(given), context);
  expect(asset?.sha256).toBe(sha256(readFileSync(join(fixtures, "norms.ftz"))));
});

test("the corpus is counted in the recipe's parts, or in English and the rest", async () => {
  const texts = ["eng_Latn", "deu_Latn", "fra_Latn", "cmn_Hani"].map((label) => sentences[label] ?? "");
  const partsOf = async (given: Record<string, unknown>) =>
    (await identify([...texts, "123"], given)).more.map(({ split }) => split);
  expect(await partsOf({})).toEqual(["english", "other", "other", "other", "other"]);
  const swiss = { split: { swiss: ["de", "fra", "roh"], west: ["fr", "en"], none: ["und"] } };
  expect(await partsOf(swiss)).toEqual(["west", "swiss", "swiss", "other", "none"]);
  const prepare = (split: object) => language.prepare(language.parameters.parse({ split }), context);
  await expect(prepare({ swiss: ["grm"] })).rejects.toMatchObject({ code: "LANGUAGE_UNKNOWN" });
  expect(language.parameters.safeParse({ split: { "A b": ["de"] } }).success).toBe(false);
});

test("franc answers with our labels, by the script of the text where it has two, and und where it knows nothing", async () => {
  const texts = ["deu_Latn", "heb_Hebr", "cmn_Hani", "ell_Grek"].map((label) => sentences[label] ?? "");
  const serbian = "Сва људска бића рађају се слободна и једнака у достојанству и правима. Она су обдарена разумом и свешћу";
  const given = { engine: "franc", use_declared: true };
  const { rows } = await identify([...texts, serbian, "12345 67890", ""], given);
  expect(rows.map((row) => row.language)).toEqual([
    ...["deu_Latn", "heb_Hebr", "cmn_Hani", "ell_Grek", "srp_Cyrl", "und", "und"],
  ]);
  const [asset] = await language.prepare(language.parameters.parse(given), context);
  expect(asset).toMatchObject({ name: "language-model", provenance: { engine: "franc-all" } });
  const denied = await identify(texts, { ...given, deny: ["de"] });
  expect(denied.verdicts?.map(({ keep }) => keep)).toEqual([false, true, true, true]);
});

test("a misspelt language, a missing model and a broken one are refused before the run", async () => {
  const prepare = (given: unknown) => language.prepare(language.parameters.parse(given), context);
  await expect(prepare({ deny: ["grm"] })).rejects.toMatchObject({ code: "LANGUAGE_UNKNOWN" });
  await expect(prepare({ engine: { fasttext: "absent.bin" } })).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
  writeFileSync(join(scratch, "broken.bin"), "no model");
  await expect(prepare({ engine: { fasttext: join(scratch, "broken.bin") } })).rejects.toMatchObject({ code: "MODEL_CORRUPT" });
  expect(language.parameters.safeParse({ allowed: [] }).success).toBe(false);
});

test("a fastText model may read normalised text instead: the embedded model by its path answers as embedded", async () => {
  const path = join(import.meta.dirname, "../../assets/language/lid.ftz");
  const texts = [...Object.values(sentences), sentences.deu_Latn?.toUpperCase() ?? ""];
  const given = { min_confidence: 0, use_declared: false };
  const byPath = await identify(texts, { ...given, engine: { fasttext: path, normalise: true } });
  expect(byPath.rows).toEqual((await identify(texts, given)).rows);
  const raw = await identify(texts, { ...given, engine: { fasttext: path } });
  expect(raw.rows.at(-1)).not.toEqual(byPath.rows.at(-1));
});

test("two-letter, bibliographic, withdrawn and macrolanguage codes stand for the languages that they cover", async () => {
  const texts = ["deu_Latn", "heb_Hebr", "cmn_Hani", "arb_Arab"].map((label) => sentences[label] ?? "");
  const denied = async (code: string) =>
    (await identify(texts, { deny: [code] })).verdicts?.map(({ keep }) => (keep ? "" : "dropped")) ?? texts.map(() => "");
  expect(await denied("de")).toEqual(["dropped", "", "", ""]);
  expect(await denied("ger")).toEqual(["dropped", "", "", ""]);
  expect(await denied("iw")).toEqual(["", "dropped", "", ""]);
  expect(await denied("chi")).toEqual(["", "", "dropped", ""]);
  expect(await denied("zh-Hans-CN")).toEqual(["", "", "dropped", ""]);
  expect(await denied("ara")).toEqual(["", "", "", "dropped"]);
  expect(await denied("de-Latn")).toEqual(["dropped", "", "", ""]);
});

test("thresholds by language win over the one for all", async () => {
  const texts = [sentences.deu_Latn ?? "", sentences.fra_Latn ?? ""];
  const { rows } = await identify(texts, { min_confidence: 0, thresholds: { de: 1 } });
  expect(rows.map((row) => row.language)).toEqual(["und", "fra_Latn"]);
  expect(rows[0]?.runnerUp).toBe("deu_Latn");
  const opposite = await identify(texts, { min_confidence: 1, thresholds: { de: 0 } });
  expect(opposite.rows.map((row) => row.language)).toEqual(["deu_Latn", "und"]);
  await expect(identify(texts, { thresholds: { grm: 1 } })).rejects.toMatchObject({ code: "LANGUAGE_UNKNOWN" });
});

test("a group of near-identical standards is named, and its members' probabilities are summed", async () => {
  const croatian = "Vlak je zbog snijega stigao s dva sata zakašnjenja, i nitko na kolodvoru nije znao što se dogodilo.";
  const { rows, more } = await identify([croatian, sentences.deu_Latn ?? ""]);
  expect(rows[0]?.language).toMatch(/^(bos|cnr|hrv|srp)_Latn$/);
  expect(more[0]?.group).toBe("hbs_Latn");
  expect(more[0]?.groupConfidence).toBeGreaterThanOrEqual(rows[0]?.confidence ?? 1);
  expect(more[1]).toMatchObject({ group: "", groupConfidence: rows[1]?.confidence, prior: "", otherShare: 0 });
});

test("the page's claim decides only between labels about as probable, and it is recorded where it did", async () => {
  const croatian = "Vlak je zbog snijega stigao s dva sata zakašnjenja, i nitko na kolodvoru nije znao što se dogodilo.";
  const alone = (await identify([croatian])).rows[0];
  const claims = ["hr", "bs", "sr-Latn", "cnr", "de", "", "!", "en-US"];
  const { rows, more } = await identify(
    claims.map(() => croatian),
    {},
    claims,
  );
  expect(more.map(({ prior }) => prior)).toContain("declared");
  expect(more.slice(4).every(({ prior }) => prior === "")).toBe(true);
  rows.forEach((row, i) => {
    if (more[i]?.prior === "") {
      expect(row).toEqual(alone);
      return;
    }
    expect(row.language.slice(0, 3)).toBe({ hr: "hrv", bs: "bos", "sr-Latn": "srp", cnr: "cnr" }[claims[i] ?? ""]);
    expect(row.runnerUp).toBe(alone?.language);
    expect(row.confidence).toBeGreaterThanOrEqual((alone?.confidence ?? 1) / 2 - 1e-4);
  });
  const german = [sentences.deu_Latn ?? ""];
  expect((await identify(german, {}, ["en"])).rows[0]?.language).toBe("deu_Latn");
  const off = await identify(
    claims.map(() => croatian),
    { use_declared: false },
    claims,
  );
  expect(off.more.map(({ prior }) => prior)).toEqual(claims.map(() => ""));
});

test("of a page with paragraphs in two languages it says how much is in the other, and a recipe may drop it", async () => {
  const [german = "", french = ""] = [sentences.deu_Latn, sentences.fra_Latn];
  const mixed = [german, german, german, french].join("\n");
  const texts = [
    mixed,
    [german, german].join("\n\n"),
    german,
    `${german}\nMenu\nHome\n`,
    [mixed, mixed, mixed, mixed, mixed].join("\n"),
  ];
  const { rows, more, verdicts } = await identify(texts);
  expect(rows[0]?.language).toBe("deu_Latn");
  const bytes = (text: string) => Buffer.byteLength(text);
  const share = bytes(french) / (bytes(french) + 3 * bytes(german));
  expect(more[0]?.otherShare).toBeCloseTo(share, 3);
  expect(more.slice(1, 4).map(({ otherShare }) => otherShare)).toEqual([0, 0, 0]);
  expect(Math.abs((more[4]?.otherShare ?? 0) - share)).toBeLessThan(0.2);
  expect(verdicts).toBeUndefined();
  const dropped = await identify(texts.slice(0, 2), { max_other_share: 0.1 });
  expect(dropped.verdicts?.map((verdict) => (verdict.keep ? "" : verdict.rule))).toEqual(["language-mixed", ""]);
});

test("any text gets one answer, the same alone as in a batch", async () => {
  const parameters = language.parameters.parse({});
  const open = await language.open(parameters, await language.prepare(parameters, context));
  const answer = (texts: readonly string[]): string[] => {
    const { columns = {} } = open.process(new Batch([["text", utf8Column(texts)]]));
    const batch = new Batch(Object.entries(columns));
    return texts.map(
      (_, row) => `${stringAt(batch.bytes("language"), row)} ${batch.numbers("language_confidence").values[row]}`,
    );
  };
  fc.assert(
    fc.property(fc.array(fc.oneof(anyText(), fc.constantFrom(...Object.values(sentences))), { maxLength: 6 }), (texts) => {
      const together = answer(texts);
      expect(together).toEqual(texts.flatMap((text) => answer([text])));
    }),
    { numRuns: 60 },
  );
});
