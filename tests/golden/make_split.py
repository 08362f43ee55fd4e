"""split.tsv: the row indices that train_test_split puts on each side.

Command: python3 tests/golden/make_split.py
"""

import numpy as np
from sklearn.model_selection import train_test_split

import golden

ABOUT = """
sklearn.model_selection.train_test_split(np.arange(n), test_size=..., random_state=..., shuffle=..., stratify=...)
fields: n, test_size ("-" when left out, an integer when it has no point), random_state, shuffle (0/1),
        labels (one digit a row, class = digit; "-" unstratified; "formula K" see below), status (ok or error),
        n_train, n_test, checksum(train), checksum(test), first 20 of train, first 20 of test
        after status error: the message of the exception, and nothing more
checksum(list) = sum of (i + 1) * list[i], i from 0, modulo 2^32
"formula K": label of row i = floor(((i * 2654435761) mod 2^32) / 2^24) mod 16, values of K and more become 0
"""


def formula(n, k):
    label = ((np.arange(n, dtype=np.uint64) * 2654435761) % 2**32 // 2**24) % 16
    label[label >= k] = 0
    return label.astype(int)


def drawn(n, shares, seed):
    """Labels by given shares, in an order that does not begin with the smallest class."""
    rng = np.random.RandomState(seed)
    counts = [int(round(s * n)) for s in shares]
    counts[0] += n - sum(counts)
    labels = np.repeat(np.arange(len(shares)), counts)
    rng.shuffle(labels)
    return labels


def row(n, test_size, seed, shuffle=True, labels=None, name="-"):
    if labels is not None and name == "-":
        name = "".join(str(int(v)) for v in labels)
    head = [n, "-" if test_size is None else repr(test_size), seed, int(shuffle), name]
    try:
        train, test = train_test_split(
            np.arange(n), test_size=test_size, random_state=seed, shuffle=shuffle, stratify=labels
        )
    except ValueError as e:
        return head + ["error", str(e)]
    return head + [
        "ok",
        len(train),
        len(test),
        golden.checksum(train),
        golden.checksum(test),
        golden.ints(train[:20]),
        golden.ints(test[:20]),
    ]


rows = [row(50000, 0.2, 42)]
assert rows[0][-1].startswith("33553 9427 199 12447 39489 42724 10822 49498")
rows += [row(50000, 0.2, 42, shuffle=False), row(50000, 10000, 42), row(50000, 0.33, 0), row(50000, None, 4294967295)]
for n in (1, 2, 3, 5):
    for test_size in (0.2, 0.5, 1, 0.9):
        rows.append(row(n, test_size, 42))
for n in (7, 10, 100, 1000, 1001):
    for test_size in (0.33, 0.1, 0.25, None, 3):
        for seed in (0, 1, 42):
            rows.append(row(n, test_size, seed))
rows += [row(10, 0.3, 7, shuffle=False), row(11, 0.33, 7, shuffle=False), row(150, 50, 123), row(65537, 0.2, 42)]
rows += [row(10, 10, 42), row(10, 11, 42), row(10, 0.99, 42), row(10, 0.01, 42), row(100, 0.29, 42), row(100, 0.07, 5)]
for n, shares, test_size, seed in [
    (10, (0.5, 0.5), 0.2, 42),
    (10, (0.5, 0.5), 0.5, 0),
    (20, (0.8, 0.2), 0.25, 1),
    (97, (0.9, 0.1), 0.2, 42),
    (100, (0.97, 0.03), 0.33, 42),
    (101, (0.3, 0.7), 0.1, 7),
    (200, (0.5, 0.3, 0.1, 0.06, 0.04), 0.2, 42),
    (203, (0.41, 0.27, 0.17, 0.1, 0.05), 0.33, 0),
    (250, (0.2, 0.2, 0.2, 0.2, 0.2), 0.1, 42),
    (251, (0.2, 0.2, 0.2, 0.2, 0.2), 51, 3),
    (300, (0.9, 0.04, 0.03, 0.02, 0.01), None, 42),
    (30, (0.4, 0.3, 0.3), 7, 9),
]:
    rows.append(row(n, test_size, seed, labels=drawn(n, shares, n)))
rows.append(row(50000, 0.2, 42, labels=formula(50000, 2), name="formula 2"))
rows.append(row(50000, 0.2, 42, labels=formula(50000, 5), name="formula 5"))
rows.append(row(6, 0.5, 42, labels=np.array([0, 0, 0, 0, 0, 1])))
rows.append(row(10, 1, 42, labels=np.array([0, 1] * 5)))
rows.append(row(10, 0.5, 42, shuffle=False, labels=np.array([0, 1] * 5)))
golden.write("split.tsv", ABOUT, rows)
