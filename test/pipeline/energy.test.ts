/** Energy from powercap counters, over folders that look like theirs. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { meterEnergy } from "../../pipeline/energy.js";
import { scratchFolder } from "./corpora.js";

const { folder, remove } = scratchFolder("energy");
afterAll(remove);

function zone(root: string, name: string, energy: number): void {
  mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, name, "energy_uj"), `${energy}\n`);
  writeFileSync(join(root, name, "max_energy_range_uj"), "10000000\n");
}

it("packages are added up, their parts are not counted again, and a counter that began again goes on", () => {
  const root = join(folder, "two");
  zone(root, "intel-rapl:0", 1_000_000);
  zone(root, "intel-rapl:0:0", 1_000_000);
  zone(root, "intel-rapl:1", 9_500_000);
  const joules = meterEnergy(root);
  zone(root, "intel-rapl:0", 3_000_000);
  zone(root, "intel-rapl:0:0", 2_000_000);
  zone(root, "intel-rapl:1", 500_000);
  expect(joules()).toBe(3);
});

it("where nothing counts, it is not known", () => {
  expect(meterEnergy(join(folder, "nothing"))()).toBeNull();
  const root = join(folder, "unreadable");
  zone(root, "intel-rapl:0", Number.NaN);
  expect(meterEnergy(join(root, "intel-rapl:0"))()).toBeNull();
});
