"""Asks the tables of a corpus with SQL. pip install 'duckdb>=1.5'. The duckdb command line takes the same statements."""

import sys
from pathlib import Path

import duckdb

corpus = Path(sys.argv[1] if len(sys.argv) > 1 else "apertus-example")
for name, pattern in {
    "documents": "documents/*.parquet",
    "ledger": "ledger/*.parquet",
    "evidence": "evidence/evidence-*.parquet",
    "blobs": "evidence/blobs-*.parquet",
}.items():
    duckdb.sql(f"CREATE VIEW {name} AS FROM read_parquet('{corpus}/{pattern}')")

# What was dropped, by which rule.
duckdb.sql("SELECT stage, rule, count(*) AS documents FROM ledger GROUP BY ALL ORDER BY documents DESC, rule").show()

# A site and its sub-domains lie side by side: host keys are reversed host names.
duckdb.sql("""
    SELECT url, rule FROM ledger
    WHERE host_key = 'example,press' OR starts_with(host_key, 'example,press,')
    ORDER BY url
""").show()

# The agents and lines that decided, as far as the evidence quotes them: at most three a decision.
duckdb.sql("""
    SELECT d->>'agent' AS agent, d->>'raw' AS line, count(*) AS documents
    FROM ledger JOIN evidence ON evidence.id = ledger.evidence,
         unnest(CAST(evidence.evidence->'disallowed' AS JSON[])) AS u(d)
    WHERE rule = 'robots-disallow' GROUP BY ALL ORDER BY documents DESC, agent, line LIMIT 5
""").show()

# Tokens by language.
duckdb.sql("SELECT language, count(*) AS documents, sum(tokens) AS tokens FROM documents GROUP BY ALL ORDER BY tokens DESC, language LIMIT 5").show()
