/** What the report proves and what it does not, and how to check one decision with the tools of any machine. */
import type { Capture, CapturedFile, OwnerReport } from "../../owner/model.js";
import { type Content, html, lines, type Markup } from "../markup.js";
import { facts, raw, section } from "../section.js";
import { visible } from "../visible.js";
import { bytes, count, counted, moment } from "../wording.js";

/** Base64 that is short enough to stand in a command. */
const mostInline = 1600;
const mostInputs = 12;

export function limits(report: OwnerReport): Markup {
  const { corpus } = report;
  return section({
    id: "limits",
    title: "What this proves",
    body: html`<div class="columns"><div><h3>It proves</h3><ul class="prose">
<li>that the decisions shown follow from the evidence shown: captured bytes, their digests, their lines, and the stated rules;</li>
<li>that this list of pages agrees with the declared manifest of the corpus, whose digests are below;</li>
<li>that anyone with the captured files can repeat each decision, by hand or by program.</li>
</ul></div><div><h3>It does not prove</h3><ul class="prose">
<li>that a model was trained on this corpus, or on nothing else;</li>
<li>that copies of a text on other sites are absent: an opt-out by address does not follow them;</li>
<li>that the archive holds every page of the site, or every robots.txt that it ever had: only what was captured can be asked;</li>
<li>that a robots.txt said the same on the days between two captures.</li>
</ul></div></div>
${reread(report)}<h3>What it rests on</h3>
${facts([
  { term: "Manifest", value: html`SHA-256 ${raw(corpus.manifest_sha256)}` },
  { term: "Run", value: raw(corpus.run_digest) },
  { term: "Recipe", value: raw(corpus.recipe_digest) },
  {
    term: "Corpus",
    value: html`${count(corpus.documents)} documents, ${count(corpus.kept)} kept, ${count(corpus.tokens)} tokens`,
  },
  { term: "Stages", value: corpus.stages.map(({ name, version }) => `${name} (version ${version})`).join(", ") },
  ...(corpus.policy === null
    ? []
    : [
        { term: "Agents", value: html`${raw(corpus.policy.profile)}: ${corpus.policy.agents.join(", ")}` },
        ...(corpus.policy.robots_captures === null
          ? []
          : [{ term: "robots.txt archive", value: counted(corpus.policy.robots_captures, "capture") }]),
      ]),
])}
${inputs(report)}`,
  });
}

function reread({ corpus: { rereading } }: OwnerReport): Content {
  if (rereading === null) return null;
  const { made_with, read_with, differing } = rereading;
  return html`<p class="note">The run read robots.txt with version ${count(made_with)} of the filter, and this report with version ${count(read_with)}. ${
    differing === 0
      ? "Both decide the same on every page shown."
      : `${counted(differing, "page")} would be decided otherwise today: what is in and what is out is what the run recorded, and counts by policy are today’s.`
  }</p>`;
}

function inputs({ corpus }: OwnerReport): Content {
  if (corpus.inputs.length === 0) return null;
  const rest = corpus.inputs.length - mostInputs;
  return html`<details class="more-box${corpus.inputs.length > mostInputs ? " long" : ""}"><summary>${counted(corpus.inputs.length, "input file")}</summary><ul class="plain">${corpus.inputs
    .slice(0, mostInputs)
    .map(
      ({ input, source, sha256 }) => html`<li>${raw(input)} (${source}), SHA-256 ${raw(sha256)}</li>`,
    )}</ul>${rest > 0 ? html`<p class="note">${counted(rest, "more file")} in the JSON report.</p>` : null}</details>`;
}

export function byHand(report: OwnerReport): Markup | null {
  if (report.decisions.length === 0) return null;
  const decision = report.decisions.find(({ robots }) => robots !== null && robots.capture.sha256 !== null);
  const capture = decision?.robots?.capture;
  const file = capture?.sha256 == null ? undefined : report.files[capture.sha256];
  if (decision?.robots == null || capture?.sha256 == null || file === undefined) {
    return section({
      id: "by-hand",
      title: "Check it by hand",
      body: html`<p class="empty">No captured robots.txt decided on a page of this report, so there is no file to check. The evidence of each decision is named by its SHA-256 in the JSON report.</p>`,
    });
  }
  const [line] = decision.robots.lines;
  return section({
    id: "by-hand",
    title: "Check it by hand",
    lead: html`The first decision of this report, repeated without this program: the robots.txt of ${raw(capture.authority)}, captured on ${moment(capture.captured_at)}.`,
    body: html`<ol class="steps">
${storedStep(file, capture.sha256)}
${line === undefined ? null : html`<li><h3>Read the line that decided</h3>${command(`sed -n ${line.line}p robots.txt`)}${expected(line.raw)}<p class="note">Its group starts at the agent line above it${line.groups.length === 0 ? "" : html`, which names ${raw(line.groups[0] ?? "")}`}; RFC 9309 says how a group and a rule are chosen.</p></li>`}
${archiveStep(capture)}
${indexStep(capture)}
</ol>`,
  });
}

