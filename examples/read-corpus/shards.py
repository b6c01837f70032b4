"""Opens a corpus' shards with pyarrow and joins them with the documents table. pip install 'pyarrow>=25'"""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

corpus = Path(sys.argv[1] if len(sys.argv) > 1 else "apertus-example")
manifest = json.loads((corpus / "manifest.json").read_text())

# The tables' files, as the manifest names them; what it does not name is no part of the corpus.
documents = pa.concat_tables(pq.read_table(corpus / file["path"]) for file in manifest["tables"]["documents"])

for shard in manifest["shards"]:
    with pa.memory_map(str(corpus / shard["path"])) as file, pa.ipc.open_stream(file) as stream:
        print(stream.schema)
        tokens = stream.read_all()
        assert tokens.num_rows == shard["rows"]

        # A document's ids begin with BOS and end with EOS.
        ids = tokens["tokens"][0].as_py()
        assert ids[0] == manifest["tokenizer"]["bos"] and ids[-1] == manifest["tokenizer"]["eos"]

        # (shard, row) is the key between the two.
        for row in documents.slice(0, 3).to_pylist():
            if row["shard"] != shard["path"]:
                continue
            assert tokens["id"][row["row"]].as_py() == row["id"]
            assert len(tokens["tokens"][row["row"]]) == row["tokens"]
            print(row["row"], row["tokens"], "tokens", row["language"], row["url"])

        # Or read one batch alone, by its place in the manifest: a message's metadata, then its body.
        batch = shard["batches"][0]
        with open(corpus / shard["path"], "rb") as plain:
            plain.seek(batch["offset"])
            message = pa.ipc.read_message(plain)
        first = pa.ipc.read_record_batch(message, stream.schema)
        assert first.num_rows == batch["rows"]
        print(f"{len(shard['batches'])} batches; the first has {first.num_rows} documents")
