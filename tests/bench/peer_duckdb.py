"""DuckDB, all cores: peer_duckdb.py count CSV | load CSV | clean CSV OUT

count only counts the records; load keeps them in a table in memory.
"""

import sys

import duckdb


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


source = "read_csv(%s)" % quoted(sys.argv[2])
db = duckdb.connect()
if sys.argv[1] == "count":
    n = db.execute("select count(*) from " + source).fetchone()[0]
elif sys.argv[1] == "load":
    db.execute("create table t as select * from " + source)
    n = db.execute("select count(*) from t").fetchone()[0]
else:
    n = db.execute(
        "copy (select regexp_replace(lower(review_text), '<[^>]*>', '', 'g') as review_text, sentiment from "
        + source
        + ") to "
        + quoted(sys.argv[3])
        + " (format csv, header)"
    ).fetchone()[0]
print('{"records": %d}' % n)
