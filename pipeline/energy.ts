/**
 * Energy that the processors used, from the counters of Linux's powercap interface (RAPL; Linux documentation,
 * power/powercap/powercap.rst). Most virtual machines have none and most systems let only root read them: then it is not known.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Starts counting; the returned function gives the joules since then, or null where nothing counts them. */
export function meterEnergy(root = "/sys/class/powercap"): () => number | null {
  const before = read(root);
  return () => {
    const after = read(root);
    let microjoules = 0;
    for (const [zone, { energy, range }] of after) {
      const start = before.get(zone)?.energy;
      // A counter begins again behind its range.
      if (start !== undefined) microjoules += energy >= start ? energy - start : energy + range - start;
    }
    return after.size === 0 || after.size !== before.size ? null : microjoules / 1e6;
  };
}

/** Whole packages only (`intel-rapl:0`): their sub-zones count the same energy again. */
function read(root: string): ReadonlyMap<string, { readonly energy: number; readonly range: number }> {
  const zones = new Map<string, { energy: number; range: number }>();
  try {
    for (const zone of readdirSync(root).filter((name) => /^[a-z-]+-rapl:\d+$/.test(name))) {
      const number = (name: string): number => Number(readFileSync(join(root, zone, name), "utf8"));
      zones.set(zone, { energy: number("energy_uj"), range: number("max_energy_range_uj") });
    }
    return zones;
  } catch {
    return new Map();
  }
}
