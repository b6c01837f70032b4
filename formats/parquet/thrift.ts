/** Thrift's compact protocol, as far as page headers need it (Apache Thrift, "Thrift Compact protocol encoding"). */

export class ThriftReader {
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  octet(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw new RangeError("a page header is cut off");
    return value;
  }

  /** At most 32 bits are kept: no number of a page header is longer. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const octet = this.octet();
      if (shift < 32) value |= (octet & 0x7f) << shift;
      if (octet < 0x80) return value >>> 0;
    }
    throw new RangeError("a number of a page header does not end");
  }

  zigzag(): number {
    const value = this.varint();
    return (value >>> 1) ^ -(value & 1);
  }

  /**
   * Fields of a struct: numbers and truth values (1, 0) by `number`, structs by `struct`, where one is given; what has neither is
   * passed over. Fields ascend: of one that stood twice, two readers could take different ones.
   */
  struct(number: (field: number, value: number) => void, struct: (field: number) => boolean, depth = 0): void {
    if (depth > 8) throw new RangeError("a page header is nested too deep");
    for (let last = 0; ; ) {
      const head = this.octet();
      if (head === 0) return;
      const type = head & 0x0f;
      const field = head >> 4 === 0 ? this.zigzag() : last + (head >> 4);
      if (field <= last) throw new RangeError("a page header's fields are out of order");
      last = field;
      if (type >= 4 && type <= 6) number(field, this.zigzag());
      else if (type === 1 || type === 2) number(field, type === 1 ? 1 : 0);
      else if (type !== 12 || !struct(field)) this.#skip(type, depth);
    }
  }

  #skip(type: number, depth: number): void {
    if (type === 3) this.at++;
    else if (type === 7) this.at += 8;
    else if (type === 8) {
      const length = this.varint();
      this.at += length;
    } else if (type === 12)
      this.struct(
        () => undefined,
        () => false,
        depth + 1,
      );
    else throw new RangeError("a page header has a field of no known type");
  }
}
