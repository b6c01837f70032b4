// `npm run bench -- <name> […]`: runs one benchmark by its name. Each prints what it measures, on which machine, and its ratios.
import { existsSync, readdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";

const folder = import.meta.dirname;
const [name, ...rest] = process.argv.slice(2);
const script =
  name === undefined ? undefined : [`${name}.mjs`, `${name}/run.mjs`].map((path) => join(folder, path)).find(existsSync);
if (script === undefined) {
  const names = readdirSync(folder, { withFileTypes: true }).map((entry) => entry.name.replace(/\.mjs$/, ""));
  console.error(`usage: npm run bench -- <name>; there are: ${names.filter((entry) => entry !== "run").join(", ")}`);
  process.exit(2);
}
console.log(
  `${cpus()[0]?.model.trim()}, ${cpus().length} processors, ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}\n`,
);
process.argv = [process.argv[0], script, ...rest];
await import(script);
