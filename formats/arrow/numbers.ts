/** Arrow's types of fixed width (Schema.fbs) as our number columns: milliseconds for dates and timestamps, floats where null. */
import type { NumberColumn, NumberType } from "../columns.js";
import { numberArray } from "../gather.js";
import { floorDivided, halfFloat } from "../numbers.js";
import { type ArrowType, typeIds } from "./messages.js";

export interface FixedDecoder {
  readonly type: NumberType;
  /** Bits a value. */
  readonly bits: number;
  /** Values that begin at the given bit of the bytes; more than 0 only for booleans. */
  readonly decode: (bytes: Uint8Array, bit: number, count: number) => NumberColumn["values"];
}

type ReadValue = (view: DataView, at: number) => number;

/** @returns undefined where the type is of no fixed width, or not read */
export function fixedDecoder(type: ArrowType, nullable: boolean): FixedDecoder | undefined {
  const of = (target: NumberType, bits: number, read: ReadValue): FixedDecoder => ({
    type: target,
    bits,
    decode: (bytes, _bit, count) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const values = numberArray(target, count);
      for (let i = 0; i < count; i++) values[i] = read(view, (i * bits) / 8);
      return values;
    },
  });
  switch (type.id) {
    case typeIds.int: {
      const read = integer(type);
      const small = type.width < 32 || (type.width === 32 && type.signed);
      const whole = type.width === 8 && !type.signed ? "uint8" : "int32";
      return read && of(small && !nullable ? whole : "float64", type.width, read);
    }
    case typeIds.float:
      if (type.width === 0) return of("float32", 16, (view, at) => halfFloat(view.getUint16(at, true)));
      if (type.width === 1) return of("float32", 32, (view, at) => view.getFloat32(at, true));
      return of("float64", 64, (view, at) => view.getFloat64(at, true));
    case typeIds.bool: {
      const target = nullable ? "float64" : "uint8";
      return {
        type: target,
        bits: 1,
        decode: (bytes, bit, count) => {
          const values = numberArray(target, count);
          for (let i = 0; i < count; i++) values[i] = (bytes[(bit + i) >>> 3] >>> ((bit + i) & 7)) & 1;
          return values;
        },
      };
    }
    case typeIds.date:
      if (type.unit === 0) return of("timestamp", 32, (view, at) => view.getInt32(at, true) * 86_400_000);
      return of("timestamp", 64, (view, at) => Number(view.getBigInt64(at, true)));
    case typeIds.timestamp: {
      if (type.unit === 0) return of("timestamp", 64, (view, at) => Number(view.getBigInt64(at, true)) * 1000);
      const divisor = type.unit === 1 ? 1n : type.unit === 2 ? 1_000n : 1_000_000n;
      return of("timestamp", 64, (view, at) => floorDivided(view.getBigInt64(at, true), divisor));
    }
    case typeIds.decimal: {
      if (type.width !== 128 && type.width !== 256 && type.width !== 64 && type.width !== 32) return undefined;
      return of("float64", type.width, (view, at) => {
        const high = at + type.width / 8 - 4;
        let value = view.getInt32(high, true);
        for (let word = high - 4; word >= at; word -= 4) value = value * 2 ** 32 + view.getUint32(word, true);
        return value / 10 ** type.scale;
      });
    }
    default:
      return undefined;
  }
}

function integer({ width, signed }: ArrowType): ReadValue | undefined {
  switch (width) {
    case 8:
      return signed ? (view, at) => view.getInt8(at) : (view, at) => view.getUint8(at);
    case 16:
      return signed ? (view, at) => view.getInt16(at, true) : (view, at) => view.getUint16(at, true);
    case 32:
      return signed ? (view, at) => view.getInt32(at, true) : (view, at) => view.getUint32(at, true);
    case 64:
      return signed ? (view, at) => Number(view.getBigInt64(at, true)) : (view, at) => Number(view.getBigUint64(at, true));
    default:
      return undefined;
  }
}
