/**
 * Every error that a user can meet, in one table: a stable code, what it means, and the mend. docs/errors.md is generated from
 * it. A coded error names the file and the record at fault; whatever is thrown without a code is a bug of ours.
 */
import { codes } from "./codes.js";

export { codes };
export type ErrorCode = keyof typeof codes;

export interface ErrorSite {
  /** The file at fault, as the user named it. */
  readonly file?: string;
  /** The record, line or byte offset inside the file. */
  readonly record?: string | number;
  /** What was found, in a few words; control characters are escaped when it is printed. */
  readonly detail?: string;
  /** A mend that fits this case better than the table's. */
  readonly mend?: string;
  readonly cause?: unknown;
}

export class DataError extends Error {
  override readonly name = "DataError";
  readonly code: ErrorCode;
  readonly site: ErrorSite;

  constructor(code: ErrorCode, site: ErrorSite = {}) {
    const where = [site.file, recordText(site.record)].filter(Boolean).join(", ");
    super(
      `${codes[code].summary}${where === "" ? "" : ` (${where})`}${site.detail === undefined ? "" : `: ${site.detail}`}`,
      site.cause === undefined ? undefined : { cause: site.cause },
    );
    this.code = code;
    this.site = site;
  }

  get mend(): string {
    return this.site.mend ?? codes[this.code].mend;
  }

  toJSON(): { code: ErrorCode; message: string; mend: string; file?: string; record?: string | number } {
    const { file, record } = this.site;
    return {
      code: this.code,
      message: this.message,
      mend: this.mend,
      ...(file === undefined ? {} : { file }),
      ...(record === undefined ? {} : { record }),
    };
  }
}

function recordText(record: string | number | undefined): string | undefined {
  return typeof record === "number" ? `record ${record}` : record;
}
