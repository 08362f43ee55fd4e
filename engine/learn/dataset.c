/* dataset.c: encoded chunks joined into the rows a learner takes.
 *
 * Each chunk becomes one block of rows for training and one for test, so that building needs no second copy and later
 * sums have a shape that depends on the input alone. */
#include "sluice/learn.h"

#include "sluice/input.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct part {
    uint64_t sequence;
    struct sl_rows train, test;
};

struct building {
    struct sl_dataset *shape;
    const struct sl_stage *label;
    pthread_mutex_t lock;
    struct part *parts;
    size_t n, capacity;
    bool shaped;
    struct sl_pipeline *pipeline;
    uint64_t budget, held; /* bytes of rows in memory */
    int file;              /* the rest; -1: none yet */
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
    matrix_release(&d->train);
    matrix_release(&d->test);
    if (d->map)
        munmap(d->map, d->map_bytes);
    for (uint32_t i = 0; d->classes && i < d->n_classes; i++)
        free(d->classes[i]);
    free(d->classes);
    free(d->columns);
    free(d->first);
    free(d);
}

/* Schema that the learner sees. */
static const struct sl_schema *final_schema(struct sl_pipeline *p)
{
    struct sl_stage *learner = sl_pipeline_find(p, SL_LEARNER);
    return learner ? learner->in : &sl_pipeline_stage(p, sl_pipeline_stages(p) - 1)->out;
}

static uint32_t field_width(const struct sl_field *field)
{
    return field->type == SL_NUMBER ? 1 : field->width;
}

static int choose_columns(struct sl_dataset *d, struct sl_pipeline *p, struct sl_error *err)
{
    const struct sl_schema *schema = final_schema(p);
    struct sl_stage *learner = sl_pipeline_find(p, SL_LEARNER);
    unsigned types = SL_NUMBER | SL_VECTOR | SL_SPARSE;
    size_t n = 0;
    if (learner && learner->class->params && learner->class->params->kind == SL_PARAM_COLUMNS &&
        ((const struct sl_names *)(const void *)((const char *)learner->params + learner->class->params->offset))->n) {
        const struct sl_names *names = (const void *)((const char *)learner->params + learner->class->params->offset);
        int status = sl_stage_columns(learner, names, types, schema, &d->columns, &n, err);
        if (status)
            return status;
    } else {
        bool encoded = false;
        d->columns = calloc(schema->n + 1, sizeof *d->columns);
        if (!d->columns)
            return sl_fail_memory(err, "a dataset");
        for (size_t c = 0; c < schema->n; c++)
            encoded |= schema->fields[c].encoded;
        for (size_t c = 0; c < schema->n; c++)
            if ((schema->fields[c].type & types) && !schema->fields[c].target &&
                (schema->fields[c].encoded || !encoded))
                d->columns[n++] = c;
    }
    if (!n) {
        sl_fail(err, SL_ESCHEMA, "no column holds features a learner can take");
        return sl_fix(err, "encode text with tfidf, count, hashing or onehot, or keep a number column");
    }
    d->n_columns = (uint32_t)n;
    return SL_OK;
}

/* Where each column's features begin; known once everything is fitted. */
static int lay_out(struct sl_dataset *d, struct sl_pipeline *p, struct sl_error *err)
{
    const struct sl_schema *schema = final_schema(p);
    uint64_t at = 0;
    for (uint32_t i = 0; i < d->n_columns; i++) {
        d->first[i] = (uint32_t)at;
        at += field_width(&schema->fields[d->columns[i]]);
        if (at >= UINT32_MAX)
            return sl_fail(err, SL_ELIMIT, "more than 2^32 features");
    }
    d->first[d->n_columns] = d->train.width = d->test.width = (uint32_t)at;
    return SL_OK;
}

static int list_classes(struct sl_dataset *d, const struct sl_stage *label, struct sl_error *err)
{
    uint32_t n = label && label->model ? sl_label_classes(label) : 0;
    d->classes = calloc((size_t)n + 1, sizeof *d->classes);
    if (!d->classes)
        return sl_fail_memory(err, "the classes");
    for (; d->n_classes < n; d->n_classes++)
        if (!(d->classes[d->n_classes] = strdup(sl_label_class(label, d->n_classes))))
            return sl_fail_memory(err, "the classes");
    return SL_OK;
}

