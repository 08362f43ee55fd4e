/* predict.c: a saved model applied to new data: the same stages, the same code.
 *
 * One thread at a time cuts the next block from the input; parsing, stages and the model run on all cores; lines are
 * written in input order. Every record read gets a line: one that could not be read, or that a stage drops, says so. */
#include "live.h"
#include "output.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct hand {
    struct sl_block block;
    struct sl_arena arena;
    struct sl_scratch *scratch;
    struct sl_quarantine rejects; /* of the present block */
    struct sl_buf text;
    int16_t *dropped_by; /* per record of the block: the stage, -1: none */
    double *probabilities;
    size_t room;
};

struct predicting {
    const struct sl_predict_options *options;
    struct trained trained;
    struct sl_reader *reader;
    const struct sl_stage *label;
    struct sl_progress *progress;
    struct output output;
    pthread_mutex_t input;
    bool ended;
    _Atomic bool failed;
    int status; /* under input */
    struct sl_error error;
    struct sl_quarantine *rejects;
    struct hand *hands;
};

/* --- one block --- */

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

static int run_model(struct predicting *p, struct hand *h, const struct sl_rows *rows, struct sl_error *err)
{
    size_t need = (size_t)rows->n * p->trained.shape->n_classes;
    if (need > h->room) {
        double *more = realloc(h->probabilities, need * sizeof *more);
        if (!more)
            return sl_fail_memory(err, "predictions");
        h->probabilities = more;
        h->room = need;
    }
    return p->trained.learner->class->predict(p->trained.learner, rows, h->probabilities, err);
}

static bool is_complete(const struct sl_rows *rows, uint32_t i)
{
    for (uint32_t k = rows->start[i]; k < rows->start[i + 1]; k++)
        if (isnan(rows->value[k]))
            return false;
    return true;
}

static void put_features(const struct sl_rows *rows, uint32_t i, struct sl_buf *out)
{
    for (uint32_t k = rows->start[i]; k < rows->start[i + 1]; k++) {
        if (k > rows->start[i])
            sl_buf_putc(out, ' ');
        sl_buf_printf(out, "%u:%.9g", rows->index[k], (double)rows->value[k]);
    }
    sl_buf_putc(out, ',');
}

static void put_label(const struct predicting *p, const double *probability, struct sl_buf *out)
{
    const struct sl_dataset *shape = p->trained.shape;
    uint32_t best = 0;
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
    uint32_t classes = p->trained.shape->n_classes, i = 0;
    size_t reject = 0;
    for (uint32_t k = 0; k < h->block.records; k++) {
        uint64_t record = h->block.mark.record + k;
        sl_buf_printf(&h->text, "%llu,", (unsigned long long)record);
        if (i < rows->n && rows->record[i] == record) {
            if (!is_complete(rows, i))
                put_note(p, "a feature is missing (its column is empty or absent)", &h->text);
            else if (p->options->features)
                put_features(rows, i, &h->text);
            else
                put_label(p, h->probabilities + (size_t)i * classes, &h->text);
            i++;
        } else {
            put_missing(p, h, record, &reject);
        }
        sl_buf_putc(&h->text, '\n');
    }
}

static void put_header(const struct predicting *p, struct sl_buf *out)
{
    const struct sl_dataset *shape = p->trained.shape;
    sl_buf_puts(out, "record,");
    if (p->options->features) {
        sl_buf_puts(out, "features,note\n");
        return;
    }
    csv_put_text(out, sl_str(p->label && p->label->target ? p->label->target : "label"));
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

static int one_block(struct predicting *p, struct hand *h, struct sl_error *err)
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
        put_header(p, &h->text);
    put_lines(p, h, &rows);
    if (p->progress) {
        p->progress->records += h->block.records;
        p->progress->quarantined += h->rejects.total;
        p->progress->done = p->reader->consumed;
    }
    return output_put(&p->output, h->block.mark.sequence, &h->text, err);
}

/* --- all blocks --- */

static int take_block(struct predicting *p, struct hand *h, struct sl_error *err)
{
    pthread_mutex_lock(&p->input);
    /* Rejects of the block before go to the caller's list while the lock is held anyway. */
    int status = p->rejects && h->rejects.total ? sl_quarantine_merge(p->rejects, &h->rejects, err) : SL_OK;
    sl_quarantine_release(&h->rejects);
    if (!status)
        status = p->ended || p->failed ? SL_EEND : sl_reader_next(p->reader, &h->block, err);
    p->ended = p->ended || status != SL_OK;
    pthread_mutex_unlock(&p->input);
    return status;
}

