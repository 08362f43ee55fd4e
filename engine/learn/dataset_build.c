/* dataset_build.c: a run's encoded chunks become matrices.
 *
 * Each chunk becomes one block of rows for each role, so that building needs no second copy and later sums have a shape
 * that depends on the input alone. Blocks over the memory budget go to a temporary file, which is
 * mapped when all are there. */
#include "dataset_private.h"
#include "network.h"
#include "redraw.h"
#include "remake.h"

#include "sluice/digest.h"
#include "sluice/input.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROLES = 3, REDRAWN = ROLES, SETS };

struct part {
    uint64_t sequence;
    bool trained;              /* it has training rows */
    struct sl_rows rows[SETS]; /* by enum sl_role; training rows before what is random, where these are others */
};

struct building {
    struct sl_dataset *shape;
    const struct sl_stage *label;
    pthread_mutex_t lock;
    struct part *parts;
    size_t n, capacity;
    bool shaped;
    struct sl_pipeline *pipeline;
    uint64_t memory, budget, held; /* of the run; bytes of rows in memory: at most, and now */
    uint64_t records;              /* that will come */
    bool bare;                     /* features are not kept */
    struct sl_digests *digests;
    int file; /* the rest; -1: none yet */
    uint64_t file_bytes;
};

/* Rows are one allocation, which begins with their record numbers. */
static void rows_release(struct sl_rows *rows)
{
    if (!rows->mapped_bytes)
        free(rows->record);
    *rows = (struct sl_rows){ 0 };
}

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

#define MAP_ALIGN ((size_t)64 * 1024)

static const struct sl_dataset *shape_of(const struct building *b, int set)
{
    return set == REDRAWN && b->shape->redraw ? &b->shape->redraw->shape : b->shape;
}

/* Rows that would take the dataset over its budget go to the file; until it is mapped, `mapped` is their place in it
 * plus one. The lock is held. */
static int spill(struct building *b, int set, struct sl_rows *rows, struct sl_error *err)
{
    size_t nonzeros = rows->n && rows->start ? rows->start[rows->n] : 0;
    size_t bytes = sl_dataset_bytes(&shape_of(b, set)->train, rows->n, nonzeros);
    if (b->bare)
        bytes = rows->n * (sizeof *rows->record + sizeof *rows->y);
    if (!rows->n || b->bare || b->held + bytes <= b->budget) {
        b->held += bytes;
        return SL_OK;
    }
    int status = b->file < 0 ? sl_temp_open(&b->file, err) : SL_OK;
    if (!status)
        status = sl_temp_write(b->file, rows->record, bytes, b->file_bytes, err);
    if (status)
        return status;
    free(rows->record);
    *rows = (struct sl_rows){ .n = rows->n, .mapped = (void *)(uintptr_t)(b->file_bytes + 1), .mapped_bytes = bytes };
    b->file_bytes += (bytes + MAP_ALIGN - 1) / MAP_ALIGN * MAP_ALIGN;
    return SL_OK;
}

static int map_file(struct building *b, struct sl_error *err)
{
    struct sl_dataset *d = b->shape;
    if (b->file < 0)
        return SL_OK;
    if (ftruncate(b->file, (off_t)b->file_bytes) < 0)
        return sl_fail_errno(err, "extend the temporary file of", "the dataset");
    void *map = mmap(NULL, b->file_bytes, PROT_READ, MAP_SHARED, b->file, 0);
    if (map == MAP_FAILED)
        return sl_fail_errno(err, "map the temporary file of", "the dataset");
    d->map = map;
    d->map_bytes = b->file_bytes;
    return SL_OK;
}

/* Arrays of spilled rows, now that the file is mapped. */
static void settle_rows(const struct building *b, int set, struct sl_rows *rows)
{
    const struct sl_dataset *d = shape_of(b, set);
    if (!rows->mapped_bytes)
        return;
    size_t n = rows->n, bytes = rows->mapped_bytes, fixed = sl_dataset_bytes(&d->train, n, 0);
    char *memory = (char *)b->shape->map + ((uintptr_t)rows->mapped - 1);
    sl_dataset_lay(d, rows, memory, (uint32_t)n, (bytes - fixed) / (sizeof(uint32_t) + sizeof(float)));
    rows->mapped = memory;
}

static int keep_part(struct building *b, struct part *part, struct sl_error *err)
{
    pthread_mutex_lock(&b->lock);
    int status = SL_OK;
    for (int r = 0; r < SETS && !status; r++)
        status = spill(b, r, &part->rows[r], err);
    if (!status && b->n == b->capacity) {
        size_t capacity = b->capacity ? b->capacity * 2 : 64;
        struct part *parts = realloc(b->parts, capacity * sizeof *parts);
        if (parts) {
            b->parts = parts;
            b->capacity = capacity;
        } else {
            status = sl_fail_memory(err, "the dataset");
        }
    }
    if (!status)
        b->parts[b->n++] = *part;
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
        status = keep_part(b, &part, err);
    for (int r = 0; r < SETS && status; r++)
        rows_release(&part.rows[r]);
    return status;
}

static int by_sequence(const void *a, const void *b)
{
    uint64_t x = ((const struct part *)a)->sequence, y = ((const struct part *)b)->sequence;
    return (x > y) - (x < y);
}

static int assemble(struct building *b, enum sl_role role, struct sl_matrix *matrix, struct sl_error *err)
{
    matrix->blocks = calloc(b->n + 1, sizeof *matrix->blocks);
    if (!matrix->blocks)
        return sl_fail_memory(err, "the dataset");
    for (size_t i = 0; i < b->n; i++) {
        struct sl_rows *rows = &b->parts[i].rows[role];
        settle_rows(b, (int)role, rows);
        matrix->n += rows->n;
        matrix->nonzeros += rows->start && rows->n ? rows->start[rows->n] : (uint64_t)rows->n * matrix->width;
        sl_rows_rest(rows);
        matrix->blocks[matrix->n_blocks] = *rows;
        *rows = (struct sl_rows){ 0 };
        if (matrix->blocks[matrix->n_blocks].n)
            matrix->n_blocks++;
        else
            rows_release(&matrix->blocks[matrix->n_blocks]);
    }
    return SL_OK;
}

/* Block by block those of train, before its rows are taken from the parts. */
static int assemble_redrawn(struct building *b, struct sl_error *err)
{
    struct sl_dataset *d = b->shape;
    if (!d->redraw || b->bare)
        return SL_OK;
    struct sl_matrix *m = &d->redraw->rows;
    if (!(m->blocks = calloc(d->train.n_blocks + 1, sizeof *m->blocks)))
        return sl_fail_memory(err, "the dataset");
    for (size_t i = 0; i < b->n; i++) {
        struct part *part = &b->parts[i];
        if (!part->trained)
            continue;
        struct sl_rows *rows = &part->rows[REDRAWN];
        settle_rows(b, REDRAWN, rows);
        m->blocks[m->n_blocks] = rows->n ? *rows : d->train.blocks[m->n_blocks];
        m->n += m->blocks[m->n_blocks++].n;
        *rows = (struct sl_rows){ 0 };
    }
    return SL_OK;
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
        status = map_file(&b, err);
    if (!status)
        status = assemble(&b, SL_TRAIN, &d->train, err);
    if (!status)
        status = assemble_redrawn(&b, err);
    if (!status)
        status = assemble(&b, SL_TEST, &d->test, err);
    if (!status)
        status = assemble(&b, SL_VALIDATION, &d->validation, err);
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
