/**
 * The robots.txt engine that runs in production: files are compiled and paths decided by native code, a batch in one call. Its
 * answers are those of the reference (robots-file.ts), which also stands in for it where an agent's name is not ASCII.
 */
import type { BytesColumn } from "../../formats/index.js";
import { compileRobots, decideRobots, type RobotsProfile, type RobotsRules, robotsProfile } from "../../native/index.js";
import type { Answer, RobotsEngine } from "./engine.js";
import { type MatchingMode, matchingModes, parsedPrefix } from "./groups.js";
import { intentToken } from "./intent.js";
import { octetsOf, octetsOfText, printable, textOf } from "./octets.js";
import { protegoToken } from "./protego.js";
import { decidingLines, type RobotsAnswer, type RobotsDecision, RobotsFile } from "./robots-file.js";
import { strictToken } from "./strict.js";

/** Makes files ready for one list of agents. */
export class RobotsCompiler {
  readonly #profile: RobotsProfile | undefined;

  constructor(readonly agents: readonly string[]) {
    const names = {
      rfc: agents.map(strictToken),
      intent: agents.map((agent) => intentToken(octetsOfText(agent))),
      protego: agents.map(protegoToken),
    };
    // Protego compares names in Unicode's lower case, which only the reference has.
    const ascii = Object.values(names).every((list) => list.every((name) => /^[\0-\x7f]*$/.test(name)));
    if (ascii) this.#profile = robotsProfile(names);
  }

  /** Which engine reads the files. */
  get engine(): "native" | "reference" {
    return this.#profile === undefined ? "reference" : "native";
  }

  /** @param bytes the file; at most 500 KiB of it are read */
  compile(bytes: Uint8Array): RobotsEngine {
    return this.#profile === undefined
      ? new ReferenceRobots(bytes, this.agents)
      : new NativeRobots(compileRobots(this.#profile, parsedPrefix(bytes)), this.agents);
  }
}

/** A path asked of a file. */
export interface Question {
  readonly file: RobotsEngine;
  /** As for RobotsEngine.answer. */
  readonly target: string;
}

/** The answers to all questions, in their order, at the cost of one native call. All files are of one compiler. */
export function answerAll(questions: readonly Question[]): readonly Answer[] {
  const files: NativeRobots[] = [];
  const numbers = new Map<RobotsEngine, number>();
  const asked: number[] = [];
  let octets = 0;
  const fileOf = new Int32Array(questions.length);
  for (const [i, { file, target }] of questions.entries()) {
    if (!(file instanceof NativeRobots)) continue;
    const number = numbers.get(file) ?? files.push(file) - 1;
    numbers.set(file, number);
    fileOf[asked.push(i) - 1] = number;
    octets += target.length;
  }
  const values = Buffer.allocUnsafe(octets);
  const offsets = new Int32Array(asked.length + 1);
  for (const [row, i] of asked.entries()) {
    offsets[row + 1] = (offsets[row] ?? 0) + values.write(questions[i]?.target ?? "", offsets[row], "latin1");
  }
  const of = fileOf.subarray(0, asked.length);
  const { bits, deciding, starts, exempt } = decideRobots(
    files.map(({ rules }) => rules),
    of,
    values,
    offsets,
  );
  const width = files[0]?.width ?? 0;
  let row = 0;
  return questions.map(({ file, target }) => {
    if (!(file instanceof NativeRobots)) return file.answer(target);
    const sets = deciding.subarray(starts[row], starts[row + 1]);
    const answer = file.answerOf(sets, bits, row * width, exempt[row] === 1);
    row++;
    return answer;
  });
}

/** Answers to a column of paths, which are read only where they are asked for. */
export interface RowAnswers {
  /** Whether any agent is disallowed in any of the modes. */
  denies(row: number): boolean;
  answer(row: number): Answer;
}

/**
 * What files, all of one compiler, say of a column of paths, at the cost of one native call and nothing a row.
 *
 * @param fileOf for each row which of the files is asked; -1 for none, which denies nothing
 * @param targets octets as for RobotsEngine.answer
 */
export function answerRows(
  files: readonly RobotsEngine[],
  fileOf: Int32Array,
  targets: Pick<BytesColumn, "values" | "offsets">,
  modes: readonly MatchingMode[],
): RowAnswers {
  const natives = files.filter((file) => file instanceof NativeRobots);
  if (natives.length < files.length) {
    const answer = (row: number): Answer | undefined =>
      files[fileOf[row] ?? -1]?.answer(octetsOf(targets.values.subarray(targets.offsets[row], targets.offsets[row + 1])));
    return {
      denies: (row) => modes.some((mode) => answer(row)?.denied[mode] === true),
      answer: (row) => answer(row) ?? noAnswer,
    };
  }
  const rules = natives.map((file) => file.rules);
  const { bits, deciding, starts, exempt } = decideRobots(rules, fileOf, targets.values, targets.offsets);
  const width = natives[0]?.width ?? 0;
  const octets = width / matchingModes.length;
  const asked = matchingModes.flatMap((mode, at) => (modes.includes(mode) ? [at * octets] : []));
  return {
    denies(row) {
      for (const from of asked) for (let i = 0; i < octets; i++) if (bits[row * width + from + i] !== 0) return true;
      return false;
    },
    answer(row) {
      const sets = deciding.subarray(starts[row], starts[row + 1]);
      return natives[fileOf[row] ?? -1]?.answerOf(sets, bits, row * width, exempt[row] === 1) ?? noAnswer;
    },
  };
}

const noAnswer: Answer = {
  bits: { rfc: "", intent: "", protego: "" },
  denied: { rfc: false, intent: false, protego: false },
};

interface NativeAnswer extends Answer {
  /** For each rule set of all modes the rule that decides, or -1. */
  readonly deciding: Int32Array;
  readonly exempt: boolean;
  /** The key of these deciding rules. */
  readonly key: string;
}

const hexadecimal = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));

