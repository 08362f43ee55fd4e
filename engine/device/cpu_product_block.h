/* cpu_product_block.h: the products of cpu_product.h, written once for a vector of WIDTH floats.
 *
 * Included by cpu_product_avx2.c and cpu_product_avx512.c, which define: TARGET (attribute), VECTOR, MASK, WIDTH, ROWS
 * (most rows of a block), ZERO(), SPREAD(x), LOAD(p), LOAD_PART(p, mask), STORE_PART(p, mask, v), FMA(a, b, c), PART(n)
 * (mask of the first n lanes), SUM4(a, b, c, d) (sums over lanes, as __m128), PRODUCT (name).
 *
 * A block is ROWS × 2 vectors of the result in registers; each step of k loads two vectors of b and spreads one element
 * of a per row over a register (the scheme of Goto and van de Geijn 2008, without packing: b's panel of DEPTH rows fits
 * in the first-level cache as it lies). */
#ifdef PRODUCT
#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 12")
#endif
#define INSIDE TARGET __attribute__((always_inline)) static inline

enum { DEPTH = 256, PANEL = 2 * WIDTH, DOTS = 4, SHORT = 48 };

INSIDE void block(const int rows, const int vectors, size_t k, const float *a, size_t ar, size_t ac, const float *b,
                  size_t bs, float *c, size_t cs, MASK mask, bool add)
{
    VECTOR sum[ROWS][2];
    UNROLL
    for (int i = 0; i < rows; i++) {
        UNROLL
        for (int v = 0; v < vectors; v++)
            sum[i][v] = !add              ? ZERO()
                        : v < vectors - 1 ? LOAD(c + (size_t)i * cs + v * WIDTH)
                                          : LOAD_PART(c + (size_t)i * cs + v * WIDTH, mask);
    }
    /* Rows 0-3, 4-7 and 8-11 of a: three pointers and three strides stay in registers. */
    const float *a0 = a, *a4 = a + 4 * ar, *a8 = a + 8 * ar;
    const size_t ar2 = 2 * ar, ar3 = 3 * ar;
    for (size_t p = 0; p < k; p++) {
        VECTOR row[2];
        UNROLL
        for (int v = 0; v < vectors; v++)
            row[v] = v < vectors - 1 ? LOAD(b + v * WIDTH) : LOAD_PART(b + v * WIDTH, mask);
        UNROLL
        for (int i = 0; i < rows; i++) {
            const float *from = i < 4 ? a0 : i < 8 ? a4 : a8;
            VECTOR x = SPREAD(from[(i & 3) == 0 ? 0 : (i & 3) == 1 ? ar : (i & 3) == 2 ? ar2 : ar3]);
            UNROLL
            for (int v = 0; v < vectors; v++)
                sum[i][v] = FMA(x, row[v], sum[i][v]);
        }
        a0 += ac, a4 += ac, a8 += ac, b += bs;
    }
    UNROLL
    for (int i = 0; i < rows; i++) {
        UNROLL
        for (int v = 0; v < vectors; v++)
            STORE_PART(c + (size_t)i * cs + v * WIDTH, v < vectors - 1 ? PART(WIDTH) : mask, sum[i][v]);
    }
}

#define BLOCK_OF(n, v)                                                                                            \
    TARGET static void block_##n##_##v(size_t k, const float *a, size_t ar, size_t ac, const float *b, size_t bs, \
                                       float *c, size_t cs, MASK mask, bool add)                                  \
    {                                                                                                             \
        block(n, v, k, a, ar, ac, b, bs, c, cs, mask, add);                                                       \
    }
#define BLOCKS_OF(n) BLOCK_OF(n, 1) BLOCK_OF(n, 2)
BLOCKS_OF(1)
BLOCKS_OF(2)
BLOCKS_OF(3)
BLOCKS_OF(4)
BLOCKS_OF(5)
BLOCKS_OF(6)
#if ROWS == 12
BLOCKS_OF(7)
BLOCKS_OF(8)
BLOCKS_OF(9)
BLOCKS_OF(10)
BLOCKS_OF(11)
BLOCKS_OF(12)
#endif

typedef void block_function(size_t k, const float *a, size_t ar, size_t ac, const float *b, size_t bs, float *c,
                            size_t cs, MASK mask, bool add);
#define BLOCK_PAIR(n)                \
    {                                \
        block_##n##_1, block_##n##_2 \
    }
