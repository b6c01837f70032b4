/** Types of harness.mjs, whose comments explain the functions. */
export interface Disturbance {
  readonly fault?: {
    readonly role: "coordinator" | "worker";
    readonly kind: string;
    readonly nth: number;
    readonly when?: "before" | "after";
    readonly error?: string;
  };
  readonly signalAfter?: readonly [NodeJS.Signals, number];
  readonly power?: boolean;
  readonly onErrors?: (text: string, send: (signal: NodeJS.Signals) => void) => void;
  readonly flags?: readonly string[];
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
  readonly journal: string;
  readonly milliseconds: number;
}

export interface RunPlace {
  readonly recipe: string;
  readonly corpus: string;
  readonly workers: number;
}

export declare function startRun(options: RunPlace & Disturbance): Promise<Outcome>;
export declare function losePower(journal: string): void;
export declare function fingerprint(corpus: string): Record<string, string>;
export declare function differences(
  expected: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): readonly string[];
export declare function scratch(name: string): { readonly folder: string; readonly remove: () => void };
export declare function runThrough(
  options: RunPlace & { readonly disturbances: readonly Disturbance[] },
): Promise<readonly Outcome[]>;
