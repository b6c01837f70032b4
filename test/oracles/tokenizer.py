"""Compares our Apertus tokenizer with Hugging Face tokenizers and tiktoken, token by token, and times the three, one thread each.

Run by hand, after `npm run build`:
    python3 -m venv venv && venv/bin/pip install tokenizers==0.23.2 tiktoken==0.14.0 zstandard
    TOKENIZERS_PARALLELISM=false venv/bin/python test/oracles/tokenizer.py DATA [--fixtures]

DATA holds tokenizer/tekken_240718.json.xz, lid/dev, books and web. The tokenizer.json that is built here from the ranks is, byte
for byte, the one that Swiss AI publishes with Apertus (the MD5 below is from swiss-ai/apertus-omni-tokenizer). With --fixtures,
the expected tokens under test/fixtures/tokenizer are written anew from Hugging Face's.
"""
import base64, glob, gzip, hashlib, json, lzma, os, random, re, struct, subprocess, sys, tempfile, time, zipfile

import tiktoken, tokenizers, zstandard

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FIRST = 1000  # the id of rank 0
ILL_FORMED = "\U0010fffe"  # a noncharacter, of the class "other", stands for one ill-formed byte
PUBLISHED_MD5 = "8d2a826dd0f64169a69d3f4bd2f49039"


def byte_letters():
    """GPT-2's printable letter for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in plain]
    return {**{b: chr(b) for b in plain}, **{b: chr(256 + i) for i, b in enumerate(rest)}}


LETTERS = byte_letters()


def letters(raw):
    return "".join(LETTERS[b] for b in raw)


def tokenizer_json(tekken, names):
    tokens = [base64.b64decode(entry["token_bytes"]) for entry in tekken["vocab"][:131072 - FIRST]]
    rank = {token: r for r, token in enumerate(tokens)}
    merges = []
    for token in tokens:
        cuts = [(rank.get(token[:k]), rank.get(token[k:])) for k in range(1, len(token))]
        cuts = sorted(cut for cut in cuts if None not in cut)
        merges += [[letters(tokens[left]), letters(tokens[right])] for left, right in cuts]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    begin = lambda side: {"SpecialToken": {"id": "<s>", "type_id": side}}
    part = lambda name, side: {"Sequence": {"id": name, "type_id": side}}
    both = {t: {"id": t, "ids": [i], "tokens": [t]} for t, i in (("</s>", 2), ("<s>", 1))}
    return json.dumps({
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": i, "content": n, **flags, "special": not 14 <= i <= 17} for i, n in enumerate(names)],
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": tekken["config"]["pattern"]}, "behavior": "Isolated", "invert": False},
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]},
        "post_processor": {"type": "TemplateProcessing", "single": [begin(0), part("A", 0)],
                           "pair": [begin(0), part("A", 0), begin(1), part("B", 1)], "special_tokens": both},
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": True,
                  "vocab": {**{n: i for i, n in enumerate(names)}, **{letters(t): FIRST + r for r, t in enumerate(tokens)}},
                  "merges": merges}}, indent=2, ensure_ascii=False)


def encode_ill_formed(hf, raw):
    """Hugging Face's tokens of bytes that are not UTF-8: each ill-formed byte as one symbol, then its bytes back for the merges."""
    text, held = [], []
    at = 0
    while at < len(raw):
        for length in (1, 2, 3, 4):
            try:
                text.append(raw[at:at + length].decode("utf-8"))
                at += length
                break
            except UnicodeDecodeError:
                continue
        else:
            text.append(ILL_FORMED)
            held.append(raw[at])
            at += 1
    ids, held = [], iter(held)
    for pretoken, _ in hf.split.pre_tokenize_str("".join(text)):
        parts = [bytes([next(held)]) if c == ILL_FORMED else c.encode("utf-8") for c in pretoken]
        ids += [token.id for token in hf.model.tokenize(letters(b"".join(parts)))]
    return ids


def lid(data):
    for path in sorted(glob.glob(f"{data}/lid/dev/*.tsv.zst")):
        with open(path, "rb") as file:
            for line in zstandard.ZstdDecompressor().stream_reader(file).read().decode("utf-8").split("\n"):
                if "\t" in line:
                    yield line.split("\t", 1)[1].encode("utf-8")


