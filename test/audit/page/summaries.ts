/** Corpora as a whole that the summary's page is tested with, and looked at: a large one, empty ones, and one that means harm. */
import type { CorpusSummary, MonthFlow, Share, StageFlow } from "../../../audit/summary/model.js";
import { publishedAgents, publishedSource } from "../../../audit/summary/published.js";
import { agents, sha256 } from "./fixtures.js";

export function stage(
  name: string,
  into: number,
  dropped: Readonly<Record<string, number>>,
  rest: Partial<StageFlow> = {},
): StageFlow {
  const left = Object.values(dropped).reduce((sum, documents) => sum + documents, 0);
  return {
    name,
    version: 1,
    parameters: {},
    assets: [],
    in: into,
    out: into - left,
    dropped: Object.entries(dropped)
      .map(([rule, documents]) => ({ rule, meaning: `A sentence that says what ${rule} is for.`, documents }))
      .sort((a, b) => b.documents - a.documents),
    ...rest,
  };
}

/** A corpus of which nothing is known but its name: no stage, no run, no document. */
export function nothing(rest: Partial<CorpusSummary> = {}): CorpusSummary {
  return {
    format: "apertus-audit-summary",
    format_version: 1,
    corpus: {
      name: "nothing",
      run_digest: sha256("run"),
      recipe_digest: sha256("recipe"),
      version: 0,
      recipe: { version: 1, stages: [] },
      tokenizer: null,
      shards: 0,
      inputs: [],
    },
    totals: {
      records: 0,
      skipped: {},
      documents: 0,
      kept: 0,
      retracted: 0,
      dropped: 0,
      quarantined: 0,
      tokens: 0,
      text_bytes: 0,
      retracted_tokens: 0,
    },
    stages: [],
    retractions: [],
    domains: [],
    domains_total: 0,
    domains_opted_out: [],
    domains_opted_out_total: 0,
    domain_sizes: [],
    languages: [],
    scripts: [],
    months: [],
    consent: null,
    redactions: {},
    quarantine: [],
    runs: [],
    ...rest,
  };
}

/** Documents were read, and a rule left out each of them. */
export function allDropped(): CorpusSummary {
  const empty = nothing();
  return nothing({
    corpus: { ...empty.corpus, name: "all-dropped", inputs: [{ source: "texts", files: 1, units: 1 }] },
    totals: { ...empty.totals, records: 1, documents: 1, dropped: 1 },
    stages: [stage("quality", 1, { "too-few-words": 1 })],
    months: [{ month: null, kept: 0, dropped: { "quality/too-few-words": 1 } }],
    domains: [{ domain: "", kept: 0, dropped: 1, opted_out: 0, tokens: 0 }],
    domains_total: 1,
    domain_sizes: [{ from: 1, domains: 1, documents: 1 }],
    runs: [run(0, 0.4)],
  });
}

/** A run kept a few texts without asking for opt-outs, and a later version took two away. */
export function retracted(): CorpusSummary {
  const empty = nothing();
  return nothing({
    corpus: { ...empty.corpus, name: "retracted", version: 3, shards: 1, tokenizer: "apertus" },
    totals: {
      ...empty.totals,
      records: 12,
      documents: 12,
      kept: 12,
      retracted: 2,
      tokens: 4000,
      text_bytes: 16_000,
      retracted_tokens: 1000,
    },
    stages: [stage("extract", 12, {}), stage("tokenize", 12, {})],
    retractions: [{ rule: "host-request", meaning: "The owner of the site asked that its pages be taken out.", documents: 2 }],
    months: [{ month: "2024-05", kept: 10, dropped: { "retract/host-request": 2 } }],
    domains: [{ domain: "example.org", kept: 10, dropped: 2, opted_out: 2, tokens: 4000 }],
    domains_total: 1,
    domain_sizes: [{ from: 10, domains: 1, documents: 12 }],
  });
}

