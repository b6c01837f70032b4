/** A recipe's text as YAML 1.2, with what is wrong in it said for people: where it stands, what it is, and the mend. */
import { type Document, isAlias, isMap, type LineCounter, parseDocument, visit, type YAMLError } from "yaml";
import { DataError } from "../errors/index.js";

interface Fault {
  readonly detail: string;
  readonly mend: string;
}

const quoteIt = "put the value in quotes";

const tooDeep: Fault = {
  detail: "lists and keys are nested too deep",
  mend: "check that each bracket is closed where it should be",
};

const faults: Partial<Record<YAMLError["code"], Fault>> = {
  TAB_AS_INDENT: { detail: "a tab where the line is indented", mend: "indent with spaces" },
  BAD_INDENT: {
    detail: "a bracket [ or { above is not closed, or what is in it is not indented",
    mend: "close the bracket, or indent the lines up to its end",
  },
  MISSING_CHAR: {
    detail: "a sign is missing: a comma in brackets, or the - before an item of a list",
    mend: "put - before each item of a list, and indent what belongs together alike",
  },
  BLOCK_AS_IMPLICIT_KEY: {
    detail: "a second `: ` in one line",
    mend: "put a value that has a colon in it in quotes, and each key on a line of its own",
  },
  MULTILINE_IMPLICIT_KEY: {
    detail: "no `: ` stands behind a key",
    mend: "write `key: value`; items of a list stand below their key, indented, each behind `- `",
  },
  MULTIPLE_DOCS: { detail: "a second document begins", mend: "take out the line `---` or `...`: a recipe is one document" },
  BAD_DQ_ESCAPE: {
    detail: "a backslash in double quotes that stands for nothing",
    mend: "write it twice, or put the value in single quotes",
  },
  KEY_OVER_1024_CHARS: { detail: "a key of more than 1,024 characters", mend: "check the quotes and brackets before it" },
  RESOURCE_EXHAUSTION: tooDeep,
};

/**
 * @returns the document, which is a map, and its value
 * @throws DataError RECIPE_INVALID
 */
export function parseYaml(text: string, path: string, lines: LineCounter): { document: Document; value: unknown } {
  const document: Document = parseDocument(text, { lineCounter: lines, prettyErrors: true, logLevel: "error" });
  const refuse = (at: number, { detail, mend }: Fault, cause?: unknown): never => {
    const { line, col } = lines.linePos(Math.min(at, text.length));
    throw new DataError("RECIPE_INVALID", { file: path, record: `line ${line}, column ${col}`, detail, mend, cause });
  };
  const [error] = document.errors;
  if (error !== undefined) refuse(error.pos[0], faultOf(error, text), error);
  if (!isMap(document.contents)) {
    const isEmpty = document.contents === null || text.trim() === "";
    const detail = isEmpty ? "the file is empty" : "there are no keys in it, as `version: 1`";
    refuse(0, { detail, mend: "docs/recipe.md has a complete example" });
  }
  try {
    const stray = strayAlias(document);
    if (stray !== undefined) {
      const detail = `\`*${stray.name}\` begins with *, which in YAML refers to a value that is named elsewhere`;
      refuse(stray.at, { detail, mend: quoteIt });
    }
    return { document, value: document.toJS({ maxAliasCount: 100 }) };
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    if (cause instanceof RangeError) return refuse(0, tooDeep, cause);
    return refuse(0, { detail: "its references (& and *) unfold too far", mend: "write the values out" }, cause);
  }
}

function faultOf({ code, message, pos: [at] }: YAMLError, text: string): Fault {
  const here = /^\S{1,20}/.exec(text.slice(at, at + 20))?.[0] ?? "";
  if (code === "DUPLICATE_KEY") {
    return { detail: `the key \`${here.replace(/:.*/, "")}\` stands here a second time`, mend: "keep one of the two" };
  }
  if (code === "BAD_SCALAR_START") return { detail: `a value begins with \`${here.charAt(0)}\``, mend: quoteIt };
  if (code === "MISSING_CHAR" && message.includes("quote")) {
    return { detail: "a quote that opens above is never closed", mend: "close it, on the line on which it opens" };
  }
  const fallback = {
    detail: here === "" ? "something is missing here" : `\`${here}\` does not fit here`,
    mend: "check the brackets, commas, quotes and indentation of this line and of the one above; a value with signs in it goes in quotes",
  };
  return faults[code] ?? fallback;
}

/** A value such as `*.warc.gz`, which is an alias without an anchor. */
function strayAlias(document: Document): { readonly name: string; readonly at: number } | undefined {
  const anchors = new Set<string>();
  let found: { name: string; at: number } | undefined;
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) {
        if (anchors.has(node.source)) return;
        found = { name: node.source, at: node.range?.[0] ?? 0 };
        return visit.BREAK;
      }
      if (node.anchor !== undefined) anchors.add(node.anchor);
      return;
    },
  });
  return found;
}
