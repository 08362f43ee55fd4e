/* test_damaged.c: compressed files that are cut off or have a bit turned: what comes before the failure is every record
 * that was whole, and the same for any block size. */
#include "sluice/chunk.h"
#include "sluice/random.h"
#include "sluice/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

enum format { CSV, JSONL, SVMLIGHT, IDX };
enum { FORMATS = 4, WIDTH = 48 };
static const uint64_t sizes[] = { 1, 100, 4096, 70000, SL_BLOCK_BYTES, 8 << 20 };

static void make(enum format format, unsigned n, struct sl_buf *out)
{
    uint32_t draw[4];
    if (format == CSV)
        sl_buf_puts(out, "a,b,c\n");
    if (format == IDX) {
        const unsigned char head[] = { 0, 0, 8, 2, 0, 0, (unsigned char)(n >> 8), (unsigned char)n, 0, 0, 0, WIDTH };
        sl_buf_add(out, head, sizeof head);
    }
    for (unsigned i = 0; i < n; i++) {
        sl_philox(5, SL_RANDOM_SAMPLE, 0, i, 0, draw);
        unsigned a = draw[0] % 1000, b = draw[1] % 100000;
        if (format == CSV)
            sl_buf_printf(out, "%u,%u,word %u\n", a, b, draw[2] % 77);
        else if (format == JSONL)
            sl_buf_printf(out, "{\"a\":%u,\"b\":%u,\"c\":\"word %u\"}\n", a, b, draw[2] % 77);
        else if (format == SVMLIGHT)
            sl_buf_printf(out, "%u 3:%u 17:0.%u\n", draw[3] % 2, a, b);
        else
            for (unsigned k = 0; k < WIDTH; k++)
                sl_buf_putc(out, (char)(draw[k % 4] >> k % 25 & 15));
    }
    assert_false(out->failed);
}

static void pack(bool zst, const struct sl_buf *plain, struct sl_buf *out)
{
    size_t room = ZSTD_compressBound(plain->n) + compressBound(plain->n) + 64;
    assert_true(sl_buf_reserve(out, room));
    if (zst) {
        ZSTD_CCtx *c = ZSTD_createCCtx();
        ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
        out->n = ZSTD_compress2(c, out->p, room, plain->p, plain->n);
        ZSTD_freeCCtx(c);
        assert_false(ZSTD_isError(out->n));
        return;
    }
    z_stream z = { .next_in = (Bytef *)plain->p, .avail_in = (uInt)plain->n, .next_out = (Bytef *)out->p };
    z.avail_out = (uInt)room;
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->n = z.total_out;
    deflateEnd(&z);
}

static int open_as(enum format format, const char *path, struct sl_reader **out, struct sl_error *err)
{
    const char *const paths[] = { path };
    const struct sl_csv_options csv = { .delimiter = ',', .quote = '"', .header = 1, .encoding = SL_UTF8 };
    const struct sl_svmlight_options svm = { .zero_based = SL_ZERO_BASED_FALSE, .n_features = 20 };
    switch (format) {
    case CSV: return sl_csv_open(out, NULL, paths, 1, &csv, err);
    case JSONL: return sl_jsonl_open(out, NULL, paths, 1, NULL, err);
    case SVMLIGHT: return sl_svmlight_open(out, NULL, paths, 1, &svm, err);
    case IDX: return sl_idx_open(out, NULL, paths, 1, NULL, err);
    }
    return SL_EPARAM;
}

static void show(const struct sl_chunk *chunk, struct sl_buf *out)
{
    for (uint32_t i = 0; i < chunk->n; i++) {
        sl_buf_printf(out, "%llu %llu", (unsigned long long)chunk->origin[i].record,
                      (unsigned long long)chunk->origin[i].byte);
        for (size_t c = 0; c < chunk->schema->n; c++) {
            sl_buf_putc(out, '|');
            sl_cell_format(chunk, c, i, out);
        }
        sl_buf_putc(out, '\n');
    }
}

/* All records, rejects and the end as text. Returns how many records came. */
static uint64_t read_all(enum format format, const char *path, uint64_t block_bytes, struct sl_buf *out)
{
    struct sl_reader *reader = NULL;
    struct sl_block block = { 0 };
    struct sl_arena arena;
    struct sl_quarantine rejects = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    uint64_t good = 0;
    int status = open_as(format, path, &reader, &err);
    sl_arena_init(&arena);
    if (!status)
        reader->block_bytes = block_bytes;
    while (!status && !(status = sl_reader_next(reader, &block, &err))) {
        struct sl_chunk chunk;
        assert_int_equal(sl_reader_parse(reader, &block, &arena, &chunk, &rejects, &err), SL_OK);
        show(&chunk, out);
        good += chunk.n;
        sl_arena_reset(&arena, 1 << 20);
    }
    assert_int_equal(reader && sl_reader_next(reader, &block, NULL) == SL_OK, 0); /* nothing comes behind it */
    sl_quarantine_sort(&rejects);
    for (size_t i = 0; i < rejects.n; i++)
        sl_buf_printf(out, "bad %llu %s\n", (unsigned long long)rejects.entries[i].origin.record,
                      rejects.entries[i].reason);
    sl_buf_printf(out, "%s", status == SL_EEND ? "the end\n" : err.what);
    if (format == JSONL || format == SVMLIGHT)
        sl_buf_printf(out, " line %llu byte %llu", (unsigned long long)err.line, (unsigned long long)err.byte);
    assert_false(out->failed);
    sl_quarantine_release(&rejects);
    sl_block_release(&block);
    sl_arena_release(&arena);
    sl_reader_close(reader);
    return good;
}