function run(day: number, seconds: number, energy: number | null = null): CorpusSummary["runs"][number] {
  return {
    ended: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(),
    seconds,
    workers: 96,
    peak_memory_bytes: 412e9,
    seconds_by_stage: {
      read: seconds * 8,
      consent: seconds * 3,
      extract: seconds * 40,
      language: seconds * 9,
      tables: seconds,
    },
    energy_joules: energy,
  };
}

/** A whole number between 0 and `most` that depends on nothing but its arguments. */
function draw(text: string, most: number): number {
  return Math.floor((Number.parseInt(sha256(text).slice(0, 8), 16) / 2 ** 32) * (most + 1));
}

const qualityRules = [
  "too-few-words",
  "duplicate-lines",
  "repeated-5grams",
  "few-alphabetic-words",
  "hash-symbols",
  "ellipsis-lines",
  "bullet-lines",
  "short-lines",
  "long-words",
];

/** Billions of documents, sixty months, two hundred languages, fifteen crawlers, eleven stages. */
export function vast(): CorpusSummary {
  const documents = 6_214_338_127;
  const optedOut = 803_221_440;
  const afterConsent = documents + 12_345_678 - optedOut;
  const afterExtract = afterConsent - 12_345_678;
  const quality = Object.fromEntries(qualityRules.map((rule, i) => [rule, Math.round(412_000_000 / (i + 1) ** 1.6)]));
  const left = Object.values(quality).reduce((sum, number) => sum + number, 0);
  const afterQuality = afterExtract - left - 220_117;
  const toxic = 9_212_004;
  const doubles = { "exact-duplicate": 700_112_909, "near-duplicate": 411_000_233 };
  const kept = afterQuality - toxic - doubles["exact-duplicate"] - doubles["near-duplicate"];
  const dropped = documents - kept - 220_117;
  const tokens = 5_031_225_878_112;
  const languages = shares(200, kept, tokens, languageCode);
  return nothing({
    corpus: {
      name: "apertus-web-2026-multilingual-with-a-long-name",
      run_digest: sha256("run"),
      recipe_digest: sha256("recipe"),
      version: 0,
      recipe: {
        version: 1,
        name: "vast",
        stages: [{ consent: { policy: "as-of", agents: [...agents] } }, { quality: { max_words: 100_000 } }],
      },
      tokenizer: "apertus",
      shards: 19_204,
      inputs: [
        { source: "commoncrawl-2013-2024", files: 7_200_000, units: 9_000_123 },
        { source: "books", files: 12, units: 40 },
      ],
    },
    totals: {
      records: 18_700_112_331,
      skipped: {
        request: 6_000_000_000,
        metadata: 6_000_000_000,
        warcinfo: 7_200_000,
        "empty-extraction": 12_345_678,
        status: 466_228_526,
      },
      documents,
      kept,
      retracted: 0,
      dropped,
      quarantined: 220_117,
      tokens,
      text_bytes: 20_311_404_221_999,
      retracted_tokens: 0,
    },
    stages: [
      stage(
        "consent",
        documents + 12_345_678,
        { "robots-disallow": optedOut },
        {
          parameters: { policy: "as-of", as_of: "2025-01-31", modes: ["rfc", "intent"], accept_damaged: false },
          assets: [{ name: "robots-archive", sha256: sha256("archive") }],
        },
      ),
      stage("extract", afterConsent, {}),
      stage("language", afterExtract, {}, { parameters: { allow: [], min_confidence: null } }),
      stage("quality", afterExtract, quality),
      stage("toxicity", afterQuality, { "obscene-words": toxic }),
      stage("duplicates", afterQuality - toxic, doubles),
      stage("pii", kept, {}),
      stage("tokenize", kept, {}),
    ],
    domains: Array.from({ length: 100 }, (_, i) => ({
      domain: `${["news", "forum", "archive", "shop"][i % 4]}-${i}.example`,
      kept: Math.round(9e6 / (i + 1)),
      dropped: draw(`dropped ${i}`, 3e6 / (i + 1)) + 1000,
      opted_out: i % 3 === 0 ? 1000 : 0,
      tokens: Math.round(9e9 / (i + 1)),
    })),
    domains_total: 31_204_112,
    domains_opted_out: Array.from({ length: 100 }, (_, i) => ({
      domain: `paper-${i}.example`,
      kept: 0,
      dropped: Math.round(4e6 / (i + 1)),
      opted_out: Math.round(4e6 / (i + 1)),
      tokens: 0,
    })),
    domains_opted_out_total: 2_121_004,
    domain_sizes: [17_000_000, 11_000_000, 2_900_000, 290_000, 13_500, 600, 12].map((domains, power) => ({
      from: 10 ** power,
      domains,
      documents: domains * 3.2 * 10 ** power,
    })),
    languages,
    scripts: shares(24, kept, tokens, (i) => ["Latn", "Cyrl", "Hani", "Arab", "Deva", "Grek"][i] ?? `Q${letters(i, 3)}`),
    months: [
      ...Array.from({ length: 60 }, (_, i): MonthFlow => {
        const all = Math.round(kept / 61);
        return {
          month: `${2020 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}`,
          kept: all,
          dropped: {
            "consent/robots-disallow": Math.round((optedOut / 61) * (0.3 + (1.4 * i) / 59)),
            ...Object.fromEntries(
              Object.entries(quality).map(([rule, number]) => [`quality/${rule}`, draw(`${rule} ${i}`, number / 30)]),
            ),
            "duplicates/exact-duplicate": draw(`double ${i}`, doubles["exact-duplicate"] / 30),
            "duplicates/near-duplicate": draw(`near ${i}`, doubles["near-duplicate"] / 30),
          },
        };
      }),
      { month: null, kept: Math.round(kept / 61), dropped: { "quality/too-few-words": 1_000_000 } },
    ],
    consent: {
      policy: "as-of",
      as_of: "2025-01-31",
      modes: ["rfc", "intent"],
      profile: "apertus-2025-01",
      pages: 5_900_000_000,
      with_rules: 4_100_000_000,
      without_rules: {
        "no-capture": 1_500_000_000,
        "unavailable-4xx": 200_000_000,
        "not-robots": 90_000_000,
        empty: 10_000_000,
      },
      any: optedOut,
      agents: agents.map((agent, i) => {
        const pages = Math.round((optedOut * 0.8) / (1 + i * 0.4));
        return {
          agent,
          pages,
          by_mode: { rfc: pages - 1000, intent: pages, protego: pages - 5000 },
          published: publishedAgents.get(agent) ?? null,
        };
      }),
      published_source: publishedSource,
    },
    redactions: { email: 412_000_111, ip: 9_000_001, iban: 120_331 },
    quarantine: [{ reason: "damaged-gzip", documents: 220_117, example: "CC-MAIN-20240101000000-00000.warc.gz at 123456" }],
    runs: [run(0, 812_345, 9.2e11), run(40, 4_000), run(41, 91_000, 1.1e11)],
  });
}

