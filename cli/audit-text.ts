/** An owner's report, and the explanation of one page, in plain words for a terminal. What came from the web is made printable. */
import type { Decision, Explanation, OwnerReport, PolicyOutcome, RobotsExplanation } from "../audit/index.js";
import { printable } from "./exit.js";
import { count } from "./numbers.js";
import { table } from "./table.js";

/** Decisions and lines that are printed; the files have all. */
const shown = 10;

export function summaryText(report: OwnerReport): string {
  const { subject, corpus, summary, decisions, policies, what_if } = report;
  const of = subjectName(report);
  if (summary.read === 0) return `no page of ${of} was read for the corpus ${corpus.name}\n`;
  const span = [summary.first_capture, summary.last_capture].map((time) => time?.slice(0, 10));
  const lines = [
    `${of} in the corpus ${corpus.name}, version ${corpus.version}`,
    "",
    `${count(summary.read)} ${pages(summary.read)} read${span[0] === undefined ? "" : `, captured from ${span[0]} to ${span[1]}`}`,
    `  ${count(summary.in)} in${summary.in === 0 ? "" : ` (${count(summary.tokens)} tokens)`}`,
    `  ${count(summary.out)} out${summary.retracted === 0 ? "" : `, ${count(summary.retracted)} of them taken out after the run`}`,
  ];
  if (summary.unreadable > 0) lines.push(`  ${count(summary.unreadable)} unreadable`);
  for (const { stage, rule, meaning, pages: out } of summary.by_rule) {
    lines.push("", `${count(out)} out by ${stage}/${rule}`, `  ${meaning}`);
    const own = decisions.filter((decision) => decision.stage === stage && decision.rule === rule);
    lines.push(...own.slice(0, shown).flatMap(decisionLines));
    if (own.length > shown) lines.push(`  and ${count(own.length - shown)} more, in the files`);
  }
  if (policies.length > 0) lines.push("", policyTable(policies));
  if (what_if !== null) {
    lines.push(
      "",
      `With this robots.txt ${count(what_if.disallowed)} would be left out by it, ${count(what_if.allowed)} let through;`,
    );
    lines.push(`${count(what_if.changes_total)} ${pages(what_if.changes_total)} would change sides.`);
    for (const { url, from, to } of what_if.changes.slice(0, shown)) lines.push(`  ${from} → ${to}  ${url}`);
  }
  if (subject.scope === "url")
    lines.push(...report.pages.slice(0, shown).map((page) => `${page.status}  ${page.url}  ${page.captured_at}`));
  return printable(`${lines.join("\n")}\n`);
}

/** One page, step by step. */
export function explanationText(url: string, explanations: readonly Explanation[]): string {
  if (explanations.length === 0) return printable(`no page with the address ${url} was read`);
  return printable(explanations.map(oneExplanation).join("\n\n"));
}

function oneExplanation({ page, decision, policy, robots }: Explanation): string {
  const lines = [
    page.url,
    `  captured ${page.captured_at ?? "at a time that is not known"}, record ${page.place.record_id}`,
    `  in ${page.place.file}, ${page.place.unit} ${page.place.offset} + ${page.place.length}`,
    `  ${page.status === "in" ? "is in" : `is ${page.status}: ${page.stage}/${page.rule}`}`,
  ];
  if (decision !== null) lines.push(`  ${decision.meaning}`, `  evidence ${decision.evidence_id}`);
  if (policy !== null) {
    const day = policy.as_of === null ? "" : ` ${policy.as_of}`;
    lines.push(
      "",
      `policy ${policy.policy}${day}, modes ${policy.modes.join(" or ")}, ${policy.agents.length} agents of ${policy.profile}`,
    );
  }
  if (robots !== null) lines.push(...robotsLines(robots));
  return lines.join("\n");
}

