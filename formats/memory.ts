/** Memory that is not zeroed first, for buffers of which every byte is written before anyone reads it. */
export function uninitialised(length: number): Uint8Array<ArrayBuffer> {
  // allocUnsafeSlow never takes from the shared pool, so the whole buffer is ours.
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}
