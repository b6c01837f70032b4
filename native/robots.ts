/**
 * The robots.txt engine (RFC 9309, and two other readings): files compiled for a profile of agents, and paths decided by the batch.
 * filters/consent has the reference in TypeScript, which gives the same answers, and says what they mean.
 */
import { addon } from "./addon.js";

/** Whom files are asked for, each agent in the spelling of each reading, in ASCII; an empty name has no group but that of `*`. */
export interface RobotsNames {
  readonly rfc: readonly string[];
  readonly intent: readonly string[];
  readonly protego: readonly string[];
}

/** A profile made ready; for any number of files. */
export interface RobotsProfile {
  readonly [brand]: "profile";
}
declare const brand: unique symbol;

export interface RobotsRule {
  /** Counted from 1. */
  readonly line: number;
  /** The line's first octet in the file. */
  readonly start: number;
  readonly allow: boolean;
  /** The pattern as written. */
  readonly value: Uint8Array;
  /** The whole line. */
  readonly raw: Uint8Array;
}

/** A file compiled for a profile; readings are counted rfc 0, intent 1, protego 2. The memory is released with the object. */
export interface RobotsRules {
  /** Octets of memory. */
  cost(): number;
  /** [3, agents]: the rule set of each agent in each reading, -1 where no group is the agent's. */
  sets(): Int32Array;
  /** The line of a rule, counted from 1. */
  line(index: number): number;
  rule(index: number): RobotsRule;
  /** The token of the agent's group that holds the rule, as written; of its first group where rule is -1; undefined without one. */
  group(reading: number, agent: number, rule: number): Uint8Array | undefined;
}

export interface RobotsDecisions {
  /** [rows, 3, ceil(agents / 8)]: the first agent in the highest bit of the first octet; a set bit means disallowed. */
  readonly bits: Uint8Array;
  /** Row i's rule sets are deciding[starts[i] .. starts[i + 1]): the rule that decides, or -1. */
  readonly deciding: Int32Array;
  /** rows + 1 ascending offsets. */
  readonly starts: Int32Array;
  /** 1 where the path is /robots.txt itself, which rfc and intent always allow. */
  readonly exempt: Uint8Array;
}

const native = addon as {
  RobotsProfile: new (rfc: readonly string[], intent: readonly string[], protego: readonly string[]) => RobotsProfile;
  RobotsRules: new (profile: RobotsProfile, bytes: Uint8Array) => RobotsRules;
  decideRobots(files: readonly RobotsRules[], fileOf: Int32Array, values: Uint8Array, offsets: Int32Array): RobotsDecisions;
};

/** Throws a RangeError where the readings have different numbers of names, or one of them is not ASCII. */
export function robotsProfile(names: RobotsNames): RobotsProfile {
  return new native.RobotsProfile(names.rfc, names.intent, names.protego);
}

/** Any bytes are a file. Throws a RangeError where there are more than 500 KiB of them. */
export function compileRobots(profile: RobotsProfile, bytes: Uint8Array): RobotsRules {
  return new native.RobotsRules(profile, bytes);
}

/**
 * What the files, all of one profile, say of paths: row i of the column (path, query and fragment of a URL, any octets) is asked of
 * files[fileOf[i]], or of none where that is -1: then its bits are zeros, and nothing decides.
 */
export function decideRobots(
  files: readonly RobotsRules[],
  fileOf: Int32Array,
  values: Uint8Array,
  offsets: Int32Array,
): RobotsDecisions {
  return native.decideRobots(files, fileOf, values, offsets);
}
