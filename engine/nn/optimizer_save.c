/* optimizer_save.c: an optimizer's state as bytes, and back.
 *
 *     "SLOP", version, rule, flags (1: m, 2: v, 4: gradients), batches gathered   u32 each but the name
 *     floats n, steps                                                             u64
 *     m, v, gradients                                                             n float32 each, where flagged
 *
 * All little-endian. Gradients are kept when batches have been gathered that the weights have not seen. The numbers of
 * the rule are not kept: whoever loads says them. Loading looks at everything before it changes anything. A moment that
 * is not finite, or a mean of squares below zero, was never written by this program and would spoil the weights: such
 * bytes are refused too. */
#include "engine/nn/optimizer_private.h"

#include "engine/nn/floats.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { VERSION = 1, HAS_M = 1, HAS_V = 2, HAS_G = 4 };
static const char MAGIC[4] = { 'S', 'L', 'O', 'P' };

static int add_floats(struct sl_optimizer_state *state, const float *from, float *scratch, struct sl_buf *to,
                      struct sl_error *err)
{
    size_t bytes = state->n * sizeof *from;
    int status = state->device->kernels->download(state->device, scratch, from, bytes, err);
    if (status != SL_OK) {
        return status;
    }
    if (!sl_buf_reserve(to, bytes)) {
        return sl_fail_memory(err, "saving an optimizer's state");
    }
    sl_floats_put(to->p + to->n, scratch, state->n);
    to->n += bytes;
    to->p[to->n] = '\0';
    return SL_OK;
}

int sl_optimizer_save(struct sl_optimizer_state *state, struct sl_buf *to, struct sl_error *err)
{
    uint32_t flags = (state->m ? HAS_M : 0) | (state->v ? HAS_V : 0) | (state->pending ? HAS_G : 0);
    float *scratch = malloc((state->n ? state->n : 1) * sizeof *scratch);
    if (!scratch) {
        return sl_fail_memory(err, "saving an optimizer's state");
    }
    sl_buf_add(to, MAGIC, sizeof MAGIC);
    sl_buf_u32(to, VERSION);
    sl_buf_u32(to, (uint32_t)state->options.update.rule);
    sl_buf_u32(to, flags);
    sl_buf_u32(to, state->pending);
    sl_buf_u64(to, state->n);
    sl_buf_u64(to, state->steps);
    const float *parts[] = { state->m, state->v, state->pending ? sl_graph_g(state->graph) : NULL };
    int status = to->failed ? sl_fail_memory(err, "saving an optimizer's state") : SL_OK;
    for (size_t i = 0; i < 3 && status == SL_OK; i++) {
        if (parts[i]) {
            status = add_floats(state, parts[i], scratch, to, err);
        }
    }
    free(scratch);
    return status;
}

struct saved {
    uint32_t rule, flags, pending;
    uint64_t n, steps;
    const char *part[3]; /* m, v, gradients: bytes, borrowed; NULL: not there */
};

static int refuse(struct sl_error *err)
{
    sl_fix(err, "start the training anew, or from another checkpoint");
    return SL_EFORMAT;
}

static int read_head(struct saved *saved, struct sl_blob *blob, struct sl_error *err)
{
    if (blob->end - blob->p < (ptrdiff_t)sizeof MAGIC || memcmp(blob->p, MAGIC, sizeof MAGIC) != 0) {
        sl_fail(err, SL_EFORMAT, "the saved optimizer does not begin with 'SLOP': it is something else");
        return refuse(err);
    }
    blob->p += sizeof MAGIC;
    uint32_t version = sl_blob_u32(blob);
    if (!blob->failed && version != VERSION) {
        sl_fail(err, SL_EFORMAT, "the saved optimizer has format %" PRIu32 ", this program reads %d", version, VERSION);
        return refuse(err);
    }
    saved->rule = sl_blob_u32(blob);
    saved->flags = sl_blob_u32(blob);
    saved->pending = sl_blob_u32(blob);
    saved->n = sl_blob_u64(blob);
    saved->steps = sl_blob_u64(blob);
    if (blob->failed || saved->pending == UINT32_MAX || saved->flags > (HAS_M | HAS_V | HAS_G) ||
        !(saved->flags & HAS_G) != !saved->pending) {
        sl_fail(err, SL_EFORMAT, "the head of the saved optimizer is damaged");
        return refuse(err);
    }
    return SL_OK;
}

