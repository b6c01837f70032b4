"""Reads the text of one document, by the file and row that the documents table names. pip install 'pyarrow>=25'"""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

corpus = Path(sys.argv[1] if len(sys.argv) > 1 else "apertus-example")
url = sys.argv[2] if len(sys.argv) > 2 else "https://novels.example/austen/1"
manifest = json.loads((corpus / "manifest.json").read_text())

documents = pa.concat_tables(pq.read_table(corpus / file["path"]) for file in manifest["tables"]["documents"])
document = documents.filter(pc.equal(documents["url"], url)).to_pylist()[0]
print("row", document["text_row"], "of", document["text_file"])

# Only the row group that holds the row is read.
file = pq.ParquetFile(corpus / document["text_file"])
row = document["text_row"]
group = 0
while row >= file.metadata.row_group(group).num_rows:
    row -= file.metadata.row_group(group).num_rows
    group += 1
text = file.read_row_group(group, columns=["id", "text"]).slice(row, 1).to_pylist()[0]
assert text["id"] == document["id"]
assert len(text["text"].encode()) == document["text_bytes"]
print(text["text"][:60])
