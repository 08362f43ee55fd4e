/* verify_kept.c: what the file has of a training: digests, what was done to it, what it learned. */
#include "columns.h"
#include "verify_inner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int by_place(const void *a, const void *b)
{
    const struct kept_digest *x = a, *y = b;
    int order = strcmp(x->kind, y->kind);
    return order ? order : (x->position > y->position) - (x->position < y->position);
}

const struct kept_digest *kept_find(const struct verifying *v, const char *kind, uint64_t position)
{
    struct kept_digest key = { .position = position };
    snprintf(key.kind, sizeof key.kind, "%s", kind);
    return v->n_digests ? bsearch(&key, v->digests, v->n_digests, sizeof key, by_place) : NULL;
}

size_t kept_count(const struct verifying *v, const char *kind)
{
    size_t n = 0;
    for (size_t i = 0; i < v->n_digests; i++)
        n += strcmp(v->digests[i].kind, kind) == 0;
    return n;
}

static int take_digest(struct verifying *v, sqlite3_stmt *query, struct sl_error *err)
{
    struct kept_digest d = { .position = (uint64_t)sqlite3_column_int64(query, 1),
                             .record = (uint64_t)sqlite3_column_int64(query, 2) };
    snprintf(d.kind, sizeof d.kind, "%s", book_text(query, 0));
    if (strcmp(d.kind, "checks") == 0 && !(d.checks = strdup(book_text(query, 3))))
        return sl_fail_memory(err, "verifying");
    if (!d.checks)
        d.hash = strtoull(book_text(query, 3), NULL, 16);
    if (!(v->n_digests & (v->n_digests - 1))) {
        size_t capacity = v->n_digests ? 2 * v->n_digests : 1;
        struct kept_digest *more = realloc(v->digests, capacity * sizeof *more);
        if (!more) {
            free(d.checks);
            return sl_fail_memory(err, "verifying");
        }
        v->digests = more;
    }
    v->digests[v->n_digests++] = d;
    return SL_OK;
}

static int read_digests(struct verifying *v, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    if (v->book->version < 2)
        return SL_OK;
    int status = book_query(v->book, &query, err,
                            "SELECT kind, position, record, hash FROM digest WHERE run = ? ORDER BY kind, position",
                            "i", v->run->run);
    while (!status && !(status = book_row(v->book, query, err)))
        status = take_digest(v, query, err);
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

static int read_fitted(struct verifying *v, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(v->book, &query, err, "SELECT stages, learner FROM fitted WHERE run = ?", "i", v->run->run);
    if (!status)
        status = book_row(v->book, query, err);
    if (!status) {
        struct sl_str stages = book_blob(query, 0), learner = book_blob(query, 1);
        sl_buf_add(&v->stages, stages.p, stages.n);
        sl_buf_add(&v->learner, learner.p, learner.n);
        status = v->stages.failed || v->learner.failed ? sl_fail_memory(err, "verifying") : SL_OK;
    }
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

/* Did it end by itself, so that it must do so again? A disk that was full then need not be now. */
static int read_end(struct verifying *v, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    v->own_end = v->run->job == SL_JOB_DONE;
    if (v->run->job != SL_JOB_FAILED)
        return SL_OK;
    int status =
        book_query(v->book, &query, err, "SELECT 1 FROM event WHERE run = ? AND kind = 'nonfinite'", "i", v->run->run);
    if (!status)
        status = book_row(v->book, query, err);
    v->own_end = status == SL_OK;
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

int verify_read(struct verifying *v, struct sl_error *err)
{
    int status = read_digests(v, err);
    if (!status)
        status = tunings_read(&v->tuned, v->book, v->run->run, 0, err);
    if (!status)
        status = read_fitted(v, err);
    if (!status)
        status = read_end(v, err);
    return status ? status : columns_read(v->book, v->run->run, &v->columns, err);
}
