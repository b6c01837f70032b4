"""Writes test/fixtures/tokenizer/small: tokenizer.json files with vocabularies of a few hundred tokens, trained on Jane Austen's novels
(public domain), that use the parts which large public vocabularies use one at a time, and the tokens that Hugging Face gives with them.

    venv/bin/pip install tokenizers==0.23.2
    venv/bin/python test/oracles/small_vocabularies.py DATA
"""
import glob, json, os, random, sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers as pre, processors, trainers

OUT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fixtures", "tokenizer", "small")
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
GPT4O = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
BYTES = pre.ByteLevel(add_prefix_space=False, use_regex=False)


def split(pattern, behavior, invert=False):
    return pre.Split(pattern, behavior, invert)


# name: normaliser, pre-tokenizer, added tokens, ignore_merges
SMALL = {
    "spaced": (None, pre.ByteLevel(add_prefix_space=True, use_regex=True),
               [AddedToken("<mask>", lstrip=True, special=False, normalized=False), AddedToken("<end>", rstrip=True, normalized=False, special=False),
                AddedToken("cat", single_word=True, normalized=False, special=False), AddedToken("<both>", lstrip=True, rstrip=True, special=False)],
               False),
    "whole": (normalizers.NFC(), pre.Sequence([split(Regex(LLAMA3), "isolated"), BYTES]),
              [AddedToken("<think>", special=False, normalized=False), AddedToken("e\u0301tat", special=False, normalized=True)], True),
    "cased": (None, pre.Sequence([split(Regex(GPT4O), "removed", True), BYTES]), [], False),
    "parts": (normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("--", "\u2014"), normalizers.Prepend("_")]),
              pre.Sequence([pre.Digits(individual_digits=True), split("-", "merged_with_previous"),
                            split(Regex(r"[A-Z]|[\u4e00-\u9fff]+"), "merged_with_next"), split(Regex(r"[!?.,;&&[^;]]{2,}|\p{P}+"), "contiguous"), BYTES]),
              [AddedToken("ab", special=False, normalized=True), AddedToken("abc", special=False, normalized=True)], False),
    "digits": (None, pre.Sequence([pre.Digits(individual_digits=False), split(Regex(r"\s+(?!\S)|\s"), "removed"), BYTES]), [], False),
}

PIECES = ["the", " and", "Emma", "EMMA's", "'s", "'S", "'ſ", " ", "  ", "\n", "\r\n", "\t", "\u00a0", "1", "12", "1234", "٣", "-", "--", ".", "!?", ",;",
          "cat", "cats", " cat ", "<mask>", "<end>", "<both>", "<s>", "</s>", "<think>", "e\u0301tat", "état", "abc", "ab", "ﬁ", "½", "漢字", "か",
          "A", "É", "é", "e\u0301", "ß", "ǅ", "\u0301", "👩\u200d👩", "_", "\u3000", "a", "aa", "aaa", "=", "====", "\u0378", "\u0344"]


def main():
    data = sys.argv[1]
    novels = [open(path, encoding="utf-8", errors="replace").read()[:40000] for path in sorted(glob.glob(f"{data}/books/austen_janeaustenr/*.txt"))]
    os.makedirs(OUT, exist_ok=True)
    draw = random.Random(3)
    texts = ["", " ", "a", *PIECES, *("".join(draw.choice(PIECES) for _ in range(draw.randint(2, 14))) for _ in range(400)), novels[0][2000:3200]]
    for name, (normaliser, pre_tokenizer, added, whole) in SMALL.items():
        tokenizer = Tokenizer(models.BPE(ignore_merges=whole))
        if normaliser is not None:
            tokenizer.normalizer = normaliser
        tokenizer.pre_tokenizer = pre_tokenizer
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(vocab_size=600, initial_alphabet=pre.ByteLevel.alphabet(), special_tokens=["<s>", "</s>"], show_progress=False)
        tokenizer.train_from_iterator(novels, trainer)
        tokenizer.add_tokens(added)
        if name == "whole":
            # Tokens that no merge leads to: whole pretokens are these, parts of pretokens are not.
            root = json.loads(tokenizer.to_str())
            root["model"]["merges"] = [m for m in root["model"]["merges"] if "".join(m) not in ("Ġthe", "and", "Ġbe")]
            root["post_processor"] = json.loads(processors.TemplateProcessing(
                single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)]).__getstate__().decode())
            tokenizer = Tokenizer.from_str(json.dumps(root))
        tokenizer.save(f"{OUT}/{name}.json", pretty=False)
        tokenizer.encode_special_tokens = True
        with open(f"{OUT}/{name}.ids.json", "w", encoding="utf-8") as file:
            rows = [{"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids} for text in texts]
            file.write("[" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "]\n")


if __name__ == "__main__":
    main()
