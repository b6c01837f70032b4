/**
 * Domains by size. Host keys are read sorted label by label, so that a registrable domain's hosts come one behind the other and
 * only the largest domains are ever held.
 */
import { getDomain } from "tldts";
import { optOutStages } from "../../filters/index.js";
import { literal, type Sql } from "../../formats/index.js";
import type { CorpusTables } from "../corpus-tables.js";
import { retractStage } from "../retract/rules.js";
import type { CorpusSummary, DomainSize } from "./model.js";

type Domains = Pick<
  CorpusSummary,
  "domains" | "domains_total" | "domain_sizes" | "domains_opted_out" | "domains_opted_out_total"
>;

export async function domainSizes(sql: Sql, tables: CorpusTables, shown: number): Promise<Domains> {
  const largest = new Largest(shown, bySize);
  const optedOut = new Largest(shown, byOptOuts);
  const sizes: { from: number; domains: number; documents: number }[] = [];
  let total = 0;
  const take = (domain: DomainSize): void => {
    total++;
    const documents = domain.kept + domain.dropped;
    const power = Math.floor(Math.log10(documents) + 1e-9);
    for (let i = sizes.length; i <= power; i++) sizes.push({ from: 10 ** i, domains: 0, documents: 0 });
    const size = sizes[power];
    if (size !== undefined) {
      size.domains++;
      size.documents += documents;
    }
    largest.add(domain);
    if (domain.opted_out > 0) optedOut.add(domain);
  };
  let open: DomainSize | undefined;
  for await (const { labels, ...counts } of hosts(sql, tables)) {
    const domain = domainOf(labels);
    if (open?.domain === domain) {
      open = {
        domain,
        kept: open.kept + counts.kept,
        dropped: open.dropped + counts.dropped,
        opted_out: open.opted_out + counts.opted_out,
        tokens: open.tokens + counts.tokens,
      };
    } else {
      if (open !== undefined) take(open);
      open = { domain, ...counts };
    }
  }
  if (open !== undefined) take(open);
  return {
    domains: largest.first,
    domains_total: total,
    domains_opted_out: optedOut.first,
    domains_opted_out_total: optedOut.added,
    domain_sizes: sizes,
  };
}

/** The first so many of an order, of however many there are. */
class Largest {
  readonly #held: DomainSize[] = [];
  added = 0;

  constructor(
    private readonly most: number,
    private readonly order: (a: DomainSize, b: DomainSize) => number,
  ) {}

  add(domain: DomainSize): void {
    this.added++;
    this.#held.push(domain);
    if (this.#held.length >= 4 * this.most + 64) this.#held.sort(this.order).splice(this.most);
  }

  get first(): readonly DomainSize[] {
    return this.#held.sort(this.order).slice(0, this.most);
  }
}

function byOptOuts(a: DomainSize, b: DomainSize): number {
  return b.opted_out - a.opted_out || bySize(a, b);
}

function bySize(a: DomainSize, b: DomainSize): number {
  return b.tokens - a.tokens || b.kept + b.dropped - a.kept - a.dropped || (a.domain < b.domain ? -1 : 1);
}

/** Stages whose drops are owners' wishes, as an SQL list. */
const optOuts = [...optOutStages, retractStage].map(literal).join(", ");

interface HostCounts extends Omit<DomainSize, "domain"> {
  /** Reversed labels, parted by a character that no host has and that sorts before all that it may have. */
  readonly labels: string;
}

async function* hosts(sql: Sql, tables: CorpusTables): AsyncGenerator<HostCounts> {
  const [documents, ledger] = [tables.from("documents"), tables.from("ledger")];
  const tokens = (await tables.with(sql, "documents", "tokens")) === undefined ? "0" : "tokens";
  const parts = [
    documents && `SELECT host_key, 1 AS kept, 0 AS dropped, 0 AS opted_out, ${tokens} AS tokens FROM ${documents}`,
    ledger && `SELECT host_key, 0, 1, (stage IN (${optOuts}))::INTEGER, 0 FROM ${ledger}`,
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return;
  const sum = (column: string): string => `sum(${column})::DOUBLE AS ${column}`;
  yield* sql.rows(
    `SELECT replace(regexp_replace(host_key, ':[0-9]+$', ''), ',', chr(1)) AS labels,
       ${["kept", "dropped", "opted_out", "tokens"].map(sum).join(", ")}
     FROM (${parts.join(" UNION ALL ")}) GROUP BY 1 ORDER BY 1`,
  ) as unknown as AsyncGenerator<HostCounts>;
}

function domainOf(labels: string): string {
  if (labels === "") return "";
  const address = labels.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(labels);
  if (address) return labels;
  const host = labels.split("\u0001").reverse().join(".");
  return getDomain(host, { allowPrivateDomains: false }) ?? host;
}
