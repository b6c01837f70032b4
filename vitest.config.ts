import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    reporters: ["default", "./test/closing-line.ts"],
    include: ["test/**/*.test.ts"],
    // Two files at a time: several tests start worker processes of their own.
    maxWorkers: 2,
    // One set of modules a worker: to load them anew for each file was a quarter of the time. A file leaves them as it found them.
    isolate: false,
    globalSetup: "./test/scratch.ts",
    // The built package is run as it is, by Node itself.
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
