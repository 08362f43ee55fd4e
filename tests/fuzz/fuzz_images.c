/* fuzz_images.c: any bytes as what `read images` reads: a folder of class folders, or a CSV of paths.
 *
 * The first two bytes choose options. Of a folder, each file follows as a byte that says class and ending, two with its
 * length, and its bytes; of a list, the CSV, beside three pictures that it may name. It must be refused with a message,
 * or read so that records counted = records read + records rejected, each reject with a reason. Tiny blocks must yield
 * the same as large ones, and each record must be the same again when it is asked for by its number. */
#include "sluice/reader.h"

#include "sluice/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

enum { FILES = 8, CLASSES = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                    \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                       \
        }                                                                                  \
    } while (0)

/* ---- Files ---- */

static char root[] = "/tmp/sluice-fuzz-XXXXXX";
static char made[FILES + 4][64]; /* to be removed behind the input */
static size_t n_made;

static void remove_folders(void)
{
    static const char *const folders[] = { "/in/a", "/in/b", "/in/c", "/in", "" };
    char path[64];
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s%s", root, folders[i]);
        rmdir(path);
    }
}

static void make_folders(void)
{
    static const char *const folders[] = { "/in", "/in/a", "/in/b", "/in/c" };
    char path[64];
    MUST(mkdtemp(root));
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s%s", root, folders[i]);
        MUST(mkdir(path, 0700) == 0);
    }
    atexit(remove_folders);
}

static void store(const char *name, const uint8_t *p, size_t n)
{
    MUST(n_made < sizeof made / sizeof *made);
    snprintf(made[n_made], sizeof made[n_made], "%s/in/%s", root, name);
    FILE *file = fopen(made[n_made++], "wb");
    MUST(file && fwrite(p, 1, n, file) == n && fclose(file) == 0);
}

static void remove_files(void)
{
    while (n_made) {
        unlink(made[--n_made]);
    }
}

/* Of a PNG, so that more than its first chunk is looked at. */
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

static void store_folder(uint8_t *p, size_t n)
{
    static const char *const endings[] = { "png", "jpg", "JPEG", "txt" };
    for (unsigned i = 0; i < FILES && n >= 3; i++) {
        char name[24];
        size_t length = p[1] | (size_t)p[2] << 8;
        length = length < n - 3 ? length : n - 3;
        snprintf(name, sizeof name, "%c/%u.%s", 'a' + p[0] % CLASSES, i, endings[p[0] >> 4 & 3]);
        if (!(p[0] & 128)) {
            mend_checksums(p + 3, length);
        }
        store(name, p + 3, length);
        p += 3 + length;
        n -= 3 + length;
    }
}

static void store_list(const uint8_t *p, size_t n)
{
    static const uint8_t dot[] = { 0x89, 'P',  'N',  'G',  '\r', '\n', 0x1a, '\n', 0,    0,    0,   13,  'I', 'H',
                                   'D',  'R',  0,    0,    0,    1,    0,    0,    0,    1,    8,   0,   0,   0,
                                   0,    0x3a, 0x7e, 0x9b, 0x55, 0,    0,    0,    10,   'I',  'D', 'A', 'T', 0x78,
                                   0xda, 0x63, 0x68, 0,    0,    0,    0x82, 0,    0x81, 0,    0,   0,   0,   0,
                                   0,    0,    0,    'I',  'E',  'N',  'D',  0xae, 0x42, 0x60, 0x82 };
    uint8_t dots[sizeof dot];
    memcpy(dots, dot, sizeof dot);
    mend_checksums(dots, sizeof dots);
    store("a/1.png", dots, sizeof dots);
    store("b/2.jpg", dots, sizeof dots);
    store("c/cut.png", dots, sizeof dots / 2);
    store("list.csv", p, n);
}

/* ---- Reading ---- */

static uint64_t hash_record(const struct sl_chunk *chunk, uint32_t i)
{
    const struct sl_picture *picture = &chunk->columns[0].picture[i];
    struct sl_str path = chunk->columns[1].text[i];
    size_t bytes = (size_t)picture->height * picture->width * chunk->schema->fields[0].channels;
    MUST(bytes > 0 && path.n > 0);
    uint64_t h = sl_hash64(picture->pixels, bytes) * 31 + picture->height;
    h = h * 31 + sl_hash64(path.p, path.n);
    for (size_t c = 2; c < chunk->schema->n; c++) {
        const struct sl_column *column = &chunk->columns[c];
        if (!sl_valid(column, i)) {
            h = h * 31 + 7;
        } else if (chunk->schema->fields[c].type == SL_NUMBER) {
            h = h * 31 + sl_hash64(&column->number[i], sizeof(double));
        } else {
            h = h * 31 + sl_hash64(column->text[i].p, column->text[i].n);
        }
    }
    return h * 31 + chunk->origin[i].record;
}

