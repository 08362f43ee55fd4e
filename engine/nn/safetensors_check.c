/* safetensors_check.c: does a parsed header hold together? And finding a tensor by name.
 *
 * The format asks that the bytes behind the header be covered exactly, without holes or overlaps; the reference
 * implementation refuses anything else, and so does this one: what lies twice or nowhere is a file that lies. */
#include "engine/nn/safetensors_private.h"

#include <inttypes.h>
#include <stdlib.h>

void sl_tensors_release(struct sl_tensors *tensors)
{
    if (tensors) {
        sl_arena_release(&tensors->arena);
        *tensors = (struct sl_tensors){ 0 };
    }
}

/* For "%.*s". */
static int shown(const struct sl_tensor *tensor)
{
    return (int)(tensor->name.n < 80 ? tensor->name.n : 80);
}

static int lie(const struct sl_tensor *tensor, struct sl_error *err)
{
    sl_fix(err, "the file is damaged or cut short: fetch or write it again");
    sl_error_at(err, NULL, 0, 0, tensor->byte);
    return SL_EFORMAT;
}

static int check_tensor(const struct sl_tensor *tensor, uint64_t data, struct sl_error *err)
{
    if (tensor->begin > tensor->end || tensor->end > data) {
        sl_fail(err, SL_EFORMAT,
                "tensor '%.*s' lies at bytes %" PRIu64 " to %" PRIu64 ", but the file has %" PRIu64
                " bytes behind its header",
                shown(tensor), tensor->name.p, tensor->begin, tensor->end, data);
        return lie(tensor, err);
    }
    uint64_t bits = tensor->type->bits;
    bool fits = true;
    for (uint32_t i = 0; i < tensor->rank && fits; i++) {
        fits = !__builtin_mul_overflow(bits, tensor->size[i], &bits);
    }
    if (tensor->type->bits && (!fits || bits % 8 || bits / 8 != tensor->end - tensor->begin)) {
        sl_fail(err, SL_EFORMAT, "tensor '%.*s' has %" PRIu64 " bytes, which is not what its shape and type %s take",
                shown(tensor), tensor->name.p, tensor->end - tensor->begin, tensor->type->name);
        return lie(tensor, err);
    }
    return SL_OK;
}

static int by_place(const void *a, const void *b)
{
    const struct sl_tensor *x = a, *y = b;
    if (x->begin != y->begin) {
        return x->begin < y->begin ? -1 : 1;
    }
    return (x->end > y->end) - (x->end < y->end); /* empty ones first */
}

static int by_name(const void *a, const void *b)
{
    const struct sl_tensor *x = a, *y = b;
    int order = sl_str_compare(x->name, y->name);
    return order ? order : (x->byte > y->byte) - (x->byte < y->byte);
}

static int check_cover(const struct sl_tensors *tensors, uint64_t data, struct sl_error *err)
{
    uint64_t at = 0;
    for (size_t i = 0; i < tensors->n; i++) {
        const struct sl_tensor *tensor = &tensors->list[i];
        if (tensor->begin < at) {
            sl_fail(err, SL_EFORMAT,
                    "tensor '%.*s' begins at byte %" PRIu64 ", within tensor '%.*s', which ends at %" PRIu64,
                    shown(tensor), tensor->name.p, tensor->begin, shown(tensor - 1), (tensor - 1)->name.p, at);
            return lie(tensor, err);
        }
        if (tensor->begin > at) {
            sl_fail(err, SL_EFORMAT, "bytes %" PRIu64 " to %" PRIu64 " before tensor '%.*s' belong to no tensor", at,
                    tensor->begin, shown(tensor), tensor->name.p);
            return lie(tensor, err);
        }
        at = tensor->end;
    }
    if (at != data) {
        sl_fail(err, SL_EFORMAT, "the last %" PRIu64 " bytes of the file belong to no tensor", data - at);
        sl_fix(err, "the file is damaged: fetch or write it again");
        return SL_EFORMAT;
    }
    return SL_OK;
}

int sl_tensors_check(struct sl_tensors *tensors, uint64_t data, struct sl_error *err)
{
    int status = SL_OK;
    for (size_t i = 0; i < tensors->n && status == SL_OK; i++) {
        status = check_tensor(&tensors->list[i], data, err);
    }
    if (status != SL_OK) {
        return status;
    }
    if (tensors->n) {
        qsort(tensors->list, tensors->n, sizeof *tensors->list, by_place);
    }
    status = check_cover(tensors, data, err);
    if (status != SL_OK) {
        return status;
    }
    if (tensors->n) {
        qsort(tensors->list, tensors->n, sizeof *tensors->list, by_name);
    }
    for (size_t i = 1; i < tensors->n; i++) {
        const struct sl_tensor *tensor = &tensors->list[i];
        if (sl_str_equal(tensor[-1].name, tensor->name)) {
            sl_fail(err, SL_EFORMAT, "tensor '%.*s' is there twice", shown(tensor), tensor->name.p);
            return lie(tensor, err);
        }
    }
    return SL_OK;
}

const struct sl_tensor *sl_tensors_find(const struct sl_tensors *tensors, struct sl_str name)
{
    size_t low = 0, high = tensors->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sl_str_compare(tensors->list[middle].name, name);
        if (order == 0) {
            return &tensors->list[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}
