/* impute_fit.c: the typical value of a column: mean, median or most frequent.
 *
 * The mean comes from scale_moments.c. The median is exact, so it keeps the values (8 bytes each); most_frequent keeps
 * each distinct value with its count. Partial results are per chunk and merged in input order. */
#include "engine/stages/impute.h"

/* What was seen of a column; one of the three is used. */
struct sl_impute_seen {
    struct sl_moments moments;
    double *list;
    size_t n, capacity;
    struct sl_values values;
    uint64_t *count; /* by id */
    size_t room;     /* of count */
};
struct sl_impute_partial {
    struct sl_impute_seen *column;
    size_t n;
};

void sl_impute_fit_drop(const struct sl_stage *stage, void *partial)
{
    (void)stage;
    struct sl_impute_partial *p = partial;
    for (size_t c = 0; p && p->column && c < p->n; c++) {
        free(p->column[c].list);
        free(p->column[c].count);
        sl_values_release(&p->column[c].values);
    }
    if (p) {
        free(p->column);
        free(p);
    }
}

int sl_impute_fit_begin(const struct sl_stage *stage, void **partial, struct sl_error *err)
{
    const struct sl_impute_params *params = stage->params;
    const struct sl_impute_state *state = stage->state;
    struct sl_impute_partial *p = sl_zalloc(1, sizeof *p);
    if (p) {
        p->n = state->n;
        p->column = sl_zalloc(state->n, sizeof *p->column);
    }
    int status = p && p->column ? SL_OK : sl_fail_memory(err, "learning fill values");
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        p->column[c].moments = SL_MOMENTS_NONE;
        if (params->strategy == SL_IMPUTE_MOST_FREQUENT) {
            bool number = stage->in->fields[state->columns[c]].type == SL_NUMBER;
            status = sl_values_init(&p->column[c].values, number, err);
        }
    }
    if (status != SL_OK) {
        sl_impute_fit_drop(stage, p);
        return status;
    }
    *partial = p;
    return SL_OK;
}

/* An array of 8-byte elements with room for n of them, new ones zeroed. */
static bool reserve(void **array, size_t *capacity, size_t n)
{
    if (n <= *capacity) {
        return true;
    }
    size_t more = n + n / 2 + 16, bytes;
    char *moved = sl_mul(more, 8, &bytes) ? realloc(*array, bytes) : NULL;
    if (!moved) {
        return false;
    }
    memset(moved + *capacity * 8, 0, bytes - *capacity * 8);
    *array = moved;
    *capacity = more;
    return true;
}

static bool append(struct sl_impute_seen *seen, const double *x, size_t n)
{
    void *list = seen->list;
    bool ok = reserve(&list, &seen->capacity, seen->n + n);
    seen->list = list;
    if (ok && n) {
        memcpy(seen->list + seen->n, x, n * sizeof *x);
        seen->n += n;
    }
    return ok;
}

static bool add_count(struct sl_impute_seen *seen, uint32_t id, uint64_t times)
{
    void *count = seen->count;
    bool ok = id != SL_NO_TERM && reserve(&count, &seen->room, (size_t)id + 1);
    seen->count = count;
    if (ok) {
        seen->count[id] += times;
    }
    return ok;
}

/* The values themselves, for median and most_frequent. */
static bool see(struct sl_impute_seen *seen, bool median, bool number, const struct sl_column *column, uint32_t n,
                const uint64_t *rows)
{
    bool ok = true;
    for (uint32_t i = 0; ok && i < n; i++) {
        if (!sl_row_taken(rows, i) || !(number ? sl_number_there(column, i) : sl_valid(column, i))) {
            continue;
        }
        ok = median ? append(seen, &column->number[i], 1) : add_count(seen, sl_values_add(&seen->values, column, i), 1);
    }
    return ok;
}

int sl_impute_fit_chunk(const struct sl_stage *stage, void *partial, const struct sl_chunk *chunk, const uint64_t *rows,
                        struct sl_error *err)
{
    const struct sl_impute_params *params = stage->params;
    const struct sl_impute_state *state = stage->state;
    struct sl_impute_partial *p = partial;
    int status = SL_OK;
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        const struct sl_field *field = &stage->in->fields[state->columns[c]];
        const struct sl_column *column = &chunk->columns[state->columns[c]];
        if (params->strategy == SL_IMPUTE_MEAN) {
            status = sl_moments_add(&p->column[c].moments, chunk, state->columns[c], field->name, rows, err);
        } else if (!see(&p->column[c], params->strategy == SL_IMPUTE_MEDIAN, field->type == SL_NUMBER, column, chunk->n,
                        rows)) {
            status = sl_fail_memory(err, "learning fill values");
        }
    }
    return status;
}

