/* png.c: pixels of a PNG, through libpng.
 *
 * libpng makes a new reader for every picture; it and zlib get their memory from an arena that is kept, so after the
 * first pictures nothing is asked of the system. Chunks that do not change the pixels are passed over unread: no text
 * or profile can be blown up. libpng leaves by png_error(): handlers here keep its reason and jump back to guard(),
 * between which and the libraries no memory of ours is asked for.
 *
 * Method  libpng's manual: png_set_expand, png_set_scale_16, png_set_gray_to_rgb, png_set_strip_alpha,
 * png_set_add_alpha
 * Not     the metadata: the orientation comes from png_probe */
#include "engine/image/decode_private.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

enum { ARENA_KEPT = 1 << 20 };

struct sl_png {
    jmp_buf back;
    char reason[SL_DECODE_REASON]; /* of the error that jumped back */
    bool no_memory, no_room;       /* the system has none; max_bytes allows none */
    struct sl_arena arena;
    uint64_t room; /* bytes the arena may still give for this picture */
    png_structp png;
    png_infop info;
    const struct sl_decode *job;
    size_t at; /* bytes read */
    int passes;
    uint32_t channels; /* as libpng gives them */
    struct sl_image *image;
};

int sl_png_new(struct sl_png **png, struct sl_error *err)
{
    struct sl_png *made = calloc(1, sizeof *made);
    if (!made) {
        return sl_fail_memory(err, "making a decoder of pictures");
    }
    sl_arena_init(&made->arena);
    *png = made;
    return SL_OK;
}

void sl_png_free(struct sl_png *png)
{
    if (png) {
        sl_arena_release(&png->arena);
        free(png);
    }
}

static png_voidp take(png_structp png, png_alloc_size_t size)
{
    struct sl_png *self = png_get_mem_ptr(png);
    if (size > self->room || size > SIZE_MAX) {
        self->no_room = true;
        return NULL;
    }
    void *p = sl_arena_take(&self->arena, size, 16);
    if (!p) {
        self->no_memory = true;
        return NULL;
    }
    self->room -= size;
    return p;
}

/* The arena takes everything back at once. */
static void give(png_structp png, png_voidp p)
{
    (void)png;
    (void)p;
}

_Noreturn static void leave(struct sl_png *self, const char *reason)
{
    snprintf(self->reason, sizeof self->reason, "%s", reason);
    longjmp(self->back, 1);
}

static void on_error(png_structp png, png_const_charp reason)
{
    leave(png_get_error_ptr(png), reason);
}

/* Does a warning say that pixels are not what they were, or that bytes of the file changed? */
static bool tells_damage(const char *reason)
{
    static const char *const begins[] = {
        "IDAT", "PLTE", "tRNS", "IHDR", "IEND", "Read palette index", "gAMA", "sRGB"
    };
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        if (strncmp(reason, begins[i], strlen(begins[i])) == 0) {
            return true;
        }
    }
    return strstr(reason, "CRC error") != NULL;
}

static void on_warning(png_structp png, png_const_charp reason)
{
    struct sl_png *self = png_get_error_ptr(png);
    if (!self->job->options.lenient && tells_damage(reason)) {
        leave(self, reason);
    }
}

static void read_bytes(png_structp png, png_bytep to, size_t n)
{
    struct sl_png *self = png_get_io_ptr(png);
    if (n > self->job->bytes.n - self->at) {
        self->at = self->job->bytes.n;
        leave(self, "the file ends too early");
    }
    memcpy(to, self->job->bytes.p + self->at, n);
    self->at += n;
}

