/* loader_matrix.c: the rows of a matrix as a source of batches: bytes, dense or sparse rows become float32.
 *
 * Rows are met in random order, so the next ones are asked for from memory while one is converted. */
#include "sluice/loader.h"

#include <math.h>
#include <stdlib.h>

enum { AHEAD = 3, LINE = 64 };

struct matrix_source {
    const struct sl_matrix *matrix;
    uint64_t *first; /* row of each block; n_blocks + 1 */
    double blocks_a_row;
    uint64_t *known; /* rows that can be learned from; NULL: all */
};

struct place {
    const struct sl_rows *rows;
    uint32_t i;
};

static struct place find(const struct matrix_source *s, uint64_t row)
{
    uint64_t at = s->known ? s->known[row] : row;
    size_t n = s->matrix->n_blocks, low = 0, high = n;
    size_t guess = (size_t)((double)at * s->blocks_a_row); /* blocks are mostly of one length */
    if (guess < n && s->first[guess] <= at && at < s->first[guess + 1])
        low = guess, high = guess + 1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (s->first[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return (struct place){ &s->matrix->blocks[low], (uint32_t)(at - s->first[low]) };
}

static void ask_for(const struct sl_matrix *m, struct place p)
{
    const char *from = NULL;
    size_t bytes = 0;
    if (p.rows->bytes) {
        from = (const char *)p.rows->bytes + (size_t)p.i * m->width;
        bytes = m->width;
    } else if (p.rows->dense) {
        from = (const char *)(p.rows->dense + (size_t)p.i * m->width);
        bytes = (size_t)m->width * sizeof(float);
    }
    bytes = bytes < 4096 ? bytes : 4096;
    for (size_t k = 0; k < bytes; k += LINE)
        __builtin_prefetch(from + k);
}

bool sl_rows_places(const struct sl_matrix *m, const struct sl_rows *rows, uint32_t first, uint32_t n,
                    const void **place, struct sl_places *form)
{
    *form = (struct sl_places){ .bytes = rows->bytes != NULL, .scale = m->scale, .offset = m->offset };
    for (size_t i = first; i < (size_t)first + n; i++, place++)
        if (rows->bytes)
            *place = rows->bytes + i * m->width;
        else if (rows->dense)
            *place = rows->dense + i * m->width;
        else
            return false;
    return true;
}

void sl_rows_dense(const struct sl_matrix *m, const struct sl_rows *rows, uint32_t first, uint32_t n, float *x)
{
    size_t width = m->width;
    if (rows->bytes) {
        sl_bytes_to_floats(n * width, rows->bytes + first * width, m->scale, m->offset, x);
        return;
    }
    if (rows->dense) {
        memcpy(x, rows->dense + first * width, n * width * sizeof *x);
        return;
    }
    memset(x, 0, n * width * sizeof *x);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = rows->start[first + i]; k < rows->start[first + i + 1]; k++)
            x[i * width + rows->index[k]] = rows->value[k];
}

static struct place look_for(const struct matrix_source *s, uint64_t row, const struct sl_batch *out)
{
    struct place p = find(s, row);
    if (out->x)
        ask_for(s->matrix, p);
    return p;
}

static int fetch(void *ctx, int worker, uint32_t pass, const uint64_t *row, uint32_t n, const struct sl_batch *out,
                 struct sl_error *err)
{
    const struct matrix_source *s = ctx;
    struct place next[AHEAD];
    struct sl_places form;
    (void)worker, (void)pass, (void)err;
    for (uint32_t i = 0; i < AHEAD && i < n; i++)
        next[i] = look_for(s, row[i], out);
    for (uint32_t i = 0; i < n; i++) {
        struct place p = next[i % AHEAD];
        if (i + AHEAD < n)
            next[i % AHEAD] = look_for(s, row[i + AHEAD], out);
        if (out->place)
            sl_rows_places(s->matrix, p.rows, p.i, 1, out->place + i, &form);
        if (out->x)
            sl_rows_dense(s->matrix, p.rows, p.i, 1, out->x + (size_t)i * s->matrix->width);
        if (out->labels)
            out->labels[i] = p.rows->y ? p.rows->y[p.i] : UINT32_MAX;
        if (out->target)
            out->target[i] = p.rows->target ? p.rows->target[p.i] : NAN;
        if (out->record)
            out->record[i] = p.rows->record[p.i];
    }
    return SL_OK;
}

static void free_source(void *ctx)
{
    struct matrix_source *s = ctx;
    if (!s)
        return;
    free(s->first);
    free(s->known);
    free(s);
}

static bool is_known(const struct sl_rows *rows, uint32_t i, uint32_t n_classes)
{
    return n_classes ? rows->y && rows->y[i] < n_classes : rows->target && !isnan(rows->target[i]);
}

static int list_known(struct matrix_source *s, uint32_t n_classes, uint64_t *n, struct sl_error *err)
{
    const struct sl_matrix *m = s->matrix;
    uint64_t known = 0, at = 0;
    for (size_t b = 0; b < m->n_blocks; b++) {
        for (uint32_t i = 0; i < m->blocks[b].n; i++)
            known += is_known(&m->blocks[b], i, n_classes);
        sl_rows_rest(&m->blocks[b]);
    }
    *n = known;
    if (known == m->n)
        return SL_OK;
    s->known = malloc((known + 1) * sizeof *s->known);
    if (!s->known)
        return sl_fail_memory(err, "the training rows");
    for (size_t b = 0; b < m->n_blocks; b++)
        for (uint32_t i = 0; i < m->blocks[b].n; i++)
            if (is_known(&m->blocks[b], i, n_classes))
                s->known[at++] = s->first[b] + i;
    return SL_OK;
}

int sl_row_source_matrix(struct sl_row_source *out, const struct sl_matrix *matrix, uint32_t n_classes,
                         struct sl_error *err)
{
    struct matrix_source *s = calloc(1, sizeof *s);
    if (!s || !(s->first = calloc(matrix->n_blocks + 1, sizeof *s->first))) {
        free_source(s);
        return sl_fail_memory(err, "the training rows");
    }
    s->matrix = matrix;
    for (size_t b = 0; b < matrix->n_blocks; b++)
        s->first[b + 1] = s->first[b] + matrix->blocks[b].n;
    s->blocks_a_row = matrix->n ? (double)matrix->n_blocks / (double)matrix->n : 0;
    uint64_t n = 0;
    int status = list_known(s, n_classes, &n, err);
    if (status) {
        free_source(s);
        return status;
    }
    *out = (struct sl_row_source){ .n = n, .width = matrix->width, .ctx = s, .fetch = fetch, .free = free_source };
    out->stays = matrix->n_blocks && matrix->layout != SL_LAYOUT_SPARSE;
    out->form = (struct sl_places){ .bytes = matrix->layout == SL_LAYOUT_BYTES,
                                    .scale = matrix->scale,
                                    .offset = matrix->offset };
    return SL_OK;
}

void sl_row_source_release(struct sl_row_source *source)
{
    if (source->free)
        source->free(source->ctx);
    *source = (struct sl_row_source){ 0 };
}
