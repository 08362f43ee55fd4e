"""pandas: peer_pandas.py load CSV | clean CSV OUT"""

import sys

import pandas as pd

df = pd.read_csv(sys.argv[2])
if sys.argv[1] == "clean":
    df["review_text"] = df["review_text"].str.lower().str.replace(r"<[^>]*>", "", regex=True)
    df.to_csv(sys.argv[3], index=False)
print('{"records": %d}' % len(df))
