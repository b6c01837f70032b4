/**
 * Products of sliding windows in 64-bit integers that wrap around, three multiplications an element whatever the window: products from
 * the start of each block of h, and to its end, meet at the window's border (van Herk, 1992; Gil and Werman, 1993). A running product
 * could not be divided again: half of all ids are even and so have no inverse.
 */

/** Table entries of Apertus's Goldfish loss: a prime, so that keys spread. */
export const tableSize = 1_000_003;

/**
 * The product of values[i - h + 1 .. i] as a signed 64-bit integer, modulo tableSize and never below 0, for i from h - 1 on.
 * @param values whole numbers from 0 to 2^31 - 1
 * @returns as many keys as values; the first h - 1 are 0 and mean nothing
 */
export function windowKeys(values: Int32Array, h: number): Uint32Array {
  const count = values.length;
  const keys = new Uint32Array(count);
  // Of each place, the product from the start of its block to it, and from it to the block's end: low and high words.
  const [fromLow, fromHigh] = [new Uint32Array(count), new Uint32Array(count)];
  const [toLow, toHigh] = [new Uint32Array(count), new Uint32Array(count)];
  const product = new Uint32Array(2);
  for (let i = 0; i < count; i++) {
    if (i % h === 0) [product[0], product[1]] = [values[i], 0];
    else multiply(product, fromLow[i - 1], fromHigh[i - 1], values[i], 0);
    fromLow[i] = product[0];
    fromHigh[i] = product[1];
  }
  for (let i = count - 1; i >= 0; i--) {
    if (i === count - 1 || i % h === h - 1) [product[0], product[1]] = [values[i], 0];
    else multiply(product, toLow[i + 1], toHigh[i + 1], values[i], 0);
    toLow[i] = product[0];
    toHigh[i] = product[1];
  }
  for (let i = h - 1; i < count; i++) {
    const first = i - h + 1;
    if (first % h === 0) [product[0], product[1]] = [fromLow[i], fromHigh[i]];
    else multiply(product, toLow[first], toHigh[first], fromLow[i], fromHigh[i]);
    keys[i] = signedRemainder(product[0], product[1]);
  }
  return keys;
}

/** into <- a * b modulo 2^64, each as low and high word. */
function multiply(into: Uint32Array, aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  // Products of 32 by 16 bits are exact in a double.
  const low = aLow * (bLow & 0xffff);
  const middle = aLow * (bLow >>> 16);
  const sum = low + (middle % 0x1_0000) * 0x1_0000;
  const carry = Math.floor(sum / 0x1_0000_0000) + Math.floor(middle / 0x1_0000);
  into[0] = sum % 0x1_0000_0000;
  into[1] = (carry % 0x1_0000_0000) + ((Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bHigh) >>> 0));
}

const wordRemainder = 0x1_0000_0000 % tableSize;
const wrapRemainder = (wordRemainder * wordRemainder) % tableSize;

function signedRemainder(low: number, high: number): number {
  const unsigned = ((high % tableSize) * wordRemainder + (low % tableSize)) % tableSize;
  return high < 0x8000_0000 ? unsigned : (unsigned - wrapRemainder + tableSize) % tableSize;
}
