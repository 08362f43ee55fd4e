"""onehot.tsv, standardize.tsv, minmax.tsv, impute.tsv: the stages that work on single columns.

Command: python3 tests/golden/make_scaling.py
"""

import warnings

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

import golden

NAN = float("nan")
FIT = np.array(
    [
        [1.0, -3.5, 7.0, 1e9 + 1, 1e-12, NAN, 0.0, 5.0],
        [2.0, NAN, 7.0, 1e9 + 2, 3e-12, 4.0, 1.0, NAN],
        [3.0, 12.25, 7.0, 1e9 + 3, 2e-12, NAN, 0.0, 5.0],
        [4.0, 0.0, 7.0, 1e9 + 4, 8e-12, 4.0, 0.0, NAN],
        [100.0, 2.5, 7.0, 1e9 + 9, 5e-12, 1.0, 1.0, 5.0],
        [-7.0, NAN, 7.0, 1e9 + 1, 5e-12, 9.0, 0.0, 6.0],
    ]
)
UNSEEN = np.array(
    [
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [NAN] * 8,
        [1000.0, 99.0, 8.0, 1e9 + 20, 9e-12, 10.0, 2.0, 7.0],
    ]
)


def matrix(kind, name, rows):
    return [[kind, name, i, golden.reals(r)] for i, r in enumerate(rows)]


def fitted(name, make, stats, settings, about):
    rows = matrix("input", "fit", FIT) + matrix("input", "unseen", UNSEEN)
    for params in settings:
        shown = " ".join("%s=%s" % kv for kv in params.items()) or "default"
        model = make(**params).fit(FIT)
        for s in stats:
            value = getattr(model, s)
            if value is not None:
                rows.append(["stat", shown, s, golden.reals(value)])
        rows += matrix("fit", shown, model.transform(FIT)) + matrix("unseen", shown, model.transform(UNSEEN))
    golden.write(name, about, rows)


COMMON = """
rows: input, fit|unseen, row, values; column 2 is constant, columns 1, 5 and 7 have missing values (nan)
      stat, params, name, a value for each column
      fit, params, row, the transformed input "fit"; unseen, the same for "unseen", statistics from "fit" alone
"""
fitted(
    "standardize.tsv",
    StandardScaler,
    ("mean_", "var_", "scale_"),
    [
        {},
        {"with_mean": False},
        {"with_std": False},
        {"with_mean": False, "with_std": False},
    ],
    "sklearn.preprocessing.StandardScaler" + COMMON,
)
fitted(
    "minmax.tsv",
    MinMaxScaler,
    ("data_min_", "data_max_", "scale_", "min_"),
    [
        {},
        {"feature_range": (-1, 1)},
        {"feature_range": (2, 5)},
        {"clip": True},
        {"feature_range": (-1, 1), "clip": True},
    ],
    "sklearn.preprocessing.MinMaxScaler" + COMMON,
)
fitted(
    "impute.tsv",
    SimpleImputer,
    ("statistics_",),
    [
        {"strategy": "mean"},
        {"strategy": "median"},
        {"strategy": "most_frequent"},
        {"strategy": "constant", "fill_value": -1.0},
    ],
    "sklearn.impute.SimpleImputer; most_frequent takes the least of several equally frequent values" + COMMON,
)

TRAIN = [
    ["red", "S"],
    ["green", "M"],
    ["blue", "L"],
    ["red", "M"],
    ["", "XL"],
    ["\u00e9t\u00e9", "S"],
    ["Red", "M"],
    ["red", "10"],
    ["green", "9"],
]
TEST = [["red", "S"], ["purple", "M"], ["", "10"], ["green", "huge"]]
rows = [["input", "fit", i] + r for i, r in enumerate(TRAIN)] + [["input", "unseen", i] + r for i, r in enumerate(TEST)]
for params in ({}, {"drop": "first"}, {"min_frequency": 2}, {"max_categories": 3}):
    shown = " ".join("%s=%s" % kv for kv in params.items()) or "default"
    infrequent = "min_frequency" in params or "max_categories" in params
    model = OneHotEncoder(
        handle_unknown="infrequent_if_exist" if infrequent else "ignore", sparse_output=False, **params
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(np.array(TRAIN, dtype=object))
        for k, c in enumerate(model.categories_):
            rows.append(["categories", shown, k] + list(c))
        rows.append(["names", shown] + list(model.get_feature_names_out(["color", "size"])))
        for kind, data in (("fit", TRAIN), ("unseen", TEST)):
            rows += [
                [kind, shown, i, golden.ints(r)] for i, r in enumerate(model.transform(np.array(data, dtype=object)))
            ]
golden.write(
    "onehot.tsv",
    """
sklearn.preprocessing.OneHotEncoder on two text columns, "color" and "size"
handle_unknown is ignore (all zeros), with min_frequency or max_categories infrequent_if_exist
rows: input, fit|unseen, row, color, size
      categories, params, column, the categories in order (sorted by code point)
      names, params, the names of the output columns
      fit and unseen, params, row, the output
""",
    rows,
)
