// Builds the native addon: `node native/build.mjs [--sanitize]`.
// Needs python3, make and a C++20 compiler, and contacts no host: node-gyp is pointed at native/nodedir instead of
// downloading Node's headers, and the Node-API headers come from the package node-api-headers.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const gyp = createRequire(import.meta.url).resolve("node-gyp/bin/node-gyp.js");
const sanitize = process.argv.includes("--sanitize");
const run = spawnSync(
  process.execPath,
  [
    gyp,
    "rebuild",
    "--directory",
    here,
    "--nodedir",
    join(here, "nodedir"),
    "--jobs",
    "max",
    "--loglevel",
    "warn",
    ...(sanitize ? ["--", "-Dsanitize=1"] : []),
  ],
  { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" },
);
if (run.status !== 0) {
  process.stderr.write(`${run.stdout}\n${run.stderr}\n`);
  process.stderr.write(
    "apertus-data: the native addon did not build. It needs python3, make and a C++20 compiler (g++ 12 or clang 15, or newer);\n" +
      "on Debian or Ubuntu: apt-get install python3 make g++\n",
  );
  process.exit(1);
}
