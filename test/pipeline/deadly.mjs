// A user's own filter, for recipes with `use:`. At a text that holds one of the given words its process dies, as native code may
// die; everything else it keeps.
// Copied under another name it is another filter.
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const decoder = new TextDecoder();

export default {
  kind: "document",
  name: basename(fileURLToPath(import.meta.url), ".mjs"),
  version: 1,
  summary: "Dies at some texts.",
  parameters: { safeParse: (value) => ({ success: true, data: value }) },
  needs: ["text"],
  adds: {},
  rules: {},
  prepare: async () => [],
  open: async ({ words }) => ({
    process(batch) {
      const { values, offsets } = batch.bytes("text");
      for (let row = 0; row < batch.rows; row++) {
        const text = decoder.decode(values.subarray(offsets[row], offsets[row + 1]));
        if (words.some((word) => text.includes(word))) process.kill(process.pid, "SIGKILL");
      }
      return {};
    },
  }),
};
