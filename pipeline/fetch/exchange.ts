/**
 * One HTTP request and what came of it, with bounds on time and octets: the answer as it came over the wire, a part of it, or why
 * there is none. HTTP/1.1 by undici, one connection a request, nothing followed, nothing decoded, nothing tried again.
 */
import { createHash } from "node:crypto";
import type { Dispatcher } from "undici";
import { headerEnd } from "../../formats/index.js";
import { AddressRefused, type Resolve, Wire } from "./wire.js";

export interface ExchangeLimits {
  /** Until the connection stands, TLS included; milliseconds. */
  readonly connect: number;
  /** From the request to the end of the answer's header; milliseconds. */
  readonly headers: number;
  /** All together; milliseconds. */
  readonly total: number;
  /** Octets of the answer, its header included, as they are sent. */
  readonly bytes: number;
}

/** WARC-Truncated (ISO 28500:2017, 5.13). */
export type Truncation = "length" | "time" | "disconnect" | "unspecified";

export type Failure = "dns" | "connect" | "tls" | "timeout" | "reset" | "protocol";

export type Outcome =
  | {
      readonly kind: "response";
      readonly status: number;
      readonly location: string | undefined;
      readonly retryAfter: string | undefined;
      /** Status line, fields and body as received. */
      readonly block: Uint8Array;
      /** Of the body without its transfer coding, lower-case hex; undefined where it is cut. */
      readonly payloadSha256: string | undefined;
      readonly truncated: Truncation | undefined;
      /** Why it is cut. */
      readonly detail: string;
    }
  /** No answer: the site could not be reached (RFC 9309 §2.3.1.4). */
  | { readonly kind: "failure"; readonly failure: Failure; readonly detail: string }
  /** We did not ask, because the address is not public. */
  | { readonly kind: "refused"; readonly detail: string };

export interface Exchange {
  readonly url: string;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly startedAt: number;
  readonly milliseconds: number;
  /** The address that was asked; undefined where none was reached. */
  readonly address: string | undefined;
  /** The request as it was sent; empty where none was. */
  readonly request: Uint8Array;
  readonly outcome: Outcome;
}

export interface ExchangeOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: ExchangeLimits;
  permits(address: string): boolean;
  readonly resolve: Resolve;
  readonly signal: AbortSignal;
}

/** Longest header of an answer. */
const headerBytes = 64 * 1024;

/**
 * Asks for a URL with GET.
 * @throws the signal's reason where it is aborted; nothing else
 */
