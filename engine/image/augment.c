/* augment.c: a worker of picture arithmetic, and the random changes of Keras's ImageDataGenerator carried out. */
#include "engine/image/ops_private.h"

#include <stdlib.h>

int sl_image_worker_new(struct sl_image_worker **worker, struct sl_error *err)
{
    struct sl_image_worker *made = calloc(1, sizeof *made);
    if (!made) {
        return sl_fail_memory(err, "making a worker for pictures");
    }
    *worker = made;
    return SL_OK;
}

void sl_image_worker_free(struct sl_image_worker *worker)
{
    if (!worker) {
        return;
    }
    for (int i = 0; i < RESIZE_TABLES; i++) {
        free(worker->tables[i].memory);
    }
    sl_image_release(&worker->temp);
    sl_image_release(&worker->second);
    free(worker->rows);
    free(worker->row);
    free(worker->floats);
    free(worker);
}

int sl_worker_room(void **memory, size_t *room, size_t n, struct sl_error *err)
{
    if (n <= *room) {
        return SL_OK;
    }
    void *grown = malloc(n);
    if (!grown) {
        return sl_fail_memory(err, "making room for a picture");
    }
    free(*memory);
    *memory = grown;
    *room = n;
    return SL_OK;
}

bool sl_worker_avx2(const struct sl_image_worker *worker)
{
#if defined(__x86_64__)
    return !worker->portable && __builtin_cpu_supports("avx2");
#else
    (void)worker;
    return false;
#endif
}

int sl_augment_floats(struct sl_image_worker *worker, const struct sl_image *from, const struct sl_image_transform *t,
                      float *out, struct sl_error *err)
{
    size_t n = (size_t)from->width * from->height * from->channels;
    if (!n) {
        return sl_fail(err, SL_EDATA, "a picture without pixels cannot be changed");
    }
    if (n > INT32_MAX) {
        return sl_fail(err, SL_ELIMIT, "a picture of %u×%u pixels is too large to be changed", from->width,
                       from->height);
    }
    int status = sl_affine_apply(worker, from, t, out, err);
    if (!status && t->has_channel_shift) {
        sl_floats_shift(worker, out, n, (float)t->channel_shift);
    }
    if (!status && t->has_brightness) {
        sl_floats_brighten(out, n, from->channels, t->brightness);
    }
    return status;
}

int sl_augment_bytes(struct sl_image_worker *worker, const struct sl_image *from, const struct sl_image_transform *t,
                     struct sl_image *to, struct sl_error *err)
{
    size_t n = (size_t)from->width * from->height * from->channels;
    void *memory = worker->floats;
    int status = sl_worker_room(&memory, &worker->floats_room, n * sizeof(float), err);
    worker->floats = memory;
    if (!status) {
        status = sl_augment_floats(worker, from, t, worker->floats, err);
    }
    if (!status) {
        status = sl_image_make(to, from->width, from->height, from->channels, err);
    }
    if (!status) {
        sl_floats_to_bytes(worker, worker->floats, n, to->pixels);
    }
    return status;
}
