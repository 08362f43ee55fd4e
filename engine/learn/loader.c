/* loader.c: the stream of batches as seen by whoever trains: the next one, made here or taken from the ring. */
#include "loader_private.h"

#include <stdlib.h>
#include <string.h>

enum { PIECES = 64 };
#define PIECE_BYTES ((size_t)64 << 10) /* of a batch made here: less is not worth another thread */

int loader_order_new(const struct sl_loader *l, struct loader_order *order, struct sl_error *err)
{
    order->set = false;
    order->row = malloc((size_t)l->options.size * sizeof *order->row);
    return order->row ? loader_mix_room(l, &order->mixing, err) : sl_fail_memory(err, "batches");
}

void loader_order_release(struct loader_order *order)
{
    free(order->row);
    order->row = NULL;
    loader_mix_release(&order->mixing);
}

/* Places of a batch in its pass: how many from *first on. */
static uint32_t span(const struct sl_loader *l, uint64_t number, uint64_t *first)
{
    uint64_t size = l->options.size, left;
    *first = number % l->batches * size;
    left = l->source.n - *first;
    return (uint32_t)(left < size ? left : size);
}

static void list(const struct sl_loader *l, const struct sl_permutation *order, uint64_t first, uint32_t n,
                 uint64_t *row)
{
    if (l->options.shuffle)
        sl_permutation_run(order, first, n, row);
    for (uint32_t i = 0; i < n && !l->options.shuffle; i++)
        row[i] = first + i;
}

uint32_t loader_list(const struct sl_loader *l, struct loader_order *order, uint64_t number)
{
    uint64_t first;
    uint32_t pass = loader_pass(l, number), n = span(l, number, &first);
    if (l->options.shuffle && (!order->set || order->pass != pass)) {
        sl_permutation_init(&order->permutation, l->source.n, l->options.seed, pass);
        order->set = true;
        order->pass = pass;
    }
    list(l, &order->permutation, first, n, order->row);
    return n;
}

uint32_t sl_loader_rows(const struct sl_loader *l, uint64_t number, uint64_t *row)
{
    struct sl_permutation order;
    uint64_t first;
    uint32_t n = span(l, number, &first);
    if (row && l->options.shuffle)
        sl_permutation_init(&order, l->source.n, l->options.seed, loader_pass(l, number));
    if (row)
        list(l, &order, first, n, row);
    return n;
}

int sl_loader_records(const struct sl_loader *l, uint64_t number, uint64_t *record, uint32_t *n, struct sl_error *err)
{
    uint64_t *row = malloc((size_t)l->options.size * sizeof *row);
    if (!row)
        return sl_fail_memory(err, "the records of a batch");
    struct sl_batch only = { .record = record };
    *n = sl_loader_rows(l, number, row);
    int status = l->source.fetch(l->source.ctx, 0, loader_pass(l, number), row, *n, &only, err);
    free(row);
    return status;
}

uint64_t sl_loader_batches(const struct sl_loader *l)
{
    return l->batches;
}

/* --- a batch made here --- */

struct making {
    struct sl_loader *loader;
    const struct sl_batch *into;
    uint32_t pass, n, piece; /* rows of a piece */
    pthread_mutex_t lock;
    size_t failed; /* the first piece that did; SIZE_MAX: none */
    int status;
    struct sl_error err;
};

static void make_piece(void *ctx, size_t i, int worker)
{
    struct making *m = ctx;
    const struct sl_batch *b = m->into;
    uint32_t first = (uint32_t)i * m->piece, n = m->n - first < m->piece ? m->n - first : m->piece;
    struct sl_batch part = { .n = n,
                             .x = b->x ? b->x + (size_t)first * m->loader->source.width : NULL,
                             .place = b->place ? b->place + first : NULL,
                             .labels = b->labels ? b->labels + first : NULL,
                             .target = b->target ? b->target + first : NULL,
                             .record = b->record ? b->record + first : NULL };
    struct sl_error err = SL_ERROR_INIT;
    int status =
        m->loader->source.fetch(m->loader->source.ctx, worker, m->pass, m->loader->own.row + first, n, &part, &err);
    if (!status)
        return;
    pthread_mutex_lock(&m->lock);
    if (i < m->failed) {
        m->failed = i;
        m->status = status;
        m->err = err;
    }
    pthread_mutex_unlock(&m->lock);
}