function letters(value: number, length: number): string {
  return Array.from({ length }, (_, i) => String.fromCharCode(97 + (Math.floor(value / 26 ** i) % 26))).join("");
}

function languageCode(i: number): string {
  const known = ["eng", "deu", "rus", "jpn", "spa", "fra", "ita", "por", "zho", "nld", "pol", "tur", "ces", "kor", "ell"];
  return `${known[i] ?? letters(i, 3)}_${i % 3 === 2 ? "Cyrl" : "Latn"}`;
}

function shares(number: number, documents: number, tokens: number, label: (i: number) => string): readonly Share[] {
  const weights = Array.from({ length: number }, (_, i) => 1 / (i + 1) ** 1.4);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight, i) => ({
    label: label(i),
    documents: Math.round((documents * weight) / whole),
    tokens: Math.round((tokens * weight) / whole),
    text_bytes: 0,
    retracted_tokens: 0,
  }));
}

/** What breaks out of markup, attributes, styles and lines of text. */
export const evil = [
  '</style><script>alert(1)</script><b x="',
  "\u202egpj.exe\u202c\u0000\u001b[31m",
  "<img src=x onerror=alert(1)>",
  '" style="position:fixed" onmouseover="alert(1)',
  "javascript:alert(1)",
  `x${"\u0301".repeat(80)}`,
  "a".repeat(5000),
  "--><svg onload=alert(1)>",
  "{{alert(1)}}`",
];

