// Writes wordlists.json from a folder of the original lists, one JSON array a language: `node assets/toxicity/build.mjs <folder>`.
// Entries keep their order: evidence names them by list and index.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
if (folder === undefined) {
  console.error("usage: node assets/toxicity/build.mjs <folder of the lists>");
  process.exit(2);
}
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const lists = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .sort()
  .map((name) => {
    const bytes = readFileSync(join(folder, name));
    return [name.slice(0, -".json".length), { sha256: sha256(bytes), entries: JSON.parse(bytes.toString("utf8")) }];
  });
const output = `{"lists":{\n${lists.map(([name, list]) => `${JSON.stringify(name)}:${JSON.stringify(list)}`).join(",\n")}\n}}\n`;
writeFileSync(new URL("wordlists.json", import.meta.url), output);
console.log(`${lists.length} lists, ${lists.reduce((sum, [, list]) => sum + list.entries.length, 0)} entries, SHA-256 ${sha256(output)}`);
