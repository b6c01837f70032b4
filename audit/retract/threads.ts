/**
 * Row groups decided side by side in threads. What a thread finds is plain data, and the order in which groups come back changes
 * nothing: they are counted, and their rows are sorted when the version's tables are written.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { DataError, type ErrorCode, type ErrorSite } from "../../errors/index.js";
import type { DeciderSpec } from "./open-decider.js";
import { GroupDecider, type GroupDecisions, type RowGroup } from "./row-group.js";

/** From so many documents on a thread earns what its start costs. */
const documentsOfAThread = 200_000;
const mostThreads = 8;

/** As many threads as there are processors, where there is enough to do for them. */
export function threadsFor(groups: readonly RowGroup[]): number {
  const documents = groups.reduce((sum, { start, end }) => sum + end - start, 0);
  return Math.min(mostThreads, availableParallelism(), Math.floor(documents / documentsOfAThread));
}

export type FromThread =
  | { readonly decisions: readonly GroupDecisions[] }
  | { readonly error: { readonly code: ErrorCode; readonly site: ErrorSite } }
  | { readonly ready: true };

/**
 * Gives `each` what is decided on every group, one group at a time, in any order.
 *
 * @param threads below 2, all is done in this one
 * @throws what reading and deciding throw
 */
export async function decideGroups(
  specs: readonly DeciderSpec[],
  groups: readonly RowGroup[],
  threads: number,
  each: (group: RowGroup, decisions: readonly GroupDecisions[]) => Promise<void>,
): Promise<void> {
  const waiting = groups.values();
  if (threads > 1) {
    // Only one group is told at a time: what is told is written.
    let told = Promise.resolve();
    const tell = (group: RowGroup, decisions: readonly GroupDecisions[]): Promise<void> => {
      told = told.then(() => each(group, decisions));
      return told;
    };
    await Promise.all(Array.from({ length: threads }, () => workThrough(specs, waiting, tell)));
    return;
  }
  const decider = await GroupDecider.open(specs);
  try {
    for (const group of waiting) await each(group, await decider.decide(group));
  } finally {
    await decider.close();
  }
}

/** One thread: the next group is on its way to it while the last one is told. */
async function workThrough(
  specs: readonly DeciderSpec[],
  waiting: IteratorObject<RowGroup>,
  tell: (group: RowGroup, decisions: readonly GroupDecisions[]) => Promise<void>,
): Promise<void> {
  const worker = new Worker(new URL("./thread.js", import.meta.url), { workerData: specs });
  const sent: RowGroup[] = [];
  let telling = Promise.resolve();
  const send = (): void => {
    const { value: group, done } = waiting.next();
    if (done === true) return;
    sent.push(group);
    worker.postMessage(group);
  };
  try {
    await new Promise<void>((resolve, reject) => {
      const end = (): void => {
        if (sent.length === 0) telling.then(resolve, reject);
      };
      worker.on("error", reject);
      worker.on("exit", (code) => reject(new DataError("INTERNAL", { detail: `a thread ended with ${code}` })));
      worker.on("message", (message: FromThread) => {
        if ("error" in message) reject(new DataError(message.error.code, message.error.site));
        else if ("ready" in message) {
          send();
          send();
          end();
        } else {
          const group = sent.shift();
          if (group === undefined) return;
          telling = telling
            .then(() => tell(group, message.decisions))
            .then(() => {
              send();
              end();
            });
          telling.catch(reject);
        }
      });
    });
  } finally {
    worker.removeAllListeners("exit");
    await worker.terminate();
  }
}
