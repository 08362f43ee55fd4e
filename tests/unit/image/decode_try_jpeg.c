/* decode_try_jpeg.c: JPEG files made by libjpeg's encoder, read by it without anything around, and EXIF put into them.
 */
#include "tests/unit/image/decode_try.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

static void set_up(struct jpeg_compress_struct *c, const struct try_jpeg *shape)
{
    c->image_width = shape->width;
    c->image_height = shape->height;
    c->in_color_space = (J_COLOR_SPACE)shape->color;
    c->input_components = shape->color == JCS_GRAYSCALE ? 1 : shape->color == JCS_CMYK ? 4 : 3;
    jpeg_set_defaults(c);
    if (shape->stored) {
        jpeg_set_colorspace(c, (J_COLOR_SPACE)shape->stored);
    }
    jpeg_set_quality(c, 90, TRUE);
    c->comp_info[0].h_samp_factor = shape->h ? shape->h : 1;
    c->comp_info[0].v_samp_factor = shape->v ? shape->v : 1;
    c->restart_interval = shape->restart;
    c->arith_code = shape->arithmetic;
    if (shape->progressive) {
        jpeg_simple_progression(c);
    }
}

/* Slopes with some noise: a photograph's kind of content, in which all coefficients are used. */
static void write_rows(struct jpeg_compress_struct *c)
{
    size_t n = (size_t)c->image_width * (size_t)c->input_components;
    JSAMPLE *row = malloc(n);
    assert_non_null(row);
    uint32_t noise = 99;
    while (c->next_scanline < c->image_height) {
        for (size_t i = 0; i < n; i++) {
            noise = noise * 1664525 + 1013904223;
            row[i] = (JSAMPLE)((i * 3 + c->next_scanline * 5 + (noise >> 26)) & 255);
        }
        jpeg_write_scanlines(c, &row, 1);
    }
    free(row);
}

struct sl_buf try_jpeg(const struct try_jpeg *shape)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    unsigned char *p = NULL;
    unsigned long n = 0;
    struct sl_buf out = { 0 };
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &p, &n);
    set_up(&c, shape);
    jpeg_start_compress(&c, TRUE);
    write_rows(&c);
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    sl_buf_add(&out, p, n);
    free(p);
    assert_false(out.failed);
    return out;
}

uint8_t *try_jpeg_reference(const struct sl_buf *jpeg, int color, unsigned n, uint32_t *width, uint32_t *height)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr errors;
    d.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, (const unsigned char *)jpeg->p, jpeg->n);
    jpeg_read_header(&d, TRUE);
    d.out_color_space = (J_COLOR_SPACE)color;
    d.scale_num = n;
    d.scale_denom = 8;
    jpeg_start_decompress(&d);
    size_t row = (size_t)d.output_width * (size_t)d.output_components;
    uint8_t *pixels = malloc(row * d.output_height);
    assert_non_null(pixels);
    while (d.output_scanline < d.output_height) {
        JSAMPROW at = pixels + d.output_scanline * row;
        jpeg_read_scanlines(&d, &at, 1);
    }
    *width = d.output_width;
    *height = d.output_height;
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
    return pixels;
}

static void put(uint8_t *p, unsigned n, unsigned value, bool little)
{
    for (unsigned i = 0; i < n; i++) {
        p[i] = (uint8_t)(value >> 8 * (little ? i : n - 1 - i));
    }
}

unsigned try_exif_block(uint8_t *out, unsigned orientation, bool little)
{
    memset(out, 0, 26);
    memcpy(out, little ? "II" : "MM", 2);
    put(out + 2, 2, 42, little);
    put(out + 4, 4, 8, little);
    put(out + 8, 2, 1, little);
    put(out + 10, 2, 0x0112, little);
    put(out + 12, 2, 3, little);
    put(out + 14, 4, 1, little);
    put(out + 18, 2, orientation, little);
    return 26;
}

struct sl_buf try_exif(const struct sl_buf *jpeg, unsigned orientation, bool little)
{
    uint8_t app1[10 + 26] = "\xff\xe1\0\x22"
                            "Exif\0";
    struct sl_buf out = { 0 };
    try_exif_block(app1 + 10, orientation, little);
    sl_buf_add(&out, jpeg->p, 2);
    sl_buf_add(&out, app1, sizeof app1);
    sl_buf_add(&out, jpeg->p + 2, jpeg->n - 2);
    assert_false(out.failed);
    return out;
}
