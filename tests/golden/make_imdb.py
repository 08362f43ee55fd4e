"""imdb.tsv: the facts of the film-review job, for trials on the real data, which is not part of the project.

Command: python3 tests/golden/make_imdb.py path/to/imdb50k.csv      (needs pandas too; takes a minute)
"""

import itertools
import sys

import numpy as np
import pandas as pd
from sklearn import metrics
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

import golden

ABOUT = """
columns review_text, sentiment of imdb50k.csv (50,000 reviews); str.lower(), then re.sub("<[^>]*>", "", text);
train_test_split(test_size=0.2, random_state=42); TfidfVectorizer(stop_words="english", max_features=1000);
LogisticRegression(solver="liblinear", C=1.0); class 1 is "positive"
rows: fact, source, name, value. Sources:
  data      holds for every version
  1.2.1     scikit-learn 1.2.1, as published with rounded figures
  newest    the version above, which keeps other ones of the terms tied at the boundary
  keep A B  the newest, told to keep the terms A and B of the tied ones; "converged" = the same with tol=1e-10.
            1.2.1 kept the two that come last in the alphabet: its figures are those of "keep surprisingly taste"
"""
OLD = """
full_vocabulary 94459
tokens 4273412
first_term 10
last_term zombie
idf_sum 4367.836
train_nonzeros 1835810
coef:worst -9.763
coef:great 6.014
coef:excellent 6.460
coef:bad -6.111
coef:boring -6.054
coef:wonderful 4.956
intercept -0.1189
accuracy 0.8607
accuracy_converged 0.8608
train_accuracy 0.8718
log_loss 0.32493
roc_auc 0.93701
confusion 4239 769 624 4368
"""
SHOWN = "worst great excellent bad boring wonderful".split()


def facts(source, terms, idf, a_train, y_train, a_test, y_test, tol=1e-4):
    model = LogisticRegression(solver="liblinear", C=1.0, tol=tol).fit(a_train, y_train)
    proba = model.predict_proba(a_test)[:, 1]
    predicted = model.predict(a_test)
    coef = dict(zip(terms, model.coef_[0]))
    margin = np.where(y_train == 1, 1, -1) * (a_train @ model.coef_[0] + model.intercept_[0])
    w = np.append(model.coef_[0], model.intercept_[0])
    rows = [
        ("first_term", terms[0]),
        ("last_term", terms[-1]),
        ("idf_sum", golden.real(idf.sum())),
        ("train_nonzeros", a_train.nnz),
        ("test_nonzeros", a_test.nnz),
    ]
    rows += [("coef:" + t, golden.real(coef[t])) for t in SHOWN]
    rows += [
        ("intercept", golden.real(model.intercept_[0])),
        ("newton_steps", int(model.n_iter_[0])),
        ("objective", golden.real(0.5 * w @ w + np.logaddexp(0, -margin).sum())),
        ("accuracy", golden.real((predicted == y_test).mean())),
        ("train_accuracy", golden.real(model.score(a_train, y_train))),
        ("log_loss", golden.real(metrics.log_loss(y_test, proba))),
        ("train_log_loss", golden.real(np.logaddexp(0, -margin).mean())),
        ("roc_auc", golden.real(metrics.roc_auc_score(y_test, proba))),
        ("confusion", golden.ints(metrics.confusion_matrix(y_test, predicted).ravel())),
    ]
    return [["fact", source, name, value] for name, value in rows]


df = pd.read_csv(sys.argv[1])
text = df["review_text"].str.lower().str.replace("<[^>]*>", "", regex=True).to_numpy()
y = (df["sentiment"] == "positive").to_numpy().astype(int)
train, test = train_test_split(np.arange(len(df)), test_size=0.2, random_state=42)
y_train, y_test = y[train], y[test]

counter = CountVectorizer(stop_words="english")
counts = counter.fit_transform(text[train])
names = counter.get_feature_names_out()
total = np.asarray(counts.sum(axis=0)).ravel()
cut = np.sort(total)[::-1][999]
above, tied = set(names[total > cut]), list(names[total == cut])
rows = [
    ["fact", "data", "records", len(df)],
    ["fact", "data", "duplicates", int(df.duplicated().sum())],
    ["fact", "data", "positive", int(y.sum())],
    ["fact", "data", "first_test_rows", golden.ints(test[:8])],
    ["fact", "data", "first_train_rows", golden.ints(train[:8])],
    ["fact", "data", "full_vocabulary", len(names)],
    ["fact", "data", "tokens", int(counts.sum())],
    ["fact", "data", "full_nonzeros", counts.nnz],
    ["fact", "data", "boundary_count", int(cut)],
    ["fact", "data", "terms_above_boundary", len(above)],
    ["fact", "data", "terms_at_boundary", " ".join(tied)],
]
rows += [["fact", "1.2.1"] + line.split(" ", 1) for line in OLD.strip().split("\n")]

vectorizer = TfidfVectorizer(stop_words="english", max_features=1000)
a, b = vectorizer.fit_transform(text[train]), vectorizer.transform(text[test])
kept = vectorizer.get_feature_names_out()
rows.append(["fact", "newest", "kept_at_boundary", " ".join(t for t in tied if t in set(kept))])
rows += facts("newest", kept, vectorizer.idf_, a, y_train, b, y_test)
for pair in itertools.combinations(tied, 1000 - len(above)):
    terms = sorted(above | set(pair))
    vectorizer = TfidfVectorizer(stop_words="english", vocabulary=terms)
    a, b = vectorizer.fit_transform(text[train]), vectorizer.transform(text[test])
    for source, tol in (("keep " + " ".join(pair), 1e-4), ("keep %s converged" % " ".join(pair), 1e-10)):
        rows += facts(source, terms, vectorizer.idf_, a, y_train, b, y_test, tol)
golden.write("imdb.tsv", ABOUT, rows)
