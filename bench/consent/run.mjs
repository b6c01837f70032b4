// robots.txt: our native engine, our reference in TypeScript, robots-parser (npm) and Protego (Python), over real captures and
// addresses made for them, in one run on one thread: `npm run bench -- consent [folder of inputs]`, the folder holding
// web/robotstxt.warc.gz. Outputs are compared before speeds are told. Parsing means ready to answer the 15 agents of Apertus, ours in all three
// matching modes; a decision is one address for all 15 agents, ours in all three modes. Times are of the processor (user and system),
// the least of several rounds. Protego takes part where PYTHON (default python3) has it.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import robotsParser from "robots-parser";
import { answerAll, bitAt, matchingModes, RobotsCompiler, RobotsFile } from "../../dist/filters/index.js";
import { decideRobots } from "../../dist/native/index.js";
import { bodiesOf, pathsFor, seeded } from "./inputs.mjs";

const root = resolve(import.meta.dirname, "../..");
const folder = process.argv[2] ?? process.env.APERTUS_DATA_TEST_INPUTS ?? join(root, "../shared/data");
const { agents } = JSON.parse(readFileSync(join(root, "assets/agents/apertus-2025-01.json"), "utf8"));
const perFile = 200;
const origin = "https://h.example";

const bodies = (await bodiesOf(join(folder, "web/robotstxt.warc.gz"))).map((body) => body.subarray(0, 500 * 1024));
const octets = bodies.reduce((sum, { length }) => sum + length, 0);
const asked = bodies.length * perFile;
console.log(`${bodies.length} captures, ${(octets / 1e6).toFixed(2)} MB; ${asked} addresses; ${agents.length} agents\n`);

const compiler = new RobotsCompiler(agents);
const texts = bodies.map((body) => body.toString("utf8"));
// First of all, while the heap is small: what collecting garbage costs is then the engine's own.
const parsing = {
  native: parseSpeed(40, () => bodies.map((body) => compiler.compile(body))),
  reference: parseSpeed(3, () => bodies.map((body) => new RobotsFile(body, agents))),
  robotsParser: parseSpeed(3, () => texts.map((text) => robotsParser(`${origin}/robots.txt`, text))),
};
const random = seeded(2025);
const paths = bodies.map((body) => pathsFor(body, perFile, random));
const files = bodies.map((body) => compiler.compile(body));
const questions = files.flatMap((file, i) => paths[i].map((target) => ({ file, target })));
const targets = questions.map(({ target }) => Buffer.from(target, "latin1"));
const offsets = new Int32Array(targets.length + 1);
targets.forEach((target, i) => {
  offsets[i + 1] = offsets[i] + target.length;
});
const values = Buffer.concat(targets);
const fileOf = Int32Array.from(questions, (_, i) => Math.floor(i / perFile));
const rules = files.map((file) => file.rules);

const answers = answerAll(questions);
compareWithReference();
const fewer = 20;
const protego = runProtego(fewer);

const rows = [];
measure("native", parsing.native, 10, () => decideRobots(rules, fileOf, values, offsets), asked);
measure("native, answers as objects", undefined, 5, () => answerAll(questions), asked);
const references = bodies.map((body) => new RobotsFile(body, agents));
const askReferences = () => {
  for (const [i, file] of references.entries()) for (const path of paths[i]) file.answer(path);
};
measure("TypeScript reference", parsing.reference, 2, askReferences, asked);
const parsers = texts.map((text) => robotsParser(`${origin}/robots.txt`, text));
const askParsers = () => {
  for (const [i, parser] of parsers.entries())
    for (const path of paths[i].slice(0, fewer)) for (const agent of agents) parser.isDisallowed(origin + path, agent);
};
measure("robots-parser 3.0.1, one mode", parsing.robotsParser, 1, askParsers, bodies.length * fewer);
if (protego !== undefined) {
  rows.push({
    engine: `Protego ${protego.version}, one mode`,
    parse: octets / 1e6 / protego.parsing,
    decide: (bodies.length * fewer) / protego.deciding,
  });
}
const [native] = rows;
console.table(
  rows.map(({ engine, parse, decide }) => ({
    engine,
    "parse MB/s": parse === undefined ? "" : round(parse),
    "native is faster by": parse === undefined ? "" : round(native.parse / parse),
    "URLs/s": Math.round(decide),
    "faster by": round(native.decide / decide),
  })),
);
const cost = files.reduce((sum, file) => sum + file.cost, 0);
console.log(`memory of the compiled files: ${(cost / 1e6).toFixed(1)} MB, ${(cost / octets).toFixed(1)} times their length\n`);
hostile();

