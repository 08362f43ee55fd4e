"""mt19937.tsv: the streams of numpy's RandomState, which scikit-learn draws from.

Command: python3 tests/golden/make_mt19937.py
"""

import numpy as np

import golden

ABOUT = """
each row starts from a fresh numpy.random.RandomState(seed)
uint32      seed, first ten 32-bit outputs: randint(0, 2**32, dtype=uint32)
uint32_far  seed, k, the k-th output counted from 0 (beyond the first twist)
double      seed, first five of random_sample()
interval    seed, bound, ten of randint(0, bound) drawn as random_interval does (mask and reject), inclusive bound - 1
permutation seed, n, permutation(n) when n <= 10, else its first 10
permsum     seed, n, checksum(permutation(n)) = sum of (i + 1) * p[i], i from 0, modulo 2^32
shuffle     seed, n, the list 100 101 ... 100+n-1 shuffled in place
choice      seed, n, k, choice(n, k, replace=False)
"""
rows = []
for seed in (0, 1, 42, 2**32 - 1):
    state = lambda: np.random.RandomState(seed)
    rows.append(["uint32", seed, golden.ints(state().randint(0, 2**32, size=10, dtype=np.uint32))])
    far = state().randint(0, 2**32, size=2000, dtype=np.uint32)
    rows += [["uint32_far", seed, k, int(far[k])] for k in (623, 624, 625, 1247, 1248, 1999)]
    rows.append(["double", seed, golden.reals(state().random_sample(5))])
    for bound in (1, 2, 10, 1000, 65536, 2**31):
        rows.append(["interval", seed, bound, golden.ints(state().randint(0, bound, size=10, dtype=np.int64))])
    for n in (1, 2, 3, 10, 1000):
        rows.append(["permutation", seed, n, golden.ints(state().permutation(n)[:10])])
    for n in (1000, 50000, 65537):
        rows.append(["permsum", seed, n, golden.checksum(state().permutation(n))])
    for n in (2, 10, 17):
        values = np.arange(100, 100 + n)
        state().shuffle(values)
        rows.append(["shuffle", seed, n, golden.ints(values)])
    for n, k in ((5, 1), (5, 3), (10, 10)):
        rows.append(["choice", seed, n, k, golden.ints(state().choice(n, k, replace=False))])
assert rows[0][2].split()[0] == "2357136044"
golden.write("mt19937.tsv", ABOUT, rows)
