/* safetensors_private.h: what the reader and writer of safetensors know of each other. Private to nn. */
#ifndef SLUICE_NN_SAFETENSORS_PRIVATE_H
#define SLUICE_NN_SAFETENSORS_PRIVATE_H

#include "sluice/safetensors.h"

enum { SL_TENSOR_RANK = 16 };
#define SL_TENSOR_HEADER_MAX ((uint64_t)100 << 20) /* the limit of the reference implementation */

/* One kind of element. bits 0: a kind this program has never heard of. */
struct sl_tensor_type {
    const char *name;
    uint32_t bits;
    /* n elements, little-endian, as floats; NULL: cannot be taken for weights. */
    void (*widen)(const unsigned char *from, size_t n, float *to);
};
const struct sl_tensor_type *sl_tensor_type(struct sl_str name);

struct sl_tensor {
    struct sl_str name;                /* decoded UTF-8 */
    struct sl_str type_name;           /* as written */
    const struct sl_tensor_type *type; /* bits 0 when unknown */
    uint32_t rank;
    uint64_t size[SL_TENSOR_RANK];
    uint64_t begin, end; /* bytes of the data, which begins behind the header */
    uint64_t byte;       /* where its name stands, counted from the beginning of the header */
};

/* A header that holds together: names are unique; every byte of the data belongs to exactly one tensor; a tensor has as
 * many bytes as its shape asks for. */
struct sl_tensors {
    struct sl_arena arena;
    struct sl_tensor *list; /* by name, in byte order */
    size_t n;
};

/* Parse and check a header; data: bytes that follow it. Errors: SL_EFORMAT with the byte in the header, SL_ENOMEM. */
int sl_tensors_parse(struct sl_tensors *out, struct sl_str header, uint64_t data, struct sl_error *err);
void sl_tensors_release(struct sl_tensors *tensors);
/* NULL when there is none. */
const struct sl_tensor *sl_tensors_find(const struct sl_tensors *tensors, struct sl_str name);

/* The second half of sl_tensors_parse: sorts the list and checks it as a whole. */
int sl_tensors_check(struct sl_tensors *tensors, uint64_t data, struct sl_error *err);

/* For each parameter of the graph: is it the weight of a dense layer, which files have the other way round? flags has
 * one element a parameter. */
void sl_safetensors_turned(const struct sl_graph *graph, bool *flags);

/* A shape in words: "(128, 784)". */
void sl_buf_sizes(struct sl_buf *buf, const uint64_t *size, uint32_t rank);

#endif