export async function exchange(url: URL, options: ExchangeOptions): Promise<Exchange> {
  // Loaded where it is used: most commands never fetch.
  const { Client } = await import("undici");
  const { limits, signal } = options;
  signal.throwIfAborted();
  const startedAt = Date.now();
  const began = performance.now();
  return new Promise((resolve, reject) => {
    let head: Head | undefined;
    let settled = false;
    const wire = new Wire(url, {
      resolve: options.resolve,
      permits: options.permits,
      bytes: limits.bytes,
      onStage(stage) {
        if (stage === "request") arm(limits.headers);
      },
      onFull: () => stop("length", `more than ${limits.bytes} bytes`),
    });
    const client = new Client(url.origin, {
      connect: (_, callback) => wire.open(callback as Parameters<Wire["open"]>[0]),
      // The bounds on time are ours: undici counts in seconds.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: headerBytes,
    });

    const finish = (): boolean => {
      if (settled) return false;
      settled = true;
      clearTimeout(stageTimer);
      clearTimeout(totalTimer);
      signal.removeEventListener("abort", abort);
      // Closed behind the parser that may have called us.
      setImmediate(() => {
        client.destroy().catch(() => undefined);
        wire.close();
      });
      return true;
    };
    const settle = (outcome: Outcome): void => {
      if (!finish()) return;
      const milliseconds = Math.round(performance.now() - began);
      resolve({ url: url.href, startedAt, milliseconds, address: wire.address, request: wire.sent(), outcome });
    };
    const stop = (truncated: Truncation, detail: string): void => {
      if (head !== undefined) settle(answer(wire, head, truncated, detail));
      else if (truncated === "time") settle({ kind: "failure", failure: "timeout", detail: `${wire.stage}: ${detail}` });
      else settle({ kind: "failure", failure: "protocol", detail });
    };
    const fail = (error: Error): void => {
      const detail = describe(error);
      if (error instanceof AddressRefused) settle({ kind: "refused", detail: error.message });
      else if (head !== undefined) settle(answer(wire, head, isOfParser(error) ? "unspecified" : "disconnect", detail));
      else if (wire.stage !== "request") settle({ kind: "failure", failure: wire.stage, detail });
      else settle({ kind: "failure", failure: isOfParser(error) ? "protocol" : "reset", detail });
    };
    const abort = (): void => {
      if (finish()) reject(signal.reason);
    };
    let stageTimer: NodeJS.Timeout;
    /** What came while this process was busy is read first, so that our slowness does not pass for the site's. */
    const late = (milliseconds: number, detail: string, overtaken: () => boolean): NodeJS.Timeout =>
      setTimeout(() => setImmediate(() => overtaken() || stop("time", detail)), milliseconds);
    const arm = (milliseconds: number): void => {
      clearTimeout(stageTimer);
      const { stage } = wire;
      stageTimer = late(milliseconds, `nothing in ${milliseconds / 1000} s`, () => head !== undefined || wire.stage !== stage);
    };
    arm(limits.connect);
    const totalTimer = late(limits.total, `not done in ${limits.total / 1000} s`, () => false);
    signal.addEventListener("abort", abort);

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => undefined,
      onResponseStart(_, status, headers) {
        if (status < 200) return;
        clearTimeout(stageTimer);
        head = {
          status,
          location: first(headers.location),
          retryAfter: first(headers["retry-after"]),
          chunked: headers["transfer-encoding"] !== undefined,
          hash: createHash("sha256"),
          bodyBytes: 0,
        };
      },
      onResponseData(_, chunk) {
        if (head === undefined) return;
        head.hash.update(chunk);
        head.bodyBytes += chunk.length;
      },
      onResponseEnd() {
        if (head !== undefined) settle(answer(wire, head, undefined, ""));
      },
      onResponseError: (_, error) => fail(error),
    };
    client.dispatch({ path: url.pathname + url.search, method: "GET", headers: { ...options.headers }, reset: true }, handler);
  });
}

interface Head {
  readonly status: number;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  readonly chunked: boolean;
  readonly hash: ReturnType<typeof createHash>;
  /** Without the transfer coding. */
  bodyBytes: number;
}

function answer(wire: Wire, head: Head, cut: Truncation | undefined, detail: string): Outcome {
  const { status, location, retryAfter } = head;
  const received = wire.received();
  const whole = cut === undefined && !wire.full;
  // What follows a body of known length is not of this answer. Chunks say themselves where they end.
  const block = whole && !head.chunked ? received.subarray(0, headLength(received) + head.bodyBytes) : received;
  return {
    kind: "response",
    status,
    location,
    retryAfter,
    block,
    payloadSha256: whole ? head.hash.digest("hex") : undefined,
    truncated: whole ? undefined : (cut ?? "length"),
    detail,
  };
}

/** Octets of the header, and of the interim answers before it (RFC 9110 §15.2). */
function headLength(message: Uint8Array): number {
  for (let at = 0; ; ) {
    const interim = /^HTTP\/\d\.\d 1\d\d/.test(Buffer.from(message.subarray(at, at + 12)).toString("latin1"));
    const end = headerEnd(message, message.indexOf(10, at) + 1);
    if (end === undefined) return message.length;
    if (!interim) return end.body;
    at = end.body;
  }
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function isOfParser(error: Error): boolean {
  const code = "code" in error ? String(error.code) : "";
  return error.name === "HTTPParserError" || code === "UND_ERR_HEADERS_OVERFLOW" || code === "UND_ERR_INVALID_ARG";
}

function describe(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const message = error.message.split("\n")[0]?.slice(0, 200) ?? "";
  return message.includes(code) ? message : `${code}: ${message}`;
}
