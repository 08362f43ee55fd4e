/* cpu_embedding.c: rows of a table by number, and the gradient, which adds rows up.
 *
 * The gradient shares out the table's rows, not the ids: part p of PARTS looks at all ids and takes those with
 * id % PARTS = p, so that a row's terms are added by one thread, in the order of the ids. Ids beyond the vocabulary
 * give zeros and take no gradient. */
#include "engine/device/cpu.h"

#include <string.h>

enum { PARTS = 16 };

struct embedding {
    const struct cpu_vector *vector;
    size_t n, vocabulary, width, tile;
    const uint32_t *ids;
    const float *from;
    float *to;
};

static void look_up_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct embedding *e = ctx;
    size_t first = i * e->tile, last = e->n - first < e->tile ? e->n : first + e->tile;
    size_t bytes = e->width * sizeof(float);
    for (size_t k = first; k < last; k++) {
        if (e->ids[k] < e->vocabulary) {
            memcpy(e->to + k * e->width, e->from + e->ids[k] * e->width, bytes);
        } else {
            memset(e->to + k * e->width, 0, bytes);
        }
    }
}

void sl_cpu_embedding(struct sl_device *d, size_t n, size_t vocabulary, size_t width, const uint32_t *ids,
                      const float *table, float *y)
{
    struct embedding e = { sl_cpu_own(d)->vector, n, vocabulary, width, sl_cpu_tile(n, width), ids, table, y };
    sl_cpu_for(d, n * width, (n + e.tile - 1) / e.tile, look_up_tile, &e);
}

static void add_part(void *ctx, size_t part, int worker)
{
    (void)worker;
    const struct embedding *e = ctx;
    for (size_t k = 0; k < e->n; k++) {
        if (e->ids[k] < e->vocabulary && e->ids[k] % PARTS == part) {
            float *row = e->to + e->ids[k] * e->width;
            e->vector->sum(e->width, row, e->from + k * e->width, row);
        }
    }
}

static void zero_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct embedding *e = ctx;
    size_t all = e->vocabulary * e->width, first = i * SL_CPU_TILE;
    memset(e->to + first, 0, (all - first < SL_CPU_TILE ? all - first : SL_CPU_TILE) * sizeof(float));
}

void sl_cpu_embedding_grad(struct sl_device *d, size_t n, size_t vocabulary, size_t width, const uint32_t *ids,
                           const float *dy, float *dtable, bool add)
{
    struct embedding e = { sl_cpu_own(d)->vector, n, vocabulary, width, 0, ids, dy, dtable };
    if (!add) {
        size_t all = vocabulary * width;
        sl_cpu_for(d, all, (all + SL_CPU_TILE - 1) / SL_CPU_TILE, zero_tile, &e);
    }
    sl_cpu_for(d, n * width, PARTS, add_part, &e);
}