int sl_dataset_shape(struct sl_dataset **out, struct sl_pipeline *pipeline, struct sl_error *err)
{
    struct sl_dataset *d = calloc(1, sizeof *d);
    if (!d)
        return sl_fail_memory(err, "a dataset");
    int status = choose_columns(d, pipeline, err);
    if (!status && !(d->first = calloc((size_t)d->n_columns + 1, sizeof *d->first)))
        status = sl_fail_memory(err, "a dataset");
    if (!status)
        status = lay_out(d, pipeline, err);
    if (!status)
        status = list_classes(d, sl_pipeline_find(pipeline, SL_TARGET), err);
    if (status)
        sl_dataset_free(d);
    else
        *out = d;
    return status;
}

/* The label stage looks at its own column number; later stages may have moved the column. */
static uint32_t class_of(const struct sl_stage *label, const struct sl_chunk *chunk, const struct sl_column *target,
                         uint32_t i)
{
    enum { AT_MOST = 64 };
    struct sl_column columns[AT_MOST];
    size_t column = sl_label_column(label);
    if (!target)
        return UINT32_MAX;
    if (column < chunk->schema->n && &chunk->columns[column] == target)
        return sl_label_index(label, chunk, i);
    if (column >= AT_MOST)
        return UINT32_MAX;
    columns[column] = *target;
    struct sl_chunk view = *chunk;
    view.columns = columns;
    return sl_label_index(label, &view, i);
}

static const struct sl_column *find_target(const struct sl_chunk *chunk)
{
    for (size_t c = 0; c < chunk->schema->n; c++)
        if (chunk->schema->fields[c].target)
            return &chunk->columns[c];
    return NULL;
}

/* Features of cell i of one column; returns how many. With index NULL it only counts. */
static uint32_t put_cell(const struct sl_chunk *chunk, size_t c, uint32_t i, uint32_t first, uint32_t *index,
                         float *value)
{
    const struct sl_column *column = &chunk->columns[c];
    const struct sl_field *field = &chunk->schema->fields[c];
    uint32_t n = 0;
    if (field->type == SL_SPARSE) {
        uint64_t from = column->sparse.start[i];
        n = (uint32_t)(column->sparse.start[i + 1] - from);
        for (uint32_t k = 0; index && k < n; k++) {
            index[k] = first + column->sparse.index[from + k];
            value[k] = column->sparse.value[from + k];
        }
        return n;
    }
    uint32_t width = field_width(field);
    for (uint32_t k = 0; k < width; k++) {
        float x = field->type == SL_NUMBER ? (float)column->number[i] : column->vector[(size_t)i * width + k];
        if (x == 0)
            continue;
        if (index) {
            index[n] = first + k;
            value[n] = x;
        }
        n++;
    }
    return n;
}

static uint32_t put_row(const struct sl_dataset *shape, const struct sl_chunk *chunk, uint32_t i, uint32_t *index,
                        float *value)
{
    uint32_t n = 0;
    for (uint32_t c = 0; c < shape->n_columns; c++)
        n += put_cell(chunk, shape->columns[c], i, shape->first[c], index ? index + n : NULL, value ? value + n : NULL);
    return n;
}

static int missing_number(const struct sl_dataset *shape, const struct sl_chunk *chunk, struct sl_error *err)
{
    for (uint32_t c = 0; c < shape->n_columns; c++) {
        size_t column = shape->columns[c];
        if (chunk->schema->fields[column].type != SL_NUMBER)
            continue;
        for (uint32_t i = 0; i < chunk->n; i++)
            if (!sl_valid(&chunk->columns[column], i) ||
                chunk->columns[column].number[i] != chunk->columns[column].number[i]) {
                sl_fail(err, SL_EDATA,
                        "column \"%s\" is missing in record %llu (line %llu), and a learner cannot take that",
                        chunk->schema->fields[column].name, (unsigned long long)chunk->origin[i].record,
                        (unsigned long long)chunk->origin[i].line);
                return sl_fix(err, "add: impute %s, or: drop_missing %s", chunk->schema->fields[column].name,
                              chunk->schema->fields[column].name);
            }
    }
    return SL_OK;
}