int sl_impute_fit_merge(const struct sl_stage *stage, void *into, void *from, struct sl_error *err)
{
    const struct sl_impute_params *params = stage->params;
    struct sl_impute_partial *a = into, *b = from;
    bool ok = true;
    for (size_t c = 0; ok && c < a->n; c++) {
        struct sl_impute_seen *x = &a->column[c], *y = &b->column[c];
        sl_moments_merge(&x->moments, &y->moments);
        ok = append(x, y->list, y->n);
        uint32_t n = params->strategy == SL_IMPUTE_MOST_FREQUENT ? sl_values_count(&y->values) : 0;
        for (uint32_t id = 0; ok && id < n; id++) {
            ok = add_count(x, sl_values_carry(&x->values, &y->values, id), y->count[id]);
        }
    }
    return ok ? SL_OK : sl_fail_memory(err, "learning fill values");
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(double *list, size_t n)
{
    qsort(list, n, sizeof *list, compare);
    double low = list[(n - 1) / 2], high = list[n / 2];
    return n % 2 ? high : low / 2 + high / 2;
}

/* The most frequent value; of several, the least. */
static int most_frequent(struct sl_impute_seen *seen, struct sl_impute_fill *fill, struct sl_error *err)
{
    int status = sl_values_sort(&seen->values, err);
    uint64_t most = 0;
    uint32_t best = 0;
    for (uint32_t rank = 0; status == SL_OK && rank < sl_values_count(&seen->values); rank++) {
        if (seen->count[seen->values.id[rank]] > most) {
            most = seen->count[seen->values.id[rank]];
            best = rank;
        }
    }
    if (status == SL_OK && fill->is_number) {
        fill->number = sl_values_number(&seen->values, best);
    } else if (status == SL_OK && !sl_impute_set_text(fill, sl_values_text(&seen->values, best))) {
        status = sl_fail_memory(err, "learning fill values");
    }
    return status;
}

static int settle(int strategy, struct sl_impute_seen *seen, const char *name, struct sl_impute_fill *fill,
                  struct sl_error *err)
{
    bool any = strategy == SL_IMPUTE_MEAN     ? seen->moments.n > 0
               : strategy == SL_IMPUTE_MEDIAN ? seen->n > 0
                                              : sl_values_count(&seen->values) > 0;
    if (!any) {
        return sl_moments_check(&SL_MOMENTS_NONE, name, err);
    }
    int status = SL_OK;
    if (strategy == SL_IMPUTE_MOST_FREQUENT) {
        status = most_frequent(seen, fill, err);
    } else {
        fill->number = strategy == SL_IMPUTE_MEAN ? sl_moments_mean(&seen->moments) : median(seen->list, seen->n);
    }
    if (status != SL_OK || isfinite(fill->number)) {
        return status;
    }
    sl_fail(err, SL_EDATA, "column '%.80s' would be filled with a value that is not finite", name);
    return sl_fix(err, "filter out what is not a sensible value"), SL_EDATA;
}

int sl_impute_fit_end(struct sl_stage *stage, void *partial, struct sl_error *err)
{
    const struct sl_impute_params *params = stage->params;
    const struct sl_impute_state *state = stage->state;
    struct sl_impute_partial *p = partial;
    struct sl_impute_fill *fills = sl_zalloc(state->n, sizeof *fills);
    int status = fills ? SL_OK : sl_fail_memory(err, "learning fill values");
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        const struct sl_field *field = &stage->in->fields[state->columns[c]];
        fills[c].is_number = field->type == SL_NUMBER;
        status = settle(params->strategy, &p->column[c], field->name, &fills[c], err);
    }
    if (status != SL_OK) {
        sl_impute_fills_free(fills, state->n);
        return status;
    }
    sl_impute_fills_free(stage->model, state->n);
    stage->model = fills;
    return SL_OK;
}
