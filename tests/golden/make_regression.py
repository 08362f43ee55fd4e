"""regression.tsv: how well numbers are predicted, degenerate cases included.

Command: python3 tests/golden/make_regression.py
"""

import warnings

import numpy as np
from sklearn import metrics

import golden

ABOUT = """
sklearn.metrics.mean_squared_error, mean_absolute_error, r2_score (force_finite=True) of float64 copies of the numbers
fields: name, n, truth (float32 values), predicted, mean squared error, mean absolute error, R2 ("nan" below two rows)
"""


def case(name, truth, predicted):
    truth = np.array(truth, dtype=np.float32).astype(float)
    predicted = np.array(predicted, dtype=float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figures = [f(truth, predicted) for f in (metrics.mean_squared_error, metrics.mean_absolute_error, metrics.r2_score)]
    return [name, len(truth), golden.reals(truth), golden.reals(predicted)] + [golden.real(f) for f in figures]


def drawn(n, seed, noise, offset=0.0, scale=1.0):
    rng = np.random.RandomState(seed)
    truth = offset + scale * rng.standard_normal(n)
    return truth, truth + noise * rng.standard_normal(n)


rows = [
    case("plain", [3, -0.5, 2, 7], [2.5, 0, 2, 8]),
    case("met exactly", [1, 2, 3.5], [1, 2, 3.5]),
    case("always the mean", [1, 2, 3], [2, 2, 2]),
    case("worse than the mean", [1, 2, 3], [3, 2, 1]),
    case("constant, met", [4, 4, 4], [4, 4, 4]),
    case("constant, missed", [4, 4, 4], [4, 4, 5]),
    case("constant that is no binary fraction, met", [0.1] * 7, [float(np.float32(0.1))] * 7),
    case("constant that is no binary fraction, missed", [0.1] * 7, [0.1] * 7),
    case("constant and zero, missed by little", [0, 0], [1e-200, 0]),
    case("one record, met", [2.5], [2.5]),
    case("one record, missed", [2.5], [3]),
    case("two records", [1, 2], [1.5, 1.5]),
    case("two records, one met", [1, 2], [1, 3]),
    case("nearly constant", [1, 1, np.float32(1) + np.finfo(np.float32).eps], [1, 1, 1]),
    case("far from zero", [16777216, 16777217, 16777218, 16777220], [16777216, 16777218, 16777218, 16777219]),
    case("large", [1e30, -1e30, 3e30], [1e30, 1e30, 2e30]),
    case("small", [1e-30, 2e-30, 4e-30], [1e-30, 3e-30, 3e-30]),
    case("drawn", *drawn(60, 1, 0.3)),
    case("drawn, far away", *drawn(60, 2, 0.5, 1000, 10)),
    case("drawn, no better than chance", *drawn(60, 3, 5)),
]
golden.write("regression.tsv", ABOUT, rows)
