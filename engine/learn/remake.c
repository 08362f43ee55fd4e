/* remake.c: rows made again from their records' numbers: read, through all stages, joined.
 *
 * Whoever makes rows borrows a maker (memory and the stages' scratch) and gives it back, so there are as many as
 * threads have ever made rows at once, and memory does not depend on the number of records. */
#include "remake.h"

#include "dataset_private.h"
#include "network.h"
#include "redraw.h"

#include <stdlib.h>

#define MAKER_KEEPS ((size_t)32 << 20) /* of a decoded photo's memory, from one record to the next */

struct maker {
    struct maker *next;
    struct sl_arena arena;
    struct sl_scratch *scratch;
};

struct sl_remake {
    const struct sl_dataset *dataset;
    struct sl_pipeline *pipeline;
    const struct sl_stage *label;
    pthread_mutex_t lock;
    struct maker *idle;
};

static void free_maker(struct maker *m)
{
    if (!m)
        return;
    sl_arena_release(&m->arena);
    sl_scratch_free(m->scratch);
    free(m);
}

int sl_remake_new(struct sl_remake **out, const struct sl_dataset *dataset, struct sl_pipeline *pipeline,
                  struct sl_error *err)
{
    struct sl_remake *r = calloc(1, sizeof *r);
    if (!r)
        return sl_fail_memory(err, "rows of features");
    *r = (struct sl_remake){ .dataset = dataset, .pipeline = pipeline, .label = sl_pipeline_find(pipeline, SL_TARGET) };
    pthread_mutex_init(&r->lock, NULL);
    *out = r;
    return SL_OK;
}

void sl_remake_free(struct sl_remake *r)
{
    if (!r)
        return;
    while (r->idle) {
        struct maker *next = r->idle->next;
        free_maker(r->idle);
        r->idle = next;
    }
    pthread_mutex_destroy(&r->lock);
    free(r);
}

static int borrow(struct sl_remake *r, struct maker **out, struct sl_error *err)
{
    pthread_mutex_lock(&r->lock);
    struct maker *m = r->idle;
    if (m)
        r->idle = m->next;
    pthread_mutex_unlock(&r->lock);
    *out = m;
    if (m)
        return SL_OK;
    if (!(m = calloc(1, sizeof *m)))
        return sl_fail_memory(err, "rows of features");
    sl_arena_init(&m->arena);
    int status = sl_scratch_new(&m->scratch, r->pipeline, err);
    if (status)
        free_maker(m);
    else
        *out = m;
    return status;
}

static void give_back(struct sl_remake *r, struct maker *m)
{
    if (!m)
        return;
    sl_arena_reset(&m->arena, MAKER_KEEPS);
    pthread_mutex_lock(&r->lock);
    m->next = r->idle;
    r->idle = m;
    pthread_mutex_unlock(&r->lock);
}

/* The record as it comes to the learner, as a chunk of one; its cells live until the maker's next. */
static int make(struct sl_remake *r, struct maker *m, const struct sl_draw *draw, uint64_t record,
                struct sl_chunk *chunk, struct sl_error *err)
{
    size_t random = draw ? sl_pipeline_random(r->pipeline) : SIZE_MAX;
    sl_arena_reset(&m->arena, MAKER_KEEPS);
    int status = sl_pipeline_remake(r->pipeline, record, random, m->scratch, &m->arena, chunk, err);
    if (!status && random != SIZE_MAX)
        status = sl_pipeline_draw(r->pipeline, m->scratch, draw, chunk, chunk, err);
    if (!status && chunk->n != 1)
        status = sl_fail(err, SL_EIO, "record %llu is dropped when it is made again", (unsigned long long)record);
    return status ? status : sl_dataset_refuse_missing(r->dataset, chunk, err);
}

static int put_floats(struct sl_remake *r, struct maker *m, const struct sl_draw *draw, uint64_t record, float *x,
                      struct sl_error *err)
{
    struct sl_chunk chunk;
    struct sl_rows rows;
    int status = make(r, m, draw, record, &chunk, err);
    if (!status)
        status = sl_dataset_rows(r->dataset, r->label, &chunk, &rows, err);
    if (!status)
        sl_rows_dense(&r->dataset->train, &rows, 0, 1, x);
    return status;
}

