"""Compares an export with the corpus that it was made from, document by document, read by other programs than ours: shards with
pyarrow, the versions' bitmaps by the Roaring format specification, .bin/.idx by the layout of Megatron-LM's IndexedDataset, data set
folders with datasets.

    pip install "pyarrow>=25" "datasets>=5" numpy
    python3 test/oracles/export.py megatron|hf CORPUS OUT
"""

import json
import struct
import sys
from pathlib import Path

import numpy
import pyarrow as pa

kind, corpus, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
manifest = json.loads((corpus / "manifest.json").read_text())
record = json.loads((out / "export.json").read_text())
version = json.loads((corpus / "versions" / f"{record['version']:06}.json").read_text())


def bitmap(data):
    """https://github.com/RoaringBitmap/RoaringFormatSpec"""
    cookie = struct.unpack_from("<I", data)[0]
    at = 4
    if cookie & 0xFFFF == 12347:
        size = (cookie >> 16) + 1
        is_run = [bool(data[at + i // 8] >> (i % 8) & 1) for i in range(size)]
        at += (size + 7) // 8
        has_offsets = size >= 4
    else:
        assert cookie == 12346
        size = struct.unpack_from("<I", data, at)[0]
        at += 4
        is_run = [False] * size
        has_offsets = True
    keys = [struct.unpack_from("<HH", data, at + 4 * i) for i in range(size)]
    at += 4 * size + (4 * size if has_offsets else 0)
    rows = []
    for (key, less), run in zip(keys, is_run):
        if run:
            (runs,) = struct.unpack_from("<H", data, at)
            for i in range(runs):
                start, length = struct.unpack_from("<HH", data, at + 2 + 4 * i)
                rows += [(key << 16) + start + j for j in range(length + 1)]
            at += 2 + 4 * runs
        elif less + 1 <= 4096:
            rows += [(key << 16) + low for low in struct.unpack_from(f"<{less + 1}H", data, at)]
            at += 2 * (less + 1)
        else:
            bits = numpy.unpackbits(numpy.frombuffer(data, numpy.uint8, 8192, at), bitorder="little")
            rows += [(key << 16) + int(low) for low in numpy.flatnonzero(bits)]
            at += 8192
    return set(rows)


def kept(shard):
    gone = set()
    for deletion in version["deletions"]:
        if deletion["shard"] == shard["path"]:
            gone = bitmap((corpus / deletion["bitmap"]).read_bytes())
    with pa.memory_map(str(corpus / shard["path"])) as source:
        table = pa.ipc.open_stream(source).read_all()
    return table.take([row for row in range(len(table)) if row not in gone])


def megatron(prefix):
    """Documents of a pair, as IndexedDataset gives them."""
    index = Path(f"{prefix}.idx").read_bytes()
    assert index[:9] == b"MMIDIDX\0\0" and struct.unpack_from("<Q", index, 9) == (1,)
    dtype = {4: numpy.int32, 8: numpy.uint16}[index[17]]
    sequences, documents = struct.unpack_from("<QQ", index, 18)
    lengths = numpy.frombuffer(index, numpy.int32, sequences, 34)
    pointers = numpy.frombuffer(index, numpy.int64, sequences, 34 + lengths.nbytes)
    indices = numpy.frombuffer(index, numpy.int64, documents, 34 + lengths.nbytes + pointers.nbytes)
    assert 34 + lengths.nbytes + pointers.nbytes + indices.nbytes == len(index)
    assert (indices == numpy.arange(sequences + 1)).all()
    data = numpy.memmap(f"{prefix}.bin", mode="r")
    assert int(lengths.sum()) * dtype().itemsize == len(data)
    return [numpy.frombuffer(data, dtype, length, pointer) for length, pointer in zip(lengths, pointers)]


documents = tokens = 0
if kind == "megatron":
    prefixes = (out / "prefixes.txt").read_text().split()
    assert len(prefixes) == len(manifest["shards"])
    for shard, prefix in zip(manifest["shards"], prefixes):
        ours, theirs = megatron(out / prefix), kept(shard)["tokens"].to_pylist()
        assert len(ours) == len(theirs)
        assert all(a.tolist() == b for a, b in zip(ours, theirs))
        documents += len(ours)
        tokens += sum(map(len, ours))
else:
    import datasets

    dataset = datasets.load_from_disk(str(out))
    print(dataset, dataset.features, dataset._fingerprint)
    theirs = pa.concat_tables(map(kept, manifest["shards"])).rename_columns({"tokens": "input_ids"})
    assert len(dataset) == len(theirs)
    ours = dataset.data.table
    for name in theirs.column_names:
        expected = theirs[name].cast(ours.schema.field(name).type)
        assert ours[name].combine_chunks().equals(expected.combine_chunks()), name
    documents, tokens = len(dataset), sum(map(len, theirs["input_ids"].to_pylist()))
assert (documents, tokens) == (record["documents"], record["tokens"])
print(f"{kind}, version {record['version']}: {documents} documents, {tokens} tokens, all the same")
