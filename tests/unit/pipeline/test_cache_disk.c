/* test_cache_disk.c: records kept in files: found by later processes, whole or absent, and safe to read whatever is in
 * them. */
#include "cache_try.h"

#include "engine/pipeline/cache_private.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/stat.h>

static char path[] = "/tmp/sluice-disk-XXXXXX.csv";
static char folder[] = "/tmp/sluice-disk-XXXXXX";
static char early[400], late[400];

#define BEFORE "drop_missing text mark\nlabel mark\n"
#define BEHIND "split test_size=0.25 random_state=3\ntfidf text min_df=2\n"

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemps(path, 4);
    if (fd < 0 || !mkdtemp(folder))
        return -1;
    close(fd);
    write_reviews(path, 700);
    snprintf(early, sizeof early, BEFORE "cache where=disk path=%s/new/deep\n" BEHIND "logistic\n", folder);
    snprintf(late, sizeof late, BEFORE BEHIND "cache where=disk path=%s/new/deep\nlogistic\n", folder);
    return 0;
}

/* Path of the n-th cache file, or how many there are when out is NULL. */
static size_t files(size_t wanted, char *out, size_t size, const char *end)
{
    char deep[200];
    size_t n = 0;
    snprintf(deep, sizeof deep, "%s/new/deep", folder);
    DIR *dir = opendir(deep);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        size_t length = strlen(entry->d_name);
        if (length < strlen(end) || strcmp(entry->d_name + length - strlen(end), end) != 0)
            continue;
        if (out && n == wanted)
            snprintf(out, size, "%s/%s", deep, entry->d_name);
        n++;
    }
    if (dir)
        closedir(dir);
    return n;
}

static void empty_folder(void)
{
    char file[600];
    while (files(0, file, sizeof file, ".slcache"))
        assert_int_equal(unlink(file), 0);
}

static int tear_down(void **state)
{
    (void)state;
    char deep[200];
    empty_folder();
    snprintf(deep, sizeof deep, "%s/new/deep", folder);
    rmdir(deep);
    snprintf(deep, sizeof deep, "%s/new", folder);
    rmdir(deep);
    return rmdir(folder) | unlink(path);
}

static void what_comes_from_a_file_is_the_same_to_the_bit(void **state)
{
    (void)state;
    struct outcome plain = outcome_of(path, BEFORE BEHIND "logistic\n", NULL, 2);
    const char *const recipes[] = { early, late };
    for (size_t i = 0; i < 2; i++) {
        struct outcome cold = outcome_of(path, recipes[i], NULL, 2);
        assert_string_equal(cold.notices, "");
        assert_int_equal(cold.hits, 0);
        assert_true(cold.misses > 500);
        assert_int_equal(cold.hash, plain.hash);
        assert_int_equal(files(0, NULL, 0, ".slcache"), i + 1);
        assert_int_equal(files(0, NULL, 0, "-new"), 0);
        for (int threads = 1; threads <= 3; threads++) {
            struct outcome warm = outcome_of(path, recipes[i], NULL, threads);
            assert_string_equal(warm.notices, "");
            assert_int_equal(warm.hits, cold.misses);
            assert_int_equal(warm.hash, plain.hash);
        }
    }
    empty_folder();
}

static char *slurp(const char *file, size_t *n)
{
    struct sl_buf buf = { 0 };
    assert_int_equal(sl_file_read(file, 1 << 28, &buf, NULL), SL_OK);
    *n = buf.n;
    return buf.p;
}

/* Run on a file made of these bytes: it has to be passed over with a word, and made anew. */
static void passed_over(const char *recipe, const char *file, const char *bytes, size_t n, uint64_t hash)
{
    write_file(file, bytes, n);
    struct outcome o = outcome_of(path, recipe, NULL, 1);
    assert_int_equal(o.hits, 0);
    assert_int_equal(o.hash, hash);
    if (!strstr(o.notices, "ignored"))
        fail_msg("notices: %s", o.notices);
}

