"""Protego's part of bench/consent/run.mjs: reads one JSON object a line (body in base64, agents, URLs) from standard input, prints one
with seconds of the processor for parsing and for deciding, and for each URL a string of A (allowed) and D, one letter an agent."""

import base64
import json
import sys
import time

from protego import Protego

try:
    from importlib.metadata import version

    name = version("protego")
except Exception:
    name = "unknown"

parsing = deciding = 0.0
answers = []
for line in sys.stdin:
    job = json.loads(line)
    body = base64.b64decode(job["body"]).decode("utf-8", "replace")
    start = time.process_time()
    robots = Protego.parse(body)
    middle = time.process_time()
    rows = ["".join("A" if robots.can_fetch(url, agent) else "D" for agent in job["agents"]) for url in job["urls"]]
    deciding += time.process_time() - middle
    parsing += middle - start
    answers.append(rows)
json.dump({"version": name, "parsing": parsing, "deciding": deciding, "answers": answers}, sys.stdout)