int sl_remake_floats(struct sl_remake *r, const struct sl_draw *draw, const uint64_t *record, uint32_t n, float *x,
                     struct sl_error *err)
{
    struct maker *m = NULL;
    int status = borrow(r, &m, err);
    for (uint32_t i = 0; i < n && !status; i++)
        status = put_floats(r, m, draw, record[i], x + (size_t)i * r->dataset->train.width, err);
    give_back(r, m);
    return status;
}

/* --- rows of a matrix, kept or not --- */

static size_t row_bytes(const struct sl_matrix *m)
{
    return (size_t)m->width * (m->layout == SL_LAYOUT_BYTES ? 1 : sizeof(float));
}

static int put_rows(struct sl_remake *r, const struct sl_matrix *matrix, struct sl_rows *rows, char *to,
                    struct sl_error *err)
{
    struct maker *m = NULL;
    int status = borrow(r, &m, err);
    size_t bytes = row_bytes(matrix);
    for (uint32_t i = 0; i < rows->n && !status; i++) {
        struct sl_chunk chunk;
        struct sl_rows one;
        status = make(r, m, NULL, rows->record[i], &chunk, err);
        if (!status)
            status = sl_dataset_rows(r->dataset, r->label, &chunk, &one, err);
        if (!status)
            memcpy(to + i * bytes, one.bytes ? (const void *)one.bytes : one.dense, bytes);
    }
    give_back(r, m);
    if (matrix->layout == SL_LAYOUT_BYTES)
        rows->bytes = (uint8_t *)to;
    else
        rows->dense = (float *)(void *)to;
    return status;
}

int sl_rows_open(const struct sl_matrix *matrix, const struct sl_rows *rows, uint32_t first, uint32_t n,
                 struct sl_rows_view *out, struct sl_error *err)
{
    struct sl_rows *v = &out->rows;
    size_t skip = (size_t)first * matrix->width, bytes = 0;
    *v = *rows;
    v->n = n;
    v->mapped = NULL;
    v->mapped_bytes = 0;
    v->record = rows->record ? rows->record + first : NULL;
    v->y = rows->y ? rows->y + first : NULL;
    v->target = rows->target ? rows->target + first : NULL;
    v->start = rows->start ? rows->start + first : NULL;
    v->bytes = rows->bytes ? rows->bytes + skip : NULL;
    v->dense = rows->dense ? rows->dense + skip : NULL;
    out->made = NULL;
    if (!matrix->remake || v->start || v->bytes || v->dense || !n)
        return SL_OK;
    out->made = sl_mul(n, row_bytes(matrix), &bytes) ? malloc(bytes) : NULL;
    if (!out->made)
        return sl_fail_memory(err, "rows of features");
    int status = put_rows(matrix->remake, matrix, v, out->made, err);
    if (status)
        sl_rows_close(out);
    return status;
}

void sl_rows_close(struct sl_rows_view *view)
{
    free(view->made);
    *view = (struct sl_rows_view){ 0 };
}

/* --- is it to be so? --- */

static int cannot(const char *why, struct sl_error *err)
{
    sl_fail(err, SL_EPARAM, "cache=none cannot be: %s", why);
    return sl_fix(err, "leave cache at auto in \"batch\""), SL_EPARAM;
}

int sl_remake_decide(const struct sl_dataset *d, struct sl_pipeline *pipeline, uint64_t records, uint64_t memory,
                     bool *remade, struct sl_error *err)
{
    const struct sl_stage *learner = sl_pipeline_find(pipeline, SL_LEARNER);
    const struct sl_stage_class *class = NULL;
    const struct batch_params *batch = sl_pipeline_settings(pipeline, SL_BATCH, &class);
    bool network = learner && learner->class->network, none = network && batch->cache == CACHE_NONE;
    *remade = false;
    if (!network || (!none && batch->cache != CACHE_AUTO))
        return SL_OK;
    if (!sl_pipeline_remakes(pipeline))
        return none ? cannot("single records of this source cannot be read again", err) : SL_OK;
    if (d->train.layout == SL_LAYOUT_SPARSE)
        return none ? cannot("rows of few features among many are kept", err) : SL_OK;
    size_t row = row_bytes(&d->train);
    if (d->redraw && d->redraw->rows.layout != d->train.layout)
        row += row_bytes(&d->redraw->rows);
    *remade = none || records > memory / 2 / (row ? row : 1);
    return SL_OK;
}