static void a_damaged_file_is_passed_over_with_a_notice_and_made_anew(void **state)
{
    (void)state;
    uint64_t hash = outcome_of(path, BEFORE BEHIND "logistic\n", NULL, 2).hash;
    const char *const recipes[] = { early, late };
    for (size_t i = 0; i < 2; i++) {
        char file[600];
        size_t n;
        outcome_of(path, recipes[i], NULL, 2);
        assert_int_equal(files(0, file, sizeof file, ".slcache"), 1);
        char *bytes = slurp(file, &n);
        for (size_t k = 0; k < 40; k++) { /* cut short */
            size_t cut = k < 30 ? n * k / 30 : n - (k - 29);
            passed_over(recipes[i], file, bytes, cut, hash);
        }
        for (size_t k = 0; k < 60; k++) { /* one bit */
            uint32_t draw[4];
            sl_philox(3, SL_RANDOM_SAMPLE, 0, k, 0, draw);
            size_t at = k < 20 ? k : k < 40 ? n - 1 - (k - 20) : draw[0] % n;
            bytes[at] = (char)(bytes[at] ^ (1 << draw[1] % 8));
            passed_over(recipes[i], file, bytes, n, hash);
            bytes[at] = (char)(bytes[at] ^ (1 << draw[1] % 8));
        }
        assert_true(outcome_of(path, recipes[i], NULL, 1).hits > 0); /* it was written again */
        free(bytes);
        empty_folder();
    }
}

/* Damage that the checksums do not see, since they were made for it. */
static void bytes_with_the_right_checksums_are_checked_all_the_same(void **state)
{
    (void)state;
    uint64_t hash = outcome_of(path, BEFORE BEHIND "logistic\n", NULL, 2).hash;
    const char *const recipes[] = { early, late };
    for (size_t i = 0; i < 2; i++) {
        char file[600];
        size_t n, hits = 0;
        outcome_of(path, recipes[i], NULL, 2);
        assert_int_equal(files(0, file, sizeof file, ".slcache"), 1);
        char *whole = slurp(file, &n);
        uint64_t books;
        memcpy(&books, whole + n - 24, 8);
        for (size_t k = 0; k < 300; k++) {
            uint32_t draw[4];
            char *bytes = malloc(n);
            assert_non_null(bytes);
            memcpy(bytes, whole, n);
            char *begin = bytes + n - 24 - books;
            sl_philox(5, SL_RANDOM_SAMPLE, 0, k, 0, draw);
            begin[draw[0] % books] = (char)(draw[2] % 3 ? draw[1] : 0xff);
            uint64_t checksum = sl_hash64(begin, books);
            memcpy(bytes + n - 16, &checksum, 8);
            write_file(file, bytes, n);
            /* A count of a stage or a mark may be another now; nothing else may be. */
            struct outcome o = outcome_of(path, recipes[i], NULL, 1);
            hits += o.hits > 0;
            if (!o.hits)
                assert_int_equal(o.hash, hash);
            free(bytes);
        }
        assert_true(hits < 300);
        free(whole);
        empty_folder();
    }
}

static void any_bytes_may_be_read_as_a_chunk(void **state)
{
    (void)state;
    struct sl_field fields[] = { { .name = (char *)(uintptr_t) "t", .type = SL_TEXT },
                                 { .name = (char *)(uintptr_t) "n", .type = SL_NUMBER },
                                 { .name = (char *)(uintptr_t) "v", .type = SL_VECTOR, .width = 3 },
                                 { .name = (char *)(uintptr_t) "s", .type = SL_SPARSE, .width = 9 } };
    struct sl_schema schema = { fields, 4 };
    struct sl_str text[] = { SL_STR("one"), SL_STR(""), SL_STR("three \xc3\xa9") };
    double number[] = { 1, -2.5, 3e300 };
    float vector[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, value[] = { 0.5f, 2, 4 };
    uint64_t start[] = { 0, 2, 2, 3 }, valid[] = { 5 };
    uint32_t index[] = { 1, 8, 0 };
    struct sl_column columns[] = { { .valid = valid, .text = text },
                                   { .number = number },
                                   { .vector = vector },
                                   { .sparse = { start, index, value } } };
    struct sl_origin origin[] = { { 0, 2, 10, 0 }, { 2, 4, 30, 0 }, { 9, 90, 900, 1 } };
    struct sl_chunk chunk = { .schema = &schema, .sequence = 4, .n = 3, .columns = columns, .origin = origin }, back;
    struct sl_buf bytes = { 0 };
    struct sl_arena arena;
    size_t read = 0;
    sl_arena_init(&arena);
    sl_chunk_save(&schema, &chunk, &bytes);
    assert_false(bytes.failed);
    assert_int_equal(sl_chunk_load(&schema, (struct sl_str){ bytes.p, bytes.n }, &arena, &back, NULL), SL_OK);
    assert_int_equal(back.sequence, 4);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(back.origin[i].record, origin[i].record);
        assert_int_equal(back.origin[i].line, origin[i].line);
        assert_int_equal(back.origin[i].byte, origin[i].byte);
        assert_int_equal(back.origin[i].file, origin[i].file);
    }
    for (size_t c = 0; c < 4; c++)
        for (uint32_t i = 0; i < 3; i++)
            assert_true(sl_cell_equal(&chunk, c, i, &back, c, i));
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_equal(sl_chunk_load(&schema, (struct sl_str){ bytes.p, n }, &arena, &back, NULL), SL_EFORMAT);
    for (size_t at = 0; at < bytes.n; at++)
        for (int k = 0; k < 4; k++) {
            static const char other[] = { 0, 1, 0x7f, (char)0xff };
            char old = bytes.p[at];
            bytes.p[at] = other[k];
            char *exact = malloc(bytes.n); /* so that a step beyond the end is seen */
            assert_non_null(exact);
            memcpy(exact, bytes.p, bytes.n);
            if (!sl_chunk_load(&schema, (struct sl_str){ exact, bytes.n }, &arena, &back, NULL)) {
                read++;
                for (uint32_t i = 0; i < back.n; i++)
                    for (uint64_t j = back.columns[3].sparse.start[i]; j < back.columns[3].sparse.start[i + 1]; j++)
                        assert_true(back.columns[3].sparse.index[j] < 9);
            }
            free(exact);
            bytes.p[at] = old;
            sl_arena_reset(&arena, 1 << 20);
        }
    assert_true(read > 0);
    sl_buf_release(&bytes);
    sl_arena_release(&arena);
}

