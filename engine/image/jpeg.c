/* jpeg.c: pixels of a JPEG, through libjpeg-turbo.
 *
 * libjpeg leaves by error_exit(): the handlers here keep its reason and jump back to guard(), between which and the
 * library no memory of ours is asked for. Warnings about corrupt data count as errors unless the options are lenient.
 * A decompressor used again keeps the tables of the picture before, for files that leave theirs out; then a damaged
 * file would look different after each other one, so there is a new one for every picture.
 *
 * Against small files that work long: sizes are limited by the caller, what a progressive file must keep counts as
 * memory, and more than 500 scans are refused (libjpeg-turbo's own fuzzers draw the line there).
 * Not     12 bits and lossless with more than 8 (refused before), colour profiles */
#include "engine/image/decode_private.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

enum { SCANS_MOST = 500, ROWS = 16 };

struct sl_jpeg {
    struct jpeg_decompress_struct cinfo;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf back;
    char reason[SL_DECODE_REASON > JMSG_LENGTH_MAX ? SL_DECODE_REASON : JMSG_LENGTH_MAX];
    bool no_memory;
    const struct sl_decode *job;
    struct sl_image *image;
};

static struct sl_jpeg *self_of(j_common_ptr cinfo)
{
    return cinfo->client_data;
}

_Noreturn static void on_error(j_common_ptr cinfo)
{
    struct sl_jpeg *self = self_of(cinfo);
    self->no_memory = cinfo->err->msg_code == JERR_OUT_OF_MEMORY;
    cinfo->err->format_message(cinfo, self->reason);
    longjmp(self->back, 1);
}

/* Level −1 is a warning; the codes told apart here say nothing about the pixels. */
static void on_message(j_common_ptr cinfo, int level)
{
    struct sl_jpeg *self = self_of(cinfo);
    int code = cinfo->err->msg_code;
    if (level >= 0 || self->job->options.lenient || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR ||
        code == JWRN_BOGUS_ICC || code == JWRN_TOO_MUCH_DATA) {
        return;
    }
    on_error(cinfo);
}

static void say_nothing(j_common_ptr cinfo)
{
    (void)cinfo;
}

static void on_progress(j_common_ptr cinfo)
{
    struct sl_jpeg *self = self_of(cinfo);
    if (self->cinfo.input_scan_number > SCANS_MOST) {
        snprintf(self->reason, sizeof self->reason, "more than %d scans", SCANS_MOST);
        longjmp(self->back, 1);
    }
}

static void source_nothing(j_decompress_ptr cinfo)
{
    (void)cinfo;
}

/* The bytes are over: damage, or an end of the image made up. */
static boolean source_fill(j_decompress_ptr cinfo)
{
    static const JOCTET end[] = { 0xff, JPEG_EOI };
    /* The entropy decoders count on copies of their own; both ends of the count are the end of the file here. */
    cinfo->src->next_input_byte += cinfo->src->bytes_in_buffer;
    cinfo->src->bytes_in_buffer = 0;
    WARNMS(cinfo, JWRN_JPEG_EOF);
    cinfo->src->next_input_byte = end;
    cinfo->src->bytes_in_buffer = sizeof end;
    return TRUE;
}

static void source_skip(j_decompress_ptr cinfo, long n)
{
    if (n <= 0) {
        return;
    }
    if ((size_t)n > cinfo->src->bytes_in_buffer) {
        source_fill(cinfo);
        return;
    }
    cinfo->src->next_input_byte += n;
    cinfo->src->bytes_in_buffer -= (size_t)n;
}

static bool guard(struct sl_jpeg *self, void (*step)(struct sl_jpeg *self))
{
    if (setjmp(self->back)) {
        return false;
    }
    step(self);
    return true;
}

static void create(struct sl_jpeg *self)
{
    jpeg_create_decompress(&self->cinfo);
    self->cinfo.src = &self->source;
    self->cinfo.progress = &self->progress;
}

int sl_jpeg_new(struct sl_jpeg **jpeg, struct sl_error *err)
{
    struct sl_jpeg *made = calloc(1, sizeof *made);
    if (!made) {
        return sl_fail_memory(err, "making a decoder of pictures");
    }
    made->cinfo.err = jpeg_std_error(&made->errors);
    made->cinfo.client_data = made; /* jpeg_create_decompress keeps both */
    made->errors.error_exit = on_error;
    made->errors.emit_message = on_message;
    made->errors.output_message = say_nothing;
    made->progress.progress_monitor = on_progress;
    made->source.init_source = made->source.term_source = source_nothing;
    made->source.fill_input_buffer = source_fill;
    made->source.skip_input_data = source_skip;
    made->source.resync_to_restart = jpeg_resync_to_restart;
    *jpeg = made;
    return SL_OK;
}

void sl_jpeg_free(struct sl_jpeg *jpeg)
{
    free(jpeg);
}

/* ceil(size · n / 8), libjpeg's size of a scaled picture. */
static uint32_t scaled(uint32_t size, uint32_t n)
{
    return (uint32_t)(((uint64_t)size * n + 7) / 8);
}

