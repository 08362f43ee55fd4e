/* picture_try.h: pictures for the tests of picture arithmetic, those of tests/golden/make_images.py among them. */
#ifndef SLUICE_TESTS_PICTURE_TRY_H
#define SLUICE_TESTS_PICTURE_TRY_H

#include "engine/image/ops_private.h"
#include "tests/unit/base/text_golden.h"

#include <inttypes.h>

#define TRY(call)                                                    \
    do {                                                             \
        struct sl_error try_err = SL_ERROR_INIT;                     \
        struct sl_error *err = &try_err;                             \
        if ((call) != SL_OK) {                                       \
            char text[512];                                          \
            fail_msg("%s", sl_error_format(err, text, sizeof text)); \
        }                                                            \
    } while (0)

/* Random bytes, many of them 0 or 255. */
static inline struct sl_image picture_random(uint32_t width, uint32_t height, uint32_t channels, uint64_t seed)
{
    struct sl_image image = { 0 };
    TRY(sl_image_make(&image, width, height, channels, err));
    uint64_t state = seed;
    for (size_t i = 0; i < (size_t)width * height * channels; i++) {
        uint32_t v = golden_random(&state, 448);
        image.pixels[i] = (uint8_t)(v < 96 ? 0 : v - 96 > 255 ? 255 : v - 96);
    }
    return image;
}

/* "WIDTH HEIGHT CHANNELS SEED" */
static inline struct sl_image picture_golden(struct sl_str field)
{
    unsigned long number[4];
    const char *at = field.p;
    for (int i = 0; i < 4; i++) {
        char *end;
        number[i] = strtoul(at, &end, 10);
        assert_true(end > at);
        at = end;
    }
    return picture_random((uint32_t)number[0], (uint32_t)number[1], (uint32_t)number[2], number[3]);
}

/* Number i of `digits` hexadecimal digits each. */
static inline unsigned long picture_hex(struct sl_str field, size_t i, size_t digits)
{
    char text[8] = "";
    assert_true(digits < sizeof text && (i + 1) * digits <= field.n);
    memcpy(text, field.p + i * digits, digits);
    return strtoul(text, NULL, 16);
}

static inline size_t picture_bytes(const struct sl_image *image)
{
    return (size_t)image->width * image->height * image->channels;
}

static inline void assert_same_picture(const struct sl_image *a, const struct sl_image *b)
{
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->channels, b->channels);
    assert_memory_equal(a->pixels, b->pixels, picture_bytes(a));
}

static inline int worker_start(void **state)
{
    struct sl_image_worker *worker = NULL;
    TRY(sl_image_worker_new(&worker, err));
    *state = worker;
    return 0;
}

static inline int worker_end(void **state)
{
    sl_image_worker_free(*state);
    return 0;
}

#endif
