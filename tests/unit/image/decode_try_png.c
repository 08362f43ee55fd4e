/* decode_try_png.c: PNG files made by libpng's encoder, and read by its simplified API. */
#include "tests/unit/image/decode_try.h"

#include <png.h>
#include <stdlib.h>

static void write_bytes(png_structp png, png_bytep p, size_t n)
{
    sl_buf_add(png_get_io_ptr(png), p, n);
}

static void flush(png_structp png)
{
    (void)png;
}

static void set_colors(png_structp png, png_infop info, const struct try_png *shape)
{
    png_color palette[256];
    png_byte alpha[256];
    if (shape->color != PNG_COLOR_TYPE_PALETTE) {
        png_color_16 color = { .red = 1, .green = 1, .blue = 1, .gray = 1 };
        png_set_tRNS(png, info, NULL, 0, &color);
        return;
    }
    int n = 1 << shape->depth;
    for (int i = 0; i < n; i++) {
        palette[i] = (png_color){ (png_byte)(i * 7 + 3), (png_byte)(255 - i), (png_byte)(i * 31) };
        alpha[i] = (png_byte)(i * 85);
    }
    png_set_PLTE(png, info, palette, n);
    if (shape->transparent) {
        png_set_tRNS(png, info, alpha, n > 3 ? n - 1 : n, NULL);
    }
}

static void write_rows(png_structp png, const struct try_png *shape)
{
    size_t n = ((size_t)shape->width * (size_t)shape->depth * 4 + 7) / 8 + 8;
    uint8_t *rows = malloc(n * shape->height);
    png_bytepp at = malloc(shape->height * sizeof *at);
    assert_true(rows && at);
    uint32_t x = 12345;
    for (size_t i = 0; i < n * shape->height; i++) {
        x = x * 1664525 + 1013904223;
        /* 0001 and 01 stand for the transparent colour, so they come up often. */
        rows[i] = shape->transparent && (i / 8) % 3 == 0 ? (uint8_t)(shape->depth == 16 ? i % 2 : 1)
                                                         : (uint8_t)(x >> 24);
    }
    for (uint32_t y = 0; y < shape->height; y++) {
        at[y] = rows + y * n;
    }
    png_write_image(png, at);
    free(at);
    free(rows);
}

struct sl_buf try_png(const struct try_png *shape)
{
    struct sl_buf out = { 0 };
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    assert_true(png && info);
    png_set_write_fn(png, &out, write_bytes, flush);
    png_set_IHDR(png, info, shape->width, shape->height, shape->depth, shape->color,
                 shape->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (shape->color == PNG_COLOR_TYPE_PALETTE || shape->transparent) {
        set_colors(png, info, shape);
    }
    if (shape->gamma > 0) {
        png_set_gAMA(png, info, shape->gamma);
    }
    if (shape->exif) {
        png_set_eXIf_1(png, info, shape->exif_n, (png_bytep)(uintptr_t)shape->exif);
    }
    png_write_info(png, info);
    write_rows(png, shape);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    assert_false(out.failed);
    return out;
}

uint8_t *try_png_reference(const struct sl_buf *file, uint32_t channels)
{
    static const png_uint_32 formats[] = { 0, PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB, PNG_FORMAT_RGBA };
    png_image image = { .version = PNG_IMAGE_VERSION };
    assert_true(png_image_begin_read_from_memory(&image, file->p, file->n));
    image.format = formats[channels];
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    uint8_t *pixels = malloc(PNG_IMAGE_SIZE(image));
    assert_non_null(pixels);
    assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    return pixels;
}
