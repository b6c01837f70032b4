// Builds what the reports' pages carry: `node audit/page/build.mjs` bundles the script of the owner's page, the opt-out engine included, and
// joins the stylesheets, into dist/audit/page. Neither is minified: a report is evidence, and its script is there to be read.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { rolldown } from "rolldown";

const here = import.meta.dirname;
const target = join(here, "../../dist/audit/page");
mkdirSync(target, { recursive: true });

const bundle = await rolldown({
  input: join(here, "browser/main.ts"),
  platform: "browser",
  // filters/index.ts is the room's only door; what the page does not use of it is left behind, packages included.
  external: (id) => id.startsWith("node:") || builtinModules.includes(id) || !/^[./]/.test(id),
  treeshake: { moduleSideEffects: false },
  resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
  tsconfig: join(here, "browser/tsconfig.json"),
  logLevel: "warn",
});
const { output } = await bundle.generate({ format: "iife", minify: false });
const code = output[0].code;
// A browser has no modules of Node's: whatever the opt-out engine reads a robots.txt with must need none.
if (output.length !== 1 || output[0].imports.length > 0 || /\brequire\(/.test(code)) {
  throw new Error(`the page's script does not stand alone: it needs ${output[0].imports.join(", ")}`);
}
// Inside a script element these would end it or change how it is read (HTML §4.12.1.3).
if (/<\/script|<!--|<script/i.test(code)) throw new Error("the page's script holds a tag that a page cannot carry");
writeFileSync(join(target, "script.js"), code);

const reportSheets = ["base", "parts", "code", "media", "owner", "owner-parts"];
joinSheets("style.css", [...reportSheets, "live"]);
joinSheets("summary.css", [...reportSheets, "summary", "summary-charts"]);
joinSheets("training.css", [...reportSheets, "training"]);

function joinSheets(name, sheets) {
  const style = sheets.map((sheet) => readFileSync(join(here, "style", `${sheet}.css`), "utf8")).join("\n");
  if (/<\/style/i.test(style)) throw new Error("the stylesheet holds a tag that a page cannot carry");
  writeFileSync(join(target, name), style);
}
