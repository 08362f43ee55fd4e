/* profile_distinct.c: the number of different values, from their 64-bit hashes.
 *
 * A set of hashes counts exactly up to a limit; two of 65,536 values share a hash once in 10^10 columns. Beyond,
 * HyperLogLog (Flajolet et al. 2007) with 2^12 registers, whose standard error is 1.04/sqrt(2^12) = 1.6 %. The
 * registers are filled from the set when it overflows, so that the result depends on the values only, not on their
 * order or on how they were spread over partial profiles. The estimate is Ertl's ("New cardinality estimation
 * algorithms for HyperLogLog sketches", 2017), which is free of bias over the whole range without correction tables. */
#include "engine/data/profile_private.h"

#include <math.h>
#include <stdlib.h>

enum { SET_MIN = 64, TAIL_BITS = 64 - SL_HLL_BITS };

static void note_register(struct sl_distinct *distinct, uint64_t hash)
{
    uint64_t tail = hash << SL_HLL_BITS;
    int rank = tail ? __builtin_clzll(tail) + 1 : TAIL_BITS + 1;
    unsigned char *reg = &distinct->registers[hash >> TAIL_BITS];
    if (*reg < rank) {
        *reg = (unsigned char)rank;
    }
}

static void insert(uint64_t *set, uint32_t mask, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & mask;
    while (set[at]) {
        at = (at + 1) & mask;
    }
    set[at] = hash;
}

static bool grow(struct sl_distinct *distinct)
{
    uint32_t size = distinct->set ? 2 * (distinct->mask + 1) : SET_MIN;
    uint64_t *set = calloc(size, sizeof *set);
    if (!set) {
        return false;
    }
    for (uint32_t i = 0; distinct->set && i <= distinct->mask; i++) {
        if (distinct->set[i]) {
            insert(set, size - 1, distinct->set[i]);
        }
    }
    free(distinct->set);
    distinct->set = set;
    distinct->mask = size - 1;
    return true;
}

/* From here on estimate: the registers take over what the set knows. */
static bool give_up_exact(struct sl_distinct *distinct)
{
    distinct->registers = calloc(SL_HLL_REGISTERS, 1);
    if (!distinct->registers) {
        return false;
    }
    for (uint32_t i = 0; distinct->set && i <= distinct->mask; i++) {
        if (distinct->set[i]) {
            note_register(distinct, distinct->set[i]);
        }
    }
    if (distinct->zero) {
        note_register(distinct, 0);
    }
    free(distinct->set);
    distinct->set = NULL;
    return true;
}

static bool add_exact(struct sl_distinct *distinct, uint64_t hash)
{
    if (hash == 0) {
        distinct->n += !distinct->zero;
        distinct->zero = true;
    } else {
        if (!distinct->set && !grow(distinct)) {
            return false;
        }
        uint32_t at = (uint32_t)hash & distinct->mask;
        for (; distinct->set[at]; at = (at + 1) & distinct->mask) {
            if (distinct->set[at] == hash) {
                return true;
            }
        }
        distinct->set[at] = hash;
        distinct->n++;
    }
    if (distinct->n > distinct->limit) {
        return give_up_exact(distinct);
    }
    return !distinct->set || distinct->n <= distinct->mask / 2 || grow(distinct);
}

bool sl_distinct_add(struct sl_distinct *distinct, uint64_t hash)
{
    if (!distinct->registers) {
        return add_exact(distinct, hash);
    }
    note_register(distinct, hash);
    return true;
}

bool sl_distinct_merge(struct sl_distinct *into, const struct sl_distinct *from)
{
    if (from->registers) {
        if (!into->registers && !give_up_exact(into)) {
            return false;
        }
        for (int i = 0; i < SL_HLL_REGISTERS; i++) {
            if (into->registers[i] < from->registers[i]) {
                into->registers[i] = from->registers[i];
            }
        }
        return true;
    }
    if (from->zero && !sl_distinct_add(into, 0)) {
        return false;
    }
    for (uint32_t i = 0; from->set && i <= from->mask; i++) {
        if (from->set[i] && !sl_distinct_add(into, from->set[i])) {
            return false;
        }
    }
    return true;
}

/* Ertl's sigma and tau: sums of series that stand for the registers at 0 and at their maximum. */
static double sigma(double x)
{
    if (x >= 1) {
        return HUGE_VAL;
    }
    double y = 1, z = x, before;
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z > before);
    return z;
}

static double tau(double x)
{
    if (x <= 0 || x >= 1) {
        return 0;
    }
    double y = 1, z = 1 - x, before;
    do {
        x = sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z < before);
    return z / 3;
}

double sl_distinct_count(const struct sl_distinct *distinct)
{
    if (!distinct->registers) {
        return distinct->n;
    }
    const double m = SL_HLL_REGISTERS;
    uint32_t having[TAIL_BITS + 2] = { 0 };
    for (int i = 0; i < SL_HLL_REGISTERS; i++) {
        having[distinct->registers[i]]++;
    }
    double z = m * tau(1 - having[TAIL_BITS + 1] / m);
    for (int k = TAIL_BITS; k >= 1; k--) {
        z = 0.5 * (z + having[k]);
    }
    z += m * sigma(having[0] / m);
    double alpha = 0.5 / log(2);
    return round(alpha * m * m / z);
}

void sl_distinct_release(struct sl_distinct *distinct)
{
    free(distinct->set);
    free(distinct->registers);
    distinct->set = NULL;
    distinct->registers = NULL;
}
