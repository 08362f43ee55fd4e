"""tfidf_corpus.tsv and tfidf_<setting>.tsv: what the text vectorizers make of a small corpus.

Command: python3 tests/golden/make_tfidf.py
"""

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

import golden

FIT = [
    "The film was great, great fun and a great cast.",
    "A bad film: bad acting, bad script, bad everything.",
    "I did not like the acting but the music was wonderful.",
    "Caf\u00e9 society at its best; na\u00efve but charming.",
    "Cafe society without the accent is another word.",
    "",
    "the and of to in",
    "!!! ??? ... -- ,",
    "a I x 1 2",
    "10/10 would watch again, and again, and again.",
    "8 out of 10: the plot has holes the size of 1984.",
    "The film was great, great fun and a great cast.",
    "THE FILM WAS GREAT, GREAT FUN AND A GREAT CAST.",
    "It's what you'd expect; don't go, can't stay.",
    "snake_case words_and_more __init__ stay whole",
    "tab\tand\nnewline and\r\ncarriage return separate words",
    "\u00c9cole, \u00e9cole, \u00c9COLE: one word in lower case.",
    "Stra\u00dfe and STRASSE are two words.",
    "\u0130stanbul'da film izledim, \u00e7ok g\u00fczel.",
    "\u041c\u043e\u0441\u043a\u0432\u0430 \u0441\u043b\u0435\u0437\u0430\u043c "
    "\u043d\u0435 \u0432\u0435\u0440\u0438\u0442, \u043c\u043e\u0441\u043a\u0432\u0430.",
    "\u4e2d\u6587 \u7535\u5f71 \u5f88 \u597d\u770b \u4e2d\u6587 \u7535\u5f71",
    "\u4e2d\u6587\u7535\u5f71\u5f88\u597d\u770b",
    "good \U0001f600 bad \U0001f621 good\U0001f600good",
    "worst worst worst worst worst worst film",
    "boring boring plot, boring cast, wonderful music",
    "wonderful wonderful excellent excellent excellent acting",
    "script script music music plot plot cast acting holes",
    "watch watch watch the plot again",
    "fun fun film film film music",
    "excellent",
    "the excellent",
    "great great great great great great great great great great",
    "plot acting script cast music fun great bad film boring",
    "film film film plot plot acting",
    "a film of few words; few, few words.",
    "worst acting and worst script, the worst of the worst",
    "x\u00b2 m\u00b3 \u00bd \u0663\u0664 numbers 42 007 3.14 1,000",
    "state-of-the-art re-make of a so-called classic",
    "combining e\u0301cole marks split: nai\u0308ve words",
    "zombie zombie zombie aardvark",
]
UNSEEN = [
    "great film, unseen vocabulary here",
    "nothing known whatsoever qqq zzz",
    "",
    "the plot the plot the plot boring BORING Boring",
    "wonderful music and a wonderful wonderful cast 10 10 10",
]
SETTINGS = [
    ("default", TfidfVectorizer, {}),
    ("english", TfidfVectorizer, {"stop_words": "english"}),
    ("max_features", TfidfVectorizer, {"max_features": 12}),
    ("english_max_features", TfidfVectorizer, {"stop_words": "english", "max_features": 12}),
    ("min_df", TfidfVectorizer, {"min_df": 2}),
    ("max_df", TfidfVectorizer, {"max_df": 0.25, "min_df": 2}),
    ("df_share", TfidfVectorizer, {"min_df": 0.05, "max_df": 8}),
    ("bigrams", TfidfVectorizer, {"ngram_range": (1, 2), "min_df": 2}),
    ("bigrams_english", TfidfVectorizer, {"ngram_range": (1, 2), "stop_words": "english", "min_df": 2}),
    ("trigrams", TfidfVectorizer, {"ngram_range": (2, 3)}),
    ("sublinear", TfidfVectorizer, {"sublinear_tf": True, "min_df": 2}),
    ("unsmoothed", TfidfVectorizer, {"smooth_idf": False, "min_df": 2}),
    ("norm_l1", TfidfVectorizer, {"norm": "l1", "min_df": 2}),
    ("norm_none", TfidfVectorizer, {"norm": None, "min_df": 2}),
    ("no_idf", TfidfVectorizer, {"use_idf": False, "min_df": 2}),
    ("binary", TfidfVectorizer, {"binary": True, "min_df": 2}),
    ("cased", TfidfVectorizer, {"lowercase": False, "min_df": 2}),
    ("count", CountVectorizer, {}),
    ("count_bigrams", CountVectorizer, {"ngram_range": (1, 2), "max_df": 0.5, "min_df": 2}),
    ("count_binary", CountVectorizer, {"binary": True, "min_df": 2}),
]
ABOUT = """
sklearn.feature_extraction.text.%s(%s), fitted on the rows "fit" of tfidf_corpus.tsv
rows: params, the setting
      size, number of terms
      term, column, term, idf (0 where there is none); sorted by code point, which for UTF-8 is by bytes
      fit, row, then column:value for each non-zero, columns ascending (rows without non-zeros are there too)
      unseen, row, the same for the rows "unseen"
"""


def cut_is_clear(params):
    """max_features keeps an arbitrary one of terms tied at the boundary: the corpus must have no tie there."""
    full = CountVectorizer(**{**params, "max_features": None})
    total = np.sort(np.asarray(full.fit_transform(FIT).sum(axis=0)).ravel())[::-1]
    limit = params["max_features"]
    return total[limit - 1] > total[limit]


def triplets(kind, matrix):
    matrix = matrix.tocsr()
    matrix.sort_indices()
    for i in range(matrix.shape[0]):
        a, b = matrix.indptr[i], matrix.indptr[i + 1]
        yield [kind, i] + ["%d:%s" % (j, golden.real(v)) for j, v in zip(matrix.indices[a:b], matrix.data[a:b])]


golden.write(
    "tfidf_corpus.tsv",
    "fields: fit or unseen, row from 0 within its kind, text",
    [["fit", i, t] for i, t in enumerate(FIT)] + [["unseen", i, t] for i, t in enumerate(UNSEEN)],
)
for name, cls, params in SETTINGS:
    if "max_features" in params:
        assert cut_is_clear(params), name
    vec = cls(**params)
    x = vec.fit_transform(FIT)
    terms = vec.get_feature_names_out()
    idf = getattr(vec, "idf_", None) if params.get("use_idf", True) and cls is TfidfVectorizer else None
    rows = [["size", len(terms)]]
    rows += [["term", j, t, golden.real(idf[j]) if idf is not None else 0] for j, t in enumerate(terms)]
    rows += triplets("fit", x)
    rows += triplets("unseen", vec.transform(UNSEEN))
    shown = " ".join("%s=%s" % (k, v) for k, v in params.items())
    golden.write("tfidf_%s.tsv" % name, ABOUT % (cls.__name__, shown), [["params", shown]] + rows)
