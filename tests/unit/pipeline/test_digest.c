/* test_digest.c: digests of runs: the same for the same, whatever the threads; another for each thing that is another,
 * and only where it is. */
#include "recipe_try.h"

#include "sluice/digest.h"
#include "sluice/input.h"

static char path[] = "/tmp/sluice-digest-XXXXXX.csv";
static const char *const whole = "lowercase text\nstrip_html text\ndrop_missing text mark\nlabel mark\n"
                                 "split test_size=0.25 random_state=3\ntfidf text min_df=2\nlogistic\n";
enum { LOWERCASE = 1, STRIP, DROP, LABEL, SPLIT, TFIDF, STAGES = 7, RECORDS = 3000 };

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemps(path, 4);
    if (fd < 0)
        return -1;
    close(fd);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static int fresh(void **state)
{
    (void)state;
    write_reviews(path, RECORDS);
    return 0;
}

struct how {
    const char *stages;
    int threads;
    uint64_t memory, block;
    struct sl_cache *cache;
};

static struct sl_digests *digest(const struct how *how)
{
    char text[2000];
    struct sl_error err = SL_ERROR_INIT;
    struct sl_pipeline_options options = { 0 };
    struct recipe recipe;
    struct sl_pipeline *pipeline = NULL;
    struct sl_pool *pool = NULL;
    struct sl_dataset *data = NULL;
    struct sl_run *run = NULL;
    struct sl_digests *digests = NULL;
    static struct sl_progress progress;
    memset(&progress, 0, sizeof progress);
    snprintf(text, sizeof text, "read csv %s\n%s", path, how->stages);
    recipe_parse(&recipe, text);
    assert_int_equal(sl_pool_new(&pool, how->threads ? how->threads : 2, &err), SL_OK);
    assert_int_equal(sl_digests_new(&digests, &err), SL_OK);
    if (sl_pipeline_new(&pipeline, recipe.statements, recipe.n, &options, &err))
        fail_msg("%s", err.what);
    if (how->block)
        sl_pipeline_reader(pipeline)->block_bytes = how->block;
    const struct sl_run_options run_options = { .pool = pool,
                                                .memory = how->memory ? how->memory : 64u << 20,
                                                .progress = &progress,
                                                .cache = how->cache,
                                                .digests = digests };
    if (sl_dataset_new(&data, &run, pipeline, &run_options, &err))
        fail_msg("%s: %s", err.stage, err.what);
    sl_dataset_free(data);
    sl_run_free(run);
    sl_pipeline_free(pipeline);
    sl_pool_free(pool);
    recipe_release(&recipe);
    return digests;
}

static struct sl_digests *digest_of(const char *stages)
{
    return digest(&(struct how){ .stages = stages });
}

static void assert_same_blocks(const struct sl_digests *a, const struct sl_digests *b)
{
    assert_int_equal(a->n_blocks, b->n_blocks);
    for (size_t i = 0; i < a->n_blocks; i++) {
        assert_int_equal(a->blocks[i].hash, b->blocks[i].hash);
        assert_int_equal(a->blocks[i].n_checks, b->blocks[i].n_checks);
        assert_memory_equal(a->blocks[i].checks, b->blocks[i].checks, a->blocks[i].n_checks);
    }
}

/* Stages first..last-1 are known in both, and equal. */
static void assert_same_stages(const struct sl_digests *a, const struct sl_digests *b, size_t first, size_t last)
{
    for (size_t i = first; i < last; i++) {
        assert_int_equal(a->known[i], i != SPLIT);
        assert_int_equal(b->known[i], i != SPLIT);
        if (a->stage[i] != b->stage[i])
            fail_msg("stage %zu: %llx is not %llx", i, (unsigned long long)a->stage[i],
                     (unsigned long long)b->stage[i]);
    }
}

static void assert_same(const struct sl_digests *a, const struct sl_digests *b)
{
    assert_same_blocks(a, b);
    assert_same_stages(a, b, 0, STAGES);
    assert_int_equal(a->records, b->records);
    assert_int_equal(a->train, b->train);
    assert_int_equal(a->test, b->test);
    assert_int_equal(a->train_rows, b->train_rows);
    assert_int_equal(a->test_rows, b->test_rows);
}

