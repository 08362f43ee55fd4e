/* vectorize_row.c: the features of a text, in any order and number, to a row of a sparse matrix.
 *
 * Up to DENSE features are counted in an array, and a bitmap of what was touched gives them back in order. Above that
 * the array would not stay in the cache, and the few features of a text are sorted instead (radix, by bytes).
 *
 * Arithmetic is scikit-learn's, in double, in rising order of the features: count; 1 if binary; 1 + ln if sublinear;
 * times idf; divided by the row's norm; then rounded to float. Features that cancel out (signs of `hashing`) leave no
 * pair, unless binary, where scikit-learn counts them too. */
#include "engine/stages/vectorize.h"

enum { DENSE = 1 << 16, FEW = 24 };

const char *const sl_norm_choices[] = { "none", "l1", "l2", NULL };

void sl_row_maker_release(struct sl_row_maker *maker)
{
    free(maker->count);
    free(maker->touched);
    free(maker->key);
    free(maker->spare);
    free(maker->index);
    free(maker->value);
    free(maker->weight);
    *maker = (struct sl_row_maker){ 0 };
}

int sl_row_maker_init(struct sl_row_maker *maker, uint32_t width, struct sl_error *err)
{
    *maker = (struct sl_row_maker){ .width = width };
    if (width <= DENSE) {
        maker->count = sl_zalloc(width, sizeof *maker->count);
        maker->touched = sl_zalloc(sl_bitmap_words(width), sizeof *maker->touched);
        if (!maker->count || !maker->touched) {
            sl_row_maker_release(maker);
            return sl_fail_memory(err, "making rows of features");
        }
    }
    return SL_OK;
}

/* *array with room for `capacity` elements of 4 or 8 bytes. */
#define EXTEND(array, capacity) ((array) = larger((array), (capacity), sizeof *(array), &ok))

static void *larger(void *array, size_t capacity, size_t size, bool *ok)
{
    size_t bytes;
    void *moved = *ok && sl_mul(capacity, size, &bytes) ? realloc(array, bytes) : NULL;
    *ok = moved != NULL;
    return moved ? moved : array;
}

int sl_row_reserve(struct sl_row_maker *maker, size_t n, struct sl_error *err)
{
    bool ok = true;
    size_t pairs = maker->n + (maker->reserved + n < maker->width ? maker->reserved + n : maker->width);
    if (pairs > maker->capacity) {
        size_t capacity = pairs + pairs / 2 + 64;
        EXTEND(maker->index, capacity);
        EXTEND(maker->value, capacity);
        EXTEND(maker->weight, capacity);
        maker->capacity = ok ? capacity : maker->capacity;
    }
    size_t keys = maker->n_keys + n;
    if (ok && !maker->count && keys > maker->key_capacity) {
        size_t capacity = keys + keys / 2 + 64;
        EXTEND(maker->key, capacity);
        EXTEND(maker->spare, capacity);
        maker->key_capacity = ok ? capacity : maker->key_capacity;
    }
    maker->reserved += ok ? n : 0;
    return ok ? SL_OK : sl_fail_memory(err, "making rows of features");
}

static void sort_few(uint32_t *key, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint32_t x = key[i];
        size_t j = i;
        for (; j > 0 && key[j - 1] > x; j--) {
            key[j] = key[j - 1];
        }
        key[j] = x;
    }
}

static void sort_by_byte(const uint32_t *from, uint32_t *to, size_t n, int shift)
{
    uint32_t place[257] = { 0 };
    for (size_t i = 0; i < n; i++) {
        place[(from[i] >> shift & 255) + 1]++;
    }
    for (int b = 0; b < 256; b++) {
        place[b + 1] += place[b];
    }
    for (size_t i = 0; i < n; i++) {
        to[place[from[i] >> shift & 255]++] = from[i];
    }
}

static void sort_keys(struct sl_row_maker *maker)
{
    if (maker->n_keys <= FEW) {
        sort_few(maker->key, maker->n_keys);
        return;
    }
    uint64_t top = 2 * (uint64_t)maker->width - 1;
    for (int shift = 0; shift < 32 && top >> shift; shift += 8) {
        sort_by_byte(maker->key, maker->spare, maker->n_keys, shift);
        uint32_t *swap = maker->key;
        maker->key = maker->spare;
        maker->spare = swap;
    }
}

/* A feature and its count, at place k of the row. Returns the next place. */
static inline size_t put(struct sl_row_maker *maker, size_t k, const struct sl_row_rule *rule, uint32_t feature,
                         int32_t count)
{
    double weight = rule->binary ? 1 : count;
    if (weight == 0) {
        return k;
    }
    if (rule->sublinear) {
        weight = log(weight) + 1;
    }
    if (rule->idf) {
        weight *= rule->idf[feature];
    }
    maker->index[k] = feature;
    maker->weight[k] = weight;
    return k + 1;
}

static size_t put_counted(struct sl_row_maker *maker, const struct sl_row_rule *rule)
{
    size_t k = maker->n;
    for (size_t w = 0; w < sl_bitmap_words(maker->width); w++) {
        uint64_t bits = maker->touched[w];
        maker->touched[w] = 0;
        for (; bits; bits &= bits - 1) {
            uint32_t feature = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(bits);
            k = put(maker, k, rule, feature, maker->count[feature]);
            maker->count[feature] = 0;
        }
    }
    return k;
}

static size_t put_sorted(struct sl_row_maker *maker, const struct sl_row_rule *rule)
{
    sort_keys(maker);
    size_t k = maker->n;
    for (size_t i = 0; i < maker->n_keys;) {
        uint32_t feature = maker->key[i] >> 1;
        int32_t count = 0;
        for (; i < maker->n_keys && maker->key[i] >> 1 == feature; i++) {
            count += maker->key[i] & 1 ? -1 : 1;
        }
        k = put(maker, k, rule, feature, count);
    }
    maker->n_keys = 0;
    return k;
}

static double row_norm(const double *weight, size_t n, int norm)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += norm == SL_NORM_L2 ? weight[i] * weight[i] : fabs(weight[i]);
    }
    return norm == SL_NORM_L2 ? sqrt(sum) : sum;
}

void sl_row_end(struct sl_row_maker *maker, const struct sl_row_rule *rule)
{
    size_t first = maker->n;
    size_t end = maker->count ? put_counted(maker, rule) : put_sorted(maker, rule);
    double norm = rule->norm == SL_NORM_NONE ? 1 : row_norm(maker->weight + first, end - first, rule->norm);
    if (!(norm > 0)) {
        norm = 1;
    }
    for (size_t k = first; k < end; k++) {
        maker->value[k] = (float)(maker->weight[k] / norm);
    }
    maker->n = end;
    maker->reserved = 0;
}

int sl_rows_take(struct sl_row_maker *maker, struct sl_arena *arena, uint64_t *start, struct sl_column *column,
                 struct sl_error *err)
{
    size_t n = maker->n;
    uint32_t *index = sl_arena_array(arena, n, sizeof *index);
    float *value = sl_arena_array(arena, n, sizeof *value);
    maker->n = 0;
    if (!index || !value) {
        return sl_fail_memory(err, "making rows of features");
    }
    if (n) {
        memcpy(index, maker->index, n * sizeof *index);
        memcpy(value, maker->value, n * sizeof *value);
    }
    *column = (struct sl_column){ .sparse = { start, index, value } };
    return SL_OK;
}
