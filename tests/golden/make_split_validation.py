"""split_validation.tsv: the row indices of a split into training, validation and test.

Command: python3 tests/golden/make_split_validation.py
"""

import numpy as np
from sklearn.model_selection import train_test_split

import golden

ABOUT = """
two calls of sklearn.model_selection.train_test_split with the same random_state: rest, test = split(np.arange(n),
test_size), then train, validation = split(rest, validation_size), each stratified by its rows' labels where "stratify"
fields: n, test_size, validation_size (integers when they have no point), random_state, shuffle (0/1), stratify (0/1),
        labels (one digit a row, class = digit; every class of 0..max occurs), status
        status ok: then rows of train, of validation, of test, in their order
        status error: then "test" or "validation", whichever split was refused, and the message
"""


def drawn(n, shares, seed):
    rng = np.random.RandomState(seed)
    counts = [int(round(s * n)) for s in shares]
    counts[0] += n - sum(counts)
    labels = np.repeat(np.arange(len(shares)), counts)
    rng.shuffle(labels)
    return labels


def row(labels, test_size, validation_size, seed, shuffle=True, stratify=True):
    labels = np.array(labels)
    n = len(labels)
    head = [n, repr(test_size), repr(validation_size), seed, int(shuffle), int(stratify)]
    head += ["".join(str(int(v)) for v in labels)]
    which = "test"
    try:
        split = lambda rows, size: train_test_split(
            rows, test_size=size, random_state=seed, shuffle=shuffle, stratify=labels[rows] if stratify else None
        )
        rest, test = split(np.arange(n), test_size)
        which = "validation"
        train, validation = split(rest, validation_size)
    except ValueError as e:
        return head + ["error", which, str(e)]
    return head + ["ok", golden.ints(train), golden.ints(validation), golden.ints(test)]


rows = []
for n, shares, seed in [
    (20, (0.5, 0.5), 0),
    (50, (0.8, 0.2), 42),
    (97, (0.9, 0.1), 1),
    (100, (0.5, 0.3, 0.2), 7),
    (120, (0.41, 0.27, 0.17, 0.1, 0.05), 42),
    (151, (0.2, 0.2, 0.2, 0.2, 0.2), 3),
]:
    labels = drawn(n, shares, n)
    for test_size, validation_size in [(0.2, 0.25), (0.33, 0.1), (10, 8), (0.25, 9)]:
        for stratify in (True, False):
            rows.append(row(labels, test_size, validation_size, seed, stratify=stratify))
    rows.append(row(labels, 0.2, 0.25, seed, shuffle=False, stratify=False))
one = [0] * 9 + [1]  # a class with one member
two = [0, 1] * 2 + [0] * 6  # … with two: one is left for the second split, or none
three = [0, 1] * 3 + [0] * 14
rows += [row(one, 0.5, 0.5, 42), row(one, 0.3, 0.3, 42, stratify=False)]
rows += [row(two, 0.5, 0.5, 42), row(two, 0.2, 0.5, 42)]
rows += [row(three, 0.2, 0.3, s) for s in (0, 1, 42)] + [row(three, 0.5, 0.5, 42)]
rows += [row([0, 1] * 5, 0.5, 1, 42), row([0, 1] * 5, 0.5, 4, 42)]  # fewer rows than classes on one side
rows += [row([0, 1] * 5, 0.5, 5, 42), row([0, 1] * 5, 0.5, 0.9, 42)]  # none is left
rows += [row([0, 1] * 5, 0.5, 0.9, 42, stratify=False), row([0, 1], 1, 1, 0, stratify=False)]
rows += [row([0, 1, 0], 1, 1, 0, stratify=False), row([0, 1, 1, 0], 2, 1, 0), row([0, 1, 1, 0], 2, 0.5, 0)]
golden.write("split_validation.tsv", ABOUT, rows)
