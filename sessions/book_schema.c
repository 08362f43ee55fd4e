/* book_schema.c: the tables of a session file, as SQLite sees them and for whoever looks with the sqlite3 shell.
 *
 * Some questions and their answers:
 *   what was done       SELECT datetime(time,'unixepoch'), line FROM journal ORDER BY id;
 *   the curves          SELECT step, loss, train_accuracy, test_accuracy FROM point WHERE run = 1 ORDER BY step;
 *   the final figures   SELECT json_extract(json,'$.accuracy') FROM result ORDER BY run DESC LIMIT 1;
 *   slowest stages      SELECT text, seconds FROM stage WHERE run = 1 ORDER BY seconds DESC;
 *
 * The recipe is not kept as such: it is the journal, carried out again. What `undo` took back stays in the journal, and
 * the `undo` too. A row, once committed, is changed only in run (its state) and replaced only in checkpoint and fitted.
 */
#include "book.h"

const char book_schema[] =
    /* key, value: base (the folder paths in commands are relative to, itself relative to the session's folder),
     * base_absolute, created, version */
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
    /* one row each time the session was opened for writing */
    "CREATE TABLE environment(id INTEGER PRIMARY KEY, time REAL NOT NULL, version TEXT, compiler TEXT, sqlite TEXT,"
    " system TEXT, machine TEXT, cores INTEGER, threads INTEGER, memory INTEGER);"
    /* commands, in the order in which they took effect; run and step say where a running training stood */
    "CREATE TABLE journal(id INTEGER PRIMARY KEY, time REAL NOT NULL, line TEXT NOT NULL,"
    " run INTEGER, step INTEGER);"
    /* trainings; state: preparing training paused done stopped interrupted failed; recipe: its statements, one a line;
     * fingerprint: of the data, hexadecimal; error: why it failed */
    "CREATE TABLE run(id INTEGER PRIMARY KEY, started REAL NOT NULL, ended REAL, state TEXT NOT NULL, recipe TEXT NOT NULL,"
    " fingerprint TEXT, records INTEGER, quarantined INTEGER, dropped INTEGER, step INTEGER NOT NULL DEFAULT 0,"
    " seconds REAL, error TEXT);"
    /* columns of the source, as the run read them; type as in sl_type_name() */
    "CREATE TABLE source_column(run INTEGER NOT NULL REFERENCES run(id), position INTEGER NOT NULL, name TEXT NOT NULL,"
    " type TEXT NOT NULL, PRIMARY KEY(run, position)) WITHOUT ROWID;"
    /* files of the source; size and mtime tell quickly whether one may have changed since */
    "CREATE TABLE source(run INTEGER NOT NULL REFERENCES run(id), path TEXT NOT NULL, size INTEGER, mtime REAL,"
    " PRIMARY KEY(run, path)) WITHOUT ROWID;"
    /* what each stage did in the run: records in, out and changed, and so on; seconds over all workers */
    "CREATE TABLE stage(run INTEGER NOT NULL REFERENCES run(id), position INTEGER NOT NULL, text TEXT NOT NULL,"
    " records_in INTEGER, records_out INTEGER, changed INTEGER, dropped INTEGER, missing INTEGER, emptied INTEGER,"
    " bytes INTEGER, seconds REAL, PRIMARY KEY(run, position)) WITHOUT ROWID;"
    /* what happened, beside the points: kind prepared, paused, resumed, stopped, failed, done …, and its facts */
    "CREATE TABLE event(run INTEGER NOT NULL REFERENCES run(id), seq INTEGER NOT NULL, time REAL NOT NULL,"
    " kind TEXT NOT NULL, json TEXT, PRIMARY KEY(run, seq)) WITHOUT ROWID;"
    /* the curves: one row an iteration; NULL stands for not a number */
    "CREATE TABLE point(run INTEGER NOT NULL REFERENCES run(id), step INTEGER NOT NULL, rows INTEGER, loss REAL,"
    " gradient_norm REAL, train_accuracy REAL, test_accuracy REAL, test_loss REAL, seconds REAL,"
    " PRIMARY KEY(run, step)) WITHOUT ROWID;"
    /* the learner's whole state after `step` iterations: the last two, and those format 3 tells of, are kept */
    "CREATE TABLE checkpoint(run INTEGER NOT NULL REFERENCES run(id), step INTEGER NOT NULL, state BLOB NOT NULL,"
    " PRIMARY KEY(run, step));"
    /* what the run learned: its stages' models, and the learner's state */
    "CREATE TABLE fitted(run INTEGER PRIMARY KEY REFERENCES run(id), stages BLOB NOT NULL, learner BLOB NOT NULL);"
    /* the figures at its end: for people, and to the bit */
    "CREATE TABLE result(run INTEGER PRIMARY KEY REFERENCES run(id), json TEXT NOT NULL, exact BLOB NOT NULL);";

/* What format 2 has more than format 1. */
const char book_schema_2[] =
    /* what a run's data and results came to, for `verify`; hash: XXH3-64 or a sum of it, hexadecimal. By kind: block of
     * the source (record: its first); checks, a byte for each record or few of the block (record: how many good ones);
     * file (record: its first; hash: its first block); records, in any order (record: how many); stage, what it put out
     * (record: how many), none where a cache took its place; split and rows, 0 training 1 test; model; weights (record:
     * after so many steps) */
    "CREATE TABLE digest(run INTEGER NOT NULL REFERENCES run(id), kind TEXT NOT NULL, position INTEGER NOT NULL,"
    " record INTEGER, hash TEXT NOT NULL, PRIMARY KEY(run, kind, position)) WITHOUT ROWID;"
    /* commands asked for by other processes (`sluice attach`), carried out by the one that has the session open; status
     * NULL: waiting; 0: done; else the error's, and reply says what */
    "CREATE TABLE request(id INTEGER PRIMARY KEY, time REAL NOT NULL, line TEXT NOT NULL, status INTEGER, reply TEXT);";

/* What format 3 has more than format 2. */
const char book_schema_3[] =
    /* of this step; NULL: the learner has none */
    "ALTER TABLE point ADD COLUMN learning_rate REAL;"
    /* of vectors: features, and as a picture its rows, columns and channels; scale and offset: of those whose cells are
     * bytes, each for byte × scale + offset; NULL: not so */
    "ALTER TABLE source_column ADD COLUMN width INTEGER;"
    "ALTER TABLE source_column ADD COLUMN height INTEGER;"
    "ALTER TABLE source_column ADD COLUMN breadth INTEGER;"
    "ALTER TABLE source_column ADD COLUMN channels INTEGER;"
    "ALTER TABLE source_column ADD COLUMN scale REAL;"
    "ALTER TABLE source_column ADD COLUMN \"offset\" REAL;"
    /* 1: the source itself says that this is what to predict */
    "ALTER TABLE source_column ADD COLUMN target INTEGER;"
    /* of a network at the end of this epoch, one of those that `train keep_checkpoints=` keeps; NULL: kept as time went
     * by */
    "ALTER TABLE checkpoint ADD COLUMN epoch INTEGER;"
    /* the learner's whole state at the end of its best epoch so far */
    "CREATE TABLE best(run INTEGER PRIMARY KEY REFERENCES run(id), step INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    " state BLOB NOT NULL);";
