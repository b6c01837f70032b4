/** Why pages are in: the robots.txt that was asked about them, where one capture alone decided for a site, and lets them through. */
import type { OwnerReport, Site, SiteCapture } from "../../owner/model.js";
import { type Content, html } from "../markup.js";
import { facts, raw } from "../section.js";
import { bytes, counted, day, moment } from "../wording.js";
import { fileView } from "./captured-file.js";
import { placeText } from "./place.js";

const mostSites = 5;

interface LetIn {
  readonly site: Site;
  readonly capture: SiteCapture;
}

export function letIn(report: OwnerReport, filesShown: Set<string>): Content {
  const sites = report.corpus.policy?.policy === "ever" ? [] : report.sites.flatMap(oneDecided);
  if (sites.length === 0 || report.summary.in === 0) return null;
  return html`<article class="rule" id="let-in"><h3>Pages that are in passed every rule</h3>
<p class="rule-name">Their site’s robots.txt was asked first, and lets them through:</p>
${sites.slice(0, mostSites).map((one) => letInBlock(one, report, filesShown))}</article>`;
}

/** The site's only deciding capture; with several, which one let a page in is known page by page alone. */
function oneDecided(site: Site): readonly LetIn[] {
  const decided = site.captures.filter((capture) => capture.decided);
  const [capture] = decided;
  return site.in === 0 || decided.length !== 1 || capture === undefined ? [] : [{ site, capture }];
}

function letInBlock({ site, capture }: LetIn, { files }: OwnerReport, filesShown: Set<string>): Content {
  const file = capture.sha256 === null ? undefined : files[capture.sha256];
  const whole = capture.sha256 !== null && !filesShown.has(capture.sha256);
  if (capture.sha256 !== null) filesShown.add(capture.sha256);
  const label = `robots.txt of ${capture.authority}, captured on ${day(capture.captured_at)}`;
  return html`<details class="decision"><summary><b>${counted(site.in, "page")}</b> · ${raw(site.authority)}, by its robots.txt of ${day(capture.captured_at)}</summary>
${file === undefined ? null : fileView(file, [], label, whole)}
${facts([
  { term: "Captured", value: moment(capture.captured_at) },
  {
    term: "File",
    value: html`${bytes(capture.bytes)}${capture.sha256 === null ? null : html`, SHA-256 ${raw(capture.sha256)}`}`,
  },
  { term: "Where the record lies", value: placeText(capture.place) },
])}</details>
`;
}