static void the_folder_keeps_to_its_limit_and_the_file_used_last_stays(void **state)
{
    (void)state;
    char small[400], other[400], many[] = "/tmp/sluice-disk-XXXXXX.csv";
    close(mkstemps(many, 4));
    write_reviews(many, 12000); /* more than half a MiB each */
    snprintf(small, sizeof small, "cache where=disk limit=2 path=%s/new/deep\n" BEFORE BEHIND "logistic\n", folder);
    snprintf(other, sizeof other, "trim text\ncache where=disk limit=2 path=%s/new/deep\n" BEFORE BEHIND "logistic\n",
             folder);
    assert_true(outcome_of(many, small, NULL, 2).misses > 0);
    assert_true(outcome_of(many, other, NULL, 2).misses > 0);
    assert_int_equal(files(0, NULL, 0, ".slcache"), 1);
    assert_true(outcome_of(many, other, NULL, 2).hits > 0);
    write_reviews(many, 40000);
    struct outcome o = outcome_of(many, small, NULL, 2);
    assert_non_null(strstr(o.notices, "limit of 2 MiB"));
    unlink(many);
    empty_folder();
}

static void a_folder_that_cannot_be_made_is_a_notice(void **state)
{
    (void)state;
    char recipe[400];
    uint64_t hash = outcome_of(path, BEFORE BEHIND "logistic\n", NULL, 2).hash;
    snprintf(recipe, sizeof recipe, BEFORE "cache where=disk path=%s/below\n" BEHIND "logistic\n", path);
    struct outcome o = outcome_of(path, recipe, NULL, 2);
    assert_int_equal(o.hash, hash);
    assert_non_null(strstr(o.notices, "below"));
}

static void *run_once(void *ctx)
{
    *(struct outcome *)ctx = outcome_of(path, late, NULL, 2);
    return NULL;
}

static void runs_may_write_the_same_file_at_the_same_time(void **state)
{
    (void)state;
    uint64_t hash = outcome_of(path, BEFORE BEHIND "logistic\n", NULL, 2).hash;
    for (int round = 0; round < 3; round++) {
        struct outcome outcome[4];
        pthread_t thread[4];
        for (int i = 0; i < 4; i++)
            assert_int_equal(pthread_create(&thread[i], NULL, run_once, &outcome[i]), 0);
        for (int i = 0; i < 4; i++)
            assert_int_equal(pthread_join(thread[i], NULL), 0);
        for (int i = 0; i < 4; i++) {
            assert_int_equal(outcome[i].hash, hash);
            assert_string_equal(outcome[i].notices, "");
        }
        assert_int_equal(files(0, NULL, 0, ".slcache"), 1);
        assert_int_equal(files(0, NULL, 0, "-new"), 0);
    }
    empty_folder();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_from_a_file_is_the_same_to_the_bit),
        cmocka_unit_test(a_damaged_file_is_passed_over_with_a_notice_and_made_anew),
        cmocka_unit_test(bytes_with_the_right_checksums_are_checked_all_the_same),
        cmocka_unit_test(any_bytes_may_be_read_as_a_chunk),
        cmocka_unit_test(the_folder_keeps_to_its_limit_and_the_file_used_last_stays),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_a_notice),
        cmocka_unit_test(runs_may_write_the_same_file_at_the_same_time),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
