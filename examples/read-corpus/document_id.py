"""Computes the ids of documents from text sources again, from the text that the corpus kept. pip install 'pyarrow>=25'"""

import hashlib
import json
import struct
import sys
from datetime import timezone
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

corpus = Path(sys.argv[1] if len(sys.argv) > 1 else "apertus-example")
manifest = json.loads((corpus / "manifest.json").read_text())
texts = pa.concat_tables((pq.read_table(corpus / file["path"]) for file in manifest["text"]), promote_options="default")


def identity(url, captured_at, payload):
    date = captured_at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{captured_at.microsecond // 1000:03}Z"
    parts = [url.encode(), date.encode(), hashlib.sha256(payload).digest()]
    return hashlib.sha256(b"".join(struct.pack("<I", len(part)) + part for part in parts)).digest()[:16]


same = 0
rows = [row for row in texts.to_pylist() if row["locator_file"].startswith("texts.") and row["url"] and row["captured_at"]]
for row in rows:
    same += identity(row["url"], row["captured_at"], row["text"].encode()) == row["id"]
print(f"{same} of {len(rows)} ids are the same")
