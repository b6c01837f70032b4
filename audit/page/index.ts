/** The owner's report as a page: its summary as plain HTML. */
import type { OwnerReport } from "../owner/model.js";

export function renderOwnerPage({ subject, summary }: OwnerReport): string {
  const rules = summary.by_rule.map(
    ({ stage, rule, meaning, pages }) => `<li>${pages} ${escaped(`${stage}/${rule}: ${meaning}`)}</li>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'"><title>${escaped(subject.host)}</title></head>
<body><h1>${escaped(subject.url ?? subject.host)}</h1>
<p>${summary.read} pages read, ${summary.in} in, ${summary.out} out, ${summary.unreadable} unreadable</p>
<ul>${rules.join("")}</ul></body></html>
`;
}

function escaped(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
