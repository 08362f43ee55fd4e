/* predict.c: a saved model applied to new data: the same stages, the same code.
 *
 * One thread at a time cuts the next block from the input; parsing, stages and the model run on all cores; lines are
 * written in input order. Every record read gets a line: one that could not be read, or that a stage drops, says so. */
#include "predict.h"

#include <stdlib.h>

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
            status = predict_block(p, h, &err);
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
            predict_header(p, &p->hands[0].text);
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
