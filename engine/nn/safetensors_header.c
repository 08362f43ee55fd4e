/* safetensors_header.c: the header of a safetensors file, a JSON object of one shape.
 *
 *     {"__metadata__": {"key": "text", …}, "NAME": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}
 *
 * Only this shape is read, so depth is fixed and nothing recurses. A key written twice is refused, which the format
 * asks for and many parsers let pass. Metadata is checked and left alone. */
#include "engine/nn/safetensors_scan.h"

#include <inttypes.h>

enum { HAS_TYPE = 1, HAS_SHAPE = 2, HAS_OFFSETS = 4, HAS_ALL = 7 };

static int read_field(struct sl_scan *scan, struct sl_tensor *tensor, unsigned *has)
{
    struct sl_str key;
    sl_scan_blanks(scan);
    const char *start = scan->p;
    int status = sl_scan_string(scan, "a key of a tensor", &key);
    if (status == SL_OK) {
        status = sl_scan_need(scan, ':', "a key");
    }
    if (status != SL_OK) {
        return status;
    }
    unsigned bit = sl_str_equal(key, SL_STR("dtype"))          ? HAS_TYPE
                   : sl_str_equal(key, SL_STR("shape"))        ? HAS_SHAPE
                   : sl_str_equal(key, SL_STR("data_offsets")) ? HAS_OFFSETS
                                                               : 0;
    if (!bit || (*has & bit)) {
        return sl_scan_fail(scan, start, "key '%.*s' of tensor '%.*s' %s", (int)(key.n < 40 ? key.n : 40), key.p,
                            (int)(tensor->name.n < 60 ? tensor->name.n : 60), tensor->name.p,
                            bit ? "is there twice" : "is none of dtype, shape, data_offsets");
    }
    *has |= bit;
    uint32_t n = 0;
    if (bit == HAS_TYPE) {
        status = sl_scan_string(scan, "dtype", &tensor->type_name);
        tensor->type = sl_tensor_type(tensor->type_name);
        return status;
    }
    if (bit == HAS_SHAPE) {
        return sl_scan_numbers(scan, "shape", tensor->size, SL_TENSOR_RANK, &tensor->rank);
    }
    uint64_t offset[2] = { 0 };
    status = sl_scan_numbers(scan, "data_offsets", offset, 2, &n);
    if (status == SL_OK && n != 2) {
        status = sl_scan_fail(scan, start, "data_offsets must hold two numbers");
    }
    tensor->begin = offset[0];
    tensor->end = offset[1];
    return status;
}

static int read_tensor(struct sl_scan *scan, struct sl_tensor *tensor)
{
    unsigned has = 0;
    int status = sl_scan_need(scan, '{', "a tensor's name");
    if (status == SL_OK && !sl_scan_take(scan, '}')) {
        do {
            status = read_field(scan, tensor, &has);
        } while (status == SL_OK && sl_scan_take(scan, ','));
        if (status == SL_OK) {
            status = sl_scan_need(scan, '}', "the keys of a tensor");
        }
    }
    if (status == SL_OK && has != HAS_ALL) {
        status = sl_scan_fail(scan, scan->start + tensor->byte, "tensor '%.*s' needs all of dtype, shape, data_offsets",
                              (int)(tensor->name.n < 60 ? tensor->name.n : 60), tensor->name.p);
    }
    return status;
}

static int read_metadata(struct sl_scan *scan)
{
    struct sl_str key, value;
    int status = sl_scan_need(scan, '{', "__metadata__");
    if (status != SL_OK || sl_scan_take(scan, '}')) {
        return status;
    }
    do {
        status = sl_scan_string(scan, "a key of __metadata__", &key);
        if (status == SL_OK) {
            status = sl_scan_need(scan, ':', "a key");
        }
        if (status == SL_OK) {
            status = sl_scan_string(scan, "a value of __metadata__", &value);
        }
    } while (status == SL_OK && sl_scan_take(scan, ','));
    return status == SL_OK ? sl_scan_need(scan, '}', "the pairs of __metadata__") : status;
}

/* Room for one tensor more. The old list stays in the arena: doubling wastes no more than it holds. */
static struct sl_tensor *new_tensor(struct sl_scan *scan)
{
    struct sl_tensors *to = scan->to;
    if (to->n == scan->capacity) {
        size_t capacity = scan->capacity ? 2 * scan->capacity : 16;
        struct sl_tensor *list = sl_arena_zero(&to->arena, capacity, sizeof *list);
        if (!list) {
            return NULL;
        }
        if (to->n) {
            memcpy(list, to->list, to->n * sizeof *list);
        }
        to->list = list;
        scan->capacity = capacity;
    }
    return &to->list[to->n++];
}

static int read_entry(struct sl_scan *scan, bool *metadata)
{
    struct sl_str name;
    sl_scan_blanks(scan);
    const char *start = scan->p;
    int status = sl_scan_string(scan, "a tensor's name", &name);
    if (status == SL_OK) {
        status = sl_scan_need(scan, ':', "a tensor's name");
    }
    if (status != SL_OK) {
        return status;
    }
    if (sl_str_equal(name, SL_STR("__metadata__"))) {
        if (*metadata) {
            return sl_scan_fail(scan, start, "__metadata__ is there twice");
        }
        *metadata = true;
        return read_metadata(scan);
    }
    struct sl_tensor *tensor = new_tensor(scan);
    if (!tensor) {
        return sl_fail_memory(scan->err, "reading a header");
    }
    tensor->name = name;
    tensor->byte = (uint64_t)(start - scan->start);
    return read_tensor(scan, tensor);
}

static int read_object(struct sl_scan *scan)
{
    bool metadata = false;
    if (scan->p == scan->end || *scan->p != '{') {
        return sl_scan_fail(scan, scan->p, "it must begin with '{'");
    }
    scan->p++;
    int status = SL_OK;
    if (!sl_scan_take(scan, '}')) {
        do {
            status = read_entry(scan, &metadata);
        } while (status == SL_OK && sl_scan_take(scan, ','));
        if (status == SL_OK) {
            status = sl_scan_need(scan, '}', "the last tensor");
        }
    }
    sl_scan_blanks(scan);
    if (status == SL_OK && scan->p != scan->end) {
        status = sl_scan_fail(scan, scan->p, "something follows the closing '}'");
    }
    return status;
}

int sl_tensors_parse(struct sl_tensors *out, struct sl_str header, uint64_t data, struct sl_error *err)
{
    struct sl_tensors tensors = { 0 };
    sl_arena_init(&tensors.arena);
    struct sl_scan scan = { .p = header.p, .end = header.p + header.n, .start = header.p, .to = &tensors, .err = err };
    int status = read_object(&scan);
    if (status == SL_OK) {
        status = sl_tensors_check(&tensors, data, err);
    }
    if (status != SL_OK) {
        sl_tensors_release(&tensors);
        return status;
    }
    *out = tensors;
    return SL_OK;
}
