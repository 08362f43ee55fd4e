/* cpu_product.h: products of small matrices held in registers, for one kind of processor.
 *
 * Every element of the result is one chain of fused multiply-adds over k in rising order (tile), or one per lane and
 * then a fixed sum over lanes (dots): its bits do not depend on how the whole was cut into tiles. */
#ifndef SLUICE_DEVICE_CPU_PRODUCT_H
#define SLUICE_DEVICE_CPU_PRODUCT_H

#include "engine/device/cpu.h"

struct cpu_product {
    size_t rows, columns; /* of the block held in registers by tile() */
    /* c (m × n, rows cs apart) = a·b, or c + a·b when `add`. Element (i, p) of a lies at a[i·ar + p·ac]; rows of b lie
     * bs apart. */
    void (*tile)(size_t m, size_t n, size_t k, const float *a, size_t ar, size_t ac, const float *b, size_t bs,
                 float *c, size_t cs, bool add);
    /* c (m × n) = a·bᵀ: rows of a (as apart) times rows of b (bs apart), k elements each. */
    void (*dots)(size_t m, size_t n, size_t k, const float *a, size_t as, const float *b, size_t bs, float *c,
                 size_t cs, bool add);
};
#if defined(__x86_64__)
extern const struct cpu_product sl_cpu_product_avx2, sl_cpu_product_avx512;
#endif
/* That of a kind of processor, or NULL: it has none, OpenBLAS does it all. */
const struct cpu_product *sl_cpu_product(const struct cpu_vector *kind);

#endif
