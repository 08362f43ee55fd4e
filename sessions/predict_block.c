/* predict_block.c: one block of records through the stages and the model, and one line for every record of it.
 *
 * A record that is not there at the end was rejected by the reader or dropped by a stage: its line says which. Stages
 * are applied one by one, to know. */
#include "predict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Records of `before` that are not in `after` were dropped by stage i. */
static void note_dropped(struct hand *h, const struct sl_chunk *before, const struct sl_chunk *after, size_t stage)
{
    uint32_t j = 0;
    for (uint32_t i = 0; i < before->n; i++) {
        uint64_t record = before->origin[i].record;
        if (j < after->n && after->origin[j].record == record) {
            j++;
            continue;
        }
        uint64_t at = record - h->block.mark.record;
        if (at < SL_CHUNK_RECORDS)
            h->dropped_by[at] = (int16_t)stage;
    }
}

static int apply_stages(struct predicting *p, struct hand *h, struct sl_chunk *chunk, struct sl_error *err)
{
    size_t n = sl_pipeline_stages(p->trained.pipeline);
    for (size_t i = 0; i < n; i++) {
        struct sl_chunk after;
        int status = sl_pipeline_apply(p->trained.pipeline, i, i + 1, h->scratch, chunk, &after, err);
        if (status)
            return status;
        if (after.n != chunk->n)
            note_dropped(h, chunk, &after, i);
        *chunk = after;
    }
    return SL_OK;
}

/* Figures of a record: a probability for each class, or the number predicted. */
static uint32_t predict_outputs(const struct predicting *p)
{
    return p->trained.shape->regression ? 1 : p->trained.shape->n_classes;
}

static int run_model(struct predicting *p, struct hand *h, const struct sl_rows *rows, struct sl_error *err)
{
    size_t need = (size_t)rows->n * predict_outputs(p);
    if (need > h->room) {
        double *more = realloc(h->probabilities, need * sizeof *more);
        if (!more)
            return sl_fail_memory(err, "predictions");
        h->probabilities = more;
        h->room = need;
    }
    return p->trained.learner->class->predict(p->trained.learner, rows, h->probabilities, err);
}

static void put_features(const struct predicting *p, struct hand *h, const struct sl_rows *rows, uint32_t i)
{
    const struct sl_matrix *layout = &p->trained.shape->train;
    uint32_t n = sl_row_features(layout, rows, i, NULL, NULL);
    uint32_t *index = sl_arena_array(&h->arena, (size_t)n + 1, sizeof *index);
    float *value = sl_arena_array(&h->arena, (size_t)n + 1, sizeof *value);
    h->text.failed |= !index || !value;
    if (h->text.failed)
        return;
    sl_row_features(layout, rows, i, index, value);
    for (uint32_t k = 0; k < n; k++)
        sl_buf_printf(&h->text, "%s%u:%.9g", k ? " " : "", index[k], (double)value[k]);
    sl_buf_putc(&h->text, ',');
}

static void put_label(const struct predicting *p, const double *probability, struct sl_buf *out)
{
    const struct sl_dataset *shape = p->trained.shape;
    uint32_t best = 0;
    if (shape->regression) {
        sl_buf_number(out, probability[0]);
        sl_buf_putc(out, ',');
        return;
    }
    for (uint32_t k = 1; k < shape->n_classes; k++)
        if (probability[k] > probability[best])
            best = k;
    csv_put_text(out, sl_str(shape->classes[best]));
    for (uint32_t k = 0; k < shape->n_classes; k++) {
        sl_buf_putc(out, ',');
        sl_buf_number(out, probability[k]);
    }
    sl_buf_putc(out, ',');
}

/* Empty fields, then why they are. */
static void put_note(const struct predicting *p, const char *note, struct sl_buf *out)
{
    for (uint32_t k = 0; !p->options->features && k < p->trained.shape->n_classes; k++)
        sl_buf_putc(out, ',');
    sl_buf_putc(out, ',');
    csv_put_text(out, sl_str(note));
}

static void put_missing(const struct predicting *p, const struct hand *h, uint64_t record, size_t *reject)
{
    char note[128];
    struct sl_buf *out = (struct sl_buf *)(uintptr_t)&h->text;
    while (*reject < h->rejects.n && h->rejects.entries[*reject].origin.record < record)
        ++*reject;
    if (*reject < h->rejects.n && h->rejects.entries[*reject].origin.record == record) {
        put_note(p, h->rejects.entries[*reject].reason, out);
        return;
    }
    int16_t stage = h->dropped_by[record - h->block.mark.record];
    snprintf(note, sizeof note, "dropped by %s",
             stage >= 0 ? sl_pipeline_stage(p->trained.pipeline, (size_t)stage)->class->name : "a stage");
    put_note(p, note, out);
}

static void put_lines(const struct predicting *p, struct hand *h, const struct sl_rows *rows)
{
    uint32_t outputs = predict_outputs(p), i = 0;
    size_t reject = 0;
    for (uint32_t k = 0; k < h->block.records; k++) {
        uint64_t record = h->block.mark.record + k;
        sl_buf_printf(&h->text, "%llu,", (unsigned long long)record);
        if (i < rows->n && rows->record[i] == record) {
            if (!sl_row_complete(&p->trained.shape->train, rows, i))
                put_note(p, "a feature is missing (its column is empty or absent)", &h->text);
            else if (p->options->features)
                put_features(p, h, rows, i);
            else
                put_label(p, h->probabilities + (size_t)i * outputs, &h->text);
            i++;
        } else {
            put_missing(p, h, record, &reject);
        }
        sl_buf_putc(&h->text, '\n');
    }
}

void predict_header(const struct predicting *p, struct sl_buf *out)
{
    const struct sl_dataset *shape = p->trained.shape;
    sl_buf_puts(out, "record,");
    if (p->options->features) {
        sl_buf_puts(out, "features,note\n");
        return;
    }
    csv_put_text(out, sl_str(shape->regression              ? "prediction"
                             : p->label && p->label->target ? p->label->target
                                                            : "label"));
    for (uint32_t k = 0; k < shape->n_classes; k++) {
        struct sl_buf name = { 0 };
        sl_buf_printf(&name, "p_%s", shape->classes[k]);
        sl_buf_putc(out, ',');
        csv_put_text(out, (struct sl_str){ name.p, name.n });
        out->failed = out->failed || name.failed;
        sl_buf_release(&name);
    }
    sl_buf_puts(out, ",note\n");
}

int predict_block(struct predicting *p, struct hand *h, struct sl_error *err)
{
    struct sl_chunk chunk;
    struct sl_rows rows;
    sl_arena_reset(&h->arena, 64u << 20);
    memset(h->dropped_by, 0xff, SL_CHUNK_RECORDS * sizeof *h->dropped_by);
    int status = sl_reader_parse(p->reader, &h->block, &h->arena, &chunk, &h->rejects, err);
    if (!status)
        status = apply_stages(p, h, &chunk, err);
    if (!status)
        status = sl_dataset_rows(p->trained.shape, p->label, &chunk, &rows, err);
    if (!status)
        status = run_model(p, h, &rows, err);
    if (status)
        return status;
    sl_quarantine_sort(&h->rejects);
    h->text.n = 0;
    if (h->block.mark.sequence == 0)
        predict_header(p, &h->text);
    put_lines(p, h, &rows);
    if (p->progress) {
        p->progress->records += h->block.records;
        p->progress->quarantined += h->rejects.total;
        p->progress->total = p->reader->size;
        p->progress->done = p->reader->consumed;
    }
    return output_put(&p->output, h->block.mark.sequence, &h->text, err);
}
