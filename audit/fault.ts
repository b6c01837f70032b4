/** Something in a corpus folder that is not as it was written. */
export interface Fault {
  /** Relative to the corpus folder. */
  readonly path: string;
  readonly fault: string;
}
