/** Well-formed UTF-8 (Unicode 15, table 3-7), checked and repaired without making a JavaScript string. */
import { addon } from "./addon.js";

const native = addon as { repairUtf8(bytes: Uint8Array): Uint8Array | undefined };

/**
 * The bytes themselves where they are well-formed UTF-8, otherwise a copy in which each maximal ill-formed subpart is U+FFFD:
 * the same answer as the WHATWG decoder's.
 */
export function repairUtf8(bytes: Uint8Array): Uint8Array {
  return native.repairUtf8(bytes) ?? bytes;
}
