/* loader_remake.c: training rows that are not kept, as a source of batches: each is read, decoded and changed at random
 * for the batch it is in, by whoever makes that batch. */
#include "remake.h"

#include "sluice/loader.h"

#include <stdlib.h>

struct remade_source {
    const struct sl_dataset *data;
    struct sl_row_source kept; /* numbers, and what is to be predicted */
};

static int fetch(void *ctx, int worker, uint32_t pass, const uint64_t *row, uint32_t n, const struct sl_batch *out,
                 struct sl_error *err)
{
    enum { GROUP = 64 };
    const struct remade_source *s = ctx;
    const struct sl_draw draw = { .epoch = pass };
    uint64_t record[GROUP];
    int status = SL_OK;
    for (uint32_t at = 0; at < n && !status; at += GROUP) {
        uint32_t few = n - at < GROUP ? n - at : GROUP;
        struct sl_batch part = { .n = few,
                                 .labels = out->labels ? out->labels + at : NULL,
                                 .target = out->target ? out->target + at : NULL,
                                 .record = record };
        status = s->kept.fetch(s->kept.ctx, worker, pass, row + at, few, &part, err);
        if (!status && out->record)
            memcpy(out->record + at, record, few * sizeof *record);
        if (!status && out->x)
            status = sl_remake_floats(s->data->remake, s->data->redraw ? &draw : NULL, record, few,
                                      out->x + (size_t)at * s->data->train.width, err);
    }
    return status;
}

static void free_source(void *ctx)
{
    struct remade_source *s = ctx;
    sl_row_source_release(&s->kept);
    free(s);
}

int sl_row_source_remade(struct sl_row_source *out, const struct sl_dataset *data, struct sl_error *err)
{
    struct remade_source *s = calloc(1, sizeof *s);
    if (!s)
        return sl_fail_memory(err, "the training rows");
    s->data = data;
    int status = sl_row_source_matrix(&s->kept, &data->train, data->regression ? 0 : data->n_classes, err);
    if (status) {
        free(s);
        return status;
    }
    *out = (struct sl_row_source){
        .n = s->kept.n, .width = data->train.width, .costs = true, .ctx = s, .fetch = fetch, .free = free_source
    };
    return SL_OK;
}
