/**
 * Reads the two sources of the example, both in the public domain: the Universal Declaration of Human Rights in many languages
 * (nltk's package udhr2, a ZIP archive of the Unicode UDHR project's texts) and Jane Austen's novels (plain text).
 *
 * A text is `{ title, sections: [{ heading, paragraphs: [{ text, item }] }] }`; `item` marks an entry of a numbered list.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";

const novels = [
  ["pride_and_prejudice", "Pride and Prejudice"],
  ["sense_and_sensibility", "Sense and Sensibility"],
  ["northanger_abbey", "Northanger Abbey"],
  ["mansfield_park", "Mansfield Park"],
  ["emma", "Emma"],
  ["persuasion", "Persuasion"],
];

/** `folder` holds nltk/udhr2.zip and austen_janeaustenr/*.txt. */
export function openSources(folder) {
  const declarations = readZip(readFileSync(join(folder, "nltk", "udhr2.zip")));
  return {
    declaration(code) {
      const bytes = declarations.get(`udhr2/${code}.txt`);
      if (bytes === undefined) throw new Error(`udhr2.zip has no ${code}.txt`);
      return parseDeclaration(bytes.toString("utf8"));
    },
    chapters: novels.flatMap(([file, title]) =>
      parseNovel(title, readFileSync(join(folder, "austen_janeaustenr", `${file}.txt`), "utf8")),
    ),
  };
}

/** Stored and deflated entries of a ZIP archive without ZIP64 (APPNOTE.TXT 4.3), by name. */
function readZip(zip) {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0) throw new Error("not a ZIP archive");
  const entries = new Map();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, compressed] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [name, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    const local = zip.readUInt32LE(at + 42);
    const data = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(data, data + compressed);
    entries.set(zip.toString("utf8", at + 46, at + 46 + name), method === 0 ? bytes : inflateRawSync(bytes));
    at += 46 + name + extra + comment;
  }
  return entries;
}

/**
 * The texts part their sections (title, preamble, articles) by lines of two or three spaces and indent list entries deepest. In
 * some the preamble follows the title without a parting line.
 */
function parseDeclaration(text) {
  const [head, ...rest] = text
    .split(/^ {2,3}$/m)
    .map((section) => section.split("\n").filter((line) => line.trim() !== ""))
    .filter((lines) => lines.length > 0);
  const toParagraphs = (lines) => lines.map((line) => ({ text: tidy(line), item: line.startsWith(" ".repeat(8)) }));
  const sections = rest.map(([heading, ...lines]) => ({ heading: tidy(heading), paragraphs: toParagraphs(lines) }));
  // A few begin with a paragraph in place of a title; the resolution's number then stands for one.
  const [title, introduction] = isShort(head[0]) ? [tidy(head[0]), head.slice(1)] : ["A/RES/217(III)", head];
  if (introduction.length > 2) {
    const [heading, lines] = isShort(introduction[0]) ? [tidy(introduction[0]), introduction.slice(1)] : ["", introduction];
    sections.unshift({ heading, paragraphs: toParagraphs(lines) });
  }
  return { title, sections: sections.filter(({ paragraphs }) => paragraphs.length > 0) };
}

const isShort = (line) => line.trim().length <= 80;

function parseNovel(novel, text) {
  const [, ...chapters] = text.split(/^(?=chapter [ivxlc\d]+\.?\s*$)/im);
  return chapters.map((chapter) => {
    const [heading, ...paragraphs] = chapter.split(/\n\s*\n/).map(tidy);
    const prose = paragraphs.filter((line) => line !== "" && !/^(VOLUME [IVX]+|THE END|FINIS|Finis|\*[* ]*)$/.test(line));
    return {
      title: `${novel}, ${heading
        .toLowerCase()
        .replace(/^c/, "C")
        .replace(/[ivxlc]+$/, (roman) => roman.toUpperCase())}`,
      sections: [{ heading: "", paragraphs: prose.map((line) => ({ text: line, item: false })) }],
    };
  });
}

function tidy(line) {
  return line.replace(/\s+/g, " ").trim();
}

/** A text in two, by sections. */
export function halves({ title, sections }) {
  const middle = Math.ceil(sections.length / 2);
  return {
    first: { title: `${title} (1/2)`, sections: sections.slice(0, middle) },
    second: { title: `${title} (2/2)`, sections: sections.slice(middle) },
  };
}

/** White space aside, how many code points the sections have: the measure by which an extraction is compared. */
export function lettersOf({ sections }) {
  const text = sections.flatMap(({ heading, paragraphs }) => [heading, ...paragraphs.map((p) => p.text)]).join("");
  return [...text.replace(/\s+/g, "")].length;
}

/** The sections as plain text, a line each, as a text data set would hold them. */
export function plainText({ sections }) {
  return sections
    .flatMap(({ heading, paragraphs }) => [heading, ...paragraphs.map((p) => p.text)])
    .filter((line) => line !== "")
    .join("\n");
}
