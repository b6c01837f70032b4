// Checks the house: a room imports only rooms to its left, through their index.ts, and files do not import in a circle.
// `node test/rooms.mjs` prints each import that breaks a rule and exits 1.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

const rooms = [
  "errors",
  "native",
  "formats",
  "corpus",
  "filters",
  "tokenizer",
  "pipeline",
  "audit",
  "trainer",
  "causal",
  "cli",
];
const root = resolve(import.meta.dirname, "..");
const faults = [];
const imports = new Map();

for (const room of rooms) {
  for (const file of typescriptFiles(join(root, room))) {
    const found = [...readFileSync(file, "utf8").matchAll(/^(?:import|export)\b[^;]*?\bfrom\s+"(\.[^"]+)"/gms)].map((match) =>
      resolve(dirname(file), match[1].replace(/\.js$/, ".ts")),
    );
    imports.set(file, found);
    for (const target of found) {
      const targetRoom = relative(root, target).split(sep)[0];
      if (targetRoom === room) continue;
      const place = `${relative(root, file)} imports ${relative(root, target)}`;
      if (rooms.indexOf(targetRoom) > rooms.indexOf(room))
        faults.push(`${place}: ${targetRoom} stands to the right of ${room}`);
      if (relative(join(root, targetRoom), target) !== "index.ts") faults.push(`${place}: only a room's index.ts is its door`);
    }
  }
}

const state = new Map();
for (const file of imports.keys()) walk(file, []);

for (const fault of new Set(faults)) console.error(fault);
console.log(`rooms: ${imports.size} files in ${rooms.length} rooms, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

function walk(file, path) {
  if (state.get(file) === "done") return;
  if (state.get(file) === "open") {
    faults.push(`circle: ${[...path.slice(path.indexOf(file)), file].map((f) => relative(root, f)).join(" → ")}`);
    return;
  }
  state.set(file, "open");
  for (const target of imports.get(file) ?? []) walk(target, [...path, file]);
  state.set(file, "done");
}

function typescriptFiles(folder) {
  let entries = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "build" || entry.name === "nodedir" ? [] : typescriptFiles(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}