function compareWithReference() {
  let differing = 0;
  for (const [i, body] of bodies.entries()) {
    const reference = new RobotsFile(body, agents);
    for (const [k, path] of paths[i].entries()) {
      const expected = reference.answer(path);
      const answer = answers[i * perFile + k];
      for (const mode of matchingModes) {
        let same = answer.bits[mode] === expected.bits[mode];
        for (let agent = 0; same && agent < agents.length; agent++)
          same = files[i].lineOf(answer, agent, mode) === reference.lineOf(expected, agent, mode);
        if (!same) differing++;
      }
    }
  }
  console.log(
    `native and reference: ${asked * agents.length * matchingModes.length} decisions with their lines, ${differing} addresses differ`,
  );
  console.log(
    `engine: ${compiler.engine}; files left to the reference: ${files.filter((file) => file instanceof RobotsFile).length}\n`,
  );
}

/** The first `count` addresses of each file; undefined where Python has no Protego. */
function runProtego(count) {
  const jobs = bodies.map((body, i) =>
    JSON.stringify({ body: body.toString("base64"), agents, urls: paths[i].slice(0, count).map((path) => origin + path) }),
  );
  const python = process.env.PYTHON ?? "python3";
  const { status, stdout } = spawnSync(python, [join(import.meta.dirname, "ask-protego.py")], {
    input: jobs.join("\n"),
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) {
    console.log(`${python} has no Protego, which takes no part\n`);
    return undefined;
  }
  const result = JSON.parse(stdout);
  // Mode protego is release 0.4.0, of November 2024. Since 0.2.1 Protego changed how it reads a value that does not begin with a slash
  // (0.3.0), `=` in a pattern (0.3.1) and addresses that begin with two slashes (0.4.0); see its changelog.
  const changed = (body) => /^\s*(?:dis)?allow\s*:\s*(?:[^/\s#]|[^#\r\n]*=)/im.test(body.toString("latin1"));
  const tally = { same: 0, explained: 0, unexplained: [] };
  result.answers.forEach((urls, i) => {
    const explained = changed(bodies[i]);
    urls.forEach((letters, k) => {
      const { bits } = answers[i * perFile + k];
      agents.forEach((agent, at) => {
        if (bitAt(bits.protego, at) === (letters[at] === "D")) tally.same++;
        else if (explained || paths[i][k].startsWith("//")) tally.explained++;
        else tally.unexplained.push(`${agent} ${paths[i][k]} (file ${i})`);
      });
    });
  });
  console.log(
    `mode protego and Protego ${result.version}: ${tally.same} decisions the same, ${tally.explained} differ by what Protego changed until 0.4.0, ${tally.unexplained.length} by anything else`,
  );
  for (const one of tally.unexplained.slice(0, 5)) console.log(`  ${one}`);
  console.log("");
  return result;
}

function measure(engine, parse, decideRounds, decide, decisions) {
  rows.push({ engine, parse, decide: decisions / fastest(decide, decideRounds) });
}

/** MB/s */
function parseSpeed(rounds, parse) {
  return octets / 1e6 / fastest(parse, rounds);
}

/** Seconds of the processor. */
function fastest(run, rounds) {
  const times = Array.from({ length: rounds }, () => {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  });
  return Math.min(...times);
}

/** The bound is rules times octets of the path; these come near it. */
function hostile() {
  const fill = (rule) => {
    const lines = ["User-agent: *"];
    for (let i = 0, size = 0; size < 499_000; i++) {
      const line = rule(i);
      size += line.length + 1;
      lines.push(line);
    }
    return Buffer.from(lines.slice(0, -1).join("\n"));
  };
  // Every octet of the patterns occurs in the path, and each pattern is found out only at the path's end.
  const word = (i) => i.toString(2).padStart(16, "0").replaceAll("0", "a").replaceAll("1", "b");
  const kinds = [
    ["/*a*b*<word>c", (i) => `Disallow: /*a*b*${word(i)}c`, "ab"],
    ["/*<word>$", (i) => `Disallow: /*${word(i)}$`, "ab"],
    ["/*bbc", () => "Disallow: /*bbc", "ab"],
    ["Allow:/a", () => "Allow:/a", "a"],
  ];
  const shown = kinds.flatMap(([name, rule, piece]) => {
    const body = fill(rule);
    let file;
    const parsed = fastest(() => {
      file = compiler.compile(body);
    }, 3);
    return [2_000, 64_000].map((length) => {
      const target = `/c${piece.repeat(length / piece.length)}`;
      return {
        "500 KiB of": name,
        "parse ms": round(parsed * 1000),
        "memory MB": round(file.cost / 1e6),
        "octets of the path": target.length,
        "decide ms": round(fastest(() => file.answer(target), 2) * 1000),
      };
    });
  });
  console.log("hostile files, native:");
  console.table(shown);
}

function round(value) {
  return Number(value.toPrecision(3));
}