static void give_up(struct predicting *p, int status, const struct sl_error *err)
{
    pthread_mutex_lock(&p->input);
    if (!p->status) {
        p->status = status;
        p->error = *err;
    }
    p->failed = true;
    pthread_mutex_unlock(&p->input);
}

static void work(void *ctx, size_t i, int worker)
{
    struct predicting *p = ctx;
    struct hand *h = &p->hands[worker];
    (void)i;
    for (;;) {
        struct sl_error err = SL_ERROR_INIT;
        int status = p->progress && p->progress->cancel ? sl_fail(&err, SL_ECANCEL, "the prediction was cancelled")
                                                        : take_block(p, h, &err);
        if (status == SL_EEND)
            return;
        if (!status)
            status = one_block(p, h, &err);
        if (status) {
            give_up(p, status, &err);
            return;
        }
    }
}

static void free_hands(struct predicting *p, int n)
{
    for (int i = 0; p->hands && i < n; i++) {
        struct hand *h = &p->hands[i];
        sl_block_release(&h->block);
        sl_arena_release(&h->arena);
        sl_scratch_free(h->scratch);
        sl_quarantine_release(&h->rejects);
        sl_buf_release(&h->text);
        free(h->dropped_by);
        free(h->probabilities);
    }
    free(p->hands);
}

static int make_hands(struct predicting *p, int n, struct sl_error *err)
{
    p->hands = calloc((size_t)n, sizeof *p->hands);
    if (!p->hands)
        return sl_fail_memory(err, "predictions");
    for (int i = 0; i < n; i++) {
        struct hand *h = &p->hands[i];
        sl_arena_init(&h->arena);
        h->dropped_by = malloc(SL_CHUNK_RECORDS * sizeof *h->dropped_by);
        int status = h->dropped_by ? sl_scratch_new(&h->scratch, p->trained.pipeline, err)
                                   : sl_fail_memory(err, "predictions");
        if (status)
            return status;
    }
    return SL_OK;
}

static int run_all(struct predicting *p, struct sl_pool *pool, struct sl_error *err)
{
    int threads = sl_pool_threads(pool);
    int status = make_hands(p, threads, err);
    if (!status)
        status = output_open(&p->output, p->options->out, threads, err);
    if (!status) {
        if (p->progress) {
            p->progress->phase = SL_PHASE_READ;
            p->progress->total = p->reader->size;
        }
        sl_pool_for(pool, (size_t)threads, work, p);
        status = p->status;
        if (status && err)
            *err = p->error;
        if (!status && p->output.next == 0) { /* no block at all: the header stands alone */
            put_header(p, &p->hands[0].text);
            status = output_put(&p->output, 0, &p->hands[0].text, err);
        }
        status = output_close(&p->output, status, err);
        if (p->progress)
            p->progress->phase = SL_PHASE_DONE;
    }
    free_hands(p, threads);
    return status;
}

int predict_book(struct book *book, const struct sl_predict_options *options, struct sl_quarantine *rejects,
                 struct sl_error *err)
{
    struct predicting p = { .options = options,
                            .progress = options->progress,
                            .rejects = rejects,
                            .input = PTHREAD_MUTEX_INITIALIZER,
                            .output = { .fd = -1 } };
    struct sl_pipeline_options how = { .predicting = true, .paths = options->paths };
    struct sl_pool *pool = NULL;
    int status = trained_load(&p.trained, book, &how, err);
    if (!status)
        status = sl_pool_new(&pool, options->threads, err);
    if (!status) {
        p.reader = sl_pipeline_reader(p.trained.pipeline);
        p.label = sl_pipeline_find(p.trained.pipeline, SL_TARGET);
        status = run_all(&p, pool, err);
    }
    if (!status && rejects)
        sl_quarantine_sort(rejects);
    sl_pool_free(pool);
    trained_release(&p.trained);
    return status;
}

int sl_predict(const struct sl_predict_options *options, struct sl_quarantine *rejects, struct sl_error *err)
{
    struct book *book = NULL;
    int status = book_open(&book, options->session, true, err);
    if (!status)
        status = predict_book(book, options, rejects, err);
    book_close(book);
    return status;
}
