/**
 * Runs of text to blocks: white space collapsed as CSS does for `white-space: normal` (CSS Text 3, section 4.1.1), kept in
 * preformatted text; a break starts a line, two a paragraph; the cells of a row lie on one line, tabs between them.
 */
import { clean } from "./head.js";
import { Kind, type Skeleton } from "./skeleton.js";

/** A table cell with more characters than this is layout, not data: its row is not written on one line. */
const CELL_CHARACTERS = 200;

/** Where text that comes now belongs; containers are made when text needs them. */
export interface Place {
  readonly kind: Kind;
  readonly preformatted: boolean;
  readonly link: boolean;
  container(): number;
  /** The container of the row around the cell that text is in. */
  row(): number;
}

export class Lines {
  #text = "";
  #endsInSpace = true;
  #linkCharacters = 0;
  #kind: Kind = Kind.text;
  #container = 0;
  #breaks = 0;
  #tab = false;

  constructor(private readonly skeleton: Skeleton) {}

  append(text: string, place: Place): void {
    let run = text;
    if (!place.preformatted) {
      run = text.replace(/[\t\n\f\r ]+/g, " ");
      if (run === " ") {
        if (!this.#endsInSpace) this.#text += " ";
        this.#endsInSpace = true;
        return;
      }
    }
    if (this.#breaks > 0 && this.#text !== "") {
      this.#text += "\n";
      this.#endsInSpace = true;
    }
    if (this.#tab && this.#text !== "") {
      this.#text += "\t";
      this.#endsInSpace = true;
      this.#container = place.row();
      this.#kind = Kind.row;
    }
    this.#breaks = 0;
    this.#tab = false;
    if (this.#text === "") {
      this.#kind = place.kind;
      this.#container = place.container();
    }
    if (!place.preformatted) {
      if (this.#endsInSpace && run.startsWith(" ")) run = run.slice(1);
      this.#endsInSpace = run.endsWith(" ");
    } else this.#endsInSpace = false;
    this.#text += run;
    if (place.link) this.#linkCharacters += run.length;
  }

  /** A `<br>`. */
  break(preformatted: boolean): void {
    if (this.#text === "") return;
    if (preformatted) this.#text += "\n";
    else if (++this.#breaks >= 2) this.flush();
  }

  /** The start of a table cell: joins the row's line where that is data so far. */
  cell(): void {
    if (this.#text.length > CELL_CHARACTERS) this.flush();
    else this.#tab = true;
  }

  /** The end of a line. */
  flush(): void {
    const text = this.#text === "" ? "" : this.#finished();
    if (text !== "") this.skeleton.addBlock(this.#container, this.#kind, text, Math.min(this.#linkCharacters, text.length));
    this.#text = "";
    this.#endsInSpace = true;
    this.#linkCharacters = 0;
    this.#breaks = 0;
    this.#tab = false;
  }

  #finished(): string {
    if (this.#kind !== Kind.preformatted) return clean(this.#text.replace(/ ?([\t\n]) ?/g, "$1")).trim();
    // Spaces before the first line are part of preformatted text; blank lines around it are not.
    return clean(this.#text.replace(/\r\n?/g, "\n"))
      .trimEnd()
      .replace(/^(?:[ \t]*\n)+/, "");
  }
}
