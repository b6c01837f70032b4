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

async function identify(texts: readonly string[], given: Record<string, unknown> = {}) {
  const parameters = language.parameters.parse(given);
  const open = await language.open(parameters, await language.prepare(parameters, context));
  const result = open.process(new Batch([["text", utf8Column(texts)]]));
  const batch = new Batch(Object.entries(result.columns ?? {}));
  const rows = texts.map((_, row) => ({
    language: stringAt(batch.bytes("language"), row),
    confidence: batch.numbers("language_confidence").values[row] ?? Number.NaN,
    runnerUp: stringAt(batch.bytes("language_runner_up"), row),
    script: stringAt(batch.bytes("script"), row),
  }));
  return { rows, verdicts: result.verdicts, names: batch.names };
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

test("a misspelt language, a missing model and a broken one are refused before the run", async () => {
  const prepare = (given: unknown) => language.prepare(language.parameters.parse(given), context);
  await expect(prepare({ deny: ["ger"] })).rejects.toMatchObject({ code: "LANGUAGE_UNKNOWN" });
  await expect(prepare({ engine: { fasttext: "absent.bin" } })).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
  writeFileSync(join(scratch, "broken.bin"), "no model");
  await expect(prepare({ engine: { fasttext: join(scratch, "broken.bin") } })).rejects.toMatchObject({ code: "MODEL_CORRUPT" });
  expect(language.parameters.safeParse({ allowed: [] }).success).toBe(false);
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