function storedStep(file: CapturedFile, sha256: string): Markup {
  return html`<li><h3>Hash the stored bytes</h3><p>${
    inline(file)
      ? "The whole file stands in this command, so nothing but this page is needed."
      : "The JSON report beside this page, here called report.json, holds the file; jq takes it out."
  }</p>${command(`${decoded(file)} > robots.txt\nsha256sum robots.txt`)}${expected(`${sha256}  robots.txt`)}</li>`;
}

function inline(file: CapturedFile): boolean {
  return file.base64 !== null && file.base64.length <= mostInline;
}

function decoded(file: CapturedFile): string {
  return inline(file)
    ? `echo ${quoted(file.base64 ?? "")} | base64 -d`
    : `jq -r '.files["${file.sha256}"].base64' report.json | base64 -d`;
}

/** Cuts the record out of the web archive, then the headers of WARC and of HTTP, then exactly the body. */
function archiveStep(capture: Capture): Content {
  const { file, offset, length, unit } = capture.place;
  if (unit === "row") return null;
  const crawl = /^(?:crawl-data\/)?(CC-MAIN-[0-9-]+\/.*)$/.exec(file)?.[1];
  const inflate = unit === "inflated" ? "" : /\.gz$/i.test(file) ? " | gunzip" : /\.zst$/i.test(file) ? " | zstd -dc" : "";
  const last = offset + length - 1;
  const cut =
    unit === "inflated"
      ? `gunzip -c ${quoted(file)} | tail -c +${offset + 1} | head -c ${length}`
      : crawl === undefined
        ? `tail -c +${offset + 1} ${quoted(file)} | head -c ${length}${inflate}`
        : `curl -s -r ${offset}-${last} ${quoted(`https://data.commoncrawl.org/crawl-data/${crawl}`)}${inflate}`;
  const body = `LC_ALL=C sed '1,/^\\r*$/d' | LC_ALL=C sed '1,/^\\r*$/d' | head -c ${capture.bytes} | sha256sum`;
  return html`<li><h3>Take it from the web archive</h3><p>The record is ${bytes(length)} long and starts at byte ${count(offset)} of ${raw(file)}${
    crawl === undefined ? ", which whoever made the corpus can hand out" : ", which is public"
  }. Two header blocks are cut off: the archive’s own and HTTP’s.</p>${command(`${cut} \\\n  | ${body}`)}${expected(`${capture.sha256}  -`)}<p class="note">If the server sent the body compressed or in chunks, undo that before hashing.${
    crawl === undefined
      ? html` Where the file lies on a web server, <code>curl -s -r ${offset}-${last} URL</code> fetches the record alone.`
      : null
  }</p></li>`;
}

/** The public index of the crawl that the record is from. */
function indexStep({ authority, place }: Capture): Content {
  const crawl = /CC-MAIN-\d{4}-\d{2}(?=\/)/.exec(place.file)?.[0];
  if (crawl === undefined) return null;
  const address = `https://index.commoncrawl.org/${crawl}-index?url=${encodeURIComponent(`${authority}/robots.txt`)}&output=json`;
  return html`<li><h3>Look it up in the public index</h3><p>The index of the crawl lists the same file, offset and length:</p>${command(`curl -s ${quoted(address)}`)}</li>`;
}

/** One argument of a POSIX shell, whatever it holds. */
function quoted(text: string): string {
  return `'${visible(text, 10_000).replaceAll("'", "'\\''")}'`;
}

function command(text: string): Markup {
  const commands = text.split(/(?<!\\)\n/).map((one) => html`<span class="prompt">${lines(one, 10_000)}</span>`);
  return html`<pre class="command" tabindex="0" role="group" aria-label="Command">${commands}</pre>`;
}

function expected(text: string): Markup {
  return html`<pre class="expected" tabindex="0" role="group" aria-label="Expected output">${text}</pre>`;
}
