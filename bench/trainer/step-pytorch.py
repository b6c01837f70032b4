"""Losses and seconds of a training step in PyTorch: the peer of run.mjs, which gives the case as JSON on standard input.

The model is Hugging Face's ApertusForCausalLM with its default (scaled dot-product) attention, the weights come from the file that
run.mjs wrote, and the step is torch.optim.AdamW with fused=True. bfloat16 is autocast, as one trains with it on processors."""

import json
import sys
import time

import numpy
import torch
from transformers import ApertusConfig, ApertusForCausalLM

case = json.load(sys.stdin)
torch.set_num_threads(case["threads"])
shape = case["shape"]
config = ApertusConfig(
    vocab_size=shape["vocabulary"],
    hidden_size=shape["width"],
    intermediate_size=shape["hidden"],
    num_hidden_layers=shape["layers"],
    num_attention_heads=shape["heads"],
    num_key_value_heads=shape["kvHeads"],
    max_position_embeddings=case["length"],
    rope_parameters={"rope_type": "default", "rope_theta": case["base"]},
)
model = ApertusForCausalLM(config).float()
values = numpy.fromfile(case["weights"], dtype=numpy.float32)
parameters = dict(model.named_parameters())
at = 0
with torch.no_grad():
    for name in case["names"]:
        size = parameters[name].numel()
        parameters[name].copy_(torch.from_numpy(values[at : at + size]).view_as(parameters[name]))
        at += size
tokens = torch.tensor(case["tokens"]).view(case["rows"], case["length"] + 1)
optimiser = torch.optim.AdamW(model.parameters(), lr=case["rate"], betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0, fused=True)


def step():
    optimiser.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=case["dtype"] == "bfloat16"):
        logits = model(tokens[:, :-1]).logits
        loss = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), tokens[:, 1:].flatten())
    loss.backward()
    optimiser.step()
    return loss.item()


losses, seconds = [], []
for _ in range(case["steps"]):
    start = time.perf_counter()
    losses.append(step())
    seconds.append(time.perf_counter() - start)
json.dump({"losses": losses, "seconds": seconds, "version": torch.__version__}, sys.stdout)
