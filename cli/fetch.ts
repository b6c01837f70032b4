/** `apertus-data fetch robots|pages`: robots.txt files and pages of today, into WARC files. */
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { DataError } from "../errors/index.js";
import {
  type FetchOptions,
  type FetchPagesOptions,
  type FetchResult,
  fetchPages,
  fetchRobots,
  isPublicAddress,
} from "../pipeline/index.js";
import { exitCodes, printable, quoted } from "./exit.js";
import { FetchProgress } from "./fetch-progress.js";
import { bytes, clock, count, counted } from "./numbers.js";
import { table } from "./table.js";

interface FetchFlags {
  readonly corpus: readonly string[];
  readonly list: readonly string[];
  readonly out: string;
  readonly contact?: string;
  readonly agentToken: string;
  readonly profile?: readonly string[];
  readonly concurrency: number;
  readonly delay: number;
  readonly timeout: number;
  readonly maxBytes: number;
  readonly retries: number;
  readonly maxWait: number;
  readonly allowPrivate: boolean;
  readonly json: boolean;
}

const several = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

/** Milliseconds, at most; less where --timeout is. */
const connectTimeout = 10_000;
const headersTimeout = 20_000;
/** Milliseconds of the first pause before a second attempt. */
const backOff = 2000;
const fileBytes = 1e9;

export function fetchCommand(finish: (code: number) => void): Command {
  const robots = withOptions(new Command("robots"))
    .summary("the robots.txt of hosts")
    .description(
      "Fetches the robots.txt of each host by the rules of RFC 9309, and writes what came, and what did not, into WARC files\nthat `retract --robots` and a recipe read.",
    )
    .argument("[host...]", "hosts (https), or URLs, of which scheme, host and port count")
    .addHelpText(
      "after",
      "\nExamples:\n  apertus-data fetch robots --corpus ./apertus-example --out robots-2026 --contact crawl@example.org\n  apertus-data fetch robots example.org http://example.org --out robots-2026 --contact https://example.org/crawler\n\nExit codes: 0 done, also where sites did not answer, 1 failed, 2 wrong usage, 3 interrupted.",
    )
    .action(async (hosts: readonly string[], flags: FetchFlags) => finish(await fetchVerb("robots", hosts, flags)));
  const pages = withOptions(new Command("pages"))
    .option(
      "--profile <profile>",
      "agents that must be allowed too: a profile that ships, or the path of one; may be repeated",
      several,
      [],
    )
    .summary("pages that their sites' robots.txt allows")
    .description(
      "Fetches pages into WARC files. The robots.txt of each site is asked for first and obeyed; it lies in the same files.\nWhat is disallowed is not asked for.",
    )
    .argument("[url...]", "http or https URLs")
    .addHelpText(
      "after",
      "\nExamples:\n  apertus-data fetch pages --list urls.txt --out pages-2026 --contact crawl@example.org\n  apertus-data fetch pages --list urls.txt --out pages-2026 --contact crawl@example.org --profile any-ai\n\nExit codes: 0 done, also where pages did not come, 1 failed, 2 wrong usage, 3 interrupted.",
    )
    .action(async (urls: readonly string[], flags: FetchFlags) => finish(await fetchVerb("pages", urls, flags)));
  return new Command("fetch")
    .summary("fetch robots.txt files or pages")
    .addCommand(robots.exitOverride())
    .addCommand(pages.exitOverride());
}

function withOptions(command: Command): Command {
  return command
    .requiredOption("--out <folder>", "where the WARC files go; the same folder again goes on where a fetch stopped")
    .option("--contact <contact>", "e-mail address or URL that is sent with every request; or set APERTUS_DATA_CONTACT")
    .option("--corpus <folder>", "what this corpus names; may be repeated", several, [])
    .option("--list <file>", "what this file names, one a line; may be repeated", several, [])
    .option("--agent-token <token>", "our name, as a robots.txt may name it", "apertus-data")
    .option("--concurrency <n>", "hosts at a time", wholeNumber(1, 1024), 16)
    .option("--delay <seconds>", "pause between two requests to a host", secondsOf(0, 3600), 1)
    .option("--timeout <seconds>", "for one request, all together", secondsOf(0.1, 3600), 60)
    .option("--max-bytes <n>", "kept of one answer; of a robots.txt at most 1 MiB", wholeNumber(1024, 2 ** 26), 2 ** 24)
    .option("--retries <n>", "attempts after the first, where a failure may pass", wholeNumber(0, 10), 2)
    .option("--max-wait <seconds>", "longest Retry-After that is waited for", secondsOf(0, 86_400), 60)
    .option("--allow-private", "ask addresses that are not public too", false)
    .option("--json", "print one JSON object at the end and nothing else on standard output", false);
}

