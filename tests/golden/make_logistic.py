"""logistic_<problem>.tsv: small problems and what LogisticRegression finds for them.

Command: python3 tests/golden/make_logistic.py

liblinear stops at tol=1e-4 by default, after few Newton steps; its coefficients then depend on the last bits of the
arithmetic only weakly, because each step is solved by conjugate gradients to a loose tolerance. The same problem
at tol=1e-12 is the minimum itself: compare with that tightly, with the other loosely. Likewise lbfgs at tol=1e-8 is
within about 1e-5 of the coefficients' minimum, which the rows of newton-cholesky give.
"""

import warnings

import numpy as np
import scipy.sparse as sp
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import StandardScaler

import golden

ABOUT = """
%s
rows: size, n, features, classes
      x, label, then the values of the row (dense) or column:value pairs (sparse)
      fit, solver, C, tol, n_iter (liblinear: Newton steps, one number a class when one-versus-rest)
      coef, class, the coefficients of the last fit (binary: one row, class 1; liblinear, 3 classes: one-versus-rest)
      intercept, one a class row
      objective, the minimised function at the solution, one number a class row where one-versus-rest
          liblinear: 1/2 (w.w + b^2) + C sum log(1 + exp(-y z)), the intercept b penalised as one more coefficient
          lbfgs:     1/2 w.w + C sum log loss (multinomial for 3 classes), the intercept free
          newton-cholesky: the function of lbfgs, solved to the last digits
      proba, row, the class probabilities of the first rows (one-versus-rest: sigmoids divided by their sum)
      accuracy, on the rows themselves
"""
PROBA = 10


def objective(x, y01, w, b, c, penalised):
    z = x @ w + b
    loss = np.logaddexp(0, np.where(y01 == 1, -z, z)).sum()
    return 0.5 * (w @ w + (b * b if penalised else 0)) + c * loss


def softmax_objective(x, y, w, b, c):
    z = x @ w.T + b
    top = z.max(axis=1)
    loss = (top + np.log(np.exp(z - top[:, None]).sum(axis=1)) - z[np.arange(len(y)), y]).sum()
    return 0.5 * (w * w).sum() + c * loss


def fits(x, y):
    classes = np.unique(y)
    binary = len(classes) == 2
    for solver, tols in (("liblinear", (1e-4, 1e-12)), ("lbfgs", (1e-8,)), ("newton-cholesky", (1e-13,))):
        for c in (0.01, 1.0, 100.0):
            for tol in tols:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    model = LogisticRegression(C=c, solver=solver, tol=tol, max_iter=10000)
                    if solver == "liblinear" and not binary:
                        model = OneVsRestClassifier(model)
                    model.fit(x, y)
                if hasattr(model, "estimators_"):
                    coef = np.vstack([e.coef_[0] for e in model.estimators_])
                    intercept = np.array([e.intercept_[0] for e in model.estimators_])
                    n_iter = [e.n_iter_[0] for e in model.estimators_]
                else:
                    coef, intercept, n_iter = model.coef_, model.intercept_, model.n_iter_
                if solver != "liblinear" and not binary:
                    value = [softmax_objective(x, y, coef, intercept, c)]
                else:
                    value = [
                        objective(x, y == (1 if binary else k), coef[k], intercept[k], c, solver == "liblinear")
                        for k in range(len(coef))
                    ]
                yield ["fit", solver, golden.real(c), golden.real(tol), golden.ints(n_iter)]
                for k, w in enumerate(coef):
                    yield ["coef", 1 if binary else k, golden.reals(w)]
                yield ["intercept", golden.reals(intercept)]
                yield ["objective", golden.reals(value)]
                for i, p in enumerate(model.predict_proba(x[:PROBA])):
                    yield ["proba", i, golden.reals(p)]
                yield ["accuracy", golden.real(model.score(x, y))]


def dense(name, about, x, y):
    text = [["%.5g" % v for v in r] for r in x]
    x = np.array([[float(v) for v in r] for r in text])
    rows = [["size", x.shape[0], x.shape[1], len(np.unique(y))]]
    rows += [["x", int(t)] + r for t, r in zip(y, text)]
    golden.write("logistic_%s.tsv" % name, ABOUT % about, rows + list(fits(x, y)))


def sparse(name, about, x, y):
    x = sp.csr_matrix(x)
    x.sort_indices()
    x.data = np.array([float("%.6g" % v) for v in x.data])
    rows = [["size", x.shape[0], x.shape[1], len(np.unique(y))]]
    for i, t in enumerate(y):
        a, b = x.indptr[i], x.indptr[i + 1]
        rows.append(["x", int(t)] + ["%d:%.6g" % (j, v) for j, v in zip(x.indices[a:b], x.data[a:b])])
    golden.write("logistic_%s.tsv" % name, ABOUT % about, rows + list(fits(x, y)))


data = load_breast_cancer()
dense(
    "cancer",
    "breast cancer (UCI), standardised and rounded to five digits; label 1 is benign",
    StandardScaler().fit_transform(data.data),
    data.target,
)
data = load_iris()
dense("iris", "Fisher's iris, as it is, 3 classes", data.data, data.target)

rng = np.random.RandomState(7)
x = rng.normal(size=(200, 4)) * [1, 10, 0.1, 1]
y = (x @ [1.5, 0.1, -4, 0] + rng.normal(size=200) > 3.3).astype(int)
assert 8 <= y.sum() <= 30
dense("imbalanced", "200 drawn rows, %d of class 1, columns of very different scale" % y.sum(), x, y)

GOOD = "great excellent wonderful superb loved enjoyed charming best".split()
BAD = "worst awful boring terrible hated waste dull poor".split()
FILLER = (
    "film movie plot actor scene story music camera director script time people man woman year night city end "
    "part way thing life world house war love"
).split()
rng = np.random.RandomState(11)
texts, labels = [], []
for i in range(160):
    label = int(rng.rand() < 0.5)
    own, other = (GOOD, BAD) if label else (BAD, GOOD)
    words = (
        list(rng.choice(FILLER, 8))
        + list(rng.choice(own, rng.randint(0, 4)))
        + list(rng.choice(other, rng.randint(0, 2)))
    )
    texts.append(" ".join(words))
    labels.append(label)
sparse(
    "sparse",
    "160 drawn texts through TfidfVectorizer(), rounded to six digits",
    TfidfVectorizer().fit_transform(texts),
    np.array(labels),
)
