/* decode.c: bytes to a picture: what it is, whether it may be that large, the library, the turning.
 *
 * Limits are checked on the header as probed here, before a library sees the file; the libraries' own limits stand
 * behind that. Memory kept between pictures is bounded, so that one huge picture does not stay with every thread. */
#include "engine/image/decode_private.h"

#include <stdlib.h>

enum { SCRATCH_KEPT = 32 << 20 };

struct sl_image_decoder {
    struct sl_png *png;
    struct sl_jpeg *jpeg;
    struct sl_image flat; /* before it is turned */
};

int sl_image_decoder_new(struct sl_image_decoder **decoder, struct sl_error *err)
{
    struct sl_image_decoder *made = calloc(1, sizeof *made);
    if (!made) {
        return sl_fail_memory(err, "making a decoder of pictures");
    }
    int status = sl_png_new(&made->png, err);
    status = status ? status : sl_jpeg_new(&made->jpeg, err);
    if (status) {
        sl_image_decoder_free(made);
        return status;
    }
    *decoder = made;
    return SL_OK;
}

void sl_image_decoder_free(struct sl_image_decoder *decoder)
{
    if (decoder) {
        sl_png_free(decoder->png);
        sl_jpeg_free(decoder->jpeg);
        sl_image_release(&decoder->flat);
        free(decoder);
    }
}

static int resolve(const struct sl_image_options *options, struct sl_image_options *out, struct sl_error *err)
{
    *out = options ? *options : (struct sl_image_options){ 0 };
    out->max_pixels = out->max_pixels ? out->max_pixels : 178956970;
    out->max_side = out->max_side ? out->max_side : 65535;
    out->max_bytes = out->max_bytes ? out->max_bytes : UINT64_C(512) << 20;
    if (out->channels > 4 || out->channels == 2) {
        sl_fail(err, SL_EPARAM, "pictures cannot be decoded to %u channels", out->channels);
        return sl_fix(err, "ask for 1, 3 or 4, or 0 for those the file has");
    }
    return SL_OK;
}

static int check_limits(const struct sl_decode *job, struct sl_error *err)
{
    const struct sl_image_info *info = &job->info;
    const struct sl_image_options *options = &job->options;
    const char *fix = "leave it out, or raise the limit if the picture is honest";
    uint64_t pixels = (uint64_t)info->width * info->height;
    uint32_t side = info->width > info->height ? info->width : info->height;
    if (side > options->max_side) {
        return sl_decode_fail(err, SL_ELIMIT, job->name, UINT64_MAX, fix,
                              "has %u×%u pixels: a side over the limit of %u", info->width, info->height,
                              options->max_side);
    }
    if (pixels > options->max_pixels) {
        return sl_decode_fail(err, SL_ELIMIT, job->name, UINT64_MAX, fix,
                              "has %u×%u pixels, %llu together: over the limit of %llu", info->width, info->height,
                              (unsigned long long)pixels, (unsigned long long)options->max_pixels);
    }
    return SL_OK;
}

int sl_decode_make(const struct sl_decode *job, struct sl_image *image, uint32_t width, uint32_t height,
                   uint32_t channels, uint64_t more, struct sl_error *err)
{
    uint64_t bytes = (uint64_t)width * height, limit = job->options.max_bytes;
    bytes = bytes > UINT64_MAX / 16 ? UINT64_MAX / 2 : bytes * channels * (job->turns ? 2 : 1);
    if (more > limit || bytes > limit - more) {
        return sl_decode_fail(err, SL_ELIMIT, job->name, UINT64_MAX,
                              "leave it out, or raise the limit if the picture is honest",
                              "would take %llu bytes to decode %u×%u pixels: over the limit of %llu",
                              (unsigned long long)(bytes + more), width, height, (unsigned long long)limit);
    }
    return sl_image_make(image, width, height, channels, err);
}

/* Everything that can be said before a pixel is looked at. */
static int begin(struct sl_decode *job, const struct sl_image_options *options, struct sl_error *err)
{
    int status = resolve(options, &job->options, err);
    status = status ? status : sl_image_probe(job->bytes, job->name, &job->info, err);
    if (!status && !job->options.any_name) {
        status = sl_decode_check_name(job->info.kind, job->name, err);
    }
    if (!status && job->info.kind == SL_IMAGE_JPEG && job->info.bits != 8) {
        status = sl_decode_fail(err, SL_EDATA, job->name, UINT64_MAX, "save it again with 8 bits, or leave it out",
                                "is a JPEG with %u bits a sample; 8 are decoded", job->info.bits);
    }
    status = status ? status : check_limits(job, err);
    job->turns = !status && !job->options.ignore_orientation && job->info.orientation > 1;
    return status;
}

int sl_image_decode(struct sl_image_decoder *decoder, struct sl_str bytes, const char *name,
                    const struct sl_image_options *options, struct sl_image *image, struct sl_error *err)
{
    struct sl_decode job = { .bytes = bytes, .name = name ? name : "" };
    int status = begin(&job, options, err);
    struct sl_image *flat = job.turns ? &decoder->flat : image;
    if (!status && job.info.kind == SL_IMAGE_PNG) {
        status = sl_png_decode(decoder->png, &job, flat, err);
    } else if (!status) {
        status = sl_jpeg_decode(decoder->jpeg, &job, flat, err);
    }
    if (!status && job.turns) {
        status = sl_image_turn(flat, job.info.orientation, image, err);
    }
    if (decoder->flat.room > SCRATCH_KEPT) {
        sl_image_release(&decoder->flat);
    }
    if (status) {
        image->width = image->height = image->channels = 0;
    }
    return status;
}