int sl_dataset_rows(const struct sl_dataset *shape, const struct sl_stage *label, const struct sl_chunk *chunk,
                    struct sl_rows *out, struct sl_error *err)
{
    struct sl_arena *arena = chunk->arena;
    size_t total = 0;
    for (uint32_t i = 0; i < chunk->n; i++)
        total += put_row(shape, chunk, i, NULL, NULL);
    *out = (struct sl_rows){ .n = chunk->n,
                             .start = sl_arena_array(arena, (size_t)chunk->n + 1, sizeof *out->start),
                             .index = sl_arena_array(arena, total + 1, sizeof *out->index),
                             .value = sl_arena_array(arena, total + 1, sizeof *out->value),
                             .y = sl_arena_array(arena, (size_t)chunk->n + 1, sizeof *out->y),
                             .record = sl_arena_array(arena, (size_t)chunk->n + 1, sizeof *out->record) };
    if (!out->start || !out->index || !out->value || !out->y || !out->record)
        return sl_fail_memory(err, "rows of features");
    const struct sl_column *target = label ? find_target(chunk) : NULL;
    uint32_t at = 0;
    for (uint32_t i = 0; i < chunk->n; i++) {
        out->start[i] = at;
        at += put_row(shape, chunk, i, out->index + at, out->value + at);
        out->y[i] = class_of(label, chunk, target, i);
        out->record[i] = chunk->origin[i].record;
    }
    out->start[chunk->n] = at;
    return SL_OK;
}

static size_t rows_bytes(size_t n, size_t nonzeros)
{
    return n * (sizeof(uint64_t) + 2 * sizeof(uint32_t)) + sizeof(uint32_t) +
           nonzeros * (sizeof(uint32_t) + sizeof(float));
}

/* Point the arrays of n rows into one piece of memory. */
static void lay_rows(struct sl_rows *rows, char *memory, uint32_t n, size_t nonzeros)
{
    rows->n = n;
    rows->record = (uint64_t *)(void *)memory;
    rows->start = (uint32_t *)(void *)(rows->record + n);
    rows->y = rows->start + n + 1;
    rows->index = rows->y + n;
    rows->value = (float *)(void *)(rows->index + nonzeros);
}

/* The rows of one role, copied right-sized out of the arena. */
static int take_role(const struct sl_rows *rows, const uint8_t *role, enum sl_role wanted, struct sl_rows *to,
                     struct sl_error *err)
{
    uint32_t n = 0;
    size_t total = 0;
    for (uint32_t i = 0; i < rows->n; i++)
        if (role[i] == wanted) {
            n++;
            total += rows->start[i + 1] - rows->start[i];
        }
    char *memory = malloc(rows_bytes(n, total));
    if (!memory)
        return sl_fail_memory(err, "rows of features");
    lay_rows(to, memory, n, total);
    uint32_t at = 0, row = 0;
    for (uint32_t i = 0; i < rows->n; i++) {
        if (role[i] != wanted)
            continue;
        uint32_t length = rows->start[i + 1] - rows->start[i];
        memcpy(to->index + at, rows->index + rows->start[i], length * sizeof *to->index);
        memcpy(to->value + at, rows->value + rows->start[i], length * sizeof *to->value);
        to->start[row] = at;
        to->y[row] = rows->y[i];
        to->record[row++] = rows->record[i];
        at += length;
    }
    to->start[n] = at;
    return SL_OK;
}

/* First chunk to arrive: everything is fitted now. */
static int shape_up(struct building *b, struct sl_error *err)
{
    pthread_mutex_lock(&b->lock);
    int status = b->shaped ? SL_OK : lay_out(b->shape, b->pipeline, err);
    b->shaped = !status;
    pthread_mutex_unlock(&b->lock);
    return status;
}

#define MAP_ALIGN ((size_t)64 * 1024)

/* Rows that would take the dataset over its budget go to the file; until it is mapped, `mapped` is their place in it
 * plus one. The lock is held. */
