"""Compares our tokens with those of Hugging Face tokenizers and tiktoken for vocabulary files, document by document, and times both,
one thread each.

Run by hand, after `npm run build`:
    python3 -m venv venv && venv/bin/pip install tokenizers==0.23.2 tiktoken==0.14.0 zstandard
    TOKENIZERS_PARALLELISM=false venv/bin/python test/oracles/vocabularies.py DATA FILE...

DATA holds lid/dev and books. A FILE is a tokenizer.json (compared with tokenizers), a tekken.json, or cl100k_base.tiktoken,
o200k_base.tiktoken, gpt2.tiktoken (compared with tiktoken, with the patterns that its package names); or a JSONL file of objects with
`text`, such as `apertus-data export text` writes, which is one more source of documents.
"""
import base64, json, os, random, struct, subprocess, sys, tempfile, time

import tiktoken, tokenizers
from tiktoken_ext import openai_public

from tokenizer import HERE, ROOT, books, corpora, ill_formed, lid, odd

MORE = ("'s 'S 'ſ 'll 'LL 're 'Ve 'd don't DON'T it'S '' 'x ' 12 1234 12345 ٣٤٥٦ \u0301's x\u0301's 'ſs Å ﬁ ½ 가 각 ᄀ\u1161 a\u0327\u0301 "
        "\u0344 \U00011938 <|endoftext|> <think> <|im_start|> <tool_call> <｜User｜> <s> 漢字かな １２３ ǅ's A's ab'd 'm! \u00a0's").split(" ")


def random_bytes(_):
    draw = random.Random(5)
    for _ in range(3000):
        yield bytes(draw.randrange(256) for _ in range(draw.randint(1, 120))).decode("utf-8", "replace").encode("utf-8")


def adversarial(data):
    draw = random.Random(9)
    spaces = [" ", "  ", "\n", "\t", "\r\n", "\u3000", "\x0b", ""]
    for _ in range(30000):
        yield "".join(draw.choice(MORE) + draw.choice(spaces) for _ in range(draw.randint(1, 12))).encode("utf-8")
    yield from odd(data)
    points = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    for start in range(0, len(points), 300):
        yield "".join("a" + chr(c) + "\u0301" for c in points[start:start + 300]).encode("utf-8")


def jsonl(path):
    def source(_):
        for line in open(path, encoding="utf-8"):
            yield json.loads(line)["text"].encode("utf-8")
    source.__name__ = os.path.basename(path)
    return source


def peer(path):
    """A function from text to ids, and what to tell our side."""
    name = os.path.basename(path)
    if path.endswith(".tiktoken"):
        ranks = {base64.b64decode(token): int(rank) for token, rank in map(str.split, open(path))}
        openai_public.load_tiktoken_bpe = lambda *_, **__: ranks
        openai_public.data_gym_to_mergeable_bpe_ranks = lambda *_, **__: ranks
        parts = getattr(openai_public, name.removesuffix(".tiktoken"))()
        parts.pop("explicit_n_vocab", None)
        return tiktoken.Encoding(**parts).encode_ordinary
    root = json.load(open(path, encoding="utf-8"))
    if "config" in root:
        first = root["config"]["default_num_special_tokens"]
        ranks = {base64.b64decode(entry["token_bytes"]): entry["rank"]
                 for entry in root["vocab"][:root["config"]["default_vocab_size"] - first]}
        encoding = tiktoken.Encoding("tekken", pat_str=root["config"]["pattern"], mergeable_ranks=ranks, special_tokens={})
        return lambda text: [first + rank for rank in encoding.encode_ordinary(text)]
    hf = tokenizers.Tokenizer.from_file(path)
    hf.encode_special_tokens = True
    return lambda text: hf.encode(text, add_special_tokens=False).ids


def ours(documents, path):
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/documents", "wb") as file:
            for document in documents:
                file.write(struct.pack("<I", len(document)) + document)
        run = subprocess.run(["node", f"{HERE}/encode.mjs", f"{folder}/documents", f"{folder}/ids", os.path.abspath(path)],
                             stdout=subprocess.PIPE, text=True, cwd=ROOT)
        if run.returncode != 0:
            return None, 0
        raw = open(f"{folder}/ids", "rb").read()
    ids, at = [], 0
    while at < len(raw):
        (count,) = struct.unpack_from("<I", raw, at)
        ids.append(list(struct.unpack_from(f"<{count}I", raw, at + 4)))
        at += 4 + 4 * count
    return ids, float(run.stdout)


def main():
    data, *paths = sys.argv[1:]
    sources = [lid, books, corpora, adversarial, random_bytes] + [jsonl(path) for path in paths if path.endswith(".jsonl")]
    failed = False
    print(f"{'vocabulary':24}{'texts':16}{'documents':>10}{'MB':>7}{'tokens':>10}{'differ':>8}{'ours MB/s':>11}{'peer MB/s':>11}")
    for path in paths:
        if path.endswith(".jsonl"):
            continue
        encode = peer(path)
        for source in sources:
            documents = list(source(data))
            size = sum(map(len, documents)) / 1e6
            mine, seconds = ours(documents, path)
            if mine is None:
                failed = True
                break
            began = time.process_time()
            theirs = [encode(document.decode("utf-8")) for document in documents]
            peer_seconds = time.process_time() - began
            different = [i for i, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b]
            print(f"{os.path.basename(path):24}{source.__name__:16}{len(documents):10}{size:7.1f}{sum(map(len, mine)):10}{len(different):8}"
                  f"{size / seconds:11.1f}{size / peer_seconds:11.2f}", flush=True)
            for i in different[:3]:
                print("   ", repr(documents[i].decode("utf-8"))[:200], mine[i][:24], theirs[i][:24])
            failed |= bool(different)
        # Bytes that no peer takes: what is encoded has to be decoded again (encode.mjs).
        failed |= ours(list(ill_formed(data)), path)[0] is None
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