static void threads_and_budget_do_not_matter(void **state)
{
    (void)state;
    struct sl_digests *one = digest(&(struct how){ .stages = whole, .threads = 1, .block = 4096 });
    assert_true(one->n_blocks > 10);
    assert_int_not_equal(one->stage[LOWERCASE], one->stage[STRIP]);
    assert_int_not_equal(one->train_rows, 0);
    for (int threads = 2; threads <= 4; threads += 2) {
        struct sl_digests *more = digest(&(struct how){ .stages = whole, .threads = threads, .block = 4096 });
        assert_same(one, more);
        sl_digests_free(more);
    }
    struct sl_digests *tight = digest(&(struct how){ .stages = whole, .threads = 3, .memory = 1 << 15, .block = 4096 });
    assert_same(one, tight);
    sl_digests_free(tight);
    sl_digests_free(one);
}

static void the_size_of_blocks_matters_to_no_record(void **state)
{
    (void)state;
    struct sl_digests *small = digest(&(struct how){ .stages = whole, .block = 512 });
    struct sl_digests *large = digest_of(whole);
    assert_true(small->n_blocks > large->n_blocks);
    assert_same_stages(small, large, 0, SPLIT);
    assert_int_equal(small->records, large->records);
    assert_int_equal(small->train, large->train);
    assert_int_equal(small->test, large->test);
    sl_digests_free(small);
    sl_digests_free(large);
}

/* The file's bytes, to be changed and written back. */
static struct sl_buf read_text(void)
{
    struct sl_buf text = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    if (sl_file_read(path, 1 << 28, &text, &err))
        fail_msg("%s", err.what);
    return text;
}

static void a_changed_byte_is_found_in_its_record(void **state)
{
    (void)state;
    const struct how how = { .stages = whole, .block = 4096 };
    struct sl_digests *before = digest(&how);
    struct sl_buf text = read_text();
    char *at = strstr(text.p + text.n / 2, "Great ");
    assert_non_null(at);
    memcpy(at, "GREAT ", 6); /* lowercase makes the same of both */
    write_file(path, text.p, text.n);
    struct sl_digests *after = digest(&how);
    size_t differ = 0, checks = 0;
    assert_int_equal(before->n_blocks, after->n_blocks);
    for (size_t i = 0; i < before->n_blocks; i++) {
        differ += before->blocks[i].hash != after->blocks[i].hash;
        for (uint32_t k = 0; k < before->blocks[i].n_checks; k++)
            checks += before->blocks[i].checks[k] != after->blocks[i].checks[k];
    }
    assert_int_equal(differ, 1);
    assert_int_equal(checks, 1);
    assert_int_not_equal(before->stage[0], after->stage[0]);
    assert_int_not_equal(before->records, after->records);
    assert_same_stages(before, after, LOWERCASE, STAGES);
    assert_int_equal(before->train_rows, after->train_rows);
    assert_int_equal(before->test_rows, after->test_rows);
    sl_buf_release(&text);
    sl_digests_free(before);
    sl_digests_free(after);
}

static void another_parameter_changes_its_stage_and_what_follows(void **state)
{
    (void)state;
    struct sl_digests *before = digest_of(whole);
    struct sl_digests *after = digest_of("lowercase text\nstrip_html text\ndrop_missing text mark\nlabel mark\n"
                                         "split test_size=0.25 random_state=3\ntfidf text norm=l1\nlogistic\n");
    assert_same_blocks(before, after);
    assert_same_stages(before, after, 0, SPLIT);
    assert_int_equal(before->train, after->train);
    assert_int_not_equal(before->stage[TFIDF], after->stage[TFIDF]);
    assert_int_not_equal(before->train_rows, after->train_rows);
    struct sl_digests *other = digest_of("strip_html text\nlowercase text\ndrop_missing text mark\nlabel mark\n"
                                         "split test_size=0.25 random_state=3\ntfidf text min_df=2\nlogistic\n");
    assert_int_equal(before->stage[0], other->stage[0]);
    assert_int_not_equal(before->stage[1], other->stage[1]);
    assert_int_equal(before->train_rows, other->train_rows);
    assert_int_equal(before->test, other->test);
    sl_digests_free(before);
    sl_digests_free(after);
    sl_digests_free(other);
}

