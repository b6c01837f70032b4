// `npm run test:asan`: builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer, runs every test that reaches it,
// then native/fuzz.mjs for some seconds a kernel, and puts the ordinary build back.
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const build = (...flags) =>
  spawnSync(process.execPath, ["native/build.mjs", ...flags], { cwd: root, stdio: "inherit" }).status === 0;

const library = execFileSync("g++", ["-print-file-name=libasan.so"], { encoding: "utf8" }).trim();
const env = {
  ...process.env,
  LD_PRELOAD: library,
  // Node itself leaks on purpose at exit; what is looked for are reads and writes outside of buffers.
  ASAN_OPTIONS: "detect_leaks=0:abort_on_error=1",
  UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
};

let ok = build("--sanitize");
try {
  const tests = ["vitest", "run", "test/native", "test/filters", "test/tokenizer", "test/trainer"];
  if (ok) ok = spawnSync("npx", tests, { cwd: root, stdio: "inherit", env }).status === 0;
  if (ok)
    ok = spawnSync(process.execPath, ["native/fuzz.mjs", "--seconds", "10"], { cwd: root, stdio: "inherit", env }).status === 0;
} finally {
  if (!build()) ok = false;
}
console.log(ok ? "sanitizers: clean" : "sanitizers: FAILED");
process.exitCode = ok ? 0 : 1;
