// Lines that are no language, for the label zxx_Zyyy (ISO 639-2's "no linguistic content"): what a crawl meets between texts —
// keys struck at random, digests, encoded data, program code, part numbers. All of it is made here; nothing is taken from anywhere.
import { random } from "./random.mjs";

const identifiers =
  "int void return const var let function class public static private import export default null true false if else for while " +
  "switch case break continue try catch throw new this self def lambda async await struct enum typedef include define ifdef " +
  "endif printf println console log err ctx req res args argv str len idx tmp buf ptr obj arr foo bar baz qux href src div " +
  "span css html body head px em rgb rgba url http https www com org net io utf xml json yaml sql select where join group " +
  "order varchar bool float double char uint size_t npm git sudo bin usr lib etc tmp dev eof stdin stdout";
const words = identifiers.split(" ");
const rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"];
const alphabets = ["abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρστυφχψω", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "אבגדהוזחטיכלמנסעפצקרשת"];

/** `count` lines, the same for the same seed. */
export function noiseLines(count, seed) {
  const r = random(seed);
  const run = (alphabet, least, most) => Array.from({ length: least + r.below(most - least + 1) }, () => r.pick([...alphabet])).join("");
  const kinds = [
    () => run(r.pick(alphabets), 2, 14),
    () => run(r.pick(rows), 3, 10),
    () => run("0123456789abcdef", 8, 40),
    () => run("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 12, 60),
    () => r.pick(words),
    () => `${r.pick(words)}_${r.pick(words)}`,
    () => r.pick(words) + r.pick(words).replace(/^./, (c) => c.toUpperCase()) + r.pick(words).replace(/^./, (c) => c.toUpperCase()),
    () => run("ABCDEFGHKLMNPRSTUVWXYZ", 1, 4) + run("0123456789", 2, 6),
  ];
  return Array.from({ length: count }, () => {
    // A line is of one kind, or code, whose kinds mix.
    const mixed = r.next() < 0.4;
    const kind = r.pick(kinds);
    const pieces = 2 + r.below(12);
    return Array.from({ length: pieces }, () => (mixed ? r.pick(kinds.slice(4)) : kind)()).join(r.pick([" ", " ", "(", " = ", "; ", ", "]));
  });
}