def books(data):
    for path in sorted(glob.glob(f"{data}/books/austen_janeaustenr/*.txt")):
        yield open(path, "rb").read().decode("utf-8", "replace").encode("utf-8")


def corpora(data):
    for path in sorted(glob.glob(f"{data}/books/nltk/*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield archive.read(name).decode("utf-8", "replace").encode("utf-8")


def web(data):
    raw = gzip.open(f"{data}/web/pages.warc.gz").read()
    for record in raw.split(b"WARC/1."):
        yield record.decode("utf-8", "replace").encode("utf-8")


ODD = ("a b Z ǅ ª ʰ あ 漢 й Й \u0301 \u0300 \u200d \ufe0f \u0903 \u20dd 0 ٣ ½ Ⅷ 𝟘 ३ . , / // ' \" - _ ! ? < > { } \\ # 👩 🏽 🇨 🇭 \u0000 "
       "\u001c \u0085 \u00a0 \u1680 \u180e \u2003 \u2028 \u2029 \u202f \u205f \u3000 \ufeff \u200b \u00ad \U000e0041 \U0010ffff \ue000 "
       "\u0378 \u0295 \U00016ea0 \\begin{ \\end{ \\text{ \\boxed{ \\begin </s> <email-pii> the and ing in' é É ß ﬁ ൾ ท็ ค่ ក្ក").split(" ")
ODD += [" ", " ", "  ", "\n", "\r", "\r\n", "\t", "\x0b", "\n\n", " \n", "\n "]


def code_points():
    return [c for c in range(0x110000) if not 0xD800 <= c < 0xE000 and chr(c) != ILL_FORMED]


def classes_of_oniguruma():
    """The class of each code point, as native/generate-bpe-tables.mjs numbers them, one byte each."""
    classes = bytearray(0x110000)
    patterns = [r"[\p{Lu}\p{Lt}]", r"\p{Ll}", r"[\p{Lm}\p{Lo}]", r"\p{M}", r"\p{N}", r"\s", r"[\r\n]"]
    for number, pattern in enumerate(patterns, 1):
        split = tokenizers.pre_tokenizers.Split(tokenizers.Regex(pattern), "removed")
        points = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
        for first in range(0, len(points), 4096):
            block = points[first:first + 4096]
            removed = set(range(len(block)))
            for _, (start, end) in split.pre_tokenize_str("".join(map(chr, block))):
                removed -= set(range(start, end))
            for i in removed:
                classes[block[i]] = number
    return bytes(classes)


def classes_of_ours():
    header = open(f"{ROOT}/native/src/generated/bpe_tables.h").read()
    blocks, classes = ([int(n) for n in re.search(name + r"\[\d+\] = \{([^}]*)\}", header)[1].replace("\n", "").strip(",").split(",")]
                       for name in ("kBlocks", "kClasses"))
    return bytes(classes[blocks[c >> 7] << 7 | c & 127] for c in range(0x110000))


def digest(encode, documents):
    """SHA-256 over each document's count of tokens and its tokens, 4 bytes each, little endian."""
    total = hashlib.sha256()
    for document in documents:
        ids = encode(document)
        total.update(struct.pack(f"<{len(ids) + 1}I", len(ids), *ids))
    return total.hexdigest()


def odd(_):
    draw = random.Random(20250902)
    for length in (2, 3, 4, 6, 10, 30, 100):
        for _ in range(6000):
            yield "".join(draw.choice(ODD) for _ in range(draw.randint(1, length))).encode("utf-8")
    points = code_points()
    for _ in range(4000):
        yield "".join(chr(draw.choice(points)) + draw.choice(["", " ", "a", "\u0301"]) for _ in range(40)).encode("utf-8")
    for start in range(0, len(points), 500):
        yield " ".join(map(chr, points[start:start + 500])).encode("utf-8")
    for _ in range(3000):
        few = draw.sample("ab =-_\n*aeiou0.", draw.randint(1, 3))
        yield "".join(draw.choice(few) for _ in range(draw.randint(1, 400))).encode("utf-8")


def ill_formed(_):
    draw = random.Random(68)
    parts = [b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xc0\xaf", b"\xe0\x80\x80", b"\xf4\x90\x80\x80", b"\xf0\x9f\x98", b"\xff", b"\xc3"]
    parts += [part.encode("utf-8") for part in ODD if "{" not in part]
    for _ in range(4000):
        yield bytes(draw.randrange(256) for _ in range(draw.randint(1, 80)))
        yield b"".join(draw.choice(parts) for _ in range(draw.randint(1, 20)))


def ours(documents, mathematics=True):
    """Our tokens of each document, and the seconds of processor time that encoding took."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/documents", "wb") as file:
            for document in documents:
                file.write(struct.pack("<I", len(document)) + document)
        run = subprocess.run(["node", f"{HERE}/encode.mjs", f"{folder}/documents", f"{folder}/ids", str(int(mathematics))],
                             check=True, capture_output=True, text=True, cwd=ROOT)
        raw = open(f"{folder}/ids", "rb").read()
    ids, at = [], 0
    while at < len(raw):
        (count,) = struct.unpack_from("<I", raw, at)
        ids.append(list(struct.unpack_from(f"<{count}I", raw, at + 4)))
        at += 4 + 4 * count
    return ids, float(run.stdout)


def timed(encode, documents):
    began = time.process_time()
    ids = [encode(document) for document in documents]
    return ids, time.process_time() - began


def main():
    data = sys.argv[1]
    tekken = json.loads(lzma.open(f"{data}/tokenizer/tekken_240718.json.xz").read())
    names = json.loads(subprocess.run(["node", f"{HERE}/encode.mjs", "--names"], check=True, capture_output=True, text=True,
                                      cwd=ROOT).stdout)
    # The published file gives id 73 a name for a later model; that of the base model has <SPECIAL_73>, as we do.
    published = tokenizer_json(tekken, [*names[:73], "<|image|>", *names[74:]])
    same = hashlib.md5(published.encode("utf-8")).hexdigest() == PUBLISHED_MD5
    print(f"tokenizer.json built from the ranks is the published one: {same}")
    hf = tokenizers.Tokenizer.from_str(tokenizer_json(tekken, names))
    hf.encode_special_tokens = True  # no special token comes from text
    hf_encode = lambda raw: hf.encode(raw.decode("utf-8"), add_special_tokens=False).ids
    hf.split = tokenizers.pre_tokenizers.Split(tokenizers.Regex(tekken["config"]["pattern"]), "isolated")
    ranks = {base64.b64decode(entry["token_bytes"]): entry["rank"] for entry in tekken["vocab"][:131072 - FIRST]}
    tik = tiktoken.Encoding("tekken", pat_str=tekken["config"]["pattern"], mergeable_ranks=ranks, special_tokens={})
    tik_encode = lambda raw: [FIRST + rank for rank in tik.encode_ordinary(raw.decode("utf-8"))]

    print(f"tokenizers {tokenizers.__version__}, tiktoken {tiktoken.__version__}; MB of UTF-8 per second of processor time, one thread")
    print(f"{'texts':12}{'documents':>10}{'MB':>8}{'tokens':>11}{'differ from HF':>16}{'from tiktoken*':>16}{'ours':>9}{'HF':>8}{'tiktoken':>10}")
    same_classes = classes_of_ours() == classes_of_oniguruma()
    print(f"every code point has the class that it has in Hugging Face tokenizers: {same_classes}")
    failed = not (same and same_classes)
    for source in (books, lid, corpora, web, odd):
        documents = list(source(data))
        size = sum(map(len, documents)) / 1e6
        mine, my_time = ours(documents)
        plain, _ = ours(documents, mathematics=False)
        theirs, hf_time = timed(hf_encode, documents)
        others, tik_time = timed(tik_encode, documents)
        different = [i for i, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b]
        tik_different = sum(a != b for a, b in zip(plain, others, strict=True))
        print(f"{source.__name__:12}{len(documents):10}{size:8.1f}{sum(map(len, mine)):11}{len(different):16}{tik_different:16}"
              f"{size / my_time:9.1f}{size / hf_time:8.2f}{size / tik_time:10.2f}", flush=True)
        for i in different[:3]:
            print("   ", documents[i][:80], mine[i][:20], theirs[i][:20])
        failed |= bool(different)
    documents = list(ill_formed(data))
    mine, _ = ours(documents)
    different = sum(a != encode_ill_formed(hf, raw) for a, raw in zip(mine, documents, strict=True))
    print(f"{'ill-formed':12}{len(documents):10}{sum(map(len, documents)) / 1e6:8.1f}{sum(map(len, mine)):11}{different:16}")
    print("* without the mathematics tokens")
    failed |= bool(different)
    if "--fixtures" in sys.argv:
        write_fixtures(data, hf_encode, lambda raw: encode_ill_formed(hf, raw))
    sys.exit(1 if failed else 0)


def write_fixtures(data, encode, encode_bytes):
    folder = f"{ROOT}/test/fixtures/tokenizer"
    digests = {source.__name__: digest(encode, source(data)) for source in (books, lid)}
    digests["classes"] = hashlib.sha256(classes_of_oniguruma()).hexdigest()
    with open(f"{folder}/digests.json", "w") as file:
        file.write(json.dumps(digests, indent=2) + "\n")
    emma = ("Emma Woodhouse, handsome, clever, and rich, with a comfortable home\nand happy disposition, seemed to unite some of the "
            "best blessings of\nexistence; and had lived nearly twenty-one years in the world with very\nlittle to distress or vex her.\n")
    languages = [
        emma,
        "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt.",
        "Tous les êtres humains naissent libres et égaux en dignité et en droits; « raison » et conscience.",
        "Tuots umans naschan libers ed eguals in dignità e drets.", "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
        "人人生而自由，在尊严和权利上一律平等。", "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
        "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.", "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.",
        "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।", "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
        "Все люди рождаются свободными и равными в своем достоинстве и правах.", "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι.",
        "ሰው፡ ሁሉ፡ ሲወለድ፡ ነጻና፡ በክብርና፡ በመብትም፡ እኩልነት፡ ያለው፡ ነው።", "Բոլոր մարդիկ ծնվում են ազատ ու հավասար", "ყველა ადამიანი იბადება თავისუფალი",
        "சுதந்திரமாகவே பிறக்கின்றனர்", "మానవులందరు స్వతంత్రులుగా", "ಎಲ್ಲಾ ಮಾನವರೂ ಸ್ವತಂತ್ರರಾಗಿಯೇ", "മനുഷ്യരെല്ലാവരും തുല്യാവകാശങ്ങളോടും", "မြန်မာဘာသာ", "ភាសាខ្មែរ", "བོད་སྐད",
        "Tất cả mọi người sinh ra đều được tự do và bình đẳng.", "İnsanlar hür, haysiyet ve haklar bakımından eşit doğarlar.",
    ]
    with open(f"{folder}/languages.json", "w") as file:
        json.dump([{"text": text, "ids": encode(text.encode("utf-8"))} for text in languages], file, ensure_ascii=False, indent=0)
    draw = random.Random(7)
    odd_documents = draw.sample([raw for raw in odd(None) if len(raw) < 160], 700)
    long = [part * count for part in ("a", " ", "=", "\n", "ab", "漢", "\u0301", "A", "aA", " \n", "x\u0301") for count in (49, 50, 333)]
    odd_documents += [text.encode("utf-8") for text in long]
    with open(f"{folder}/odd.json", "w") as file:
        rows = [{"text": raw.decode("utf-8"), "ids": encode(raw)} for raw in odd_documents]
        file.write("[" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "]\n")
    documents = draw.sample(list(ill_formed(None)), 300)
    with open(f"{folder}/ill-formed.json", "w") as file:
        rows = [{"hex": raw.hex(), "ids": encode_bytes(raw)} for raw in documents]
        file.write("[" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "]\n")


if __name__ == "__main__":
    main()
