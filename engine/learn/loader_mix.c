/* loader_mix.c: rows of a batch mixed with each other, and what is to be predicted of them with them: mixup and cutmix.
 *
 * Behind all stages, on the rows as the network takes them: each with the one behind it in the batch, the last with the
 * first, as torchvision's MixUp and CutMix do; the batch's order is random already. Shares and boxes follow from seed,
 * epoch, record and place alone. Several such statements mix one after the other.
 *
 * Source  Zhang et al. 2018 (mixup), Yun et al. 2019 (cutmix) */
#include "loader_private.h"

#include "redraw.h"

#include "sluice/image_ops.h"

#include <stdlib.h>
#include <string.h>

/* A box is cut out of the very column that the network takes. */
static int check_column(const struct sl_stage *stage, const struct sl_mix *mix, struct sl_pipeline *pipeline,
                        const struct sl_dataset *data, struct sl_error *err)
{
    const struct sl_stage *learner = sl_pipeline_find(pipeline, SL_LEARNER);
    const char *taken = learner->in->fields[data->columns[0]].name;
    if (mix->kind != SL_MIX_PASTE || (data->height && strcmp(stage->out.fields[mix->column].name, taken) == 0))
        return SL_OK;
    sl_fail(err, SL_ESCHEMA, "\"%s\" works on \"%.80s\", but the network learns from \"%.80s\"", stage->class->name,
            stage->out.fields[mix->column].name, taken);
    return sl_fix(err, "name the same column of pictures to both"), SL_ESCHEMA;
}

int sl_mixer_init(struct sl_mixer *out, const struct sl_dataset *data, struct sl_error *err)
{
    *out = (struct sl_mixer){ .classes = data->regression ? 0 : data->n_classes,
                              .width = data->train.width,
                              .height = data->height,
                              .breadth = data->breadth,
                              .channels = data->channels };
    struct sl_pipeline *p = data->redraw ? data->redraw->pipeline : NULL;
    int status = SL_OK;
    for (size_t i = 0; p && i < sl_pipeline_stages(p) && !status; i++) {
        const struct sl_stage *stage = sl_pipeline_stage(p, i);
        if (!stage->class->mixes)
            continue;
        if (out->n == SL_MIXES_MOST)
            return sl_fail(err, SL_ELIMIT, "more than %u statements mix records", SL_MIXES_MOST);
        stage->class->mixes(stage, &out->mix[out->n]);
        status = check_column(stage, &out->mix[out->n], p, data, err);
        out->place[out->n++] = stage->place;
    }
    return status;
}

int loader_mix_room(const struct sl_loader *l, struct loader_mixing *room, struct sl_error *err)
{
    const struct sl_mixer *m = l->options.mixer;
    size_t n = l->options.size;
    if (!m)
        return SL_OK;
    room->row = malloc(((size_t)m->width + 1) * sizeof *room->row);
    room->share = malloc(((size_t)m->classes + 1) * sizeof *room->share);
    room->labels = malloc(n * sizeof *room->labels);
    room->record = malloc(n * sizeof *room->record);
    return room->row && room->share && room->labels && room->record ? SL_OK : sl_fail_memory(err, "batches");
}

void loader_mix_release(struct loader_mixing *room)
{
    free(room->row);
    free(room->share);
    free(room->labels);
    free(room->record);
    *room = (struct loader_mixing){ 0 };
}

struct sl_batch loader_mix_wants(const struct sl_loader *l, const struct loader_mixing *room,
                                 const struct sl_batch *into)
{
    struct sl_batch b = *into;
    if (!l->options.mixer)
        return b;
    b.labels = b.labels || !b.soft ? b.labels : room->labels;
    b.record = b.record ? b.record : room->record;
    return b;
}

/* The share of a class is 1 or 0 to begin with. */
static void spread_labels(const struct sl_mixer *m, const struct sl_batch *b)
{
    memset(b->soft, 0, (size_t)b->n * m->classes * sizeof *b->soft);
    for (uint32_t i = 0; i < b->n; i++)
        if (b->labels[i] < m->classes)
            b->soft[(size_t)i * m->classes + b->labels[i]] = 1;
}

/* Row i with `other`: how much of it stays. */
static float mix_rows(const struct sl_mixer *m, size_t k, uint32_t pass, uint64_t record, float *row,
                      const float *other)
{
    const struct sl_mix *mix = &m->mix[k];
    const struct sl_image_key key = { .seed = mix->seed, .epoch = pass, .record = record, .place = m->place[k] % 256 };
    double lambda = sl_mix_lambda(&key, mix->alpha);
    if (mix->kind == SL_MIX_BLEND) {
        sl_mix_blend(m->width, row, other, (float)lambda);
        return (float)lambda;
    }
    struct sl_image_box box;
    lambda = sl_cutmix_draw(&key, lambda, m->breadth, m->height, &box);
    sl_cutmix_paste(row, other, m->breadth, m->channels, &box);
    return (float)lambda;
}

/* One statement's mixing of all rows: the first is kept apart until the last has been mixed with it. */
static void mix_once(const struct sl_mixer *m, size_t k, uint32_t pass, const struct loader_mixing *room,
                     const struct sl_batch *b)
{
    size_t width = m->width, classes = m->classes;
    float first = b->target ? b->target[0] : 0;
    memcpy(room->row, b->x, width * sizeof *room->row);
    if (b->soft)
        memcpy(room->share, b->soft, classes * sizeof *room->share);
    for (uint32_t i = 0; i < b->n; i++) {
        bool last = i + 1 == b->n;
        const float *other = last ? room->row : b->x + (i + 1) * width;
        float lambda = mix_rows(m, k, pass, b->record[i], b->x + i * width, other);
        if (b->soft)
            sl_mix_blend(classes, b->soft + i * classes, last ? room->share : b->soft + (i + 1) * classes, lambda);
        else if (b->target)
            sl_mix_blend(1, b->target + i, last ? &first : b->target + i + 1, lambda);
    }
}

void loader_mix(const struct sl_loader *l, uint32_t pass, const struct loader_mixing *room, const struct sl_batch *b)
{
    const struct sl_mixer *m = l->options.mixer;
    if (!m || !b->x || !b->n)
        return;
    if (b->soft)
        spread_labels(m, b);
    for (size_t k = 0; k < m->n; k++)
        mix_once(m, k, pass, room, b);
}
