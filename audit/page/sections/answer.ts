/** The first screen: is the site in the training data, how much of it, and why not the rest. Plain words, then one bar. */
import type { Decision, OwnerReport, Summary } from "../../owner/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { otherForm, policySentence, subjectName } from "../names.js";
import { facts, raw, ruleAnchor } from "../section.js";
import { count, counted, day, percent, span } from "../wording.js";

/** Decisions that are spelled out one by one before the rules are only summed up. */
const spelled = 4;
/** Reasons before the other rules are only counted. */
const mostReasons = 8;

export function answer(report: OwnerReport): Markup {
  const { summary, corpus } = report;
  return html`<section id="answer" class="answer" aria-labelledby="answer-title">
<h1 id="answer-title">${headline(report)}</h1>
${summary.read === 0 ? nothingRead(report) : html`${bar(summary)}${reasons(report)}`}
${facts(
  [
    { term: "Corpus", value: html`<strong>${corpus.name}</strong>, ${versionSentence(report)}` },
    ...(summary.read === 0
      ? []
      : [
          { term: "Captured", value: span(summary.first_capture, summary.last_capture) ?? "dates not known" },
          { term: "Tokens from here", value: tokensSentence(report) },
        ]),
    {
      term: "Opt-outs",
      value: corpus.policy === null ? "this corpus asked no robots.txt" : policySentence(corpus.policy),
    },
  ],
  "key-facts",
)}
</section>
`;
}

function headline(report: OwnerReport): Content {
  const { summary, subject } = report;
  const { read, unreadable } = summary;
  const name = html`<b>${subjectName(report)}</b>${otherHost(subject.host, subject.scope === "url")}`;
  const of = subject.scope === "url" ? html`the address ${name}` : name;
  if (read === 0) return html`No page of ${of} was read.`;
  if (subject.scope === "url" && read === 1 && unreadable === 0) {
    return html`The page ${name} was read, and is ${summary.in === 1 ? html`<em>in</em>` : html`<em>not in</em>`} the corpus.`;
  }
  const things = subject.scope === "url" ? ["capture", "captures"] : ["page", "pages"];
  const [one = "", many = ""] = things;
  if (read === 1 && unreadable === 0) {
    return html`The one ${one} of ${of} that was read is ${summary.in === 1 ? html`<em>in</em>` : html`<em>not in</em>`} the corpus.`;
  }
  if (unreadable === read) {
    return read === 1
      ? html`The one ${one} of ${of} that was found could not be read.`
      : html`None of the ${count(read)} ${many} of ${of} that were found could be read.`;
  }
  if (unreadable === 0 && summary.out === 0)
    return html`All ${count(read)} ${many} of ${of} that were read are <em>in</em> the corpus.`;
  if (unreadable === 0 && summary.in === 0) {
    return html`None of the ${count(read)} ${many} of ${of} that were read is <em>in</em> the corpus.`;
  }
  const parts = html`${count(summary.in)} ${are(summary.in)} <em>in</em> the corpus`;
  const out = html`${count(summary.out)} ${are(summary.out)} <em>not</em>`;
  return unreadable === 0
    ? html`Of the ${count(read)} ${many} of ${of} that were read, ${parts} and ${out}.`
    : html`Of the ${count(read)} ${many} of ${of} that were found, ${parts}, ${out}, and ${count(unreadable)} could not be read.`;
}

function are(pages: number): string {
  return pages === 1 ? "is" : "are";
}

function otherHost(host: string, inUrl: boolean): Content {
  const other = otherForm(host);
  return other === undefined ? null : html` <span class="aside">(${inUrl ? "host " : ""}also written ${other})</span>`;
}

function versionSentence({ corpus: { version, version_created_at } }: OwnerReport): string {
  if (version === 0) return "as the run left it (version 0)";
  return `version ${count(version)}${version_created_at === null ? "" : ` of ${day(version_created_at)}`}`;
}

function tokensSentence({ summary, corpus }: OwnerReport): string {
  if (summary.tokens === 0) return "none";
  return `${count(summary.tokens)} of ${count(corpus.tokens)} (${percent(summary.tokens, corpus.tokens)})`;
}

interface Part {
  readonly className: string;
  readonly pages: number;
  readonly label: string;
}

/** The whole width is all pages that were found; each part at least wide enough to be seen. */
function bar(summary: Summary): Markup {
  const parts: readonly Part[] = [
    { className: "in", pages: summary.in, label: "in the corpus" },
    { className: "out", pages: summary.out - summary.retracted, label: "left out" },
    { className: "retracted", pages: summary.retracted, label: "taken out later" },
    { className: "unreadable", pages: summary.unreadable, label: "could not be read" },
  ].filter(({ pages }) => pages > 0);
  const widths = parts.map(({ pages }) => Math.max(0.6, (100 * pages) / summary.read));
  const scale = 100 / widths.reduce((sum, width) => sum + width, 0);
  let at = 0;
  const blocks = parts.map(({ className }, i) => {
    const width = (widths[i] ?? 0) * scale;
    const block = html`<rect class="part-${className}" x="${at.toFixed(3)}%" y="0" width="${width.toFixed(3)}%" height="40"/>${
      at > 0 ? html`<rect class="part-gap" x="${at.toFixed(3)}%" y="0" width="2" height="40"/>` : null
    }`;
    at += width;
    return block;
  });
  return html`<figure class="share">
<svg class="share-bar" width="100%" height="40" aria-hidden="true" focusable="false"><defs>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"/><rect class="hatch-line" width="2" height="6"/></pattern>
<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="hatch-ground" width="6" height="6"/><circle class="hatch-line" cx="3" cy="3" r="1.5"/></pattern>
</defs>${blocks}</svg>
<figcaption><ul class="share-key">${parts.map(
    ({ className, pages, label }) =>
      html`<li><svg class="swatch" width="16" height="16" aria-hidden="true" focusable="false"><rect class="part-${className}" width="16" height="16"/></svg><b>${count(pages)}</b> ${label} <span class="aside">${percent(pages, summary.read)}</span></li>`,
  )}</ul></figcaption>
</figure>`;
}

