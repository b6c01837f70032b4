/**
 * Which lines went and which came between two lists of lines: the shortest edit script, by Myers' O(ND) algorithm (Algorithmica 1,
 * 1986), without what both lists begin and end with. Lists that differ in very much are told to be replaced as a whole.
 */

export interface LineChange {
  readonly change: "removed" | "added";
  /** Index into the list that has the line. */
  readonly index: number;
}

/** Edits up to which the shortest script is looked for; steps and memory grow with their square. */
const mostEdits = 1000;

/** In the order of the lines; what went at a place stands before what came. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly LineChange[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let same = 0;
  const most = Math.min(before.length, after.length) - start;
  while (same < most && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  const a = before.slice(start, before.length - same);
  const b = after.slice(start, after.length - same);
  const changes = shortestScript(a, b) ?? [
    ...a.map((_, index): LineChange => ({ change: "removed", index })),
    ...b.map((_, index): LineChange => ({ change: "added", index })),
  ];
  return changes.map(({ change, index }) => ({ change, index: index + start }));
}

/** Undefined where it takes too many edits. */
function shortestScript(a: readonly string[], b: readonly string[]): readonly LineChange[] | undefined {
  // reached[k + d]: how far down `a` the furthest path of d edits comes on the diagonal k = x - y; one array for each d.
  const steps: Int32Array[] = [];
  let previous = Int32Array.of(0);
  for (let d = 0; d <= Math.min(mostEdits, a.length + b.length); d++) {
    const reached = new Int32Array(2 * d + 1);
    for (let k = -d; k <= d; k += 2) {
      let x = d === 0 ? 0 : startOn(previous, k, d);
      while (x < a.length && x - k < b.length && x >= k && a[x] === b[x - k]) x++;
      reached[k + d] = x;
      if (k === a.length - b.length && x >= a.length) return trace([...steps, reached], a.length, b.length);
    }
    steps.push(reached);
    previous = reached;
  }
  return undefined;
}

/** Where the path of d edits starts on diagonal k: from the diagonal above by adding a line, or from below by removing one. */
function startOn(previous: Int32Array, k: number, d: number): number {
  const at = (diagonal: number): number => (Math.abs(diagonal) > d - 1 ? -1 : (previous[diagonal + d - 1] ?? -1));
  return Math.max(at(k + 1), at(k - 1) < 0 ? -1 : at(k - 1) + 1);
}

function trace(steps: readonly Int32Array[], lengthA: number, lengthB: number): readonly LineChange[] {
  const changes: LineChange[] = [];
  let k = lengthA - lengthB;
  for (let d = steps.length - 1; d > 0; d--) {
    const previous = steps[d - 1] ?? new Int32Array(0);
    const x = startOn(previous, k, d);
    // From the end to the beginning, so that what was added at a place comes to stand behind what was removed there.
    const adds = Math.abs(k + 1) <= d - 1 && previous[k + d] === x;
    changes.push(adds ? { change: "added", index: x - k - 1 } : { change: "removed", index: x - 1 });
    k = adds ? k + 1 : k - 1;
  }
  return changes.reverse();
}
