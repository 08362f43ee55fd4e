/* loader_redraw.c: training rows that random stages change anew in each pass, as a source of batches.
 *
 * A few rows at a time become a chunk of one column, which goes through the stages from the first random one on with
 * the pass as the draw's epoch; what comes out is written as floats. A worker's scratch memory is made when it first
 * works, and its arena is emptied after each few rows: it never grows with the records. */
#include "redraw.h"

#include "sluice/loader.h"

#include <stdlib.h>

enum { GROUP = 8 };

struct drawing {
    struct sl_arena arena;
    struct sl_scratch *scratch;
};

struct redraw_source {
    struct sl_redraw *redraw;
    struct sl_row_source rows; /* as they come to the first random stage */
    struct drawing *workers;
    int n_workers;
    uint32_t width; /* of a row as the learner takes it */
};

/* Cells of columns that no row has: they are missing, and an array stands there for who looks all the same. */
static int put_missing(struct sl_chunk *chunk, size_t c, struct sl_error *err)
{
    const struct sl_field *field = &chunk->schema->fields[c];
    struct sl_column *column = &chunk->columns[c];
    int status = SL_OK;
    size_t n = (size_t)chunk->n + 1, cells = 0;
    void *memory = column->text;
    if (field->type == SL_VECTOR && sl_mul(n, field->width, &cells))
        memory = column->vector = sl_arena_array(chunk->arena, cells, sizeof(float));
    else if (field->type == SL_SPARSE)
        memory = column->sparse.start = sl_arena_array(chunk->arena, n, sizeof(uint64_t));
    else if (field->type == SL_IMAGE)
        memory = column->picture = sl_arena_array(chunk->arena, n, sizeof(struct sl_picture));
    if (!memory)
        return sl_fail_memory(err, "the training rows");
    if (field->type == SL_VECTOR)
        memset(memory, 0, cells * sizeof(float));
    else if (field->type == SL_SPARSE)
        memset(memory, 0, n * sizeof(uint64_t));
    else if (field->type == SL_IMAGE)
        memset(memory, 0, n * sizeof(struct sl_picture));
    for (uint32_t i = 0; i < chunk->n && !status; i++)
        status = sl_chunk_set_missing(chunk, c, i, err);
    return status;
}

/* n rows as a chunk as it comes to the first random stage. */
static int as_chunk(const struct redraw_source *s, struct sl_arena *arena, const void *const *place,
                    const uint64_t *record, uint32_t n, struct sl_chunk *chunk, struct sl_error *err)
{
    const struct sl_redraw *r = s->redraw;
    const struct sl_schema *schema = sl_pipeline_stage(r->pipeline, sl_pipeline_random(r->pipeline))->in;
    bool bytes = r->rows.layout == SL_LAYOUT_BYTES;
    size_t row = (size_t)r->rows.width * (bytes ? 1 : sizeof(float));
    int status = sl_chunk_init(chunk, schema, n, arena, err);
    for (size_t c = 0; c < schema->n && !status; c++)
        if (c != r->before)
            status = put_missing(chunk, c, err);
    if (status)
        return status;
    char *cells = sl_arena_array(arena, n, row);
    if (!cells)
        return sl_fail_memory(err, "the training rows");
    for (uint32_t i = 0; i < n; i++) {
        memcpy(cells + i * row, place[i], row);
        chunk->origin[i] = (struct sl_origin){ .record = record[i] };
    }
    if (bytes)
        chunk->columns[r->before].bytes = (uint8_t *)cells;
    else
        chunk->columns[r->before].vector = (float *)(void *)cells;
    return SL_OK;
}

