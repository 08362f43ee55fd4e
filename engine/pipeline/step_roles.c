/* step_roles.c: which records a run trained on and which it tested with, looked up by number. */
#include "step_private.h"

#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

int sl_roles_new(uint64_t **out, size_t *n, const struct sl_run_result *run, struct sl_error *err)
{
    size_t n_train = run->train_records ? (size_t)run->n_train : 0, n_test = run->test_records ? run->n_test : 0;
    uint64_t *roles = calloc(n_train + n_test + 1, sizeof *roles);
    if (!roles)
        return sl_fail_memory(err, "the split");
    for (size_t i = 0; i < n_train; i++)
        roles[i] = run->train_records[i] << 1 | SL_TRAIN;
    for (size_t i = 0; i < n_test; i++)
        roles[n_train + i] = run->test_records[i] << 1 | SL_TEST;
    qsort(roles, n_train + n_test, sizeof *roles, by_value);
    *out = roles;
    *n = n_train + n_test;
    return SL_OK;
}

int sl_role_of(const uint64_t *roles, size_t n, uint64_t record)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (roles[middle] >> 1 < record)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && roles[low] >> 1 == record ? (int)(roles[low] & 1) : -1;
}
