/* verify_out.c: what verifying found, row by row. */
#include "verify_inner.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *const sl_cause_names[SL_CAUSES] = { "other data",   "other record order", "other parameter", "other seed",
                                                "changed file", "other build",        "other machine",   "unknown" };

static void reasons_free(struct sl_verify_reason *reasons, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(reasons[i].text);
    free(reasons);
}

void sl_verified_free(struct sl_verified *runs, size_t n)
{
    for (size_t r = 0; runs && r < n; r++) {
        for (size_t i = 0; i < runs[r].n_rows; i++) {
            free(runs[r].rows[i].what);
            free(runs[r].rows[i].where);
            free(runs[r].rows[i].then);
            free(runs[r].rows[i].now);
        }
        free(runs[r].rows);
        reasons_free(runs[r].reasons, runs[r].n_reasons);
        reasons_free(runs[r].notes, runs[r].n_notes);
    }
    free(runs);
}

struct sl_verify_row *verify_row(struct verifying *v, const char *what, uint64_t agree, uint64_t n,
                                 struct sl_error *err)
{
    struct sl_verified *out = v->out;
    struct sl_verify_row *more = realloc(out->rows, (out->n_rows + 1) * sizeof *more);
    char *name = strdup(what);
    if (more)
        out->rows = more;
    if (!more || !name) {
        free(name);
        sl_fail_memory(err, "verifying");
        return NULL;
    }
    more[out->n_rows] = (struct sl_verify_row){ .what = name, .agree = agree, .n = n };
    out->agrees = out->agrees && agree == n;
    return &more[out->n_rows++];
}

static int put_text(char **to, struct sl_error *err, const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0)
        return sl_fail_memory(err, "verifying");
    free(*to);
    *to = text;
    return SL_OK;
}

int verify_first(struct sl_verify_row *row, struct sl_error *err, const char *format, ...)
{
    va_list args;
    if (!row)
        return SL_ENOMEM;
    va_start(args, format);
    int status = put_text(&row->where, err, format, args);
    va_end(args);
    return status;
}

int verify_values(struct sl_verify_row *row, const char *then, const char *now, struct sl_error *err)
{
    if (!row)
        return SL_ENOMEM;
    free(row->then);
    free(row->now);
    row->then = strdup(then ? then : "none");
    row->now = strdup(now ? now : "none");
    return row->then && row->now ? SL_OK : sl_fail_memory(err, "verifying");
}

static void real_text(double x, char out[64])
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    if (isnan(x))
        snprintf(out, 64, "not a number");
    else
        snprintf(out, 64, "%.17g (%016llx)", x, (unsigned long long)bits);
}

int verify_reals(struct sl_verify_row *row, double then, double now, struct sl_error *err)
{
    char a[64], b[64];
    real_text(then, a);
    real_text(now, b);
    return verify_values(row, a, b, err);
}

int verify_hashes(struct sl_verify_row *row, uint64_t then, uint64_t now, struct sl_error *err)
{
    char a[32], b[32];
    snprintf(a, sizeof a, "%016llx", (unsigned long long)then);
    snprintf(b, sizeof b, "%016llx", (unsigned long long)now);
    return verify_values(row, a, b, err);
}

static int put_reason(struct sl_verify_reason **list, size_t *n, enum sl_verify_cause cause, struct sl_error *err,
                      const char *format, va_list args)
{
    struct sl_verify_reason *more = realloc(*list, (*n + 1) * sizeof *more);
    if (!more)
        return sl_fail_memory(err, "verifying");
    *list = more;
    more[*n] = (struct sl_verify_reason){ .cause = cause };
    int status = put_text(&more[*n].text, err, format, args);
    *n += !status;
    return status;
}

int verify_reason(struct verifying *v, enum sl_verify_cause cause, struct sl_error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int status = put_reason(&v->out->reasons, &v->out->n_reasons, cause, err, format, args);
    va_end(args);
    return status;
}

int verify_note(struct verifying *v, enum sl_verify_cause cause, struct sl_error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int status = put_reason(&v->out->notes, &v->out->n_notes, cause, err, format, args);
    va_end(args);
    return status;
}

bool verify_has_reason(const struct verifying *v, enum sl_verify_cause cause)
{
    for (size_t i = 0; i < v->out->n_reasons; i++)
        if (v->out->reasons[i].cause == cause)
            return true;
    return false;
}

bool verify_same(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}
