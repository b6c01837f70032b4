/**
 * What a decoder throws when its bytes are not what the format says. The door of each format turns it, and the RangeError of a
 * read outside a buffer, into a DataError that names the file.
 */
import { DataError, type ErrorCode } from "../errors/index.js";

export class Malformed extends Error {
  override readonly name = "Malformed";
}

/** Runs a decoder; whatever says that the bytes are broken becomes a coded error, everything else passes. */
export async function decoding<T>(code: ErrorCode, file: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw asDataError(code, file, error);
  }
}

export function asDataError(code: ErrorCode, file: string, error: unknown): unknown {
  if (error instanceof DataError)
    return error.site.file === undefined ? new DataError(error.code, { ...error.site, file }) : error;
  const broken = error instanceof Malformed || error instanceof RangeError;
  return broken ? new DataError(code, { file, detail: error.message, cause: error }) : error;
}
