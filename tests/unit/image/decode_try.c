/* decode_try.c: decoding in tests: what must succeed, what must fail, and where two pictures differ. */
#include "tests/unit/image/decode_try.h"

#include <stdio.h>
#include <stdlib.h>

static struct sl_image_decoder *kept;

struct sl_image_decoder *try_decoder(void)
{
    if (!kept) {
        struct sl_error err = SL_ERROR_INIT;
        assert_int_equal(sl_image_decoder_new(&kept, &err), SL_OK);
    }
    return kept;
}

void try_decoder_free(void)
{
    sl_image_decoder_free(kept);
    kept = NULL;
}

struct sl_buf try_copy(const struct sl_buf *buf)
{
    struct sl_buf copy = { 0 };
    sl_buf_add(&copy, buf->p, buf->n);
    assert_false(copy.failed);
    return copy;
}

void try_decode(const struct sl_buf *file, const struct sl_image_options *options, struct sl_image *image)
{
    struct sl_error err = SL_ERROR_INIT;
    if (sl_image_decode(try_decoder(), try_str(file), NULL, options, image, &err)) {
        char text[512];
        fail_msg("%s", sl_error_format(&err, text, sizeof text));
    }
}

void try_refuses(struct sl_str bytes, const char *name, const struct sl_image_options *options, int status,
                 const char *reason)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_image image = { 0 };
    /* Exactly as large as the file, so that reading past its end is seen. */
    char *exact = malloc(bytes.n ? bytes.n : 1);
    assert_non_null(exact);
    if (bytes.n) {
        memcpy(exact, bytes.p, bytes.n);
    }
    int got = sl_image_decode(try_decoder(), (struct sl_str){ exact, bytes.n }, name, options, &image, &err);
    if (got != status || err.status != status || !strstr(err.what, reason)) {
        fail_msg("expected status %d and '%s', got %d: '%s'", status, reason, got, got ? err.what : "decoded");
    }
    assert_true(err.fix[0] != '\0');
    assert_int_equal(image.width, 0);
    sl_image_release(&image);
    free(exact);
}

void try_equal(const struct sl_image *image, const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels)
{
    assert_non_null(pixels);
    if (image->width != width || image->height != height || image->channels != channels) {
        fail_msg("expected %u×%u×%u, got %u×%u×%u", width, height, channels, image->width, image->height,
                 image->channels);
    }
    for (size_t i = 0, n = (size_t)width * height * channels; i < n; i++) {
        if (image->pixels[i] != pixels[i]) {
            size_t pixel = i / channels;
            fail_msg("x %zu, y %zu, channel %zu: expected %u, got %u", pixel % width, pixel / width, i % channels,
                     pixels[i], image->pixels[i]);
        }
    }
}