static int check_fit(const struct sl_optimizer_state *state, const struct saved *saved, struct sl_error *err)
{
    static const char *const names[] = { "sgd", "adam", "adamw", "rmsprop" };
    uint32_t rule = (uint32_t)state->options.update.rule;
    if (saved->rule != rule) {
        sl_fail(err, SL_EFORMAT, "the saved optimizer is %s, this one is %s",
                saved->rule < sizeof names / sizeof *names ? names[saved->rule] : "of an unknown kind", names[rule]);
        return refuse(err);
    }
    if (saved->n != state->n) {
        sl_fail(err, SL_EFORMAT, "the saved optimizer belongs to a network of %" PRIu64 " weights, this one has %zu",
                saved->n, state->n);
        return refuse(err);
    }
    /* Plain sgd, or rmsprop without momentum, may have a state without m: it begins at zero. */
    bool moments = (saved->flags & HAS_V) || !state->v;
    if (!moments || ((saved->flags & HAS_V) && rule == SL_SGD) ||
        (!(saved->flags & HAS_M) && (rule == SL_ADAM || rule == SL_ADAMW))) {
        sl_fail(err, SL_EFORMAT, "the saved optimizer lacks a part of what %s keeps, or has one too many", names[rule]);
        return refuse(err);
    }
    return SL_OK;
}

/* Cut the rest into parts: exactly as many bytes as flagged. */
static int read_parts(const struct sl_optimizer_state *state, struct saved *saved, struct sl_blob *blob,
                      struct sl_error *err)
{
    size_t bytes = state->n * sizeof(float), rest = (size_t)(blob->end - blob->p), wanted = 0;
    for (uint32_t i = 0; i < 3; i++) {
        if (saved->flags & 1u << i) {
            saved->part[i] = blob->p + (wanted <= rest ? wanted : 0);
            wanted += bytes;
        }
    }
    if (wanted != rest) {
        sl_fail(err, SL_EFORMAT, "the saved optimizer has %zu bytes of numbers where %zu belong", rest, wanted);
        return refuse(err);
    }
    return SL_OK;
}

static bool all_finite(const float *x, size_t n, float least)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || x[i] < least) {
            return false;
        }
    }
    return true;
}

/* Host floats into device memory, waiting. */
static int put(struct sl_optimizer_state *state, float *to, const float *from, struct sl_error *err)
{
    struct sl_device *device = state->device;
    int status = device->kernels->sync(device, err);
    if (status != SL_OK) {
        return status;
    }
    device->kernels->upload(device, 0, to, from, state->n * sizeof *from);
    device->kernels->acquire(device, 0);
    device->kernels->release(device, 0);
    device->kernels->uploaded(device, 0);
    return device->kernels->sync(device, err);
}

static int load_parts(struct sl_optimizer_state *state, const struct saved *saved, struct sl_error *err)
{
    size_t n = state->n;
    float *to[3] = { state->m, state->v, sl_graph_g(state->graph) }, *host[3] = { NULL };
    int status = SL_OK;
    for (int i = 0; i < 3 && status == SL_OK; i++) {
        if (!saved->part[i]) {
            continue;
        }
        host[i] = malloc((n ? n : 1) * sizeof *host[i]);
        if (!host[i]) {
            status = sl_fail_memory(err, "loading an optimizer's state");
            break;
        }
        sl_floats_get(host[i], saved->part[i], n);
        if (i < 2 && !all_finite(host[i], n, i == 1 ? 0 : -INFINITY)) {
            sl_fail(err, SL_EFORMAT, "the saved optimizer holds a number that no training makes");
            status = refuse(err);
        }
    }
    for (int i = 0; i < 3 && status == SL_OK; i++) {
        if (host[i] && to[i]) {
            status = put(state, to[i], host[i], err);
        } else if (to[i] && i < 2) {
            state->device->kernels->zero(state->device, to[i], n * sizeof *to[i]);
        }
    }
    for (int i = 0; i < 3; i++) {
        free(host[i]);
    }
    return status;
}

int sl_optimizer_load(struct sl_optimizer_state *state, struct sl_str from, struct sl_error *err)
{
    struct sl_blob blob = { .p = from.p, .end = from.p + from.n };
    struct saved saved = { 0 };
    int status = read_head(&saved, &blob, err);
    if (status == SL_OK) {
        status = check_fit(state, &saved, err);
    }
    if (status == SL_OK) {
        status = read_parts(state, &saved, &blob, err);
    }
    if (status == SL_OK) {
        status = load_parts(state, &saved, err);
    }
    if (status == SL_OK) {
        state->steps = saved.steps;
        state->pending = saved.pending;
    }
    return status;
}
