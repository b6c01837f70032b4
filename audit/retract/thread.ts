/** A thread of threads.ts: decides on the row groups that it is sent, one after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { DataError } from "../../errors/index.js";
import type { DeciderSpec } from "./open-decider.js";
import { GroupDecider, type RowGroup } from "./row-group.js";
import type { FromThread } from "./threads.js";

const port = parentPort;
if (port === null) throw new DataError("INTERNAL", { detail: "this file is the beginning of a thread" });
const send = (message: FromThread): void => port.postMessage(message);

/** Errors lose their class on the way, so that code and place are sent. */
function fail(error: unknown): void {
  const coded = error instanceof DataError ? error : new DataError("INTERNAL", { detail: String(error) });
  const { file, record, detail, mend } = coded.site;
  const site = { ...(file && { file }), ...(record && { record }), ...(detail && { detail }), ...(mend && { mend }) };
  send({ error: { code: coded.code, site } });
}

let last = GroupDecider.open(workerData as readonly DeciderSpec[]);
last.then(() => send({ ready: true }), fail);
port.on("message", (group: RowGroup) => {
  last = last.then(async (decider) => {
    send({ decisions: await decider.decide(group) });
    return decider;
  });
  last.catch(fail);
});
