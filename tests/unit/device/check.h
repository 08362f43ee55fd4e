/* check.h: arrays on a device and beside it, for holding its kernels against the reference.
 *
 * A check runs one kernel on one shape: arrays are made here and on the device, the kernel runs, results come back and
 * are compared element by element. What is behind an array's end is looked at too. */
#ifndef SLUICE_TEST_DEVICE_CHECK_H
#define SLUICE_TEST_DEVICE_CHECK_H

#include "sluice/device.h"

enum { CHECK_ARRAYS = 24, CHECK_BEHIND = 16 };

struct array {
    size_t n;
    float *before; /* what the device was given */
    float *got;    /* what it has made of it, after check_fetch */
    float *at;     /* on the device */
};

struct check {
    struct sl_device *d;
    const struct sl_kernels *k;
    bool compare;        /* else the bits are taken into the digest alone */
    char what[160];      /* kernel and shape, for messages */
    uint64_t random;     /* the generator's state */
    uint64_t digest;     /* of all results' bits */
    int failures, wrong; /* checks that failed; elements of the check now made */
    struct array arrays[CHECK_ARRAYS];
    double *doubles[CHECK_ARRAYS];
    int n_arrays, n_doubles;
};

void check_begin(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void check_end(struct check *c); /* frees what was made since check_begin */

/* Uniform in low..high; results are given such numbers too, so that what is not written shows. */
struct array *check_random(struct check *c, size_t n, double low, double high);
struct array *check_numbers(struct check *c, size_t n, const float *numbers);
struct array *check_words(struct check *c, size_t n, uint32_t below); /* uint32 in the place of floats */
const uint32_t *check_as_words(const struct array *a);                /* on the device */
uint32_t check_draw(struct check *c);
double *check_doubles(struct check *c, size_t n); /* zeros */

/* Bring a result back. */
void check_fetch(struct check *c, struct array *a);
/* |got − want| ≤ limit · 2^−23 · size for each element (NULL: |want|); infinities and NaN must agree. */
void check_near(struct check *c, const char *name, struct array *a, const double *want, const double *size,
                double limit);
/* A condition, with a message when it does not hold. */
void check_that(struct check *c, bool holds, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
