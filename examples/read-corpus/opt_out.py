"""Follows one row of the ledger to the line of robots.txt behind it, and checks every digest. pip install 'pyarrow>=25'"""

import hashlib
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

corpus = Path(sys.argv[1] if len(sys.argv) > 1 else "apertus-example")
url = sys.argv[2] if len(sys.argv) > 2 else "https://press.example/2023/story"
manifest = json.loads((corpus / "manifest.json").read_text())


def table(name):
    return pa.concat_tables(pq.read_table(corpus / file["path"]) for file in manifest["tables"][name])


dropped = next(row for row in table("ledger").to_pylist() if row["url"] == url)
print("dropped by", dropped["stage"], "/", dropped["rule"], "captured", dropped["captured_at"])

# The evidence's id is the SHA-256 of its text.
evidence = next(row["evidence"] for row in table("evidence").to_pylist() if row["id"] == dropped["evidence"])
assert hashlib.sha256(evidence.encode()).hexdigest() == dropped["evidence"]
evidence = json.loads(evidence)
print("robots.txt of", evidence["robots"]["authority"], "captured", evidence["robots"]["captured_at"])

# The bytes are stored under their own SHA-256.
body = next(row["bytes"] for row in table("blobs").to_pylist() if row["sha256"] == evidence["robots"]["sha256"])
assert hashlib.sha256(body).hexdigest() == evidence["robots"]["sha256"]
print("sha256", evidence["robots"]["sha256"])

lines = body.decode("utf-8", "replace").splitlines()
for decision in evidence["disallowed"]:
    line = lines[decision["line"] - 1]
    assert line.strip() == decision["raw"].strip()
    print(f"{decision['agent']} ({decision['mode']}): line {decision['line']}: {line}")