static block_function *const blocks[ROWS + 1][2] = {
    { NULL, NULL }, BLOCK_PAIR(1), BLOCK_PAIR(2), BLOCK_PAIR(3),  BLOCK_PAIR(4),  BLOCK_PAIR(5),  BLOCK_PAIR(6),
#if ROWS == 12
    BLOCK_PAIR(7),  BLOCK_PAIR(8), BLOCK_PAIR(9), BLOCK_PAIR(10), BLOCK_PAIR(11), BLOCK_PAIR(12),
#endif
};

TARGET static void tile(size_t m, size_t n, size_t k, const float *a, size_t ar, size_t ac, const float *b, size_t bs,
                        float *c, size_t cs, bool add)
{
    size_t parts = (m + ROWS - 1) / ROWS; /* rows are dealt out evenly: 32 are 11 + 11 + 10 */
    for (size_t j = 0; j < n; j += PANEL) {
        size_t width = n - j < PANEL ? n - j : PANEL;
        int two = width > WIDTH;
        MASK mask = PART(two ? width - WIDTH : width);
        for (size_t p = 0; p < k || !p; p += DEPTH) {
            size_t depth = k - p < DEPTH ? k - p : DEPTH;
            for (size_t q = 0; q < parts; q++) {
                size_t first = m * q / parts, rows = m * (q + 1) / parts - first;
                blocks[rows][two](depth, a + first * ar + p * ac, ar, ac, b + p * bs + j, bs, c + first * cs + j, cs,
                                  mask, add || p);
            }
        }
    }
}

/* --- rows times rows --- */

INSIDE void dot_block(const int rows, size_t k, const float *a, size_t as, const float *b, size_t bs, float *c,
                      size_t cs, int columns, bool add)
{
    VECTOR sum[DOTS][DOTS];
    const float *at[DOTS];
    for (int j = 0; j < DOTS; j++) /* columns that are not there repeat the last, and are not stored */
        at[j] = b + (size_t)(j < columns ? j : columns - 1) * bs;
    UNROLL
    for (int i = 0; i < rows; i++) {
        UNROLL
        for (int j = 0; j < DOTS; j++)
            sum[i][j] = ZERO();
    }
    for (size_t p = 0; p < k; p += WIDTH) {
        MASK mask = PART(k - p < WIDTH ? k - p : WIDTH);
        VECTOR y[DOTS];
        UNROLL
        for (int j = 0; j < DOTS; j++)
            y[j] = LOAD_PART(at[j] + p, mask);
        UNROLL
        for (int i = 0; i < rows; i++) {
            VECTOR x = LOAD_PART(a + (size_t)i * as + p, mask);
            UNROLL
            for (int j = 0; j < DOTS; j++)
                sum[i][j] = FMA(x, y[j], sum[i][j]);
        }
    }
    UNROLL
    for (int i = 0; i < rows; i++) {
        float four[DOTS];
        _mm_storeu_ps(four, SUM4(sum[i][0], sum[i][1], sum[i][2], sum[i][3]));
        for (int j = 0; j < columns; j++)
            c[(size_t)i * cs + (size_t)j] = add ? c[(size_t)i * cs + (size_t)j] + four[j] : four[j];
    }
}

/* Short rows: b turned, a panel at a time, then as tile(). */
TARGET static void short_dots(size_t m, size_t n, size_t k, const float *a, size_t as, const float *b, size_t bs,
                              float *c, size_t cs, bool add)
{
    float turned[SHORT * PANEL];
    for (size_t j = 0; j < n; j += PANEL) {
        size_t width = n - j < PANEL ? n - j : PANEL;
        for (size_t l = 0; l < width; l++)
            for (size_t p = 0; p < k; p++)
                turned[p * PANEL + l] = b[(j + l) * bs + p];
        tile(m, width, k, a, as, 1, turned, PANEL, c + j, cs, add);
    }
}

TARGET static void dots(size_t m, size_t n, size_t k, const float *a, size_t as, const float *b, size_t bs, float *c,
                        size_t cs, bool add)
{
    if (k <= SHORT) {
        short_dots(m, n, k, a, as, b, bs, c, cs, add);
        return;
    }
    for (size_t j = 0; j < n; j += DOTS) {
        int columns = n - j < DOTS ? (int)(n - j) : DOTS;
        const float *from = b + j * bs;
        size_t i = 0;
        for (; i + DOTS <= m; i += DOTS)
            dot_block(DOTS, k, a + i * as, as, from, bs, c + i * cs + j, cs, columns, add);
        for (; i < m; i++)
            dot_block(1, k, a + i * as, as, from, bs, c + i * cs + j, cs, columns, add);
    }
}

const struct cpu_product PRODUCT = { .rows = ROWS, .columns = PANEL, .tile = tile, .dots = dots };
#endif
