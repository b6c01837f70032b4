/** Policies under one name: what they give, what wins over them, and what is refused. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { DataError } from "../../../errors/index.js";
import { consent, shippedPresets } from "../../../filters/consent/index.js";
import { scratchFolder } from "./captures.js";

const folder = scratchFolder();
const parse = (written: Record<string, unknown>, baseFolder = folder) =>
  consent.parameters.parse(consent.resolve?.(written, baseFolder));

it("apertus-2025-01 is what Apertus did", () => {
  expect(parse({ preset: "apertus-2025-01" })).toEqual({
    preset: "apertus-2025-01",
    robots: [],
    agents: "apertus-2025-01",
    policy: "as-of",
    as_of: "2025-01-31",
    modes: ["protego"],
    fallback: ["exact", "any-scheme"],
    prefer: "first",
    pass_over: [],
    states: {
      empty: "allow",
      "unavailable-4xx": "allow",
      "unreachable-5xx": "allow",
      unreachable: "allow",
      "redirect-unresolved": "allow",
      "not-robots": "allow",
      truncated: "allow",
      "no-capture": "allow",
    },
    accept_damaged: false,
    on_no_url: "allow",
  });
});

it("rfc-live denies where the server failed or did not answer, and only there (RFC 9309 §2.3.1.3, §2.3.1.4)", () => {
  const { states, policy, modes, fallback } = parse({ preset: "rfc-live" });
  expect({ policy, modes, fallback }).toEqual({ policy: "latest", modes: ["rfc"], fallback: ["exact"] });
  expect(Object.entries(states).filter(([, meaning]) => meaning === "deny")).toEqual([
    ["unreachable-5xx", "deny"],
    ["unreachable", "deny"],
  ]);
});

it("what is written beside a preset wins, of states state by state", () => {
  const { policy, modes, states } = parse({ preset: "rfc-live", modes: ["intent"], states: { "unreachable-5xx": "allow" } });
  expect([policy, modes]).toEqual(["latest", ["intent"]]);
  expect(states).toMatchObject({ "unreachable-5xx": "allow", unreachable: "deny" });
  expect(parse({ preset: "rfc-live", states: "apertus" }).states).toBe("apertus");
  expect(parse({ policy: "ever" })).toMatchObject({ policy: "ever", agents: "apertus-2025-01" });
});

it("a policy file of one's own is named by its path, and an agent profile in it starts from there", () => {
  mkdirSync(join(folder, "policies"), { recursive: true });
  const text = readFileSync(new URL("../../../assets/policies/rfc-live.yaml", import.meta.url), "utf8");
  writeFileSync(join(folder, "policies/own.yaml"), text.replace("agents: apertus-2025-01", "agents: mine.json"));
  const parameters = parse({ preset: "policies/own.yaml" });
  expect(parameters.agents).toBe(join(folder, "policies/mine.json"));
  expect(consent.portable?.(parameters)).toMatchObject({ preset: "own.yaml", agents: "mine.json" });
});

it.each([
  ["", "no mapping"],
  ["name: x\nabout: y\nsource: z\nparameters: {}\n", "agents"],
  ["a: [1", "no YAML"],
  ["&a [*a]", "an alias of itself"],
])("a policy file that is none is refused with its code: %j", (text) => {
  writeFileSync(join(folder, "bad.yaml"), text);
  const thrown = ((): unknown => {
    try {
      return parse({ preset: "bad.yaml" });
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toBeInstanceOf(DataError);
  expect(thrown).toMatchObject({ code: "POLICY_INVALID" });
});

it("a state left out, a key too many and a day without its policy are refused", () => {
  const text = readFileSync(new URL("../../../assets/policies/rfc-live.yaml", import.meta.url), "utf8");
  for (const wrong of [
    text.replace("    empty: allow\n", ""),
    text.replace("  modes:", "  robots: [a]\n  modes:"),
    text.replace("  modes:", "  as_of: 2025-01-01\n  modes:"),
  ]) {
    writeFileSync(join(folder, "bad.yaml"), wrong);
    expect(() => parse({ preset: "bad.yaml" })).toThrow(/policy file/);
  }
});

it("the policies that ship are the files that the README names by digest", () => {
  const at = (name: string): URL => new URL(`../../../assets/policies/${name}`, import.meta.url);
  const readme = readFileSync(at("README.md"), "utf8");
  for (const name of shippedPresets) {
    const bytes = readFileSync(at(`${name}.yaml`));
    expect(bytes.toString()).toContain(`name: ${name}\n`);
    expect(readme).toContain(createHash("sha256").update(bytes).digest("hex"));
  }
});
