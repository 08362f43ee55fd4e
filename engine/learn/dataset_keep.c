/* dataset_keep.c: rows that workers bring are kept, in memory within the budget, else in a temporary file, and put in
 * order when all are there. */
#include "dataset_building.h"

#include "sluice/input.h"

#include <sys/mman.h>
#include <unistd.h>

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

int building_map(struct building *b, struct sl_error *err)
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

int building_keep(struct building *b, struct part *part, struct sl_error *err)
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

int building_assemble(struct building *b, enum sl_role role, struct sl_matrix *matrix, struct sl_error *err)
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
int building_assemble_redrawn(struct building *b, struct sl_error *err)
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
