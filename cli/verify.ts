/** `apertus-data verify <corpus>`: hashes everything again and adds everything up again. */
import { Command } from "commander";
import { verifyCorpus } from "../audit/index.js";
import { CorpusFolder } from "../corpus/index.js";
import { exitCodes, printable } from "./exit.js";
import { bytes, counted } from "./numbers.js";

export function verifyCommand(finish: (code: number) => void): Command {
  return new Command("verify")
    .summary("check every file and count of a corpus")
    .description(
      "Hashes every file that the corpus names, checks that the counts balance, that shards and documents agree, that the\nversions' bitmaps fit, and that the tokenizer gives the golden encodings. Exit code 1 where anything is wrong.",
    )
    .argument("<corpus>", "corpus folder")
    .option("--json", "print one JSON object", false)
    .addHelpText("after", "\nExample:\n  apertus-data verify ./apertus-example")
    .action(async (folder: string, flags: { json: boolean }) => {
      const start = performance.now();
      const result = await verifyCorpus(new CorpusFolder(folder));
      const seconds = (performance.now() - start) / 1000;
      if (flags.json) console.log(JSON.stringify({ ...result, seconds }));
      else {
        for (const { path, fault } of result.faults) console.log(`${printable(path)}: ${printable(fault)}`);
        for (const path of result.unnamed)
          console.log(`${printable(path)}: not part of the corpus (left by a killed run; harmless)`);
        const verdict = result.faults.length === 0 ? "whole" : counted(result.faults.length, "fault");
        console.log(`${counted(result.files, "file")}, ${bytes(result.bytes)}, checked in ${seconds.toFixed(1)} s: ${verdict}`);
        if (result.faults.length > 0)
          console.log("  mend: run the recipe again on this folder with --rehash; what is damaged is made anew");
      }
      finish(result.faults.length === 0 ? exitCodes.done : exitCodes.failed);
    });
}
