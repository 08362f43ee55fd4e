"""svmlight.tsv: small files in svmlight's format, and what load_svmlight_file makes of them.

Command: python3 tests/golden/make_svmlight.py
"""

import io

import numpy as np
from sklearn.datasets import load_svmlight_file

import golden

FILES = {
    "plain": "+1 1:0.5 3:-1e-2\n-1 2:3\n",
    "comments": "# all of it\n1 1:1 # 2:2\n\n2 3:.5#\n   \n",
    "tabs": "1\t1:1\t  4:2 \r\n2 2:1\r\n",
    "no end": "1 1:1\n0 7:7",
    "no features": "1\n2 2:1\n-3\n",
    "from zero": "1 0:1 2:2\n2 1:1\n",
    "explicit zeros": "1 1:0 2:0\n",
    "digits": "1 1:0.1 2:3.4028234e38 3:1e-40 4:-0.333333333333333333333 5:+7 6:16777217\n",
    "labels": "0.5 1:1\n-2e3 1:1\n+7 1:1\n",
    "queries": "1 qid:3 1:1\n2 qid:3 2:1\n",
    "wide": "1 100000:1\n",
    "falling": "1 2:1 1:1\n",
    "twice": "1 2:1 2:1\n",
    "several labels": "1,2 1:1\n",
    "a word": "1 1:x\n",
    "no colon": "1 1\n",
    "no label": "1:1 2:1\n",
}
SETTINGS = [("auto", None), (True, None), (False, None), ("auto", 9), (False, 2)]

rows = []
for name, text in FILES.items():
    for zero_based, n_features in SETTINGS:
        rows.append(["file", name, str(zero_based).lower(), n_features or 0, text])
        try:
            x, y = load_svmlight_file(
                io.BytesIO(text.encode()), zero_based=zero_based, n_features=n_features, dtype=np.float64
            )
        except ValueError:
            rows.append(["refused"])
            continue
        x = x.astype(np.float32)
        rows.append(["width", x.shape[1]])
        for i in range(x.shape[0]):
            a, b = x.indptr[i], x.indptr[i + 1]
            pairs = ["%d:%s" % (j, golden.real(v)) for j, v in zip(x.indices[a:b], x.data[a:b])]
            rows.append(["row", golden.real(y[i]), " ".join(pairs)])

golden.write(
    "svmlight.tsv",
    """
rows: file, name, zero_based, n_features (0: None), the text
      then either: refused (the whole file, by load_svmlight_file)
      or: width, number of features; row, label, "column:value"... in single precision
""",
    rows,
)
