/**
 * A worker process: does one job at a time, from reading to committing, and tells how it goes. Documents never travel between
 * processes. A coordinator that dies closes the channel, and the worker leaves too.
 */
import { CorpusFolder } from "../corpus/index.js";
import { DataError, type ErrorCode, type ErrorSite } from "../errors/index.js";
import type { Asset } from "../filters/index.js";
import { compile, stagesDigest } from "./compile.js";
import { doJob, type Job, JobContext, type JobProgress } from "./jobs/index.js";
import { parseRecipe } from "./recipe.js";

export interface WorkerSetup {
  readonly corpus: string;
  /** The recipe's text and path: the file is not read twice, so that an edit during the run changes nothing. */
  readonly recipe: { readonly text: string; readonly path: string };
  /** By stage index of the recipe. */
  readonly assets: readonly (readonly Asset[])[];
  /** Digest of the stages as the run was planned. */
  readonly stages: string;
}

export type ToWorker = { readonly setup: WorkerSetup } | { readonly job: Job };

export type FromWorker =
  /** It has started and opened its stages' files. */
  | { readonly awake: true }
  | { readonly progress: JobProgress }
  | { readonly done: unknown; readonly memoryBytes: number }
  | {
      readonly failed: {
        readonly code: ErrorCode | null;
        readonly message: string;
        readonly stack: string;
        readonly site: ErrorSite;
      };
    };

if (process.send !== undefined && process.argv[2] === "apertus-data-worker") serve();

function serve(): void {
  const tell = (message: FromWorker): void => void process.send?.(message);
  let context: Promise<JobContext> | undefined;
  // Ctrl-C reaches the whole process group; the coordinator decides when a worker stops.
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.exit(0));
  process.on("message", (message: ToWorker) => {
    if ("setup" in message) {
      context = open(message.setup, (progress) => tell({ progress }));
      // A failure is reported with the first job.
      context.then(
        () => tell({ awake: true }),
        () => undefined,
      );
      return;
    }
    if (context === undefined) return;
    context
      .then((opened) => doJob(opened, message.job))
      .then((done) => tell({ done, memoryBytes: process.resourceUsage().maxRSS * 1024 }))
      .catch((error: unknown) => tell({ failed: describe(error) }));
  });
}

async function open(setup: WorkerSetup, progress: (progress: JobProgress) => void): Promise<JobContext> {
  const loaded = parseRecipe(setup.recipe.text, setup.recipe.path);
  const recipe = await compile(loaded, undefined, setup.assets);
  // A filter module that was edited since the run began would do other work under the old units' names.
  if (stagesDigest(recipe) !== setup.stages) {
    throw new DataError("ASSET_CHANGED", { file: setup.recipe.path, detail: "a filter module of the recipe was edited" });
  }
  return new JobContext(new CorpusFolder(setup.corpus), recipe, progress);
}

function describe(error: unknown): { code: ErrorCode | null; message: string; stack: string; site: ErrorSite } {
  if (error instanceof DataError) {
    const { cause: _cause, ...site } = error.site;
    return { code: error.code, message: error.message, stack: error.stack ?? "", site };
  }
  if (error instanceof Error) return { code: null, message: error.message, stack: error.stack ?? "", site: {} };
  return { code: null, message: String(error), stack: "", site: {} };
}
