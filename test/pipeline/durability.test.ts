/** Kills, refusals of the disk and interrupts in the middle of a run: they cost time and change nothing. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Disturbance, differences, fingerprint, runThrough, scratch, startRun } from "../durability/harness.mjs";
import { writeSmallRecipe } from "../durability/recipe.mjs";

const place = scratch("kills");
const recipe = writeSmallRecipe(`${place.folder}/inputs`);
let expected: Record<string, string>;

beforeAll(async () => {
  const corpus = `${place.folder}/undisturbed`;
  const { code, errors } = await startRun({ recipe, corpus, workers: 1 });
  expect(code, errors).toBe(0);
  expected = fingerprint(corpus);
});

afterAll(place.remove);

async function disturbed(name: string, workers: number, disturbances: readonly Disturbance[]) {
  const corpus = `${place.folder}/${name}`;
  const outcomes = await runThrough({ recipe, corpus, workers, disturbances });
  const last = outcomes.at(-1);
  expect(last?.code, last?.errors).toBe(0);
  expect(differences(expected, fingerprint(corpus))).toEqual([]);
  return outcomes;
}

describe("a run", () => {
  it("killed three times in a row, at losses of power too, ends in the same bytes", { timeout: 300_000 }, async () => {
    const outcomes = await disturbed("killed", 2, [
      { signalAfter: ["SIGKILL", 1500] },
      { fault: { role: "worker", kind: "link", nth: 1, when: "after" }, power: true },
      { fault: { role: "coordinator", kind: "rename", nth: 1, when: "after" }, power: true },
    ]);
    expect(outcomes.map(({ signal }) => signal)).toEqual(["SIGKILL", "SIGKILL", "SIGKILL", null]);
  });

  it("refused by the disk or interrupted says why and how to go on, and ends in the same bytes", {
    timeout: 300_000,
  }, async () => {
    let sent = false;
    const interrupt: Disturbance = {
      onErrors: (text, send) => {
        if (sent || !/^(compare|refine)/m.test(text)) return;
        sent = true;
        send("SIGINT");
      },
    };
    const outcomes = await disturbed("refused", 1, [
      { fault: { role: "coordinator", kind: "create", nth: 1, error: "EROFS" } },
      { fault: { role: "coordinator", kind: "write", nth: 3, error: "ENOSPC" } },
      { fault: { role: "worker", kind: "write", nth: 5, error: "ENOSPC" } },
      interrupt,
    ]);
    expect(outcomes.map(({ code }) => code)).toEqual([1, 1, 1, 3, 0]);
    const codes = outcomes.slice(0, 3).map(({ output }) => (JSON.parse(output) as { error: { code: string } }).error.code);
    expect(codes).toEqual(["CORPUS_NOT_WRITABLE", "DISK_FULL", "DISK_FULL"]);
    expect(outcomes[2]?.errors).toMatch(/make room, or move the folder; then run the same command again/);
    expect(outcomes[3]?.errors).toContain("interrupted; to go on where it stopped:\n  apertus-data run ");
    expect(outcomes[3]?.errors).toContain(`--corpus ${place.folder}/refused`);
  });
});
