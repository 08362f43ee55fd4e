/* fuzz_image.c: any bytes as a PNG or JPEG.
 *
 * The first two bytes choose options. What is refused must leave a message and a fix; what is decoded must have the
 * size its header announces, come out the same a second time from the same decoder, and be taken as well, with the same
 * pixels, when damage is allowed for. */
#include "sluice/image.h"

#include <stdio.h>
#include <stdlib.h>

#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                    \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                       \
        }                                                                                  \
    } while (0)

static struct sl_image_options choose(const uint8_t *data)
{
    static const uint32_t channels[] = { 0, 1, 3, 4 }, targets[] = { 0, 0, 5, 40 };
    return (struct sl_image_options){
        .max_pixels = 1 << 16,
        .max_side = 4096,
        .max_bytes = 1 << 20,
        .channels = channels[data[0] & 3],
        .over_background = data[0] & 4,
        .background = { 9, 99, 199 },
        .apply_gamma = data[0] & 8,
        .ignore_orientation = data[0] & 16,
        .any_name = true,
        .lenient = data[0] & 32,
        .at_least_width = targets[data[1] & 3],
        .at_least_height = targets[data[1] >> 2 & 3],
    };
}

static void check_size(const struct sl_image *image, const struct sl_image_info *info,
                       const struct sl_image_options *options)
{
    bool swaps = info->orientation >= 5 && !options->ignore_orientation;
    uint32_t width = swaps ? info->height : info->width, height = swaps ? info->width : info->height;
    bool scales = info->kind == SL_IMAGE_JPEG && (options->at_least_width || options->at_least_height);
    MUST(scales ? image->width <= width && image->height <= height : image->width == width && image->height == height);
    MUST(image->width >= options->at_least_width || image->width == width || !scales);
    MUST(image->height >= options->at_least_height || image->height == height || !scales);
    MUST((uint64_t)width * height <= options->max_pixels && width <= 4096 && height <= 4096);
    MUST(options->channels ? image->channels == options->channels : image->channels >= 1 && image->channels <= 4);
    MUST((uint64_t)image->width * image->height * image->channels <= image->room);
}

static void check_again(struct sl_image_decoder *decoder, struct sl_str bytes, struct sl_image_options options,
                        const struct sl_image *image)
{
    struct sl_image again = { 0 };
    size_t n = (size_t)image->width * image->height * image->channels;
    for (int k = 0; k < 2; k++) {
        MUST(sl_image_decode(decoder, bytes, "x", &options, &again, NULL) == SL_OK);
        MUST(again.width == image->width && again.height == image->height && again.channels == image->channels);
        MUST(memcmp(again.pixels, image->pixels, n) == 0);
        options.lenient = true;
    }
    sl_image_release(&again);
}

static void mend_checksums(uint8_t *p, size_t n)
{
    for (size_t at = 8; n >= 20 && at <= n - 12;) {
        uint32_t length, crc;
        memcpy(&length, p + at, 4);
        length = __builtin_bswap32(length);
        if (length > n - 12 - at) {
            return;
        }
        crc = __builtin_bswap32((uint32_t)crc32_z(0, p + at + 4, (size_t)length + 4));
        memcpy(p + at + 8 + length, &crc, 4);
        at += 12 + (size_t)length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct sl_image_options options = choose(data);
    char *copy = malloc(size - 2 + !(size - 2));
    MUST(copy);
    memcpy(copy, data + 2, size - 2);
    struct sl_str bytes = { copy, size - 2 };
    if (!(data[0] & 64) && sl_image_kind_of(bytes) == SL_IMAGE_PNG) {
        mend_checksums((uint8_t *)copy, bytes.n);
    }
    struct sl_image_decoder *decoder = NULL;
    struct sl_image image = { 0 };
    struct sl_image_info info = { 0 };
    struct sl_error err = SL_ERROR_INIT, probe = SL_ERROR_INIT;
    MUST(sl_image_decoder_new(&decoder, &err) == SL_OK);
    int probed = sl_image_probe(bytes, "x", &info, &probe);
    int status = sl_image_decode(decoder, bytes, "x", &options, &image, &err);
    MUST(probed == SL_OK || (probed == SL_EDATA && probe.what[0] && probe.fix[0]));
    MUST(probed != SL_OK ? status == probed : info.width > 0 && info.height > 0);
    if (status == SL_OK) {
        check_size(&image, &info, &options);
        check_again(decoder, bytes, options, &image);
    } else {
        MUST(status == SL_EDATA || status == SL_ELIMIT);
        MUST(err.status == status && err.what[0] && err.fix[0]);
        MUST(image.width == 0 && (err.byte == UINT64_MAX || err.byte <= bytes.n));
    }
    sl_image_release(&image);
    sl_image_decoder_free(decoder);
    free(copy);
    return 0;
}
