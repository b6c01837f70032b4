// Lists the addon's C++ files for binding.gyp: every file of native/src, so that a new kernel is one new file.
import { readdirSync } from "node:fs";

const folder = new URL("src/", import.meta.url);
for (const name of readdirSync(folder).sort()) if (name.endsWith(".cc")) console.log(`src/${name}`);