static void another_seed_changes_the_split(void **state)
{
    (void)state;
    struct sl_digests *before = digest_of(whole);
    struct sl_digests *after = digest_of("lowercase text\nstrip_html text\ndrop_missing text mark\nlabel mark\n"
                                         "split test_size=0.25 random_state=4\ntfidf text min_df=2\nlogistic\n");
    assert_same_stages(before, after, 0, SPLIT);
    assert_int_equal(before->n_train, after->n_train);
    assert_int_not_equal(before->train, after->train);
    assert_int_not_equal(before->test, after->test);
    assert_int_not_equal(before->train_rows, after->train_rows);
    sl_digests_free(before);
    sl_digests_free(after);
}

static void another_order_of_records_is_told_from_other_records(void **state)
{
    (void)state;
    struct sl_digests *before = digest_of(whole);
    struct sl_buf text = read_text(), swapped = { 0 };
    const char *first = strchr(text.p, '\n') + 1, *second = strchr(first, '\n') + 1, *third = strchr(second, '\n') + 1;
    sl_buf_add(&swapped, text.p, (size_t)(first - text.p));
    sl_buf_add(&swapped, second, (size_t)(third - second));
    sl_buf_add(&swapped, first, (size_t)(second - first));
    sl_buf_add(&swapped, third, text.n - (size_t)(third - text.p));
    write_file(path, swapped.p, swapped.n);
    struct sl_digests *after = digest_of(whole);
    assert_int_equal(before->records, after->records);
    assert_int_not_equal(before->stage[0], after->stage[0]);
    assert_int_not_equal(before->blocks[0].hash, after->blocks[0].hash);
    sl_buf_release(&text);
    sl_buf_release(&swapped);
    sl_digests_free(before);
    sl_digests_free(after);
}

static void what_a_cache_brings_back_is_not_known(void **state)
{
    (void)state;
    static const char *const cached = "lowercase text\nstrip_html text\ncache\nlabel mark\ndrop_missing mark\n"
                                      "split test_size=0.25 random_state=3\ntfidf text\nlogistic\n";
    struct sl_cache *cache = NULL;
    assert_int_equal(sl_cache_new(&cache, 64u << 20, NULL), SL_OK);
    const struct how how = { .stages = cached, .cache = cache };
    struct sl_digests *first = digest(&how), *second = digest(&how);
    assert_true(first->known[0] && first->known[1] && first->known[2]);
    assert_false(first->known[3]); /* `cache` itself */
    assert_false(second->known[0] || second->known[1] || second->known[2]);
    assert_int_equal(second->n_blocks, 0);
    for (size_t i = 4; i < 8; i++) {
        assert_int_equal(first->known[i], second->known[i]);
        assert_int_equal(first->stage[i], second->stage[i]);
    }
    assert_int_equal(first->train, second->train);
    assert_int_equal(first->train_rows, second->train_rows);
    sl_digests_free(first);
    sl_digests_free(second);
    sl_cache_free(cache);
}

static void both_forms_of_the_hash_agree_and_see_every_byte(void **state)
{
    (void)state;
    unsigned char bytes[1200];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 5);
    for (size_t n = 0; n <= sizeof bytes; n += n < 300 ? 1 : 37) {
        uint64_t hash = sl_digest_bytes(bytes, n);
        assert_int_equal(hash, sl_digest_bytes_portable(bytes, n));
        for (size_t i = 0; i < n; i += 1 + n / 50) {
            bytes[i] ^= 0x20;
            assert_int_not_equal(sl_digest_bytes(bytes, n), hash);
            bytes[i] ^= 0x20;
        }
        if (n)
            assert_int_not_equal(sl_digest_bytes(bytes, n - 1), hash);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(threads_and_budget_do_not_matter, fresh),
        cmocka_unit_test_setup(the_size_of_blocks_matters_to_no_record, fresh),
        cmocka_unit_test_setup(a_changed_byte_is_found_in_its_record, fresh),
        cmocka_unit_test_setup(another_parameter_changes_its_stage_and_what_follows, fresh),
        cmocka_unit_test_setup(another_seed_changes_the_split, fresh),
        cmocka_unit_test_setup(another_order_of_records_is_told_from_other_records, fresh),
        cmocka_unit_test_setup(what_a_cache_brings_back_is_not_known, fresh),
        cmocka_unit_test(both_forms_of_the_hash_agree_and_see_every_byte),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
