"""metrics.tsv: classification metrics of small vectors, degenerate ones included.

Command: python3 tests/golden/make_metrics.py
"""

import math
import warnings

import numpy as np
from sklearn import metrics

import golden

ABOUT = """
sklearn.metrics, zero_division=0; a case begins with "case" and lasts to the next one
case       name, n, classes
truth      class of each row
predicted  class of each row
proba      row, probability of each class (left out where the case has none)
accuracy   value
per_class  class, precision, recall, F1, support
macro, weighted   precision, recall, F1
confusion  true class, counts by predicted class
log_loss   mean, of the natural logarithm; probabilities are clipped to [eps, 1 - eps], eps = 2^-52
roc_auc    binary: area for class 1, ties count half; more classes: macro mean of one-versus-rest
           undefined where a class does not occur: then "nan"
"""


def case(name, truth, predicted, proba=None, classes=2):
    labels = list(range(classes))
    truth, predicted = np.array(truth), np.array(predicted)
    rows = [["case", name, len(truth), classes], ["truth", golden.ints(truth)], ["predicted", golden.ints(predicted)]]
    if proba is not None:
        proba = np.array(proba, dtype=float)
        rows += [["proba", i, golden.reals(p)] for i, p in enumerate(proba)]
    rows.append(["accuracy", golden.real(metrics.accuracy_score(truth, predicted))])
    score = lambda average: metrics.precision_recall_fscore_support(
        truth, predicted, labels=labels, average=average, zero_division=0
    )
    for k, (p, r, f, s) in enumerate(zip(*score(None))):
        rows.append(["per_class", k, golden.real(p), golden.real(r), golden.real(f), int(s)])
    rows += [[average, golden.reals(score(average)[:3])] for average in ("macro", "weighted")]
    for k, line in enumerate(metrics.confusion_matrix(truth, predicted, labels=labels)):
        rows.append(["confusion", k, golden.ints(line)])
    if proba is None:
        return rows
    rows.append(["log_loss", golden.real(metrics.log_loss(truth, proba, labels=labels))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if len(np.unique(truth)) < classes:
            auc = math.nan
        elif classes == 2:
            auc = metrics.roc_auc_score(truth, proba[:, 1])
        else:
            auc = metrics.roc_auc_score(truth, proba, multi_class="ovr", average="macro", labels=labels)
    rows.append(["roc_auc", golden.real(auc)])
    return rows


def both(p):
    return [[1 - v, v] for v in p]


def drawn(n, classes, seed, digits):
    rng = np.random.RandomState(seed)
    truth = rng.randint(0, classes, n)
    score = rng.dirichlet(np.ones(classes), n) + 0.5 * np.eye(classes)[truth]
    proba = np.round(score / score.sum(axis=1, keepdims=True), digits)
    proba[:, -1] = 1 - proba[:, :-1].sum(axis=1)
    return truth, proba.argmax(axis=1), proba


rows = case("plain", [0, 1, 1, 0, 1], [0, 1, 0, 0, 1], both([0.1, 0.9, 0.4, 0.3, 0.8]))
rows += case("all right", [0, 1, 0, 1], [0, 1, 0, 1], both([0.0, 1.0, 0.25, 0.75]))
rows += case("all wrong", [0, 1, 0, 1], [1, 0, 1, 0], both([1.0, 0.0, 0.75, 0.25]))
rows += case(
    "ties", [0, 1, 0, 1, 0, 1, 1, 0], [1, 1, 1, 1, 0, 0, 1, 0], both([0.5, 0.5, 0.5, 0.75, 0.25, 0.25, 0.5, 0.25])
)
rows += case("all tied", [0, 1, 0, 1, 1], [1, 1, 1, 1, 1], both([0.5] * 5))
rows += case("class 1 never predicted", [0, 1, 0, 0], [0, 0, 0, 0], both([0.1, 0.2, 0.3, 0.4]))
rows += case("class 1 never true", [0, 0, 0], [0, 1, 0], both([0.1, 0.6, 0.3]))
rows += case("one row", [1], [1], both([0.9]))
rows += case("certain and wrong", [1, 0], [0, 0], both([0.0, 1e-20]))
rows += case("one of each", [0, 1], [1, 0], both([0.7, 0.2]))
rows += case(
    "three classes",
    [0, 1, 2, 2, 1, 0],
    [0, 2, 2, 1, 1, 0],
    [[0.75, 0.125, 0.125], [0.25, 0.25, 0.5], [0.125, 0.25, 0.625], [0.25, 0.5, 0.25], [0, 1, 0], [0.5, 0.25, 0.25]],
    classes=3,
)
rows += case("class 2 never predicted", [0, 1, 2, 2], [0, 1, 1, 0], classes=3)
rows += case("class 1 neither true nor predicted", [0, 2, 2, 0], [0, 2, 0, 0], classes=3)
rows += case("drawn, 2 classes", *drawn(40, 2, 3, 2))
rows += case("drawn, 2 classes, many ties", *drawn(60, 2, 4, 1))
rows += case("drawn, 3 classes", *drawn(45, 3, 5, 2), classes=3)
rows += case("drawn, 5 classes", *drawn(60, 5, 6, 2), classes=5)
golden.write("metrics.tsv", ABOUT, rows)