static int draw(struct redraw_source *s, struct drawing *w, uint32_t pass, const void *const *place,
                const uint64_t *record, uint32_t n, float *x, struct sl_error *err)
{
    struct sl_redraw *r = s->redraw;
    struct sl_draw which = { .epoch = pass };
    struct sl_chunk in, out;
    sl_arena_reset(&w->arena, 16u << 20);
    int status = w->scratch ? SL_OK : sl_scratch_new(&w->scratch, r->pipeline, err);
    if (!status)
        status = as_chunk(s, &w->arena, place, record, n, &in, err);
    if (!status)
        status = sl_pipeline_draw(r->pipeline, w->scratch, &which, &in, &out, err);
    if (status)
        return status;
    const struct sl_field *field = r->behind < out.schema->n ? &out.schema->fields[r->behind] : NULL;
    if (!field || field->type != SL_VECTOR || field->width != s->width || out.n != n)
        return sl_fail(err, SL_ESTATE, "the training rows could not be made anew: a stage left them in another form");
    for (uint32_t i = 0; i < n; i++) {
        if (!sl_valid(&out.columns[r->behind], i))
            return sl_fail(err, SL_EDATA, "column \"%s\" is missing in record %llu once it was changed at random",
                           field->name, (unsigned long long)record[i]);
        sl_cell_vector(&out, r->behind, i, x + (size_t)i * s->width);
    }
    return SL_OK;
}

static int fetch(void *ctx, int worker, uint32_t pass, const uint64_t *row, uint32_t n, const struct sl_batch *out,
                 struct sl_error *err)
{
    struct redraw_source *s = ctx;
    const void *place[GROUP];
    uint64_t record[GROUP];
    int status = SL_OK;
    for (uint32_t at = 0; at < n && !status; at += GROUP) {
        uint32_t few = n - at < GROUP ? n - at : GROUP;
        struct sl_batch part = { .n = few,
                                 .place = out->x ? place : NULL,
                                 .labels = out->labels ? out->labels + at : NULL,
                                 .target = out->target ? out->target + at : NULL,
                                 .record = record };
        status = s->rows.fetch(s->rows.ctx, worker, pass, row + at, few, &part, err);
        if (!status && out->record)
            memcpy(out->record + at, record, few * sizeof *record);
        if (!status && out->x)
            status = draw(s, &s->workers[worker], pass, place, record, few, out->x + (size_t)at * s->width, err);
    }
    return status;
}

static void free_workers(struct redraw_source *s)
{
    for (int i = 0; i < s->n_workers; i++) {
        sl_arena_release(&s->workers[i].arena);
        sl_scratch_free(s->workers[i].scratch);
    }
    free(s->workers);
    s->workers = NULL;
    s->n_workers = 0;
}

static int set_workers(void *ctx, int n, struct sl_error *err)
{
    struct redraw_source *s = ctx;
    free_workers(s);
    s->workers = calloc((size_t)n, sizeof *s->workers);
    if (!s->workers)
        return sl_fail_memory(err, "the training rows");
    for (s->n_workers = 0; s->n_workers < n; s->n_workers++)
        sl_arena_init(&s->workers[s->n_workers].arena);
    return SL_OK;
}

static void free_source(void *ctx)
{
    struct redraw_source *s = ctx;
    if (!s)
        return;
    free_workers(s);
    sl_row_source_release(&s->rows);
    free(s);
}

int sl_row_source_dataset(struct sl_row_source *out, const struct sl_dataset *data, struct sl_error *err)
{
    uint32_t n_classes = data->regression ? 0 : data->n_classes;
    if (data->remake)
        return sl_row_source_remade(out, data, err);
    if (!data->redraw)
        return sl_row_source_matrix(out, &data->train, n_classes, err);
    struct redraw_source *s = calloc(1, sizeof *s);
    if (!s)
        return sl_fail_memory(err, "the training rows");
    s->redraw = data->redraw;
    s->width = data->train.width;
    int status = sl_row_source_matrix(&s->rows, &data->redraw->rows, n_classes, err);
    if (status) {
        free_source(s);
        return status;
    }
    *out = (struct sl_row_source){ .n = s->rows.n,
                                   .width = s->width,
                                   .costs = true,
                                   .ctx = s,
                                   .fetch = fetch,
                                   .workers = set_workers,
                                   .free = free_source };
    return SL_OK;
}