static uint64_t hash_rejects(const struct sl_quarantine *rejects)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < rejects->n; i++) {
        const struct sl_reject *r = &rejects->entries[i];
        MUST(r->reason[0]);
        sum += sl_hash64(r->reason, strlen(r->reason)) * (r->origin.record + 1);
    }
    return sum;
}

struct sums {
    uint64_t counted, good, bad, hash;
    uint64_t whole; /* read to its end: a damaged list is not */
};

static struct sums read_all(struct sl_reader *reader)
{
    struct sums sums = { 0 };
    struct sl_block block = { 0 };
    struct sl_arena arena;
    struct sl_quarantine rejects = { 0 };
    int status;
    sl_arena_init(&arena);
    while ((status = sl_reader_next(reader, &block, NULL)) == SL_OK) {
        struct sl_chunk chunk;
        MUST(block.records > 0 && block.mark.record == sums.counted);
        MUST(sl_reader_parse(reader, &block, &arena, &chunk, &rejects, NULL) == SL_OK);
        for (uint32_t i = 0; i < chunk.n; i++) {
            sums.hash += hash_record(&chunk, i);
        }
        sums.counted += block.records;
        sums.good += chunk.n;
        sl_arena_reset(&arena, 0);
    }
    MUST(status == SL_EEND || status == SL_EDATA); /* EDATA: a damaged list */
    MUST(sums.counted == sums.good + rejects.total);
    sums.bad = rejects.total;
    sums.whole = status == SL_EEND;
    sums.hash += hash_rejects(&rejects);
    sl_quarantine_release(&rejects);
    sl_block_release(&block);
    sl_arena_release(&arena);
    return sums;
}

static struct sums read_again(const struct sl_reader *reader, uint64_t n)
{
    struct sums sums = { .counted = n, .whole = 1 };
    struct sl_quarantine rejects = { 0 };
    struct sl_arena arena;
    sl_arena_init(&arena);
    for (uint64_t i = 0; i < n; i++) {
        struct sl_chunk chunk;
        MUST(sl_reader_record(reader, i, &arena, &chunk, &rejects, NULL) == SL_OK);
        MUST(chunk.n <= 1 && (!chunk.n || chunk.origin[0].record == i));
        sums.good += chunk.n;
        sums.hash += chunk.n ? hash_record(&chunk, 0) : 0;
        sl_arena_reset(&arena, 0);
    }
    sums.bad = rejects.total;
    sums.hash += hash_rejects(&rejects);
    sl_quarantine_release(&rejects);
    sl_arena_release(&arena);
    return sums;
}

static bool read_path(const char *path, const struct sl_images_options *options, uint64_t block_bytes, bool again,
                      struct sums *sums)
{
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    const char *const paths[] = { path };
    if (sl_images_open(&reader, NULL, paths, 1, options, &err)) {
        MUST(err.status && err.what[0]);
        return false;
    }
    reader->block_bytes = block_bytes;
    *sums = read_all(reader);
    if (again && sums->whole) {
        struct sums other = read_again(reader, sums->counted);
        MUST(memcmp(sums, &other, sizeof other) == 0);
    }
    sl_reader_close(reader);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int channels[] = { 3, 1, 4, 3 };
    static bool folders;
    if (size < 2) {
        return 0;
    }
    if (!folders) {
        make_folders();
        folders = true;
    }
    const struct sl_images_options options = { .channels = channels[data[0] & 3],
                                               .at_least_width = data[0] & 4 ? 5 : 0,
                                               .at_least_height = data[0] & 4 ? 5 : 0,
                                               .max_pixels = 1 << 16,
                                               .max_bytes = 1 << 20,
                                               .apply_gamma = data[0] & 8,
                                               .ignore_orientation = data[0] & 16,
                                               .any_name = data[0] & 32,
                                               .labels_optional = data[0] & 64 };
    char path[64];
    uint8_t *copy = malloc(size);
    MUST(copy);
    memcpy(copy, data, size);
    if (data[0] & 128) {
        store_list(copy + 2, size - 2);
    } else {
        store_folder(copy + 2, size - 2);
    }
    snprintf(path, sizeof path, "%s/in%s", root, data[0] & 128 ? "/list.csv" : "");
    struct sums large = { 0 }, small = { 0 };
    bool opened = read_path(path, &options, SL_BLOCK_BYTES, true, &large);
    MUST(read_path(path, &options, 1u + data[1], false, &small) == opened);
    MUST(memcmp(&large, &small, sizeof large) == 0);
    remove_files();
    free(copy);
    return 0;
}
