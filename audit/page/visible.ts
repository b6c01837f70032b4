/**
 * Text from the web, made fit to be read: whatever is invisible, changes direction or stacks without end is spelled out, so that
 * no title or address can look like something it is not (Unicode Technical Report 36, §2 and §3). Runs in Node and in the browser.
 */

/** Characters of a text that are shown before the rest is counted. */
export const mostShown = 2000;

/** Controls, formats (bidi, zero width, tags), separators but the plain space, private use, and what renders as nothing. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u3164\uffa0]|(?! )\p{Zs}/gu;
/** More marks on one letter than any orthography stacks. */
const stacked = /(\p{M}{4})(\p{M}+)/gu;
const plain = /^[\x20-\x7e]*$/;

/** @param limit UTF-16 units that are shown; the others are counted */
export function visible(text: string, limit = mostShown): string {
  const shown = text.length > limit ? text.slice(0, limit) : text;
  const more = text.length - shown.length;
  const spelled = plain.test(shown)
    ? shown
    : shown
        .toWellFormed()
        .replace(unseen, (character) => `⟨U+${codeOf(character)}⟩`)
        .replace(stacked, (_, kept: string, rest: string) => `${kept}⟨${[...rest].length} more marks⟩`);
  return more === 0 ? spelled : `${spelled} … (${more.toLocaleString("en-GB")} more characters)`;
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
