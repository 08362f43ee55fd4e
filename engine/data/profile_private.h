/* profile_private.h: the parts of a column's profile. Each is a mergeable sketch of its own. */
#ifndef SLUICE_ENGINE_DATA_PROFILE_PRIVATE_H
#define SLUICE_ENGINE_DATA_PROFILE_PRIVATE_H

#include "sluice/profile.h"

/* ---- profile_distinct.c: how many different values ---- */

enum { SL_HLL_BITS = 12, SL_HLL_REGISTERS = 1 << SL_HLL_BITS };

struct sl_distinct {
    uint32_t limit; /* counted exactly up to here */
    uint64_t *set;  /* hashes seen, open addressing, 0 free; NULL once there were too many */
    uint32_t n, mask;
    bool zero;                /* hash 0 was seen */
    unsigned char *registers; /* NULL until there were more than the limit */
};

/* false: out of memory. */
bool sl_distinct_add(struct sl_distinct *distinct, uint64_t hash);
bool sl_distinct_merge(struct sl_distinct *into, const struct sl_distinct *from);
double sl_distinct_count(const struct sl_distinct *distinct);
void sl_distinct_release(struct sl_distinct *distinct);

/* ---- profile_top.c: the most frequent values ---- */

enum { SL_TOP_PREFIX = 64 };

struct sl_top_value {
    uint64_t hash, n;
    uint32_t length; /* of the whole value in bytes; up to SL_TOP_PREFIX of them are here */
    char prefix[SL_TOP_PREFIX];
};

struct sl_top {
    uint32_t room; /* at most so many values at once, even, below 32768 */
    bool numbers;  /* values are doubles, and ties are broken as such; else text */
    uint32_t n, capacity;
    struct sl_top_value *values;
    uint16_t *slots;  /* hash table of 2 × capacity: number of a value + 1, 0 free */
    uint64_t dropped; /* no value's count is short by more; 0: all counts are exact */
};

/* One value was seen n more times. false: out of memory. */
bool sl_top_add(struct sl_top *top, uint64_t hash, struct sl_str value, uint64_t n);
bool sl_top_merge(struct sl_top *into, const struct sl_top *from);
/* The up to `most` most frequent, falling, ties by value; pointers into top. Returns how many. */
size_t sl_top_list(const struct sl_top *top, const struct sl_top_value **list, size_t most);
void sl_top_release(struct sl_top *top);

/* ---- profile_numbers.c: moments and histogram ---- */

enum { SL_HISTOGRAM_CELLS = 256 };

struct sl_numbers {
    uint64_t n;      /* finite ones */
    double min, max; /* infinities included */
    double mean, m2; /* of the finite: mean, and sum of squared distances from it */
    bool fractions;  /* some are not whole */
    bool any;        /* of any kind */
    /* Cell k counts numbers whose floor(x / 2^exponent) is first + k. */
    int exponent;
    int64_t first, low, high; /* low and high: lowest and highest used */
    uint64_t cells[SL_HISTOGRAM_CELLS];
};

/* NaN is passed over. */
void sl_numbers_add(struct sl_numbers *numbers, const double *x, size_t n);
void sl_numbers_merge(struct sl_numbers *into, const struct sl_numbers *from);
void sl_numbers_histogram(const struct sl_numbers *numbers, struct sl_column_profile *out);

#endif
