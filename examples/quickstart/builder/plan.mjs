/**
 * The plan of the crawl: every page, where it lies, how it is served, and what should become of it. The expectations are written
 * here, by hand, from what the texts and the robots.txt captures say; no part of the pipeline is asked.
 *
 * A page is `{ year, date, url, text, lang, label, template, charset, declare, coding, chunked, expect }`. `expect` is one of
 *   { outcome: "kept", spans? }
 *   { outcome: "dropped", stage, … }    stage: consent, quality, toxicity
 *   { outcome: "duplicate", of: url, of_captured_at }
 * `open` says why a sound pipeline may decide otherwise; a test should not insist on those.
 */
import { consentPages } from "./consent-pages.mjs";
import { languages } from "./languages.mjs";
import * as prose from "./prose.mjs";
import { halves, lettersOf } from "./sources.mjs";

const kept = { outcome: "kept" };
const layouts = ["article", "tables", "weblog", "wiki", "gazette", "news", "bare"];
const codings = [undefined, "gzip", undefined, "br", undefined, undefined, "deflate"];

/** Sends pages to the three years in turn, with ascending dates inside each year. */
function calendar() {
  const seen = { 2023: 0, 2024: 0, 2025: 0 };
  return (year) => {
    const minutes = seen[year]++ * 4007;
    // 2023-01-09 and so on: a Monday in January, then on by a little under three days a page.
    return `${new Date(Date.UTC(year, 0, 9, 6, 30) + minutes * 60_000).toISOString().slice(0, 19)}Z`;
  };
}

export function planPages(sources) {
  const dateIn = calendar();
  const chapters = sources.chapters.filter((chapter) => lettersOf(chapter) > 3000 && lettersOf(chapter) < 9500);
  let chaptersTaken = 0;
  const nextChapter = () => {
    const chapter = chapters[chaptersTaken++];
    if (chapter === undefined) throw new Error("the sources have too few short chapters");
    return chapter;
  };
  const pages = [];
  const add = (page) => {
    const year = page.year ?? 2023 + (pages.length % 3);
    const filled = {
      lang: "en",
      label: "eng_Latn",
      template: layouts[pages.length % layouts.length],
      charset: "utf-8",
      ...page,
      year,
    };
    pages.push({ declare: "header", expect: kept, ...filled, date: page.date ?? dateIn(year) });
    return pages.at(-1);
  };

  declarations(sources, add);
  novels(nextChapter, add);
  for (const page of consentPages(sources, nextChapter)) add(page);
  copies(add, pages, nextChapter);
  for (const [name, { text, spans }] of Object.entries(prose.personal)) {
    add({ url: `https://contact.example/${name}`, text, expect: { outcome: "kept", spans } });
  }
  judged(add);
  return { pages, nextChapter };
}

/** Each language in two halves: a page each, in its own encoding, layout and coding. */
function declarations(sources, add) {
  const declares = ["header", "meta", "http-equiv", "both"];
  languages.forEach(([file, label, lang, ...charsets], index) => {
    const { first, second } = halves(sources.declaration(file));
    [first, second].forEach((text, half) => {
      const serial = index * 2 + half;
      const charset = charsets[half];
      add({
        url: `https://rights.example/${lang.toLowerCase()}/${half + 1}${serial % 5 === 0 ? ".html?view=full" : ""}`,
        text,
        lang,
        label,
        charset,
        template: layouts[serial % layouts.length],
        declare: charset === "utf-16le" ? "bom" : serial % 11 === 7 && charset === "utf-8" ? "bom" : declares[serial % 4],
        coding: codings[serial % codings.length],
        chunked: serial % 4 === 1,
      });
    });
  });
}

function novels(nextChapter, add) {
  for (let i = 0; i < 20; i++) {
    add({
      url: `https://novels.example/austen/${i + 1}`,
      text: nextChapter(),
      chunked: i % 3 === 0,
      coding: codings[(i * 3) % 7],
    });
  }
  // What crawlers that decode before they store leave behind: the old header under another name, the body already plain.
  add({ url: "https://novels.example/austen/decoded", text: nextChapter(), storedDecoded: "gzip" });
  // The encodings of a page that says two things, and of one that says nothing.
  const conflict = { text: typeset(nextChapter()), url: "https://novels.example/austen/two-charsets" };
  add({ ...conflict, template: "article", declare: "conflict" });
  const silent = {
    text: typeset(nextChapter()),
    url: "https://novels.example/austen/no-charset",
    template: "weblog",
    declare: "none",
  };
  add({ ...silent, open: "no encoding is declared" });
  add({
    text: nextChapter(),
    url: "https://novels.example/austen/plain.txt",
    template: "text",
    open: "plain text may or may not be read",
  });
}

