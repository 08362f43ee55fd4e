/* book_query.c: statements and transactions on the session's file, and what SQLite's complaints mean to its owner. */
#include "book.h"

#include <math.h>
#include <stdarg.h>

/* A transaction that finds no room is rolled back: what was committed before stands. */
static int no_room(struct book *book, const char *path, const char *why, struct sl_error *err)
{
    int number = book->db ? sqlite3_system_errno(book->db) : 0;
    sl_fail(err, SL_EIO, "the session \"%s\" cannot be written: %s", path, number ? strerror(number) : why);
    sl_fix(err,
           "make room on its disk; all that was saved before is whole, and a training goes on from there with: resume");
    return SL_EIO;
}

int book_fail(struct book *book, int code, struct sl_error *err)
{
    const char *path = book->path ? book->path : "in memory";
    const char *why = book->db ? sqlite3_errmsg(book->db) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_NOMEM: return sl_fail_memory(err, "the session");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        sl_fail(err, SL_ESTATE, "the session \"%s\" is in use by another program: %s", path, why);
        return sl_fix(err, "close that program and try again"), SL_ESTATE;
    case SQLITE_FULL: return no_room(book, path, why, err);
    case SQLITE_IOERR:
        if (code == SQLITE_IOERR_WRITE)
            return no_room(book, path, why, err);
        /* fall through */
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        sl_fail(err, SL_EIO, "the session \"%s\" cannot be read or written: %s", path, why);
        return sl_fix(err, "check the folder's permissions and the space on its disk"), SL_EIO;
    case SQLITE_TOOBIG:
        sl_fail(err, SL_ELIMIT, "something is too big for the session \"%s\": %s", path, why);
        return sl_fix(err, "train a smaller model, with fewer features"), SL_ELIMIT;
    default:
        sl_fail(err, SL_EFORMAT, "the session \"%s\" is damaged: %s", path, why);
        return sl_fix(err, "use a copy of it, or begin a new one; `sqlite3 FILE .recover` saves what can be read"),
               SL_EFORMAT;
    }
}

static int bind_all(sqlite3_stmt *query, const char *types, va_list args)
{
    int code = SQLITE_OK, at = 1;
    for (const char *t = types; *t && code == SQLITE_OK; t++, at++) {
        if (*t == 'i') {
            code = sqlite3_bind_int64(query, at, va_arg(args, int64_t));
        } else if (*t == 'd') {
            code = sqlite3_bind_double(query, at, va_arg(args, double));
        } else if (*t == 't') {
            code = sqlite3_bind_text(query, at, va_arg(args, const char *), -1, SQLITE_TRANSIENT);
        } else {
            const void *p = va_arg(args, const void *);
            size_t n = va_arg(args, size_t);
            code = p && n ? sqlite3_bind_blob64(query, at, p, n, SQLITE_TRANSIENT)
                          : sqlite3_bind_zeroblob(query, at, 0);
        }
    }
    return code;
}

static int prepare(struct book *book, sqlite3_stmt **query, struct sl_error *err, const char *sql, const char *types,
                   va_list args)
{
    int code = sqlite3_prepare_v2(book->db, sql, -1, query, NULL);
    if (code == SQLITE_OK)
        code = bind_all(*query, types, args);
    if (code == SQLITE_OK)
        return SL_OK;
    int status = book_fail(book, code, err);
    sqlite3_finalize(*query);
    *query = NULL;
    return status;
}

int book_query(struct book *book, sqlite3_stmt **query, struct sl_error *err, const char *sql, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    int status = prepare(book, query, err, sql, types, args);
    va_end(args);
    return status;
}

int book_row(struct book *book, sqlite3_stmt *query, struct sl_error *err)
{
    int code = sqlite3_step(query);
    return code == SQLITE_ROW ? SL_OK : code == SQLITE_DONE ? SL_EEND : book_fail(book, code, err);
}

int book_run(struct book *book, struct sl_error *err, const char *sql, const char *types, ...)
{
    sqlite3_stmt *query = NULL;
    va_list args;
    va_start(args, types);
    int status = prepare(book, &query, err, sql, types, args);
    va_end(args);
    while (!status)
        status = book_row(book, query, err);
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

void book_hold(struct book *book)
{
    pthread_mutex_lock(&book->lock);
}

void book_release(struct book *book)
{
    pthread_mutex_unlock(&book->lock);
}

int book_begin(struct book *book, struct sl_error *err)
{
    book_hold(book);
    int status = book_run(book, err, "BEGIN IMMEDIATE", "");
    if (status)
        book_release(book);
    return status;
}

int book_end(struct book *book, int status, struct sl_error *err)
{
    if (!status)
        status = book_run(book, err, "COMMIT", "");
    if (status)
        sqlite3_exec(book->db, "ROLLBACK", NULL, NULL, NULL);
    book_release(book);
    return status;
}

const char *book_text(sqlite3_stmt *query, int column)
{
    const char *text = (const char *)sqlite3_column_text(query, column);
    return text ? text : "";
}

double book_real(sqlite3_stmt *query, int column)
{
    return sqlite3_column_type(query, column) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(query, column);
}

struct sl_str book_blob(sqlite3_stmt *query, int column)
{
    const void *p = sqlite3_column_blob(query, column);
    return (struct sl_str){ p ? p : "", p ? (size_t)sqlite3_column_bytes(query, column) : 0 };
}
