/** Every rule that left pages out: its sentence, the pages, and the evidence; of a robots.txt the captured file itself. */
import type { CapturedFile, Decision, OwnerReport, RobotsDecisionShown } from "../../owner/model.js";
import { type Content, html, join, type Markup } from "../markup.js";
import { fallbackName, policySentence, readingName, stateName } from "../names.js";
import { type Fact, facts, raw, ruleAnchor, section } from "../section.js";
import { bytes, count, counted, day, listed, moment } from "../wording.js";
import { underGroups } from "./answer.js";
import { fileView } from "./captured-file.js";
import { evidenceList } from "./evidence.js";
import { letIn } from "./let-in.js";
import { placeText } from "./place.js";

/** Decisions by robots.txt that stand open. */
const openShown = 2;
/** Decisions of one rule on the page; the others are in the JSON report. */
const mostShown = 40;

export interface Numbered {
  readonly decision: Decision;
  /** Index into the report's decisions. */
  readonly index: number;
}

export function decisions(report: OwnerReport): Markup | null {
  if (report.summary.read === 0) return null;
  const rules = byRule(report.decisions);
  const filesShown = new Set<string>();
  if (rules.length === 0) {
    return section({
      id: "decisions",
      title: "The rules that decided",
      body: html`<p class="empty">No rule left out a page.</p>${letIn(report, filesShown)}`,
    });
  }
  return section({
    id: "decisions",
    title: "The rules that decided",
    lead: "Each page was left out by the first rule that it met. Here is each rule, with what it rested on.",
    body: [...rules.map((rule) => ruleArticle(rule, report, filesShown)), letIn(report, filesShown)],
  });
}

/** The indices of the decisions that the page shows, for links to them. */
export function shownDecisions(all: readonly Decision[]): ReadonlySet<number> {
  return new Set(byRule(all).flatMap((rule) => rule.slice(0, mostShown).map(({ index }) => index)));
}

function byRule(all: readonly Decision[]): readonly (readonly Numbered[])[] {
  const rules = new Map<string, Numbered[]>();
  for (const [index, decision] of all.entries()) {
    const key = `${decision.stage}/${decision.rule}`;
    const same = rules.get(key);
    if (same === undefined) rules.set(key, [{ decision, index }]);
    else same.push({ decision, index });
  }
  const pagesOf = (rule: readonly Numbered[]): number => rule.reduce((sum, { decision }) => sum + decision.pages, 0);
  return [...rules.values()].sort((a, b) => pagesOf(b) - pagesOf(a));
}

function ruleArticle(rule: readonly Numbered[], report: OwnerReport, filesShown: Set<string>): Content {
  const [first] = rule;
  if (first === undefined) return null;
  const { stage, rule: name, meaning } = first.decision;
  const pages = rule.reduce((sum, { decision }) => sum + decision.pages, 0);
  const cases = rule.reduce((sum, { decision }) => sum + decision.evidences, 0);
  const rest = rule.length - mostShown;
  return html`<article class="rule" id="${ruleAnchor(stage, name)}">
<h3>${meaning}</h3>
<p class="rule-name"><b>${counted(pages, "page")}</b> by <code>${stage} / ${name}</code>${
    cases > 1 ? html`, in ${count(cases)} different cases` : null
  }</p>
${rule.slice(0, mostShown).map((item, i) => decisionBlock(item, i === 0 || (i < openShown && item.decision.robots !== null), rule.length > 1, report, filesShown))}
${
  rest > 0
    ? html`<p class="note">${counted(rest, "more case")} of this rule, with ${counted(
        rule.slice(mostShown).reduce((sum, { decision }) => sum + decision.pages, 0),
        "page",
      )}, are in the JSON report.</p>`
    : null
}
</article>
`;
}

function decisionBlock(
  { decision, index }: Numbered,
  open: boolean,
  oneOfSeveral: boolean,
  report: OwnerReport,
  filesShown: Set<string>,
): Content {
  const { robots } = decision;
  // The only page of a case is its title.
  const titled = oneOfSeveral && robots === null && decision.pages === 1;
  const body = html`${robots === null ? evidenceBlock(decision) : robotsBlock(decision, robots, report, filesShown)}${titled ? null : examples(decision)}`;
  const id = `decision-${index + 1}`;
  if (!oneOfSeveral) return html`<div class="decision" id="${id}">${body}</div>`;
  return html`<details class="decision" id="${id}"${open ? html` open` : null}><summary>${caseTitle(decision)}</summary>${body}</details>\n`;
}

function caseTitle({ pages, robots, evidences, examples: [example] }: Decision): Content {
  const number = html`<b>${counted(pages, "page")}</b>`;
  if (evidences > 1) return html`${number} · ${count(evidences)} rarer cases together`;
  if (robots !== null) {
    const [line] = robots.lines;
    const at = line === undefined ? stateName(robots.capture.state) : `line ${count(line.line)}`;
    return html`${number} · ${raw(robots.authority)} of ${day(robots.capture.captured_at)}, ${at}`;
  }
  return example === undefined ? number : html`${number} · ${raw(shortened(example, 90))}`;
}

