/* dataset_build.c: a run's encoded chunks become matrices.
 *
 * Each chunk becomes one block of rows for each role, so that building needs no second copy and later sums have a shape
 * that depends on the input alone. Blocks over the memory budget go to a temporary file, which is
 * mapped when all are there. */
#include "dataset_building.h"
#include "network.h"
#include "remake.h"

#include "sluice/digest.h"

#include <sys/mman.h>
#include <unistd.h>

void sl_rows_rest(const struct sl_rows *rows)
{
    if (rows->mapped_bytes)
        madvise(rows->mapped, rows->mapped_bytes, MADV_DONTNEED);
}

static void matrix_release(struct sl_matrix *matrix)
{
    for (size_t i = 0; i < matrix->n_blocks; i++)
        rows_release(&matrix->blocks[i]);
    free(matrix->blocks);
}

void sl_dataset_free(struct sl_dataset *d)
{
    if (!d)
        return;
    sl_redraw_free(d);
    sl_remake_free(d->remake);
    matrix_release(&d->train);
    matrix_release(&d->test);
    matrix_release(&d->validation);
    if (d->map)
        munmap(d->map, d->map_bytes);
    for (uint32_t i = 0; d->classes && i < d->n_classes; i++)
        free(d->classes[i]);
    free(d->classes);
    free(d->columns);
    free(d->first);
    free(d);
}

/* First chunk to arrive: everything is fitted now. */
static int shape_up(struct building *b, struct sl_error *err)
{
    pthread_mutex_lock(&b->lock);
    int status = b->shaped ? SL_OK : sl_dataset_lay_out(b->shape, b->pipeline, err);
    if (!b->shaped && !status && b->shape->redraw)
        sl_redraw_lay_out(b->shape->redraw);
    if (!b->shaped && !status)
        status = sl_remake_decide(b->shape, b->pipeline, b->records, b->memory, &b->bare, err);
    b->shaped = !status;
    pthread_mutex_unlock(&b->lock);
    return status;
}

static void see_chunk(void *ctx, const struct sl_chunk *chunk, int worker)
{
    struct building *b = ctx;
    sl_redraw_see(b->shape->redraw, chunk, worker);
}

static void note_records(void *ctx, uint64_t records)
{
    ((struct building *)ctx)->records = records;
}

/* Only their numbers stay; their features had to be looked at all the same. */
static int bare_part(struct building *b, const struct sl_rows *rows, const uint8_t *role, struct part *part,
                     struct sl_error *err)
{
    int status = SL_OK;
    for (int r = 0; r < ROLES && !status; r++) {
        rows_release(&part->rows[r]);
        status = sl_dataset_take_bare(b->shape, rows, role, (enum sl_role)r, &part->rows[r], err);
    }
    return status;
}

static int take_chunk(void *ctx, const struct sl_chunk *chunk, const uint8_t *role, int worker, struct sl_error *err)
{
    struct building *b = ctx;
    struct part part = { .sequence = chunk->sequence };
    struct sl_rows rows;
    int status = shape_up(b, err);
    if (!status)
        status = sl_dataset_refuse_missing(b->shape, chunk, err);
    if (!status)
        status = sl_dataset_rows(b->shape, b->label, chunk, &rows, err);
    for (int r = 0; r < ROLES && !status && (!b->bare || b->digests); r++)
        status = sl_dataset_take(b->shape, &rows, role, (enum sl_role)r, &part.rows[r], err);
    if (!status && b->shape->redraw && !b->bare)
        status = sl_redraw_take(b->shape->redraw, &rows, role, worker, &part.rows[REDRAWN], err);
    for (int r = 0; r < ROLES && !status && b->digests; r++)
        sl_digest_rows(b->digests, &b->shape->train, &part.rows[r], r != SL_TRAIN);
    if (!status && b->bare)
        status = bare_part(b, &rows, role, &part, err);
    if (!status)
        part.trained = part.rows[SL_TRAIN].n > 0;
    if (!status)
        status = building_keep(b, &part, err);
    for (int r = 0; r < SETS && status; r++)
        rows_release(&part.rows[r]);
    return status;
}

static int by_sequence(const void *a, const void *b)
{
    uint64_t x = ((const struct part *)a)->sequence, y = ((const struct part *)b)->sequence;
    return (x > y) - (x < y);
}

/* Bytes of rows to keep in memory: what `batch` says, for a learner that has one. */
static uint64_t budget_of(struct sl_pipeline *pipeline, uint64_t memory)
{
    uint64_t automatic = sl_pipeline_remakes(pipeline) ? memory / 2 : memory / 4;
    const struct sl_stage *learner = sl_pipeline_find(pipeline, SL_LEARNER);
    const struct sl_stage_class *class = NULL;
    if (!learner || !learner->class->network)
        return memory / 4;
    const struct batch_params *batch = sl_pipeline_settings(pipeline, SL_BATCH, &class);
    return batch->cache == CACHE_DISK ? 0 : batch->cache == CACHE_MEMORY ? memory : automatic;
}

int sl_dataset_new(struct sl_dataset **out, struct sl_run **run, struct sl_pipeline *pipeline,
                   const struct sl_run_options *options, struct sl_error *err)
{
    struct sl_dataset *d = calloc(1, sizeof *d);
    struct building b = { .shape = d,
                          .label = sl_pipeline_find(pipeline, SL_TARGET),
                          .lock = PTHREAD_MUTEX_INITIALIZER,
                          .pipeline = pipeline,
                          .memory = options->memory,
                          .budget = budget_of(pipeline, options->memory),
                          .digests = options->digests,
                          .file = -1 };
    struct sl_run_options mine = *options;
    mine.sink = take_chunk;
    mine.encoding = note_records;
    mine.ctx = &b;
    *run = NULL;
    int status = d ? sl_dataset_choose(d, pipeline, err) : sl_fail_memory(err, "a dataset");
    if (!status && !(d->first = calloc((size_t)d->n_columns + 1, sizeof *d->first)))
        status = sl_fail_memory(err, "a dataset");
    if (!status)
        status = sl_redraw_new(d, pipeline, options->pool ? sl_pool_threads(options->pool) : 1, err);
    if (!status) /* what cannot be is said before anything is read */
        status = sl_remake_decide(d, pipeline, 0, options->memory, &b.bare, err);
    if (!status && d->redraw)
        mine.before = see_chunk;
    if (!status)
        status = sl_pipeline_run(run, pipeline, &mine, err);
    if (!status)
        status = sl_dataset_list_classes(d, b.label, err);
    if (b.n)
        qsort(b.parts, b.n, sizeof *b.parts, by_sequence);
    if (!status)
        status = building_map(&b, err);
    if (!status)
        status = building_assemble(&b, SL_TRAIN, &d->train, err);
    if (!status)
        status = building_assemble_redrawn(&b, err);
    if (!status)
        status = building_assemble(&b, SL_TEST, &d->test, err);
    if (!status)
        status = building_assemble(&b, SL_VALIDATION, &d->validation, err);
    if (!status && b.bare)
        status = sl_remake_new(&d->remake, d, pipeline, err);
    if (!status) {
        d->train.remake = d->test.remake = d->validation.remake = d->remake;
        d->held = b.held;
    }
    for (size_t i = 0; i < b.n; i++)
        for (int r = 0; r < SETS; r++)
            rows_release(&b.parts[i].rows[r]);
    free(b.parts);
    if (b.file >= 0)
        close(b.file);
    if (status) {
        sl_run_free(*run);
        *run = NULL;
        sl_dataset_free(d);
        return status;
    }
    *out = d;
    return SL_OK;
}
