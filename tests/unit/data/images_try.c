/* images_try.c: see images_try.h. */
#include "tests/unit/data/images_try.h"

#include <inttypes.h>
#include <stdio.h>

#include <jpeglib.h>
#include <png.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static char folder[64];

int images_set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/sluice-images-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

int images_tear_down(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

const char *images_path(const char *name)
{
    static char paths[4][512];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

void images_store(const char *name, const void *p, size_t n)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = '\0';
        mkdir(path, 0777);
    }
    FILE *file = fopen(path, "wb");
    if (!file) {
        fail_msg("cannot make '%s'", path);
    }
    assert_int_equal(fwrite(n ? p : "", 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static uint8_t *one_grey(uint32_t width, uint32_t height, unsigned grey)
{
    uint8_t *pixels = malloc((size_t)width * height);
    assert_non_null(pixels);
    memset(pixels, (int)grey, (size_t)width * height);
    return pixels;
}

struct sl_buf images_png_bytes(uint32_t width, uint32_t height, unsigned grey)
{
    png_image image = { .version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = PNG_FORMAT_GRAY };
    struct sl_buf out = { 0 };
    uint8_t *pixels = one_grey(width, height, grey);
    png_alloc_size_t n = PNG_IMAGE_PNG_SIZE_MAX(image);
    assert_true(sl_buf_reserve(&out, n));
    assert_true(png_image_write_to_memory(&image, out.p, &n, 0, pixels, (int)width, NULL));
    out.n = n;
    free(pixels);
    return out;
}

struct sl_buf images_jpeg_bytes(uint32_t width, uint32_t height, unsigned grey)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    unsigned char *p = NULL;
    unsigned long n = 0;
    struct sl_buf out = { 0 };
    uint8_t *row = one_grey(width, 1, grey);
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &p, &n);
    c.image_width = width;
    c.image_height = height;
    c.input_components = 1;
    c.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&c);
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < height) {
        JSAMPROW at = row;
        jpeg_write_scanlines(&c, &at, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    sl_buf_add(&out, p, n);
    assert_false(out.failed);
    free(p);
    free(row);
    return out;
}

static void store_bytes(const char *name, struct sl_buf bytes)
{
    images_store(name, bytes.p, bytes.n);
    sl_buf_release(&bytes);
}

void images_png(const char *name, uint32_t width, uint32_t height, unsigned grey)
{
    store_bytes(name, images_png_bytes(width, height, grey));
}

void images_jpeg(const char *name, uint32_t width, uint32_t height, unsigned grey)
{
    store_bytes(name, images_jpeg_bytes(width, height, grey));
}

static void put_u32(uint8_t *p, uint32_t x)
{
    for (int i = 0; i < 4; i++) {
        p[i] = (uint8_t)(x >> (24 - 8 * i));
    }
}

void images_bomb(const char *name, uint32_t width, uint32_t height)
{
    struct sl_buf bytes = images_png_bytes(4, 4, 9);
    uint8_t *header = (uint8_t *)bytes.p + 12; /* "IHDR", its 13 bytes, their check */
    put_u32(header + 4, width);
    put_u32(header + 8, height);
    put_u32(header + 17, (uint32_t)crc32(0, header, 17));
    store_bytes(name, bytes);
}

/* ---- Reading ---- */

int images_try(const char *paths, const struct sl_images_options *options, struct sl_reader **out, struct sl_error *err)
{
    static const struct sl_images_options usual = { .channels = 3 };
    char copy[512];
    const char *names[8];
    size_t n = 0;
    snprintf(copy, sizeof copy, "%s", paths);
    for (char *p = copy; *p && n < 8; n++) {
        names[n] = p;
        p += strcspn(p, " ");
        if (*p) {
            *p++ = '\0';
        }
    }
    return sl_images_open(out, folder, names, n, options ? options : &usual, err);
}

struct sl_reader *images_open(const char *paths, const struct sl_images_options *options)
{
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    if (images_try(paths, options, &reader, &err)) {
        fail_msg("%s: %s; %s", paths, err.what, err.fix);
    }
    return reader;
}

void images_show(const struct sl_chunk *chunk, struct sl_buf *out)
{
    for (uint32_t i = 0; i < chunk->n; i++) {
        const struct sl_origin *at = &chunk->origin[i];
        if (at->file) {
            sl_buf_printf(out, "f%u ", at->file);
        }
        sl_buf_printf(out, "%" PRIu64 ":%" PRIu64 " ", at->record, at->line);
        assert_int_equal(at->byte, 0);
        sl_cell_format(chunk, 1, i, out);
        sl_buf_putc(out, ' ');
        sl_cell_format(chunk, 0, i, out);
        if (chunk->schema->n > 2) {
            sl_buf_puts(out, sl_valid(&chunk->columns[2], i) ? " " : " ~");
            sl_cell_format(chunk, 2, i, out);
        }
        sl_buf_putc(out, '\n');
    }
}

void images_show_rejects(struct sl_quarantine *rejects, struct sl_buf *out)
{
    sl_quarantine_sort(rejects);
    for (size_t i = 0; i < rejects->n; i++) {
        const struct sl_reject *reject = &rejects->entries[i];
        sl_buf_printf(out, "bad %" PRIu64 ":%" PRIu64 " %s\n", reject->origin.record, reject->origin.line,
                      reject->reason);
    }
}

void images_rest(struct sl_reader *reader, struct sl_buf *out)
{
    struct sl_block block = { 0 };
    struct sl_arena arena;
    struct sl_quarantine rejects = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    uint64_t counted = 0, good = 0;
    int status;
    sl_arena_init(&arena);
    sl_buf_reserve(out, 1);
    while ((status = sl_reader_next(reader, &block, &err)) == SL_OK) {
        struct sl_chunk chunk;
        assert_in_range(block.records, 1, 32);
        if (sl_reader_parse(reader, &block, &arena, &chunk, &rejects, &err)) {
            fail_msg("%s", err.what);
        }
        images_show(&chunk, out);
        counted += block.records;
        good += chunk.n;
        sl_arena_reset(&arena, 1 << 20);
    }
    if (status != SL_EEND) {
        fail_msg("%s", err.what);
    }
    assert_int_equal(counted, good + rejects.total);
    images_show_rejects(&rejects, out);
    sl_quarantine_release(&rejects);
    sl_block_release(&block);
    sl_arena_release(&arena);
}

void images_read(const char *paths, const struct sl_images_options *options, const char *expected)
{
    static const uint64_t sizes[] = { SL_BLOCK_BYTES, 1, 64, 200, 500 };
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct sl_reader *reader = images_open(paths, options);
        struct sl_buf out = { 0 };
        reader->block_bytes = sizes[k];
        images_rest(reader, &out);
        assert_string_equal(out.p, expected);
        sl_reader_close(reader);
        sl_buf_release(&out);
    }
}

void images_refused(const char *paths, const struct sl_images_options *options, int status, const char *words)
{
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    char text[1200];
    int got = images_try(paths, options, &reader, &err);
    sl_error_format(&err, text, sizeof text);
    if (got != status || !strstr(text, words) || !err.fix[0]) {
        fail_msg("%s: status %d, \"%s\" instead of %d with \"%s\"", paths, got, text, status, words);
    }
    assert_null(reader);
}