function reasons(report: OwnerReport): Markup | null {
  const { summary, decisions, unreadable } = report;
  const items: Content[] = [];
  const told = new Map<string, number>();
  for (const [index, decision] of decisions.entries()) {
    if (decision.robots === null || items.length >= spelled) continue;
    const key = `${decision.stage}/${decision.rule}`;
    told.set(key, (told.get(key) ?? 0) + decision.pages);
    items.push(reason(decision.pages, robotsReason(decision), `decision-${index + 1}`));
  }
  let byRule = 0;
  let others = 0;
  let otherPages = 0;
  for (const { stage, rule, meaning, pages } of summary.by_rule) {
    byRule += pages;
    const rest = pages - (told.get(`${stage}/${rule}`) ?? 0);
    if (rest <= 0) continue;
    if (items.length >= mostReasons) {
      others++;
      otherPages += rest;
      continue;
    }
    const other = rest < pages ? " by other lines or captures: " : ": ";
    const decided = decisions.some((decision) => decision.stage === stage && decision.rule === rule);
    const anchor = decided ? ruleAnchor(stage, rule) : "pages";
    items.push(reason(rest, html`${were(rest)} left out${other}${lowerFirst(meaning)}`, anchor));
  }
  if (others > 0)
    items.push(reason(otherPages, html`${were(otherPages)} left out by ${counted(others, "other rule")}.`, "decisions"));
  if (summary.retracted > 0 && byRule <= summary.out - summary.retracted) {
    items.push(
      reason(
        summary.retracted,
        html`had been in the corpus and ${were(summary.retracted)} taken out by a later version. Models trained on an earlier version may have seen them.`,
        "pages",
        "Page by page",
      ),
    );
  }
  if (summary.unreadable > 0) {
    const unknown = unreadable.some(({ count_known }) => !count_known);
    items.push(
      reason(
        summary.unreadable,
        html`could not be read${unknown ? ", and behind a damaged place there may be more that nobody can count" : ""}.`,
        "unreadable",
        "Which",
      ),
    );
  }
  return items.length === 0 ? null : html`<h2 class="unseen">Why</h2><ol class="reasons">${items}</ol>`;
}

function reason(pages: number, sentence: Content, anchor: string, link = "Proof"): Markup {
  return html`<li><b class="figure">${count(pages)}</b><span>${sentence} <a class="more" href="#${anchor}">${link}<span class="unseen"> for these ${counted(pages, "page")}</span></a></span></li>\n`;
}

function were(pages: number): string {
  return pages === 1 ? "was" : "were";
}

function robotsReason({ pages, robots, meaning }: Decision): Content {
  const [line, ...others] = robots?.lines ?? [];
  if (robots === null) return meaning;
  const file = html`the robots.txt of ${raw(robots.capture.authority)}, captured on ${day(robots.capture.captured_at)},`;
  if (line === undefined) return html`${were(pages)} left out since of ${file} this is known: ${lowerFirst(meaning)}`;
  const under = underGroups(line.groups);
  const more = others.length === 0 ? null : html` (and ${counted(others.length, "other line")})`;
  return html`${were(pages)} left out since ${file} says in line ${count(line.line)}: ${raw(line.raw.trim())}${under}${more}.`;
}

/** `, under GPTBot and CCBot`. */
export function underGroups(groups: readonly string[]): Content {
  if (groups.length === 0) return null;
  const shown = groups.slice(0, 6);
  const names = shown.map((group): Content => (group.trim() === "*" ? html`${raw("*")} (every crawler)` : raw(group)));
  const more = groups.length > shown.length ? ` and ${count(groups.length - shown.length)} more` : null;
  return html`, under ${names.map((name, i) => html`${i === 0 ? null : i === names.length - 1 && more === null ? " and " : ", "}${name}`)}${more}`;
}

export function lowerFirst(sentence: string): string {
  return /^[A-Z][a-z ]/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
}

function nothingRead({ corpus, subject }: OwnerReport): Markup {
  const scopes = { domain: "is of this host or of one of its sub-domains", host: "is of this host", url: "is of this address" };
  return html`<p class="lead">The records of the corpus name ${counted(corpus.documents, "document")}, kept and left out, and none of them ${scopes[subject.scope]}. This report does not look for copies of a text on other sites.</p>`;
}
