/* plain_device.c: see plain_device.h; the kernels are in plain_kernels.c. */
#include "plain_kernels.h"

#include <stdlib.h>

enum { PENDING = 16, KEYS = 64, SLOTS = 2 };

struct upload {
    void *to;
    const void *host;
    size_t bytes;
    uint64_t sum; /* of the host's bytes as they were given */
};

struct plain {
    struct plain_counts counts;
    struct upload pending[SLOTS][PENDING];
    unsigned n_pending[SLOTS];
    struct upload flying[SLOTS][PENDING]; /* until uploaded() */
    unsigned n_flying[SLOTS];
    struct {
        uint64_t key, arguments;
    } recorded[KEYS];
    uint64_t key, arguments; /* between begin and end; key 0: not */
};

static struct plain *plain(struct sl_device *d)
{
    return d->own;
}

static bool fails(struct sl_device *d)
{
    unsigned *left = &plain(d)->counts.fail_after;
    return *left && --*left == 0;
}

static int take(struct sl_device *d, void **out, size_t bytes, unsigned *count, struct sl_error *err)
{
    size_t whole = (bytes + 63) / 64 * 64;
    void *p = fails(d) ? NULL : aligned_alloc(64, whole ? whole : 64);
    if (!p) {
        return sl_fail_memory(err, "a test's device");
    }
    memset(p, 0, whole);
    *out = p;
    ++*count;
    return SL_OK;
}

static int take_device(struct sl_device *d, void **out, size_t bytes, struct sl_error *err)
{
    return take(d, out, bytes, &plain(d)->counts.allocs, err);
}

static int take_host(struct sl_device *d, void **out, size_t bytes, struct sl_error *err)
{
    return take(d, out, bytes, &plain(d)->counts.host_allocs, err);
}

static void give_device(struct sl_device *d, void *p)
{
    plain(d)->counts.frees += p != NULL;
    free(p);
}

static void give_host(struct sl_device *d, void *p)
{
    plain(d)->counts.host_frees += p != NULL;
    free(p);
}

static void zero(struct sl_device *d, void *p, size_t bytes)
{
    plain_given(d, 1, (uintptr_t)p, bytes);
    memset(p, 0, bytes);
}

static void copy(struct sl_device *d, void *to, const void *from, size_t bytes)
{
    plain_given(d, 2, (uintptr_t)to ^ (uintptr_t)from, bytes);
    memcpy(to, from, bytes);
}

static int download(struct sl_device *d, void *host, const void *from, size_t bytes, struct sl_error *err)
{
    (void)d;
    (void)err;
    memcpy(host, from, bytes);
    return SL_OK;
}

static uint64_t sum_of(const void *host, size_t bytes)
{
    const unsigned char *p = host;
    uint64_t sum = 0xcbf29ce484222325u;
    for (size_t i = 0; i < bytes; i++) {
        sum = (sum ^ p[i]) * 0x100000001b3u;
    }
    return sum;
}

static void look_for_torn(struct plain *own, int slot)
{
    for (unsigned i = 0; i < own->n_flying[slot]; i++) {
        const struct upload *it = &own->flying[slot][i];
        own->counts.torn += sum_of(it->host, it->bytes) != it->sum;
    }
}

static void upload(struct sl_device *d, int slot, void *to, const void *host, size_t bytes)
{
    struct plain *own = plain(d);
    look_for_torn(own, slot);
    own->counts.uploads++;
    own->counts.unlike += own->n_pending[slot] == PENDING || own->key; /* more than a batch has; within a recording */
    if (own->n_pending[slot] < PENDING) {
        own->pending[slot][own->n_pending[slot]++] = (struct upload){ to, host, bytes, sum_of(host, bytes) };
    }
    if (own->n_flying[slot] < PENDING) {
        own->flying[slot][own->n_flying[slot]++] = (struct upload){ to, host, bytes, sum_of(host, bytes) };
    }
}

static void arrive(struct sl_device *d, int slot)
{
    struct plain *own = plain(d);
    for (unsigned i = 0; i < own->n_pending[slot]; i++) {
        memcpy(own->pending[slot][i].to, own->pending[slot][i].host, own->pending[slot][i].bytes);
    }
    own->n_pending[slot] = 0;
}

static void uploaded(struct sl_device *d, int slot)
{
    look_for_torn(plain(d), slot);
    plain(d)->n_flying[slot] = 0;
}

static void release(struct sl_device *d, int slot)
{
    plain(d)->counts.too_early += plain(d)->n_pending[slot] != 0;
}

static int sync_up(struct sl_device *d, struct sl_error *err)
{
    (void)d;
    (void)err;
    return SL_OK;
}

static bool begin(struct sl_device *d, uint64_t key)
{
    plain(d)->key = key;
    plain(d)->arguments = 0;
    return false;
}

static int end(struct sl_device *d, uint64_t key, struct sl_error *err)
{
    struct plain *own = plain(d);
    (void)err;
    own->counts.unlike += key != own->key;
    own->key = 0;
    for (unsigned i = 0; i < own->counts.keys; i++) {
        if (own->recorded[i].key == key) {
            own->counts.repeated++;
            own->counts.unlike += own->recorded[i].arguments != own->arguments;
            return SL_OK;
        }
    }
    if (own->counts.keys < KEYS) {
        own->recorded[own->counts.keys].key = key;
        own->recorded[own->counts.keys++].arguments = own->arguments;
    }
    return SL_OK;
}

static void forget(struct sl_device *d)
{
    plain(d)->counts.keys = 0;
    plain(d)->counts.forgets++;
}

void plain_given(struct sl_device *d, uint64_t what, uint64_t where, uint64_t much)
{
    struct plain *own = plain(d);
    own->counts.kernels++;
    own->arguments = (own->arguments ^ what ^ where * 0x9e3779b97f4a7c15u ^ much << 40) * 0x100000001b3u + 1;
}

struct sl_device *plain_device_new(bool host)
{
    struct sl_device *device = calloc(1, sizeof *device);
    struct plain *own = calloc(1, sizeof *own);
    struct sl_kernels *kernels = calloc(1, sizeof *kernels);
    if (!device || !own || !kernels) {
        free(device);
        free(own);
        free(kernels);
        return NULL;
    }
    *kernels = plain_kernels;
    kernels->conv = plain_pictures.conv;
    kernels->conv_grad = plain_pictures.conv_grad;
    kernels->batch_norm = plain_pictures.batch_norm;
    kernels->batch_norm_grad = plain_pictures.batch_norm_grad;
    kernels->max_pool = plain_pictures.max_pool;
    kernels->max_pool_grad = plain_pictures.max_pool_grad;
    kernels->mean_pool = plain_pictures.mean_pool;
    kernels->mean_pool_grad = plain_pictures.mean_pool_grad;
    kernels->alloc = take_device;
    kernels->free = give_device;
    kernels->host_alloc = take_host;
    kernels->host_free = give_host;
    kernels->zero = zero;
    kernels->copy = copy;
    kernels->download = download;
    kernels->upload = upload;
    kernels->uploaded = uploaded;
    kernels->acquire = arrive;
    kernels->release = release;
    kernels->sync = sync_up;
    kernels->begin = begin;
    kernels->end = end;
    kernels->forget = forget;
    *device = (struct sl_device){ .kernels = kernels, .name = "plain", .host = host, .own = own };
    return device;
}

void plain_device_free(struct sl_device *device)
{
    if (device) {
        free((void *)(uintptr_t)device->kernels);
        free(device->own);
        free(device);
    }
}

struct plain_counts *plain_device_counts(struct sl_device *device)
{
    return &plain(device)->counts;
}