/** With the dashes and quotation marks of a printed book in place of the typewriter's. */
function typeset({ title, sections }) {
  const set = (text) =>
    text
      .replace(/--/g, "\u2014")
      .replace(/(^|[\s\u2014(])"/g, "$1\u201c")
      .replace(/"/g, "\u201d")
      .replace(/'/g, "\u2019");
  const paragraphs = sections[0].paragraphs.map(({ text, item }) => ({ text: set(text), item }));
  return { title, sections: [{ heading: "", paragraphs }] };
}

/** Mirrors, recaptures and near copies. The keeper of a group of equal texts is the one captured first. */
function copies(add, pages, nextChapter) {
  const english = pages.find(({ url }) => url.startsWith("https://rights.example/en/1"));
  const same = (page, changes) => {
    const expect = { outcome: "duplicate", of: page.url, of_captured_at: page.date };
    const { template, charset, declare, text, lang, label } = page;
    return add({ template, charset, declare, text, lang, label, expect, ...changes });
  };
  same(english, { year: 2024, url: "https://mirror.example/en/1" });
  same(english, { year: 2025, url: "https://mirror.example/en/1" });
  same(english, { year: 2025, url: english.url });
  const novel = pages.find(({ url, year }) => year === 2023 && url.startsWith("https://novels.example/austen/"));
  same(novel, { year: 2024, url: novel.url, coding: "gzip", chunked: true });
  // The same page in another encoding: equal once it is decoded.
  const german = pages.find(({ url }) => url.startsWith("https://rights.example/de/1"));
  same(german, { year: 2025, url: "https://mirror.example/de/1", charset: "utf-8", declare: "meta", coding: "br" });
  // The same text in another site's clothes: equal if extraction leaves out all clothes.
  const french = pages.find(({ url }) => url.startsWith("https://rights.example/fr/2"));
  const dress = french.template === "news" ? "gazette" : "news";
  same(french, {
    year: 2025,
    url: "https://mirror.example/fr/2",
    template: dress,
    open: "equal only if extraction is perfect",
  });
  // A capture that is older than the file it was delivered in: the keeper is in the last file.
  const late = add({ year: 2025, date: "2023-01-02T03:04:05Z", url: "https://novels.example/early", text: nextChapter() });
  same(late, { year: 2023, url: "https://mirror.example/early" });
  same(late, { year: 2024, url: "https://mirror.example/early" });
  // A copy of a page whose own site has opted out: opt-outs by location do not follow the copies.
  const press = pages.find(({ url }) => url === "https://press.example/2023/story");
  same(press, { year: 2024, url: "https://mirror.example/press-story", expect: kept });
  // Close is not equal.
  for (const [year, day] of [
    [2023, "Saturday"],
    [2024, "Sunday"],
  ]) {
    add({ year, url: `https://rights.example/mill?in=${year}`, text: prose.notice(day), template: "article" });
  }
}

/** Pages that a judgement on the text should meet. */
function judged(add) {
  const dropped = (stage, more) => ({ outcome: "dropped", stage, ...more });
  const empty = { text: prose.nearlyEmpty, expect: dropped("quality", { or: ["empty"] }) };
  add({ url: "https://novels.example/soon", ...empty, template: "bare" });
  const fallback = "an extraction that falls back to all visible text makes a document of the page's surroundings";
  add({ url: "https://novels.example/soon-dressed", ...empty, template: "article", open: fallback });
  add({ url: "https://novels.example/tickets", text: prose.repeated, expect: dropped("quality"), template: "article" });
  add({
    url: "https://novels.example/board",
    text: prose.symbols,
    expect: dropped("quality", { or: ["language", "empty"] }),
    template: "article",
  });
  const listed = prose.rude.listed;
  add({
    url: "https://novels.example/match",
    text: prose.rude.text,
    expect: dropped("toxicity", { listed }),
    template: "article",
  });
  add({ url: "https://novels.example/rain-butt", text: prose.mild, template: "article" });
}
