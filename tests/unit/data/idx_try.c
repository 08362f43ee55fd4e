/* idx_try.c: see idx_try.h. */
#include "tests/unit/data/idx_try.h"

#include "tests/unit/base/folder_try.h"

#include <zlib.h>

int idx_set_up(void **state)
{
    return make_folder(state);
}

int idx_tear_down(void **state)
{
    return remove_folder(state);
}

const char *idx_path(const char *name)
{
    return in_folder(name);
}

void idx_add_noise(struct sl_buf *to, size_t n)
{
    char *bytes = noise(n);
    sl_buf_add(to, bytes, n);
    free(bytes);
}

struct sl_buf idx_begin(unsigned type, unsigned rank, const uint32_t *sizes)
{
    struct sl_buf b = { 0 };
    sl_buf_add(&b, "\0\0", 2);
    sl_buf_putc(&b, (char)type);
    sl_buf_putc(&b, (char)rank);
    for (unsigned k = 0; k < rank; k++) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            sl_buf_putc(&b, (char)(sizes[k] >> shift & 0xff));
        }
    }
    return b;
}

static void add_swapped(struct sl_buf *to, const void *p, size_t n)
{
    for (size_t i = n; i-- > 0;) {
        sl_buf_putc(to, ((const char *)p)[i]);
    }
}

void idx_add(struct sl_buf *to, unsigned type, const double *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double x = numbers[i];
        switch (type) {
        case 0x08: sl_buf_putc(to, (char)(uint8_t)x); break;
        case 0x09: sl_buf_putc(to, (char)(int8_t)x); break;
        case 0x0b: add_swapped(to, &(int16_t){ (int16_t)x }, 2); break;
        case 0x0c: add_swapped(to, &(int32_t){ (int32_t)x }, 4); break;
        case 0x0d: add_swapped(to, &(float){ (float)x }, 4); break;
        case 0x0e: add_swapped(to, &x, 8); break;
        default: fail_msg("there is no type %u", type);
        }
    }
}

void idx_add_bytes(struct sl_buf *to, unsigned first, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sl_buf_putc(to, (char)(uint8_t)(first + i));
    }
}

void idx_store(const char *name, struct sl_buf *bytes, bool packed)
{
    const char *path = in_folder(name);
    assert_false(bytes->failed);
    if (packed) {
        gzFile file = gzopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(gzwrite(file, bytes->p, (unsigned)bytes->n), (int)bytes->n);
        assert_int_equal(gzclose(file), Z_OK);
    } else {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes->p ? bytes->p : "", 1, bytes->n, file), bytes->n);
        assert_int_equal(fclose(file), 0);
    }
    sl_buf_release(bytes);
}

enum { NAMES_MOST = 4 };

static size_t cut_names(const char *text, char copy[128], const char *names[NAMES_MOST])
{
    size_t n = 0;
    snprintf(copy, 128, "%s", text ? text : "");
    for (char *p = copy; *p && n < NAMES_MOST; n++) {
        names[n] = p;
        p += strcspn(p, " ");
        if (*p) {
            *p++ = '\0';
        }
    }
    return n;
}

int idx_open(const char *files, const char *labels, struct sl_reader **out, struct sl_error *err)
{
    char copies[2][128];
    const char *names[NAMES_MOST], *others[NAMES_MOST];
    size_t n = cut_names(files, copies[0], names);
    const struct sl_idx_options options = { .labels = others, .n_labels = cut_names(labels, copies[1], others) };
    return sl_idx_open(out, folder, names, n, &options, err);
}

void idx_reads(const char *files, const char *labels, const char *expected)
{
    static const uint64_t sizes[] = { SL_BLOCK_BYTES, 1, 2, 7, 12, 13, 100 };
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct sl_reader *reader = NULL;
        struct sl_error err = SL_ERROR_INIT;
        struct sl_buf out = { 0 };
        if (idx_open(files, labels, &reader, &err)) {
            fail_msg("%s: %s; %s", files, err.what, err.fix);
        }
        reader->block_bytes = sizes[k];
        jsonl_try_rest(reader, &out);
        assert_string_equal(out.p, expected);
        sl_reader_close(reader);
        sl_buf_release(&out);
    }
}

void idx_refused(const char *files, const char *labels, int status, const char *words)
{
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    char text[1200];
    int got = idx_open(files, labels, &reader, &err);
    sl_error_format(&err, text, sizeof text);
    if (got != status || !strstr(text, words) || !err.fix[0]) {
        fail_msg("%s: status %d, \"%s\" instead of %d with \"%s\"", files, got, text, status, words);
    }
    assert_null(reader);
}
