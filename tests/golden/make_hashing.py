"""hashing.tsv: MurmurHash3 (x86, 32 bit) and what the hashing vectorizers make of it.

Command: python3 tests/golden/make_hashing.py
"""

from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils import murmurhash3_32

import golden

ABOUT = """
hash    seed, text, murmurhash3_32 as a signed number
        column of a token = abs(hash) mod n_features (abs of -2^31 counts as 2^31); its sign is that of the hash
text    row, text: the rows of all that follow
vector  params, n_features, row, column:value of HashingVectorizer(n_features=..., params).transform
pairs   row, name=value list: the input of FeatureHasher(input_type="pair"), the rows of "hasher"
hasher  params, n_features, row, column:value of FeatureHasher
columns ascending; a column whose values cancelled out is left out
"""
STRINGS = [
    "",
    "a",
    "b",
    "ab",
    "abc",
    "abcd",
    "abcde",
    "abcdef",
    "abcdefg",
    "abcdefgh",
    "hello",
    "Hello",
    "world",
    "great",
    "bad",
    "film",
    "the",
    "foo",
    "bar",
    "baz",
    "0",
    "10",
    "1984",
    "snake_case",
    "caf\u00e9",
    "cafe\u0301",
    "na\u00efve",
    "stra\u00dfe",
    "\u4e2d\u6587",
    "\u041c\u043e\u0441\u043a\u0432\u0430",
    "\u0e44\u0e17\u0e22",
    "\U0001f600",
    "\ufffd",
    "two words",
    "new\nline",
    "\x00",
    "a\x00b",
    "\u00ff",
    "x" * 31,
    "x" * 32,
    "y" * 255,
    "\u00e9" * 33,
    "color=red",
    "wonderful",
    "excellent",
]
TEXTS = [
    "The film was great, great fun and a great cast.",
    "",
    "bad bad bad",
    "caf\u00e9 na\u00efve stra\u00dfe \u4e2d\u6587",
    "!!!",
    "one two three four five six seven eight nine ten eleven twelve",
    "a b c dd",
    "Great great GREAT greatly",
    "the plot the script the music and the acting were of the worst kind",
]
PAIRS = [
    [("dog", 1), ("cat", 2), ("elephant", 4)],
    [("dog", 2), ("run", 5)],
    [],
    [("x", -1.5), ("y", 0.25), ("x", 3)],
    [("zero", 0), ("one", 1)],
]


def triplets(kind, params, n, matrix):
    matrix = matrix.tocsr()
    matrix.sum_duplicates()
    matrix.sort_indices()
    for i in range(matrix.shape[0]):
        a, b = matrix.indptr[i], matrix.indptr[i + 1]
        cells = zip(matrix.indices[a:b], matrix.data[a:b])
        yield [kind, params, n, i] + ["%d:%s" % (j, golden.real(v)) for j, v in cells if v != 0]


rows = [["hash", 0, s, murmurhash3_32(s, seed=0)] for s in STRINGS]
rows += [
    ["hash", seed, s, murmurhash3_32(s, seed=seed)]
    for seed in (1, 42, 2**31)
    for s in ("", "abc", "hello", "caf\u00e9")
]
rows += [["text", i, t] for i, t in enumerate(TEXTS)]
for n in (2**10, 16, 7):
    for params in (
        {},
        {"alternate_sign": False},
        {"norm": None},
        {"norm": "l1"},
        {"norm": None, "alternate_sign": False},
        {"binary": True},
        {"ngram_range": (1, 2), "stop_words": "english"},
    ):
        shown = " ".join("%s=%s" % kv for kv in params.items()) or "default"
        rows += triplets("vector", shown, n, HashingVectorizer(n_features=n, **params).transform(TEXTS))
rows += [["pairs", i] + ["%s=%s" % (k, golden.real(v)) for k, v in p] for i, p in enumerate(PAIRS)]
for n in (2**10, 4):
    for sign in (True, False):
        hasher = FeatureHasher(n_features=n, input_type="pair", alternate_sign=sign)
        rows += triplets("hasher", "alternate_sign=%s" % sign, n, hasher.transform(PAIRS))
golden.write("hashing.tsv", ABOUT, rows)
