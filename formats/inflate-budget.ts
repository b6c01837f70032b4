/**
 * What keeps a decompression bomb harmless (CWE-409): a bound on what may come out of the bytes that went in, and the fault
 * that every decompressor of this room reports, with whether the place behind it is known.
 */

export interface InflateLimits {
  /** Bytes that may come out however small the input was; default 1 GiB. */
  readonly inflatedSlack: number;
  /** Beyond the slack, at most this many bytes out for each byte in; default 64 (HTML reaches about 20, deflate at most 1032). */
  readonly inflatedRatio: number;
}

export const defaultInflateLimits: InflateLimits = { inflatedSlack: 2 ** 30, inflatedRatio: 64 };

export type CompressionFaultName = "truncated" | "corrupt-member" | "too-large" | "unsupported";

/** Damage of a compressed stream. Internal to this room: readers turn it into a WarcFault or a DataError. */
export class CompressionFault extends Error {
  override readonly name = "CompressionFault";

  constructor(
    readonly fault: CompressionFaultName,
    detail: string,
    /** False where the end of the damaged member is certain and the window already stands there. */
    readonly tail = true,
  ) {
    super(detail);
  }
}

/** Counts what goes in and comes out over a whole range, so that many small bombs are one bomb. */
export class InflateBudget {
  #in = 0;
  #out = 0;

  constructor(private readonly limits: InflateLimits) {}

  add(bytesIn: number, bytesOut: number): void {
    this.#in += bytesIn;
    this.#out += bytesOut;
    const { inflatedSlack, inflatedRatio } = this.limits;
    if (this.#out > inflatedSlack + inflatedRatio * this.#in) {
      throw new CompressionFault("too-large", `${this.#in} compressed bytes hold more than ${this.#out} bytes`);
    }
  }
}
