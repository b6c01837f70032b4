"""Holds an exported model against Hugging Face's ApertusForCausalLM: the same logits, the same tokens, and a model saved there read here.

Run by hand, after `npm run build`:
    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.18.0
    npx apertus-data export model --checkpoint RUN --out MODEL --dtype float32
    venv/bin/python test/oracles/model.py MODEL RUN

It prints the greatest difference of any logit, beside the greatest logit, and ends with 1 where one is above 1e-4 of it.
"""
import json, os, subprocess, sys, tempfile

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
TEXTS = [
    "The history of the Alps begins long before anybody wrote it down; valleys were crossed on foot, and 1,024 names are left.",
    "Grüezi mitenand! Ça va? 日本語のテキスト und ein bißchen Mathe: \\begin{align} x^2 \\end{align}, naïve café — 3.14159.",
]


def ours(folder, rows):
    with tempfile.TemporaryDirectory() as scratch:
        source, target = os.path.join(scratch, "ids.json"), os.path.join(scratch, "logits")
        json.dump(rows, open(source, "w"))
        backend = subprocess.run(["node", f"{HERE}/logits.mjs", folder, source, target], check=True, capture_output=True, text=True)
        values = torch.frombuffer(bytearray(open(target, "rb").read()), dtype=torch.float32)
        return values.view(len(rows), len(rows[0]), -1), backend.stdout.strip()


def compare(what, found, wanted):
    difference, greatest = (found - wanted).abs().max().item(), wanted.abs().max().item()
    print(f"{what}: greatest difference {difference:.2e}, greatest logit {greatest:.2f}")
    return difference <= 1e-4 * greatest


def main(folder, checkpoint):
    model, notes = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    model.eval()
    faults = {name: keys for name, keys in notes.items() if keys}
    print(f"{type(model).__name__} of {sum(p.numel() for p in model.parameters()):,} parameters; loading: {faults or 'nothing missing, nothing left over'}")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = [tokenizer(text)["input_ids"] for text in TEXTS]
    assert all(row[0] == 1 and tokenizer.decode(row[1:]) == text for row, text in zip(rows, TEXTS)), "the texts do not come back"
    length = min(len(row) for row in rows)
    rows = [row[:length] for row in rows]
    with torch.no_grad():
        wanted = model(torch.tensor(rows)).logits
    found, backend = ours(checkpoint, rows)
    print(backend)
    good = compare("the checkpoint here, its export there", found, wanted)
    good &= compare("the export here and there", ours(folder, rows)[0], wanted)
    with tempfile.TemporaryDirectory() as scratch:
        model.save_pretrained(scratch, max_shard_size="20MB")
        print(f"saved by transformers: {len([n for n in os.listdir(scratch) if n.endswith('.safetensors')])} files of tensors")
        good &= compare("saved there, read here", ours(scratch, rows)[0], wanted)
    return 0 if good and not faults else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