/* Records that are whole in what zlib makes of it, a byte at a time. */
static uint64_t whole_records(enum format format, const struct sl_buf *packed)
{
    unsigned char byte;
    uint64_t lines = 0, bytes = 0;
    z_stream z = { .next_in = (Bytef *)packed->p, .avail_in = (uInt)packed->n };
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    for (int status = Z_OK; status == Z_OK; bytes += !z.avail_out, lines += !z.avail_out && byte == '\n') {
        z.next_out = &byte;
        z.avail_out = 1;
        status = inflate(&z, Z_NO_FLUSH);
    }
    inflateEnd(&z);
    return format == IDX ? (bytes > 12 ? (bytes - 12) / WIDTH : 0) : format == CSV ? lines - (lines > 0) : lines;
}

static uint64_t same_for_all_sizes(enum format format, const char *path, const struct sl_buf *packed, const char *what)
{
    struct sl_buf first = { 0 };
    uint64_t n = 0;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(packed->p, 1, packed->n, file), packed->n);
    assert_int_equal(fclose(file), 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct sl_buf out = { 0 };
        uint64_t got = read_all(format, path, sizes[i], i ? &out : &first);
        if (i && (got != n || out.n != first.n || memcmp(out.p, first.p, out.n) != 0))
            fail_msg("format %d, %s: blocks of %llu bytes give %llu records, of 1 byte %llu; the ends: %.150s / %.150s",
                     (int)format, what, (unsigned long long)sizes[i], (unsigned long long)got, (unsigned long long)n,
                     out.p + (out.n > 150 ? out.n - 150 : 0), first.p + (first.n > 150 ? first.n - 150 : 0));
        n = got;
        sl_buf_release(&out);
    }
    sl_buf_release(&first);
    return n;
}

static void damage(enum format format, bool zst, unsigned records)
{
    char path[] = "/tmp/sluice-damaged-XXXXXX", what[80];
    struct sl_buf plain = { 0 }, packed = { 0 }, part = { 0 };
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    make(format, records, &plain);
    pack(zst, &plain, &packed);
    uint64_t whole = same_for_all_sizes(format, path, &packed, "whole");
    if (whole != records)
        fail_msg("format %d: %llu of %u records came", (int)format, (unsigned long long)whole, records);
    for (unsigned i = 1; i <= 6; i++) {
        part.n = 0;
        size_t n = i < 6 ? packed.n * i / 6 + i : packed.n - 1; /* the last: of the check alone a byte is missing */
        sl_buf_add(&part, packed.p, n);
        snprintf(what, sizeof what, "%s cut off at %zu of %zu", zst ? "zst" : "gz", n, packed.n);
        uint64_t got = same_for_all_sizes(format, path, &part, what);
        /* CSV is not opened when the first bytes, by which its dialect is found, break off. */
        bool opens = format != CSV;
        if (!zst && got != (opens ? whole_records(format, &part) : 0))
            fail_msg("format %d, %s: %llu records came, %llu are whole", (int)format, what, (unsigned long long)got,
                     (unsigned long long)whole_records(format, &part));
        if (i == 6)
            assert_int_equal(got, opens ? records : 0);
    }
    for (unsigned i = 1; i <= 8; i++) {
        part.n = 0;
        sl_buf_add(&part, packed.p, packed.n);
        size_t at = i < 8 ? packed.n * i / 8 : packed.n - 2;
        part.p[at] ^= (char)(1 << i % 8);
        snprintf(what, sizeof what, "%s with a bit turned at %zu of %zu", zst ? "zst" : "gz", at, packed.n);
        same_for_all_sizes(format, path, &part, what);
    }
    unlink(path);
    sl_buf_release(&plain);
    sl_buf_release(&packed);
    sl_buf_release(&part);
}

static void gzip_gives_every_whole_record_before_damage(void **state)
{
    (void)state;
    for (int format = 0; format < FORMATS; format++) {
        damage((enum format)format, false, 60);
        damage((enum format)format, false, 9000);
    }
}

static void zstandard_gives_the_same_records_before_damage_for_any_block_size(void **state)
{
    (void)state;
    for (int format = 0; format < FORMATS; format++) {
        damage((enum format)format, true, 60);
        damage((enum format)format, true, 9000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip_gives_every_whole_record_before_damage),
        cmocka_unit_test(zstandard_gives_the_same_records_before_damage_for_any_block_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
