"""The IMDB job as one writes it with pandas and scikit-learn. Usage: peer_sklearn.py CSV

Prints the facts as one JSON object, by the names that "sluice run --json" uses.
"""

import json
import sys

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, roc_auc_score
from sklearn.model_selection import train_test_split

pd.options.mode.string_storage = "python"  # as without pyarrow: here a little faster, and a third less memory
df = pd.read_csv(sys.argv[1])
df["review_text"] = df["review_text"].str.lower().str.replace(r"<[^>]*>", "", regex=True)
x_train, x_test, y_train, y_test = train_test_split(df["review_text"], df["sentiment"], test_size=0.2, random_state=42)

vectorizer = TfidfVectorizer(stop_words="english", max_features=1000)
x_train = vectorizer.fit_transform(x_train)
x_test = vectorizer.transform(x_test)
model = LogisticRegression(solver="liblinear", C=1.0)
model.fit(x_train, y_train)

predicted = model.predict(x_test)
proba = model.predict_proba(x_test)
print(
    json.dumps(
        {
            "records": len(df),
            "features": len(vectorizer.vocabulary_),
            "nonzeros": int(x_train.nnz),
            "accuracy": accuracy_score(y_test, predicted),
            "train_accuracy": model.score(x_train, y_train),
            "log_loss": log_loss(y_test, proba),
            "roc_auc": roc_auc_score(y_test, proba[:, 1]),
            "confusion": confusion_matrix(y_test, predicted).tolist(),
        }
    )
)
