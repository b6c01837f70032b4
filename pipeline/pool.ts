/**
 * A pool of worker processes. It survives their deaths: a job whose worker dies is tried once more in a fresh one, and a second
 * death is the job's own fault (`WorkerDeath`), which the caller looks into. A worker that says nothing for too long is killed.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DataError } from "../errors/index.js";
import type { Job, JobProgress, JobResult } from "./jobs/index.js";
import type { FromWorker, ToWorker, WorkerSetup } from "./worker.js";

/** Both attempts of a job killed their workers. */
export class WorkerDeath extends Error {
  override readonly name = "WorkerDeath";
}

/** The run was stopped before the job was done. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

export interface PoolOptions {
  readonly workers: number;
  readonly setup: WorkerSetup;
  readonly progress: (progress: JobProgress) => void;
  /** Told when a worker died and its job is tried again. */
  readonly died: (job: Job, how: string) => void;
  /** A worker that reports nothing for this long is taken for hung; undefined where a job may be silent. */
  readonly stallMilliseconds: (job: Job) => number | undefined;
}

/** A loaded machine may take long to start a process. */
const startMilliseconds = 5 * 60_000;

interface Task {
  readonly job: Job;
  readonly attempts: number;
  deaths: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class Pool {
  readonly #queue: Task[] = [];
  readonly #workers = new Set<WorkerProcess>();
  #stopped = false;
  #deadMemory = 0;
  #most = 0;

  constructor(private readonly options: PoolOptions) {}

  /** Does a job; `attempts` deaths make it fail. */
  run<J extends Job>(job: J, attempts = 2): Promise<JobResult<J>> {
    return new Promise<JobResult<J>>((resolve, reject) => {
      if (this.#stopped) {
        reject(new Stopped());
        return;
      }
      this.#queue.push({ job, attempts, deaths: 0, resolve: resolve as (result: unknown) => void, reject });
      this.#next();
    });
  }

  /** Peak memory of all workers together, as an upper bound: the sum of each slot's largest peak. */
  get memoryBytes(): number {
    return this.#deadMemory + [...this.#workers].reduce((total, worker) => total + worker.memoryBytes, 0);
  }

  /** Worker processes at one time, at most; fewer than allowed where there was less to do. */
  get workersAtOnce(): number {
    return this.#most;
  }

  /** Ends all workers and waits until they are gone; jobs under way are lost and fail with `Stopped`. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const task of this.#queue.splice(0)) task.reject(new Stopped());
    await Promise.all([...this.#workers].map((worker) => worker.end()));
  }

  #next(): void {
    while (!this.#stopped && this.#queue.length > 0) {
      for (const worker of this.#workers) if (!worker.alive) this.#workers.delete(worker);
      const idle = [...this.#workers].find((worker) => worker.idle) ?? this.#start();
      if (idle === undefined) return;
      const task = this.#queue.shift();
      if (task !== undefined) this.#give(idle, task);
    }
  }

  #start(): WorkerProcess | undefined {
    if (this.#workers.size >= this.options.workers) return undefined;
    const worker = new WorkerProcess(this.options);
    this.#workers.add(worker);
    this.#most = Math.max(this.#most, this.#workers.size);
    return worker;
  }

  #give(worker: WorkerProcess, task: Task): void {
    worker.do(
      task.job,
      (result) => {
        task.resolve(result);
        this.#next();
      },
      (error) => {
        task.reject(error);
        this.#next();
      },
      (how) => {
        this.#workers.delete(worker);
        this.#deadMemory = Math.max(this.#deadMemory, worker.memoryBytes);
        if (this.#stopped) task.reject(new Stopped());
        else if (++task.deaths >= task.attempts) task.reject(new WorkerDeath(how));
        else {
          this.options.died(task.job, how);
          this.#queue.unshift(task);
        }
        this.#next();
      },
    );
  }
}

class WorkerProcess {
  readonly #child: ChildProcess;
  idle = true;
  alive = true;
  memoryBytes = 0;
  #done: (result: unknown) => void = () => undefined;
  #failed: (error: unknown) => void = () => undefined;
  #dead: (how: string) => void = () => undefined;
  #watch: NodeJS.Timeout | undefined;
  #patience: number | undefined;
  #stalled = false;
  #awake = false;
  #wasGone: () => void = () => undefined;
  readonly #gone = new Promise<void>((resolve) => {
    this.#wasGone = resolve;
  });

  constructor(private readonly options: PoolOptions) {
    this.#child = fork(fileURLToPath(new URL("./worker.js", import.meta.url)), ["apertus-data-worker"], {
      serialization: "advanced",
      // Whatever a filter prints goes to standard error: standard output is for the run's result.
      stdio: ["ignore", 2, 2, "ipc"],
    });
    this.#child.on("message", (message: FromWorker) => this.#hear(message));
    this.#child.on("exit", (code, signal) => this.#leave(signal ?? `exit code ${code}`));
    // It could not be started: too many processes, or no memory.
    this.#child.on("error", (error) => this.#leave(error.message));
    this.#tell({ setup: options.setup });
  }

  do(job: Job, done: (result: unknown) => void, failed: (error: unknown) => void, dead: (how: string) => void): void {
    this.idle = false;
    this.#patience = this.options.stallMilliseconds(job);
    this.#done = done;
    this.#failed = failed;
    this.#dead = dead;
    this.#rewind();
    this.#tell({ job });
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  end(): Promise<void> {
    this.kill();
    return this.#gone;
  }

  #leave(how: string): void {
    if (!this.alive) return;
    clearTimeout(this.#watch);
    this.alive = false;
    this.#wasGone();
    const silence = `it reported nothing for ${(this.#patience ?? 0) / 1000} s and was killed`;
    if (!this.idle) this.#dead(this.#stalled ? silence : how);
  }

  #tell(message: ToWorker): void {
    // A worker that died before it heard is noticed by its exit.
    this.#child.send(message, () => undefined);
  }

  #hear(message: FromWorker): void {
    if ("awake" in message) this.#awake = true;
    this.#rewind();
    if ("awake" in message) return;
    if ("progress" in message) {
      this.options.progress(message.progress);
      return;
    }
    clearTimeout(this.#watch);
    this.idle = true;
    if ("done" in message) {
      this.memoryBytes = message.memoryBytes;
      this.#done(message.done);
    } else {
      const { code, message: text, stack, site } = message.failed;
      const error = code === null ? new Error(text) : new DataError(code, site);
      error.stack = stack;
      this.#failed(error);
    }
  }

  #rewind(): void {
    clearTimeout(this.#watch);
    if (this.#patience === undefined || this.idle) return;
    this.#watch = setTimeout(
      () => {
        this.#stalled = true;
        this.kill();
      },
      this.#awake ? this.#patience : Math.max(this.#patience, startMilliseconds),
    ).unref();
  }
}