static void pass_over_metadata(struct sl_png *self)
{
    static const png_byte gamma[] = "gAMA\0sRGB";
    static const png_byte transparency[] = "tRNS";
    png_set_keep_unknown_chunks(self->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_keep_unknown_chunks(self->png, PNG_HANDLE_CHUNK_AS_DEFAULT, transparency, 1);
    if (self->job->options.apply_gamma) {
        png_set_keep_unknown_chunks(self->png, PNG_HANDLE_CHUNK_AS_DEFAULT, gamma, 2);
    }
}

/* What libpng is to make of the samples; what it cannot is left to decode_tone. */
static void choose_pixels(struct sl_png *self)
{
    const struct sl_image_options *options = &self->job->options;
    png_structp png = self->png;
    int color = png_get_color_type(png, self->info);
    bool see_through = (color & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, self->info, PNG_INFO_tRNS);
    bool drop = see_through && (options->channels == 1 || options->channels == 3) && !options->over_background;
    if (options->apply_gamma) {
        png_set_alpha_mode(png, PNG_ALPHA_PNG, PNG_DEFAULT_sRGB);
    }
    png_set_scale_16(png);
    if (color == PNG_COLOR_TYPE_PALETTE) {
        png_set_palette_to_rgb(png);
    } else if (drop) {
        png_set_expand_gray_1_2_4_to_8(png);
    } else {
        png_set_expand(png);
    }
    if (drop) {
        png_set_strip_alpha(png);
    }
    if (options->channels >= 3) {
        png_set_gray_to_rgb(png);
    }
    if (options->channels == 4 && !see_through) {
        png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
    }
}

static void read_header(struct sl_png *self)
{
    self->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, self, on_error, on_warning, self, take, give);
    self->info = self->png ? png_create_info_struct(self->png) : NULL;
    if (!self->info) {
        self->no_memory = !self->no_room;
        leave(self, "no memory for libpng");
    }
    png_set_read_fn(self->png, self, read_bytes);
    png_set_user_limits(self->png, self->job->options.max_side, self->job->options.max_side);
    pass_over_metadata(self);
    png_read_info(self->png, self->info);
    choose_pixels(self);
    self->passes = png_set_interlace_handling(self->png);
    png_read_update_info(self->png, self->info);
    self->channels = png_get_channels(self->png, self->info);
    if (png_get_rowbytes(self->png, self->info) != (size_t)self->job->info.width * self->channels ||
        png_get_bit_depth(self->png, self->info) != 8) {
        leave(self, "libpng gives rows of another size than asked for");
    }
}

static void read_pixels(struct sl_png *self)
{
    size_t row = (size_t)self->image->width * self->channels;
    for (int pass = 0; pass < self->passes; pass++) {
        for (uint32_t y = 0; y < self->image->height; y++) {
            png_read_row(self->png, self->image->pixels + y * row, NULL);
        }
    }
    if (!self->job->options.lenient) {
        png_read_end(self->png, NULL);
    }
}

/* Run a step that may jump back; true when it came to its end. */
static bool guard(struct sl_png *self, void (*step)(struct sl_png *self))
{
    if (setjmp(self->back)) {
        return false;
    }
    step(self);
    return true;
}

static int fail(struct sl_png *self, struct sl_error *err)
{
    const struct sl_image_info *info = &self->job->info;
    if (self->no_room) {
        return sl_decode_fail(err, SL_ELIMIT, self->job->name, UINT64_MAX,
                              "leave it out, or raise the limit if the picture is honest",
                              "would take libpng more memory to decode %u×%u pixels than the limit of %llu bytes",
                              info->width, info->height, (unsigned long long)self->job->options.max_bytes);
    }
    if (self->no_memory) {
        return sl_fail_memory(err, "decoding a PNG");
    }
    return sl_decode_damage(err, self->job, self->at, self->reason);
}

static void finish_tones(const struct sl_image_options *options, struct sl_image *image)
{
    if (options->over_background && (options->channels == 1 || options->channels == 3) && image->channels % 2 == 0) {
        sl_tone_over(image, options->background);
    }
    if (options->channels == 1 && image->channels == 3) {
        sl_tone_grey(image);
    }
}

static int decode(struct sl_png *self, struct sl_image *image, struct sl_error *err)
{
    const struct sl_decode *job = self->job;
    if (!guard(self, read_header)) {
        return fail(self, err);
    }
    int status = sl_decode_make(job, image, job->info.width, job->info.height, self->channels, 0, err);
    if (status) {
        return status;
    }
    self->image = image;
    if (!guard(self, read_pixels)) {
        return fail(self, err);
    }
    finish_tones(&job->options, image);
    return SL_OK;
}

int sl_png_decode(struct sl_png *png, const struct sl_decode *job, struct sl_image *image, struct sl_error *err)
{
    png->job = job;
    png->at = 0;
    png->room = job->options.max_bytes;
    png->no_memory = png->no_room = false;
    png->png = NULL;
    png->info = NULL;
    int status = decode(png, image, err);
    png_destroy_read_struct(&png->png, &png->info, NULL);
    sl_arena_reset(&png->arena, ARENA_KEPT);
    return status;
}
