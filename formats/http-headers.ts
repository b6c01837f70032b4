/** A captured HTTP header block (RFC 9110 section 5, RFC 9112 section 5), kept as bytes and looked up without being rewritten. */
import { repairUtf8 } from "../native/index.js";
import { parseHeaderFields } from "./header-fields.js";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class HttpHeaders {
  #fields: Map<string, string[]> | undefined;

  private constructor(
    /** The block as captured, bytes that are not UTF-8 repaired; without the status line and the empty line. */
    readonly block: Uint8Array,
  ) {}

  static of(block: Uint8Array): HttpHeaders {
    return new HttpHeaders(repairUtf8(block));
  }

  /**
   * Every value of a field in the order in which they were sent, white space around them removed; `name` in lower case.
   * Folded lines (RFC 9112 section 5.2) are joined by a space; lines that are no field are passed over.
   */
  all(name: string): readonly string[] {
    this.#fields ??= fieldsOf(decoder.decode(this.block));
    return this.#fields.get(name) ?? [];
  }

  /** The field's first value: for fields of which only one makes sense and the first is the one that clients follow (Location). */
  first(name: string): string | undefined {
    return this.all(name)[0];
  }

  /** The field's last value: for fields of which the last is the one that clients follow (Content-Type). */
  last(name: string): string | undefined {
    return this.all(name).at(-1);
  }
}

function fieldsOf(block: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const [name, value] of parseHeaderFields(block)) {
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  return fields;
}

/** What a Content-Type says: type/subtype in lower case, and the charset parameter as given. */
export interface MediaType {
  /** e.g. text/html; empty where no field holds one. */
  readonly mediaType: string;
  readonly charset: string | undefined;
}

/**
 * The media type by the rule of the WHATWG Fetch standard ("extract a MIME type"): fields may hold lists, the last value that
 * is a media type counts, and one without a charset inherits the charset of an equal type before it.
 */
export function contentType(headers: HttpHeaders): MediaType {
  let mediaType = "";
  let charset: string | undefined;
  for (const value of headers.all("content-type").flatMap((field) => field.split(","))) {
    const essence = value.split(";", 1)[0].trim().toLowerCase();
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+$/.test(essence) || essence === "*/*") continue;
    const given = charsetOf(value);
    if (essence !== mediaType) charset = undefined;
    mediaType = essence;
    charset = given ?? charset;
  }
  return { mediaType, charset };
}

function charsetOf(value: string): string | undefined {
  for (const parameter of value.split(";").slice(1)) {
    const equals = parameter.indexOf("=");
    if (equals < 0 || parameter.slice(0, equals).trim().toLowerCase() !== "charset") continue;
    const charset = parameter
      .slice(equals + 1)
      .trim()
      .replaceAll(/^["']|["']$/g, "");
    if (charset !== "") return charset;
  }
  return undefined;
}
