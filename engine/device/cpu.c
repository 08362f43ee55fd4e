/* cpu.c: the processor as a device: its memory, its kinds of vector code, its table of kernels.
 *
 * Memory is the host's, 64 bytes aligned, so an upload is a copy at most and nothing has to be waited for or recorded.
 * Which vector code runs is chosen here, by what the processor says it can, never by how the program was compiled. */
#include "engine/device/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

enum { ALIGNMENT = 64 };
#define TINY_IS_ZERO 0x8040u /* flush to zero, and denormals are zero */

struct loop {
    void (*body)(void *ctx, size_t i, int worker);
    void *ctx;
};

static void carry_out(void *ctx, size_t i, int worker)
{
    const struct loop *loop = ctx;
#if defined(__x86_64__)
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | TINY_IS_ZERO);
#endif
    loop->body(loop->ctx, i, worker);
#if defined(__x86_64__)
    _mm_setcsr(before);
#endif
}

void sl_cpu_for(struct sl_device *d, size_t elements, size_t n, void (*body)(void *ctx, size_t i, int worker),
                void *ctx)
{
    struct loop loop = { body, ctx };
    sl_pool_share(elements < SL_CPU_ALONE || n < 2 ? NULL : d->pool, n, carry_out, &loop);
}

float *sl_cpu_room(struct sl_device *d, size_t floats)
{
    struct cpu_own *own = sl_cpu_own(d);
    if (own->room_floats < floats) {
        free(own->room);
        own->room = aligned_alloc(ALIGNMENT, (floats * sizeof(float) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        own->room_floats = own->room ? floats : 0;
        own->no_memory |= !own->room;
    }
    return own->room;
}

size_t sl_cpu_tile(size_t n, size_t size)
{
    size_t things = size < SL_CPU_TILE ? SL_CPU_TILE / (size ? size : 1) : 1;
    size_t least = n / SL_CPU_PARTIALS + (n % SL_CPU_PARTIALS != 0);
    return things > least ? things : least;
}

/* --- memory --- */

static int alloc(struct sl_device *d, void **out, size_t bytes, struct sl_error *err)
{
    (void)d;
    if (bytes > SIZE_MAX - ALIGNMENT) {
        return sl_fail_memory(err, "making room for numbers on the processor");
    }
    size_t room = bytes ? (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
    void *p = aligned_alloc(ALIGNMENT, room);
    if (!p) {
        return sl_fail_memory(err, "making room for numbers on the processor");
    }
    memset(p, 0, room);
    *out = p;
    return SL_OK;
}

static void release(struct sl_device *d, void *p)
{
    (void)d;
    free(p);
}

static void zero(struct sl_device *d, void *p, size_t bytes)
{
    (void)d;
    if (bytes) {
        memset(p, 0, bytes);
    }
}

static void copy(struct sl_device *d, void *to, const void *from, size_t bytes)
{
    (void)d;
    if (bytes && to != from) {
        memcpy(to, from, bytes);
    }
}

static void upload(struct sl_device *d, int slot, void *to, const void *host, size_t bytes)
{
    (void)slot;
    copy(d, to, host, bytes);
}

/* Each call has done its work when it returns, so there is nothing to wait for. */
static void pass_slot(struct sl_device *d, int slot)
{
    (void)d;
    (void)slot;
}

static int sync(struct sl_device *d, struct sl_error *err)
{
    struct cpu_own *own = sl_cpu_own(d);
    bool failed = own->no_memory;
    own->no_memory = false;
    return failed ? sl_fail_memory(err, "convolving on the processor") : SL_OK;
}

static int download(struct sl_device *d, void *host, const void *from, size_t bytes, struct sl_error *err)
{
    copy(d, host, from, bytes);
    return sync(d, err);
}

static bool begin(struct sl_device *d, uint64_t key)
{
    (void)d;
    (void)key;
    return false;
}

static int end(struct sl_device *d, uint64_t key, struct sl_error *err)
{
    (void)d;
    (void)key;
    (void)err;
    return SL_OK;
}

static void forget(struct sl_device *d)
{
    (void)d;
}

static const struct sl_kernels kernels = {
    .alloc = alloc,
    .free = release,
    .host_alloc = alloc,
    .host_free = release,
    .zero = zero,
    .copy = copy,
    .download = download,
    .upload = upload,
    .uploaded = pass_slot,
    .acquire = pass_slot,
    .release = pass_slot,
    .sync = sync,
    .begin = begin,
    .end = end,
    .forget = forget,
    .gemm = sl_cpu_gemm,
    .gather = sl_cpu_gather,
    .gather_dense = sl_cpu_gather_dense,
    .gather_dense_grad = sl_cpu_gather_dense_grad,
    .dense = sl_cpu_dense,
    .dense_grad = sl_cpu_dense_grad,
    .activate = sl_cpu_activate,
    .activate_grad = sl_cpu_activate_grad,
    .sum = sl_cpu_sum,
    .scale = sl_cpu_scale,
    .dropout = sl_cpu_dropout,
    .column_sums = sl_cpu_column_sums,
    .reduce = sl_cpu_reduce,
    .reduce_grad = sl_cpu_reduce_grad,
    .softmax = sl_cpu_softmax,
    .cross_entropy = sl_cpu_cross_entropy,
    .squared_error = sl_cpu_squared_error,
    .layer_norm = sl_cpu_layer_norm,
    .layer_norm_grad = sl_cpu_layer_norm_grad,
    .conv = sl_cpu_conv,
    .conv_grad = sl_cpu_conv_grad,
    .batch_norm = sl_cpu_batch_norm,
    .batch_norm_grad = sl_cpu_batch_norm_grad,
    .max_pool = sl_cpu_max_pool,
    .max_pool_grad = sl_cpu_max_pool_grad,
    .mean_pool = sl_cpu_mean_pool,
    .mean_pool_grad = sl_cpu_mean_pool_grad,
    .embedding = sl_cpu_embedding,
    .embedding_grad = sl_cpu_embedding_grad,
    .square_sum = sl_cpu_square_sum,
    .update = sl_cpu_update,
};

/* --- kinds --- */

static bool always(void)
{
    return true;
}

#if defined(__x86_64__)
static bool can_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool can_avx512(void)
{
    return can_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
}
#endif

/* Best first. */
static const struct {
    const struct cpu_vector *vector;
    bool (*can)(void);
} kinds[] = {
#if defined(__x86_64__)
    { &sl_cpu_avx512, can_avx512 },
    { &sl_cpu_avx2, can_avx2 },
#endif
    { &sl_cpu_portable, always },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static int choose(const struct cpu_vector **out, const char *kind, struct sl_error *err)
{
    for (int i = 0; i < KINDS; i++) {
        if ((!kind || strcmp(kind, kinds[i].vector->kind) == 0) && kinds[i].can()) {
            *out = kinds[i].vector;
            return SL_OK;
        }
    }
    sl_fail(err, SL_EPARAM, "this processor has no \"%.32s\" vector code", kind);
    return sl_fix(err, "use \"portable\", or the best there is by naming none");
}

int sl_device_cpu(struct sl_device **out, const char *kind, struct sl_pool *pool, struct sl_error *err)
{
    const struct cpu_vector *vector = NULL;
    int status = choose(&vector, kind, err);
    if (status != SL_OK) {
        return status;
    }
    struct sl_device *device = calloc(1, sizeof *device);
    struct cpu_own *own = calloc(1, sizeof *own);
    size_t room = SL_CPU_SCRATCH + (size_t)sl_pool_threads(pool) * SL_CPU_GATHERED;
    float *scratch = aligned_alloc(ALIGNMENT, room * sizeof *scratch);
    if (!device || !own || !scratch) {
        free(device);
        free(own);
        free(scratch);
        return sl_fail_memory(err, "setting up the processor's device");
    }
    own->vector = vector;
    own->scratch = scratch;
    own->gathered = scratch + SL_CPU_SCRATCH;
    int threads = sl_pool_threads(pool);
    snprintf(device->name, sizeof device->name, "cpu, %d thread%s, %s", threads, threads == 1 ? "" : "s", vector->name);
    device->kernels = &kernels;
    device->host = true;
    device->pool = pool;
    device->own = own;
    *out = device;
    return SL_OK;
}

bool sl_cpu_close(struct sl_device *device)
{
    if (device->kernels != &kernels) {
        return false;
    }
    free(((struct cpu_own *)device->own)->scratch);
    free(((struct cpu_own *)device->own)->room);
    free(device->own);
    free(device);
    return true;
}