function robotsLines(robots: RobotsExplanation): readonly string[] {
  const lines = [
    `1. whose robots.txt: ${robots.authority}; its rules are compared with ${robots.target}`,
    `2. looked for at ${robots.candidates.map(({ authority, fallback }) => `${authority} (${fallback})`).join(", ")}`,
    `3. captures: ${robots.captures.length === 0 ? "none" : ""}`,
  ];
  for (const { captured_at, authority, state, spoke, sha256 } of robots.captures) {
    lines.push(`   ${spoke ? "→" : " "} ${captured_at}  ${authority}  ${state}  ${sha256 ?? ""}`);
  }
  const denied = robots.agents.filter(({ counts }) => counts.some(({ allowed }) => !allowed));
  lines.push(`4. agents: ${denied.length} of ${robots.agents.length} are disallowed`);
  const alike = new Map<string, string[]>();
  for (const { agent, counts, others } of robots.agents) {
    const says = [...counts, ...others].map(({ mode, allowed, reason, group, rule }) => {
      const why = rule === null ? reason : `line ${rule.line}: ${rule.raw.trimEnd()}  (group ${group})`;
      return `     ${mode.padEnd(8)}${allowed ? "allowed" : "DISALLOWED"}  ${why}`;
    });
    const agents = alike.get(says.join("\n"));
    if (agents === undefined) alike.set(says.join("\n"), [agent]);
    else agents.push(agent);
  }
  for (const [says, agents] of alike) lines.push(`   ${agents.join(", ")}`, says);
  lines.push(
    `5. so robots.txt ${robots.allowed ? "lets the page through" : "leaves the page out"}, ${robots.as_recorded ? "as the corpus records" : "other than the corpus records, which an older version of the filter made"}`,
  );
  if (robots.second_opinion === null) {
    lines.push("6. no second opinion: there are no rules, or robots-parser is not installed (npm install robots-parser)");
    return lines;
  }
  const differing = robots.second_opinion.filter(({ agent, allowed }) => {
    const rfc = robots.agents.find((own) => own.agent === agent);
    return [...(rfc?.counts ?? []), ...(rfc?.others ?? [])].some((own) => own.mode === "rfc" && own.allowed !== allowed);
  });
  lines.push(
    differing.length === 0
      ? `6. second opinion: robots-parser says the same of all ${robots.second_opinion.length} agents as mode rfc`
      : `6. second opinion: robots-parser differs from mode rfc for ${differing
          .map(
            ({ agent, allowed, line }) =>
              `${agent} (${allowed ? "allowed" : "disallowed"}, ${line === null ? "no line" : `line ${line}`})`,
          )
          .join(", ")}`,
  );
  return lines;
}

function decisionLines({ pages: out, evidences, robots, examples }: Decision): readonly string[] {
  if (robots === null)
    return evidences === 1
      ? [`  ${count(out)}: ${examples[0] ?? ""}`]
      : [`  ${count(out)} of ${count(evidences)} kinds, as ${examples[0] ?? ""}`];
  const { capture, lines } = robots;
  return [
    `  ${count(out)} by the robots.txt of ${capture.authority} captured ${capture.captured_at.slice(0, 10)} (${capture.state})`,
    ...lines.slice(0, shown).map(({ line, raw, agents }) => `    line ${line}: ${raw.trimEnd()}  for ${agents.join(", ")}`),
  ];
}

function policyTable(policies: readonly PolicyOutcome[]): string {
  const rows = policies.map(({ policy, as_of, in_force, allowed, disallowed, without_capture }) => [
    `${policy}${as_of === null ? "" : ` ${as_of}`}${in_force ? "  (in force)" : ""}`,
    count(allowed),
    count(without_capture),
    count(disallowed),
  ]);
  return table(["by robots.txt alone", "let through", "of those, no capture", "left out"], rows);
}

function subjectName({ subject }: OwnerReport): string {
  return subject.url ?? (subject.scope === "domain" ? `${subject.host} and its sub-domains` : subject.host);
}

function pages(number: number): string {
  return number === 1 ? "page" : "pages";
}