async function fetchVerb(what: "robots" | "pages", given: readonly string[], flags: FetchFlags): Promise<number> {
  if (given.length + flags.list.length + flags.corpus.length === 0) {
    throw new DataError("USAGE", {
      detail: "nothing says what to fetch",
      mend: `name ${what === "robots" ? "hosts" : "URLs"}, or give --list or --corpus`,
    });
  }
  const stop = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    process.stderr.write("\nstopping; what was fetched stays\n");
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const progress = new FetchProgress(process.stderr);
  try {
    const options = { ...optionsOf(given, flags, stop.signal), onEvent: progress.hear.bind(progress) };
    const result =
      what === "robots" ? await fetchRobots(options) : await fetchPages({ ...options, profiles: flags.profile ?? [] });
    progress.end();
    if (flags.json) console.log(JSON.stringify(summary(result, options.folder)));
    else print(result, options.folder);
    return exitCodes.done;
  } catch (error) {
    progress.end();
    if (!stop.signal.aborted) throw error;
    process.stderr.write(
      `interrupted; to go on where it stopped:\n  apertus-data ${process.argv.slice(2).map(quoted).join(" ")}\n`,
    );
    return exitCodes.interrupted;
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

function optionsOf(
  given: readonly string[],
  flags: FetchFlags,
  signal: AbortSignal,
): FetchOptions & Partial<FetchPagesOptions> {
  const total = flags.timeout * 1000;
  return {
    sources: { arguments: given, lists: flags.list, corpora: flags.corpus },
    folder: resolve(flags.out),
    contact: flags.contact ?? process.env.APERTUS_DATA_CONTACT,
    agentToken: flags.agentToken,
    concurrency: flags.concurrency,
    delay: flags.delay * 1000,
    limits: {
      connect: Math.min(connectTimeout, total),
      headers: Math.min(headersTimeout, total),
      total,
      bytes: flags.maxBytes,
    },
    retries: flags.retries,
    backOff,
    maxWait: flags.maxWait * 1000,
    permits: flags.allowPrivate ? () => true : isPublicAddress,
    fileBytes,
    signal,
  };
}

/** The JSON object that `--json` ends with; docs/command-line.md lists its keys. */
function summary({ rejectedExamples, ...result }: FetchResult, folder: string): unknown {
  return { ...result, rejected_examples: rejectedExamples, files: result.files.map((file) => join(folder, file)) };
}

function print(result: FetchResult, folder: string): void {
  const { hosts, targets, before, rejected, rejectedExamples, states, refused, requests, seconds, files } = result;
  const rows = Object.entries(states).map(([state, counts]) => [state, count(counts.targets), bytes(counts.bytes)]);
  rows.push(["all", count(targets), bytes(Object.values(states).reduce((sum, counts) => sum + counts.bytes, 0))]);
  const lines = [`\n${table(["state", "targets", "bytes"], rows)}`, ""];
  if (refused.length > 0) {
    lines.push("not asked for:", ...refused.map(({ target, because }) => `  ${printable(target)}  ${printable(because)}`), "");
  }
  if (rejected > 0) {
    lines.push(
      `${counted(rejected, "line")} passed over, being nothing to fetch: ${rejectedExamples.map(printable).join(", ")}`,
    );
  }
  const earlier = before === 0 ? "" : `, ${count(before)} done before`;
  lines.push(
    `${counted(targets, "target")} on ${counted(hosts, "host")}${earlier}; ${counted(requests, "request")}, ${bytes(result.bytes)} in ${clock(seconds)} (${seconds.toFixed(1)} s)`,
  );
  if (states.postponed !== undefined) {
    lines.push("postponed: the host asks to be left alone for longer than --max-wait; the same command asks again");
  }
  for (const file of files.slice(0, 20)) lines.push(join(folder, file));
  if (files.length > 20) lines.push(`… of ${counted(files.length, "file")}`);
  console.log(lines.join("\n"));
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`a whole number from ${least} to ${most} is wanted`);
  };
}

function secondsOf(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`seconds from ${least} to ${most} are wanted`);
  };
}