static int spill(struct building *b, struct sl_rows *rows, struct sl_error *err)
{
    size_t nonzeros = rows->n ? rows->start[rows->n] : 0, bytes = rows_bytes(rows->n, nonzeros);
    if (!rows->n || b->held + bytes <= b->budget) {
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
static void settle_rows(const struct sl_dataset *d, struct sl_rows *rows)
{
    if (!rows->mapped_bytes)
        return;
    size_t n = rows->n, bytes = rows->mapped_bytes, fixed = rows_bytes(n, 0);
    char *memory = (char *)d->map + ((uintptr_t)rows->mapped - 1);
    lay_rows(rows, memory, (uint32_t)n, (bytes - fixed) / (sizeof(uint32_t) + sizeof(float)));
    rows->mapped = memory;
}

static int keep_part(struct building *b, struct part *part, struct sl_error *err)
{
    pthread_mutex_lock(&b->lock);
    int status = spill(b, &part->train, err);
    if (!status)
        status = spill(b, &part->test, err);
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

static int take_chunk(void *ctx, const struct sl_chunk *chunk, const uint8_t *role, int worker, struct sl_error *err)
{
    struct building *b = ctx;
    struct part part = { .sequence = chunk->sequence };
    struct sl_rows rows;
    (void)worker;
    int status = shape_up(b, err);
    if (!status)
        status = missing_number(b->shape, chunk, err);
    if (!status)
        status = sl_dataset_rows(b->shape, b->label, chunk, &rows, err);
    if (!status)
        status = take_role(&rows, role, SL_TRAIN, &part.train, err);
    if (!status)
        status = take_role(&rows, role, SL_TEST, &part.test, err);
    if (!status)
        status = keep_part(b, &part, err);
    if (status) {
        rows_release(&part.train);
        rows_release(&part.test);
    }
    return status;
}

static int by_sequence(const void *a, const void *b)
{
    uint64_t x = ((const struct part *)a)->sequence, y = ((const struct part *)b)->sequence;
    return (x > y) - (x < y);
}

static int assemble(struct building *b, bool test, struct sl_matrix *matrix, struct sl_error *err)
{
    matrix->blocks = calloc(b->n + 1, sizeof *matrix->blocks);
    if (!matrix->blocks)
        return sl_fail_memory(err, "the dataset");
    for (size_t i = 0; i < b->n; i++) {
        struct sl_rows *rows = test ? &b->parts[i].test : &b->parts[i].train;
        settle_rows(b->shape, rows);
        matrix->n += rows->n;
        matrix->nonzeros += rows->n ? rows->start[rows->n] : 0;
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

int sl_dataset_new(struct sl_dataset **out, struct sl_run **run, struct sl_pipeline *pipeline,
                   const struct sl_run_options *options, struct sl_error *err)
{
    struct sl_dataset *d = calloc(1, sizeof *d);
    struct building b = { .shape = d,
                          .label = sl_pipeline_find(pipeline, SL_TARGET),
                          .lock = PTHREAD_MUTEX_INITIALIZER,
                          .pipeline = pipeline,
                          .budget = options->memory / 4,
                          .file = -1 };
    struct sl_run_options mine = *options;
    mine.sink = take_chunk;
    mine.ctx = &b;
    *run = NULL;
    int status = d ? choose_columns(d, pipeline, err) : sl_fail_memory(err, "a dataset");
    if (!status && !(d->first = calloc((size_t)d->n_columns + 1, sizeof *d->first)))
        status = sl_fail_memory(err, "a dataset");
    if (!status)
        status = sl_pipeline_run(run, pipeline, &mine, err);
    if (!status)
        status = list_classes(d, b.label, err);
    if (b.n)
        qsort(b.parts, b.n, sizeof *b.parts, by_sequence);
    if (!status)
        status = map_file(&b, err);
    if (!status)
        status = assemble(&b, false, &d->train, err);
    if (!status)
        status = assemble(&b, true, &d->test, err);
    for (size_t i = 0; i < b.n; i++) {
        rows_release(&b.parts[i].train);
        rows_release(&b.parts[i].test);
    }
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

void sl_dataset_feature(const struct sl_dataset *shape, struct sl_pipeline *p, uint32_t j, struct sl_buf *to)
{
    const struct sl_schema *schema = final_schema(p);
    uint32_t c = 0;
    while (c + 1 < shape->n_columns && shape->first[c + 1] <= j)
        c++;
    const struct sl_field *field = &schema->fields[shape->columns[c]];
    if (shape->n_columns > 1 || field->type == SL_NUMBER)
        sl_buf_printf(to, field->type == SL_NUMBER ? "%s" : "%s: ", field->name);
    if (field->type == SL_NUMBER)
        return;
    for (size_t i = sl_pipeline_stages(p); i-- > 1;) {
        const struct sl_stage *stage = sl_pipeline_stage(p, i);
        long at = stage->class->feature_name ? sl_schema_find(&stage->out, sl_str(field->name)) : -1;
        if (at >= 0 && stage->in->n > (size_t)at && stage->in->fields[at].type != stage->out.fields[at].type) {
            stage->class->feature_name(stage, (size_t)at, j - shape->first[c], to);
            return;
        }
    }
    sl_buf_printf(to, "%u", j - shape->first[c]);
}
