/** What is fetched of a corpus: pages that are in at its newest version, and the robots.txt of every site that it ever met. */
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { CorpusFolder, openManifest, writeDeletions } from "../../../corpus/index.js";
import { pageTargets, robotsTargets } from "../../../pipeline/fetch/targets.js";
import { runBuilt, scratchFolder, writeLines, writeRecipe } from "../corpora.js";

const { folder, remove } = scratchFolder("targets");
afterAll(remove);

it("who was taken out is not asked for pages again", async () => {
  const page = (url: string) => ({ text: `This is the page ${url}, written by hand.`, url });
  writeLines(join(folder, "a.jsonl"), [page("https://a.example/1"), page("https://a.example/2"), page("https://b.example/")]);
  const recipe = writeRecipe(join(folder, "recipe.yaml"), { inputs: [{ path: "*.jsonl" }], stages: ["extract", "tokenize"] });
  const corpus = new CorpusFolder(join(folder, "corpus"));
  await runBuilt(recipe, corpus.root);
  const sources = { arguments: [], lists: [], corpora: [corpus.root] };
  const pages = async () => (await pageTargets(sources)).hosts.flatMap(({ targets }) => targets);
  expect(await pages()).toEqual(["https://a.example/1", "https://a.example/2", "https://b.example/"]);
  const manifest = openManifest(corpus);
  await writeDeletions(corpus, manifest, new Map([[manifest.shards[0]?.path ?? "", [0, 2]]]), [], new Date(0));
  expect(await pages()).toHaveLength(1);
  expect((await robotsTargets(sources)).hosts.map(({ host }) => host)).toEqual(["a.example", "b.example"]);
});
