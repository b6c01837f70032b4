/**
 * Where bodies of an archive lie, by their SHA-256: 24 octets each in open addressing, of which at most two thirds are taken, where a
 * map of strings would take ten times as much. In 256 parts, so that growing one never doubles the whole.
 */

/** Octets of the digest that are held; two bodies that share them are not found by any search that can be made today. */
const held = 16;
const slot = held + 8;
const firstSlots = 64;

export class BodyTable {
  size = 0;
  readonly #parts = Array.from({ length: 256 }, (): { slots: Buffer; taken: number } => ({ slots: Buffer.alloc(0), taken: 0 }));

  /** The offset that was set for the digest, or undefined. */
  get(sha256: Uint8Array): number | undefined {
    const part = this.#parts[sha256[0] ?? 0];
    if (part === undefined || part.slots.length === 0) return undefined;
    const at = place(part.slots, sha256);
    return isFree(part.slots, at) ? undefined : part.slots.readDoubleLE(at + held);
  }

  /** @param offset above 0 */
  set(sha256: Uint8Array, offset: number): void {
    const part = this.#parts[sha256[0] ?? 0];
    if (part === undefined) return;
    if (3 * (part.taken + 1) * slot > 2 * part.slots.length) part.slots = grown(part.slots);
    const at = place(part.slots, sha256);
    if (isFree(part.slots, at)) {
      part.taken++;
      this.size++;
    }
    part.slots.set(sha256.subarray(0, held), at);
    part.slots.writeDoubleLE(offset, at + held);
  }
}

function isFree(slots: Buffer, at: number): boolean {
  return slots.readDoubleLE(at + held) === 0;
}

/** The digest's own slot, or the free one where it would go. Digests are evenly spread as they are. */
function place(slots: Buffer, sha256: Uint8Array): number {
  const count = slots.length / slot;
  const start = (((sha256[4] ?? 0) << 24) | ((sha256[3] ?? 0) << 16) | ((sha256[2] ?? 0) << 8) | (sha256[1] ?? 0)) >>> 0;
  for (let i = start % count; ; i = (i + 1) % count) {
    const at = i * slot;
    if (isFree(slots, at) || slots.compare(sha256, 0, held, at, at + held) === 0) return at;
  }
}

function grown(slots: Buffer): Buffer {
  const larger = Buffer.alloc(Math.max(firstSlots * slot, 2 * slots.length));
  for (let at = 0; at < slots.length; at += slot) {
    if (!isFree(slots, at)) slots.copy(larger, place(larger, slots.subarray(at, at + held)), at, at + slot);
  }
  return larger;
}
