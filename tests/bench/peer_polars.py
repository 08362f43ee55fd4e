"""Polars, eager: peer_polars.py load CSV | clean CSV OUT"""

import sys

import polars as pl

df = pl.read_csv(sys.argv[2])
if sys.argv[1] == "clean":
    df = df.with_columns(pl.col("review_text").str.to_lowercase().str.replace_all(r"<[^>]*>", ""))
    df.write_csv(sys.argv[3])
print('{"records": %d}' % df.height)
