/**
 * The engine `franc`: ranks of trigrams against those of some 390 languages (Cavnar and Trenkle 1994), trained on the Universal
 * Declaration of Human Rights, as the package franc-all has them. A second opinion; slower by far than the model that ships.
 */
import type { LabelPredictions } from "../../native/index.js";

/** ISO 15924 of the names that franc has for scripts of several languages. */
const scriptsOfMany: Readonly<Record<string, string>> = {
  Latin: "Latn",
  Cyrillic: "Cyrl",
  Arabic: "Arab",
  Devanagari: "Deva",
  Myanmar: "Mymr",
  Ethiopic: "Ethi",
  Tibetan: "Tibt",
  Hebrew: "Hebr",
  Canadian_Aboriginal: "Cans",
};

/** Languages that franc knows by their script alone. */
const scriptsOfOne =
  "aii_Syrc ben_Beng blt_Tavt chr_Cher cmn_Hani div_Thaa ell_Grek guj_Gujr hye_Armn iii_Yiii jav_Java jpn_Jpan kan_Knda kat_Geor khm_Khmr kkh_Lana kor_Hang lao_Laoo mal_Mlym pan_Guru sat_Olck sin_Sinh tam_Taml tel_Telu tha_Thai vai_Vaii zgh_Tfng";

type FrancAll = typeof import("franc-all").francAll;

export class FrancModel {
  private constructor(
    readonly labels: readonly string[],
    private readonly francAll: FrancAll,
    /** By code: the label's index for each script that the language is written in. */
    private readonly byCode: ReadonlyMap<string, ReadonlyMap<string, number>>,
  ) {}

  /** Loaded where it is asked for. */
  static async open(): Promise<FrancModel> {
    const [{ francAll }, { data }] = await Promise.all([import("franc-all"), import("franc-all/data.js")]);
    const labels = [
      ...Object.entries(data).flatMap(([script, languages]) =>
        Object.keys(languages).map((code) => `${code}_${scriptsOfMany[script] ?? "Zyyy"}`),
      ),
      ...scriptsOfOne.split(" "),
    ].sort();
    const byCode = new Map<string, Map<string, number>>();
    for (const [index, label] of labels.entries()) {
      const [code = "", script = ""] = label.split("_");
      const known = byCode.get(code) ?? new Map<string, number>();
      byCode.set(code, known.set(script, index));
    }
    return new FrancModel(labels, francAll, byCode);
  }

  /**
   * The `k` best of each row. franc's numbers are no probabilities: 1 for the best, and for the others how near they come.
   *
   * @param scripts the script of each row, which says what is meant where a language is written in two
   */
  predict(values: Uint8Array, offsets: Int32Array, k: number, scripts: readonly string[]): LabelPredictions {
    const rows = offsets.length - 1;
    const found = { labels: new Int32Array(rows * k).fill(-1), probabilities: new Float32Array(rows * k) };
    for (let row = 0; row < rows; row++) {
      const text = Buffer.from(values.buffer, values.byteOffset + offsets[row], offsets[row + 1] - offsets[row]).toString();
      let at = row * k;
      for (const [code, nearness] of this.francAll(text)) {
        const known = this.byCode.get(code);
        if (known === undefined || at === (row + 1) * k) break;
        found.labels[at] = known.get(scripts[row] ?? "") ?? known.values().next().value ?? -1;
        found.probabilities[at++] = nearness;
      }
    }
    return found;
  }
}
