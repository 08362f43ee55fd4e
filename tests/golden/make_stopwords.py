"""stopwords.txt: the English stop words of scikit-learn, sorted by bytes, one a line.

Command: python3 tests/golden/make_stopwords.py
"""

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

import golden

words = sorted(ENGLISH_STOP_WORDS)
assert len(words) == 318
golden.write(
    "stopwords.txt", "sklearn.feature_extraction.text.ENGLISH_STOP_WORDS, %d words" % len(words), [[w] for w in words]
)