/** Answers of a file that are remembered; few differ. */
const remembered = 256;

class NativeRobots implements RobotsEngine<NativeAnswer> {
  readonly cost: number;
  /** Octets of bits an answer. */
  readonly width: number;
  /** [modes, agents], once somebody asks for lines. */
  #sets: Int32Array | undefined;
  #known: Map<string, NativeAnswer> | undefined;

  constructor(
    readonly rules: RobotsRules,
    readonly agents: readonly string[],
  ) {
    this.cost = rules.cost();
    this.width = matchingModes.length * Math.ceil(agents.length / 8);
  }

  answer(target: string): NativeAnswer {
    const values = Buffer.from(target, "latin1");
    const { bits, deciding, exempt } = decideRobots([this.rules], new Int32Array(1), values, Int32Array.of(0, values.length));
    return this.answerOf(deciding, bits, 0, exempt[0] === 1);
  }

  /** @param bits of all answers; this one's from `begin` on */
  answerOf(deciding: Int32Array, bits: Uint8Array, begin: number, exempt: boolean): NativeAnswer {
    let at = begin;
    let key = exempt ? "x" : "";
    for (const rule of deciding) key += rule < 0 ? "," : `${rule},`;
    this.#known ??= new Map();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const vectors = {} as Record<MatchingMode, string>;
    const denied = {} as Record<MatchingMode, boolean>;
    const octets = this.width / matchingModes.length;
    for (const mode of matchingModes) {
      let digits = "";
      let any = 0;
      for (const end = at + octets; at < end; at++) {
        digits += hexadecimal[bits[at] ?? 0];
        any |= bits[at] ?? 0;
      }
      vectors[mode] = digits.slice(0, Math.ceil(this.agents.length / 4));
      denied[mode] = any !== 0;
    }
    const answer = { bits: vectors, denied, deciding: deciding.slice(), exempt, key };
    if (this.#known.size < remembered) this.#known.set(key, answer);
    return answer;
  }

  decidingLines({ key }: NativeAnswer): string {
    return key;
  }

  lineOf(answer: NativeAnswer, agent: number, mode: MatchingMode): number {
    const rule = this.#ruleOf(answer, agent, mode);
    return rule < 0 ? 0 : this.rules.line(rule);
  }

  explain(answer: NativeAnswer, agent: number, mode: MatchingMode): RobotsDecision {
    const common = { agent: this.agents[agent] ?? "", mode };
    if (answer.exempt && mode !== "protego") return { ...common, allowed: true, reason: "robots-txt", group: null, rule: null };
    const index = this.#ruleOf(answer, agent, mode);
    const written = this.rules.group(matchingModes.indexOf(mode), agent, index);
    if (written === undefined) return { ...common, allowed: true, reason: "no-group", group: null, rule: null };
    const group = printable(octetsOf(written), 128);
    if (index < 0) return { ...common, allowed: true, reason: "no-rule", group, rule: null };
    const { line, allow, value, raw } = this.rules.rule(index);
    const pattern = octetsOf(value);
    return {
      ...common,
      allowed: allow,
      reason: "rule",
      group,
      rule: {
        directive: allow ? "allow" : "disallow",
        pattern: mode === "protego" ? textOf(pattern).slice(0, 512) : printable(pattern, 512),
        line,
        raw: printable(octetsOf(raw), 512),
      },
    };
  }

  #ruleOf({ deciding }: NativeAnswer, agent: number, mode: MatchingMode): number {
    this.#sets ??= this.rules.sets();
    const set = this.#sets[matchingModes.indexOf(mode) * this.agents.length + agent] ?? -1;
    return set < 0 ? -1 : (deciding[set] ?? -1);
  }
}

/** The reference as an engine. */
export class ReferenceRobots extends RobotsFile implements RobotsEngine<RobotsAnswer> {
  decidingLines(answer: RobotsAnswer): string {
    return decidingLines(answer);
  }
}