/** Beginning and end of an address that is too long. */
function shortened(url: string, most: number): string {
  return url.length > most ? `${url.slice(0, most - 27)} … ${url.slice(-24)}` : url;
}

function examples({ examples: urls, pages }: Decision): Content {
  if (urls.length === 0) return null;
  const different = [...new Set(urls)];
  const title = urls.length < pages ? "For example" : different.length === 1 ? "The page" : "The pages";
  return html`<div class="examples"><h4>${title}</h4><ul class="plain">${different.map((url) => html`<li>${raw(shortened(url, 300))}</li>`)}</ul></div>`;
}

function evidenceBlock({ evidence, evidence_id, evidences, pages }: Decision): Content {
  if (evidences > 1) {
    return html`<p class="note">${counted(pages, "page")} with ${count(evidences)} different pieces of evidence, put together here; each page’s own is in the corpus, under the document’s id.</p>`;
  }
  if (evidence === null || evidence === undefined) return html`<p class="note">The rule keeps no evidence beside its name.</p>`;
  return html`${evidenceList(evidence)}${evidence_id === null ? null : html`<p class="note">Evidence ${raw(evidence_id)}</p>`}`;
}

function robotsBlock(
  { evidence_id }: Decision,
  robots: RobotsDecisionShown,
  { files, corpus }: OwnerReport,
  filesShown: Set<string>,
): Content {
  const { capture, lines } = robots;
  const file: CapturedFile | undefined = capture.sha256 === null ? undefined : files[capture.sha256];
  const whole = capture.sha256 !== null && !filesShown.has(capture.sha256);
  if (capture.sha256 !== null) filesShown.add(capture.sha256);
  const label = `robots.txt of ${capture.authority}, captured on ${day(capture.captured_at)}`;
  return html`${
    file === undefined && lines.length === 0
      ? null
      : html`<p class="code-title">${raw(`${capture.authority}/robots.txt`)}<span class="aside">captured on ${moment(capture.captured_at)}</span></p>${fileView(file, lines, label, whole)}`
  }${lines.length === 0 ? null : linesTable(lines)}${facts([
    ...(capture.state === "rules" ? [] : [{ term: "What was found", value: stateName(capture.state) }]),
    {
      term: "Captured",
      value: html`${moment(capture.captured_at)}${capture.status === 0 ? null : `, HTTP status ${capture.status}`}`,
    },
    ...siteFact(robots),
    { term: "Which file speaks", value: html`${policySentence(robots)}` },
    ...readingFact(lines),
    ...(corpus.policy === null ? [] : [{ term: "List of agents", value: raw(corpus.policy.profile) }]),
    {
      term: "File",
      value: html`${bytes(capture.bytes)}${capture.sha256 === null ? null : html`, SHA-256 ${raw(capture.sha256)}`}`,
    },
    { term: "Where the record lies", value: placeText(capture.place) },
    ...(evidence_id === null ? [] : [{ term: "Evidence", value: raw(evidence_id) }]),
  ])}`;
}

function readingFact(lines: RobotsDecisionShown["lines"]): readonly Fact[] {
  const modes = sharedModes(lines);
  return modes === undefined ? [] : [{ term: "How it is read", value: listed(modes.map(readingName)) }];
}

function siteFact({ authority, capture, fallback }: RobotsDecisionShown): readonly Fact[] {
  if (authority === capture.authority) return [];
  return [{ term: "Site of the pages", value: html`${raw(authority)}; the file was found at ${fallbackName(fallback)}` }];
}

/** The readings, where all lines have the same: then they are said once. */
function sharedModes(lines: RobotsDecisionShown["lines"]): readonly string[] | undefined {
  const [first] = lines;
  return lines.every(({ modes }) => modes.join() === first?.modes.join()) ? first?.modes : undefined;
}

function linesTable(lines: RobotsDecisionShown["lines"]): Markup {
  const shared = sharedModes(lines) !== undefined;
  return html`<dl class="deciding">${lines.map(
    ({ line, groups, agents, modes }) =>
      html`<div><dt>Line ${count(line)}</dt><dd>disallows the pages to ${listedAgents(agents)}${underGroups(groups)}${shared ? null : `, read ${listed(modes.map(readingName))}`}.</dd></div>`,
  )}</dl>`;
}

function listedAgents(agents: readonly string[]): Content {
  const shown = agents.slice(0, 20).map((agent) => html`<b>${agent}</b>`);
  return html`${join(shown, ", ")}${agents.length > 20 ? ` and ${count(agents.length - 20)} more agents` : null}`;
}
