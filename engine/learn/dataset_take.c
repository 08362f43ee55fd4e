/* dataset_take.c: rows of one role copied to memory of their own: record numbers, what is to be predicted, features. */
#include "dataset_private.h"

#include <stdlib.h>

size_t sl_dataset_bytes(const struct sl_matrix *m, size_t n, size_t nonzeros)
{
    size_t fixed = n * (sizeof(uint64_t) + sizeof(uint32_t));
    switch (m->layout) {
    case SL_LAYOUT_BYTES: return fixed + n * m->width;
    case SL_LAYOUT_DENSE: return fixed + n * m->width * sizeof(float);
    default: return fixed + (n + 1) * sizeof(uint32_t) + nonzeros * (sizeof(uint32_t) + sizeof(float));
    }
}

void sl_dataset_lay(const struct sl_dataset *d, struct sl_rows *rows, char *memory, uint32_t n, size_t nonzeros)
{
    rows->n = n;
    rows->record = (uint64_t *)(void *)memory;
    char *behind = (char *)(rows->record + n);
    if (d->regression)
        rows->target = (float *)(void *)behind;
    else
        rows->y = (uint32_t *)(void *)behind;
    behind += (size_t)n * sizeof(uint32_t);
    switch (d->train.layout) {
    case SL_LAYOUT_BYTES: rows->bytes = (uint8_t *)behind; break;
    case SL_LAYOUT_DENSE: rows->dense = (float *)(void *)behind; break;
    default:
        rows->start = (uint32_t *)(void *)behind;
        rows->index = rows->start + n + 1;
        rows->value = (float *)(void *)(rows->index + nonzeros);
    }
}

static void copy_sparse(const struct sl_rows *from, uint32_t i, struct sl_rows *to, uint32_t row, uint32_t *at)
{
    uint32_t length = from->start[i + 1] - from->start[i];
    memcpy(to->index + *at, from->index + from->start[i], length * sizeof *to->index);
    memcpy(to->value + *at, from->value + from->start[i], length * sizeof *to->value);
    to->start[row] = *at;
    *at += length;
}

/* A run of rows that stand beside each other. */
static void copy_run(const struct sl_rows *from, uint32_t i, uint32_t n, size_t width, struct sl_rows *to, uint32_t row)
{
    memcpy(to->record + row, from->record + i, n * sizeof *to->record);
    if (from->y)
        memcpy(to->y + row, from->y + i, n * sizeof *to->y);
    else
        memcpy(to->target + row, from->target + i, n * sizeof *to->target);
    if (from->bytes)
        memcpy(to->bytes + row * width, from->bytes + i * width, n * width);
    else if (from->dense)
        memcpy(to->dense + row * width, from->dense + i * width, n * width * sizeof *to->dense);
}

int sl_dataset_take(const struct sl_dataset *d, const struct sl_rows *rows, const uint8_t *role, enum sl_role wanted,
                    struct sl_rows *to, struct sl_error *err)
{
    uint32_t n = 0, at = 0, row = 0;
    size_t total = 0;
    for (uint32_t i = 0; i < rows->n; i++)
        if (role[i] == wanted) {
            n++;
            total += rows->start ? rows->start[i + 1] - rows->start[i] : 0;
        }
    if (!n)
        return SL_OK;
    char *memory = malloc(sl_dataset_bytes(&d->train, n, total));
    if (!memory)
        return sl_fail_memory(err, "rows of features");
    sl_dataset_lay(d, to, memory, n, total);
    for (uint32_t i = 0, end; i < rows->n; i = end) {
        for (end = i; end < rows->n && role[end] == wanted; end++)
            if (rows->start)
                copy_sparse(rows, end, to, row + end - i, &at);
        copy_run(rows, i, end - i, d->train.width, to, row);
        row += end - i;
        end += end == i;
    }
    if (to->start)
        to->start[n] = at;
    return SL_OK;
}

int sl_dataset_take_bare(const struct sl_dataset *d, const struct sl_rows *rows, const uint8_t *role,
                         enum sl_role wanted, struct sl_rows *to, struct sl_error *err)
{
    const struct sl_dataset bare = { .regression = d->regression, .train = { .layout = SL_LAYOUT_BYTES } };
    struct sl_rows mine = { .n = rows->n, .y = rows->y, .target = rows->target, .record = rows->record };
    int status = sl_dataset_take(&bare, &mine, role, wanted, to, err);
    to->bytes = NULL;
    return status;
}