static int make_here(struct sl_loader *l, struct sl_batch *into, struct sl_error *err)
{
    struct sl_batch whole = loader_mix_wants(l, &l->own.mixing, into);
    struct making m = { .loader = l,
                        .into = &whole,
                        .pass = loader_pass(l, l->next),
                        .n = loader_list(l, &l->own, l->next),
                        .failed = SIZE_MAX,
                        .lock = PTHREAD_MUTEX_INITIALIZER };
    size_t pieces = loader_row_bytes(l) * m.n / PIECE_BYTES;
    pieces -= pieces % (size_t)l->pool_threads;
    pieces = pieces < 1 ? 1 : pieces > PIECES ? PIECES : pieces;
    m.piece = (uint32_t)((m.n + pieces - 1) / pieces);
    pieces = (m.n + m.piece - 1) / m.piece;
    sl_pool_share(pieces > 1 ? l->options.pool : NULL, pieces, make_piece, &m);
    into->n = whole.n = m.n;
    if (!m.status)
        loader_mix(l, m.pass, &l->own.mixing, &whole);
    if (m.status && err)
        *err = m.err;
    return m.status;
}

int sl_loader_next(struct sl_loader *l, struct sl_batch *into, struct sl_error *err)
{
    uint64_t began = sl_now();
    if (atomic_load(&l->cancelled))
        return sl_fail(err, SL_ECANCEL, "loading was cancelled");
    int status;
    if (loader_ring_has(l)) {
        status = loader_ring_take(l, into, err);
    } else {
        status = make_here(l, into, err);
        l->fetch_ns += sl_now() - began;
    }
    if (!status) {
        l->next++;
        l->delivered++;
        l->rows += into->n;
    }
    uint64_t ended = sl_now();
    l->wait_ns += ended - began;
    loader_tune(l, began, ended);
    return status;
}

/* --- life --- */

static int set_up(struct sl_loader *l, struct sl_error *err)
{
    size_t slot = 0, row = loader_row_bytes(l) + 32;
    if (l->options.mixer)
        row += l->options.mixer->classes * sizeof(float);
    if (!l->source.n || (l->options.drop_remainder && l->source.n < l->options.size)) {
        sl_fail(err, SL_EDATA, "%llu training records are too few for a batch of %u", (unsigned long long)l->source.n,
                l->options.size);
        return sl_fix(err, l->source.n ? "lower the batch's size, or say drop_remainder=false"
                                       : "give records with a known label to learn from");
    }
    if (!sl_mul(row, l->options.size, &slot))
        return sl_fail_memory(err, "batches");
    uint64_t memory = l->options.memory ? l->options.memory : UINT64_C(64) << 20;
    l->slots_max = memory / slot > LOADER_DEPTH_MAX ? LOADER_DEPTH_MAX : (uint32_t)(memory / slot);
    l->slot_bytes = slot;
    l->batches = l->source.n / l->options.size + (!l->options.drop_remainder && l->source.n % l->options.size != 0);
    l->pool_threads = sl_pool_threads(l->options.pool);
    int status = loader_order_new(l, &l->own, err);
    if (!status && l->source.workers)
        status = l->source.workers(l->source.ctx, l->pool_threads + LOADER_WORKERS_MAX, err);
    return status;
}

int sl_loader_new(struct sl_loader **out, const struct sl_row_source *source, const struct sl_loader_options *options,
                  struct sl_error *err)
{
    struct sl_loader *l = calloc(1, sizeof *l);
    if (!l)
        return sl_fail_memory(err, "batches");
    l->source = *source;
    l->options = *options;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->space, NULL);
    pthread_cond_init(&l->ready, NULL);
    int status = set_up(l, err);
    if (status) {
        sl_loader_free(l);
        return status;
    }
    loader_tune_begin(l);
    *out = l;
    return SL_OK;
}

void sl_loader_free(struct sl_loader *l)
{
    if (!l)
        return;
    loader_ring_stop(l);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->space);
    pthread_cond_destroy(&l->ready);
    loader_order_release(&l->own);
    free(l);
}

void sl_loader_seek(struct sl_loader *l, uint64_t number)
{
    loader_ring_seek(l, number);
    l->tuner.left = 0;
}

void sl_loader_rest(struct sl_loader *l)
{
    l->tuner.left = 0;
}

void sl_loader_cancel(struct sl_loader *l)
{
    pthread_mutex_lock(&l->lock);
    atomic_store(&l->cancelled, true);
    pthread_cond_broadcast(&l->ready);
    pthread_mutex_unlock(&l->lock);
}

void sl_loader_counts(struct sl_loader *l, struct sl_loader_counts *out)
{
    *out = (struct sl_loader_counts){
        .batches = l->delivered, .rows = l->rows, .wait_ns = l->wait_ns, .fetch_ns = l->fetch_ns
    };
    out->bytes = out->rows * (l->options.places && l->source.form.bytes ? 1 : sizeof(float)) * l->source.width;
    pthread_mutex_lock(&l->lock);
    out->workers = (uint32_t)l->active;
    out->depth = l->active ? l->n_slots : 0;
    out->ready = l->n_made;
    out->held = l->n_slots * (uint64_t)l->slot_bytes;
    pthread_mutex_unlock(&l->lock);
}
