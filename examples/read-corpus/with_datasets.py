"""Opens a shard with Hugging Face datasets, as it is: no conversion, memory-mapped. pip install 'datasets>=5'"""

import json
import sys
from pathlib import Path

from datasets import Dataset, concatenate_datasets

corpus = Path(sys.argv[1] if len(sys.argv) > 1 else "apertus-example")
manifest = json.loads((corpus / "manifest.json").read_text())

dataset = concatenate_datasets([Dataset.from_file(str(corpus / shard["path"])) for shard in manifest["shards"]])
print(dataset)
print(sum(len(row) for row in dataset["tokens"]), "tokens")
assert sum(len(row) for row in dataset["tokens"]) == manifest["totals"]["tokens"]

german = dataset.filter(lambda language: language == "deu_Latn", input_columns="language", keep_in_memory=True)
print(len(german), "German documents; the first begins", german[0]["tokens"][:8])
