/* step_roles.c: which records a run trained on, and which it validated and tested with, looked up by number. */
#include "step_private.h"

#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void put_roles(uint64_t *roles, size_t *n, const uint64_t *records, uint64_t n_records, enum sl_role role)
{
    for (uint64_t i = 0; records && i < n_records; i++)
        roles[(*n)++] = records[i] << 2 | (uint64_t)role;
}

int sl_roles_new(uint64_t **out, size_t *n, const struct sl_run_result *run, struct sl_error *err)
{
    uint64_t *roles = calloc((size_t)(run->n_train + run->n_test + run->n_validation) + 1, sizeof *roles);
    if (!roles)
        return sl_fail_memory(err, "the split");
    *n = 0;
    put_roles(roles, n, run->train_records, run->n_train, SL_TRAIN);
    put_roles(roles, n, run->test_records, run->n_test, SL_TEST);
    put_roles(roles, n, run->validation_records, run->n_validation, SL_VALIDATION);
    qsort(roles, *n, sizeof *roles, by_value);
    *out = roles;
    return SL_OK;
}

int sl_role_of(const uint64_t *roles, size_t n, uint64_t record)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (roles[middle] >> 2 < record)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && roles[low] >> 2 == record ? (int)(roles[low] & 3) : -1;
}