/* Halves only: libjpeg-turbo has vector code for 8, 4 and 2 of 8, and the plain code of the sizes between takes longer
 * for fewer pixels (1600 × 1200 on one core: 3/8 3.0 ms, 4/8 2.8; 5/8 4.9, 6/8 6.0, 7/8 7.8, 8/8 4.2). */
static uint32_t choose_scale(const struct sl_decode *job)
{
    uint32_t width = job->options.at_least_width, height = job->options.at_least_height;
    if (!width && !height) {
        return 8;
    }
    if (job->turns && job->info.orientation >= 5) {
        uint32_t kept = width;
        width = height;
        height = kept;
    }
    uint32_t n = 1;
    while (n < 8 && (scaled(job->info.width, n) < width || scaled(job->info.height, n) < height)) {
        n *= 2;
    }
    return n;
}

static J_COLOR_SPACE choose_color(const struct sl_jpeg *self)
{
    J_COLOR_SPACE stored = self->cinfo.jpeg_color_space;
    uint32_t wanted = self->job->options.channels;
    if (stored == JCS_CMYK || stored == JCS_YCCK) {
        return JCS_CMYK;
    }
    if (wanted == 1 || (wanted == 0 && stored == JCS_GRAYSCALE)) {
        return JCS_GRAYSCALE;
    }
    return wanted == 4 ? JCS_EXT_RGBA : JCS_RGB;
}

static void read_header(struct sl_jpeg *self)
{
    jpeg_read_header(&self->cinfo, TRUE);
    self->cinfo.out_color_space = choose_color(self);
    self->cinfo.scale_num = choose_scale(self->job);
    self->cinfo.scale_denom = 8;
    jpeg_calc_output_dimensions(&self->cinfo);
}

/* Bytes of coefficients kept until the last scan. */
static uint64_t kept_bytes(struct sl_jpeg *self)
{
    uint64_t blocks = 0;
    if (jpeg_has_multiple_scans(&self->cinfo)) {
        for (int i = 0; i < self->cinfo.num_components; i++) {
            const jpeg_component_info *part = &self->cinfo.comp_info[i];
            blocks += (uint64_t)part->width_in_blocks * part->height_in_blocks;
        }
    }
    return blocks * sizeof(JBLOCK);
}

static void read_pixels(struct sl_jpeg *self)
{
    struct sl_image *image = self->image;
    size_t row = (size_t)image->width * image->channels;
    jpeg_start_decompress(&self->cinfo);
    while (self->cinfo.output_scanline < image->height) {
        JSAMPROW rows[ROWS];
        uint32_t y = self->cinfo.output_scanline, n = image->height - y < ROWS ? image->height - y : ROWS;
        for (uint32_t i = 0; i < n; i++) {
            rows[i] = image->pixels + (y + i) * row;
        }
        jpeg_read_scanlines(&self->cinfo, rows, n);
    }
    jpeg_finish_decompress(&self->cinfo);
}

static int fail(struct sl_jpeg *self, struct sl_error *err)
{
    if (self->no_memory) {
        return sl_fail_memory(err, "decoding a JPEG");
    }
    const JOCTET *start = (const JOCTET *)self->job->bytes.p, *at = self->source.next_input_byte;
    bool inside = at >= start && at <= start + self->job->bytes.n;
    return sl_decode_damage(err, self->job, inside ? (uint64_t)(at - start) : self->job->bytes.n, self->reason);
}

static int decode(struct sl_jpeg *self, struct sl_image *image, struct sl_error *err)
{
    const struct sl_decode *job = self->job;
    if (!guard(self, create) || !guard(self, read_header)) {
        return fail(self, err);
    }
    if (self->cinfo.image_width != job->info.width || self->cinfo.image_height != job->info.height) {
        snprintf(self->reason, sizeof self->reason, "two headers that do not agree");
        return fail(self, err);
    }
    uint32_t components = (uint32_t)self->cinfo.out_color_components, wanted = job->options.channels;
    int status = sl_decode_make(job, image, self->cinfo.output_width, self->cinfo.output_height, components,
                                kept_bytes(self), err);
    if (status) {
        return status;
    }
    self->image = image;
    if (!guard(self, read_pixels)) {
        return fail(self, err);
    }
    if (self->cinfo.out_color_space == JCS_CMYK) {
        sl_tone_cmyk(image, wanted ? wanted : 3);
    }
    return SL_OK;
}

int sl_jpeg_decode(struct sl_jpeg *jpeg, const struct sl_decode *job, struct sl_image *image, struct sl_error *err)
{
    jpeg->job = job;
    jpeg->no_memory = false;
    jpeg->source.next_input_byte = (const JOCTET *)job->bytes.p;
    jpeg->source.bytes_in_buffer = job->bytes.n;
    int status = decode(jpeg, image, err);
    jpeg_destroy_decompress(&jpeg->cinfo); /* of one half made, too */
    return status;
}