function bad(i: number): string {
  return evil[i % evil.length] ?? "";
}

/** Every text in it wants to be something else. */
export function hostile(): CorpusSummary {
  const rules = Object.fromEntries(evil.map((rule, i) => [rule, 100 - i]));
  const left = Object.values(rules).reduce((sum, documents) => sum + documents, 0);
  const base = nothing();
  const domains = evil.map((domain, i) => ({ domain, kept: 10 + i, dropped: i, opted_out: i, tokens: 1000 - i }));
  return nothing({
    corpus: {
      ...base.corpus,
      name: bad(0),
      tokenizer: bad(1),
      version: 1,
      shards: 1,
      recipe: { [bad(0)]: evil, stages: [{ [bad(2)]: { [bad(3)]: bad(4) } }] },
      inputs: evil.map((source) => ({ source, files: 1, units: 1 })),
    },
    totals: {
      ...base.totals,
      records: 2000,
      skipped: Object.fromEntries(evil.map((reason, i) => [reason, i])),
      documents: 2000 - 36,
      kept: 2000 - 36 - left - 9,
      dropped: left,
      quarantined: 9,
      retracted: 1,
      tokens: 9000,
      text_bytes: 30_000,
      retracted_tokens: 0,
    },
    stages: [
      ...evil.map((name) => stage(name, 2000 - 36, {})),
      stage(bad(0), 2000 - 36, rules, {
        parameters: { [bad(3)]: evil, deep: { [bad(2)]: { [bad(0)]: { deeper: { deepest: evil } } } }, list: [{ a: bad(1) }] },
        assets: evil.map((name) => ({ name, sha256: bad(3) })),
      }),
    ].map((one, i) => ({ ...one, dropped: one.dropped.map((rule, j) => ({ ...rule, meaning: bad(i + j) })) })),
    domains,
    domains_total: evil.length,
    domains_opted_out: domains.slice(1).reverse(),
    domains_opted_out_total: evil.length - 1,
    domain_sizes: [{ from: 1, domains: evil.length, documents: 200 }],
    languages: evil.map((label, i) => ({ label, documents: 10, tokens: 1000 - i, text_bytes: 1 })),
    scripts: evil.map((label, i) => ({ label, documents: 10, tokens: 1000 - i, text_bytes: 1 })),
    months: [
      ...evil.map((month, i) => ({ month, kept: i, dropped: { [`${bad(0)}/${month}`]: 100 - i } })),
      { month: "0001-01", kept: 1, dropped: {} },
      { month: "9999-12", kept: 1, dropped: {} },
      { month: "2024-13", kept: 1, dropped: {} },
    ],
    consent: {
      policy: bad(0),
      as_of: bad(1),
      modes: evil,
      profile: bad(2),
      pages: 100,
      with_rules: 50,
      without_rules: Object.fromEntries(evil.map((state, i) => [state, i + 1])),
      any: 40,
      agents: evil.map((agent, i) => ({ agent, pages: 40 - i, by_mode: { [bad(i)]: i }, published: null })),
      published_source: publishedSource,
    },
    redactions: Object.fromEntries(evil.map((kind, i) => [kind, i + 1])),
    quarantine: evil.map((reason, i) => ({ reason, documents: 1, example: bad(i + 1) })),
    runs: [{ ...run(0, 5), ended: bad(0), seconds_by_stage: Object.fromEntries(evil.map((name, i) => [name, i])) }],
  });
}
