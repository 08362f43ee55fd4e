/* test_cache.c: records kept between runs: found again when, and only when, everything before is the same, and the same
 * to the last bit as if they had been made anew. */
#include "cache_try.h"

#include <pthread.h>

static char path[] = "/tmp/sluice-cache-XXXXXX.csv";

#define CLEAN  "drop_missing text mark\nlowercase text\ndrop_duplicates text\nlabel mark\n"
#define SPLIT  "split test_size=0.25 random_state=3\n"
#define ENCODE "impute score\nstandardize score\ntfidf text min_df=2\n"

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemps(path, 4);
    if (fd < 0)
        return -1;
    close(fd);
    write_reviews(path, 6000);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static struct sl_cache *new_cache(void)
{
    struct sl_cache *cache = NULL;
    assert_int_equal(sl_cache_new(&cache, UINT64_C(1) << 28, NULL), SL_OK);
    return cache;
}

static void what_comes_from_a_cache_is_the_same_to_the_bit(void **state)
{
    (void)state;
    static const char *const places[] = {
        "cache\n" CLEAN SPLIT ENCODE "logistic\n",
        "drop_missing text mark\nlowercase text\ncache\ndrop_duplicates text\nlabel mark\n" SPLIT ENCODE "logistic\n",
        CLEAN "cache\n" SPLIT ENCODE "logistic\n",
        CLEAN SPLIT "cache\n" ENCODE "logistic\n",
        CLEAN SPLIT ENCODE "cache\nlogistic\n",
    };
    struct outcome plain = outcome_of(path, CLEAN SPLIT ENCODE "logistic\n", NULL, 2);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct sl_cache *cache = new_cache();
        for (int threads = 1; threads <= 4; threads++) {
            struct outcome o = outcome_of(path, places[i], cache, threads);
            assert_string_equal(o.notices, "");
            assert_int_equal(o.hash, plain.hash);
            if (threads == 1) {
                assert_int_equal(o.hits, 0);
                assert_true(o.misses > 4000);
            } else {
                assert_true(o.hits > 4000);
                assert_int_equal(o.misses, 0);
            }
        }
        sl_cache_free(cache);
    }
}

static void a_cache_without_a_split_or_an_encoder_works_too(void **state)
{
    (void)state;
    static const char *const recipes[][2] = {
        { CLEAN "tfidf text\nlogistic\n", CLEAN "cache\ntfidf text\nlogistic\n" },
        { CLEAN "tfidf text\nlogistic\n", CLEAN "tfidf text\ncache\nlogistic\n" },
        { CLEAN "hashing text n_features=64\nlogistic\n", CLEAN "hashing text n_features=64\ncache\nlogistic\n" },
        { "drop_missing text mark\nsplit\nlabel mark\ncount text\nlogistic\n",
          "drop_missing text mark\nsplit\nlabel mark\ncount text\ncache\nlogistic\n" },
    };
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        struct sl_cache *cache = new_cache();
        struct outcome plain = outcome_of(path, recipes[i][0], NULL, 2);
        struct outcome cold = outcome_of(path, recipes[i][1], cache, 2);
        struct outcome warm = outcome_of(path, recipes[i][1], cache, 2);
        assert_int_equal(cold.hash, plain.hash);
        assert_int_equal(warm.hash, plain.hash);
        assert_int_equal(cold.hits, 0);
        assert_true(warm.hits > 4000 && warm.misses == 0);
        sl_cache_free(cache);
    }
}

static void what_stands_before_decides_and_what_stands_behind_does_not(void **state)
{
    (void)state;
    struct sl_cache *cache = new_cache();
    outcome_of(path, "lowercase text\ncache\nlabel mark\ndrop_missing text mark\nsplit\ntfidf text\nlogistic\n", cache,
               2);
    static const struct {
        const char *stages;
        bool hit;
    } cases[] = {
        { "lowercase text\ncache\nlabel mark\ndrop_missing mark text\nsplit\ncount text\nlogistic C=3\n", true },
        { "lowercase text\ncache where=memory\nlabel mark\nsplit\nhashing text\nlogistic\n", true },
        { "lowercase text\ncache\nstrip_html text\nlabel mark\nsplit\ntfidf text\nlogistic\n", true },
        { "lowercase mark\ncache\nlabel mark\nsplit\ntfidf text\nlogistic\n", false },
        { "lowercase text mark\ncache\nlabel mark\nsplit\ntfidf text\nlogistic\n", false },
        { "trim text\nlowercase text\ncache\nlabel mark\nsplit\ntfidf text\nlogistic\n", false },
        { "lowercase text\ntrim text\ncache\nlabel mark\nsplit\ntfidf text\nlogistic\n", false },
        { "label mark\nlowercase text\ncache\nsplit\ntfidf text\nlogistic\n", false },
        { "cache\nlowercase text\nlabel mark\nsplit\ntfidf text\nlogistic\n", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome o = outcome_of(path, cases[i].stages, cache, 2);
        if ((o.hits > 0) != cases[i].hit)
            fail_msg("%s: %llu hits", cases[i].stages, (unsigned long long)o.hits);
    }
    /* The order of two statements that do the same in either. */
    outcome_of(path, "trim text\nstrip_html text\ncache\nlabel mark\nsplit\ntfidf text\nlogistic\n", cache, 1);
    assert_int_equal(
        outcome_of(path, "strip_html text\ntrim text\ncache\nlabel mark\nsplit\ntfidf text\nlogistic\n", cache, 1).hits,
        0);
    sl_cache_free(cache);
}

static void changed_data_are_noticed(void **state)
{
    (void)state;
    static const char stages[] = CLEAN "cache\n" SPLIT "tfidf text\ncache\nlogistic\n";
    char own[] = "/tmp/sluice-cache-XXXXXX.csv";
    close(mkstemps(own, 4));
    write_reviews(own, 3000);
    struct sl_cache *cache = new_cache();
    struct outcome first = outcome_of(own, stages, cache, 2);
    assert_true(outcome_of(own, stages, cache, 2).hits > 0);
    /* One byte in the middle: the size stays. */
    FILE *file = fopen(own, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 150000, SEEK_SET), 0);
    int c = fgetc(file);
    assert_int_equal(fseek(file, 150000, SEEK_SET), 0);
    assert_true(fputc(c == 'e' ? 'a' : 'e', file) != EOF);
    assert_int_equal(fclose(file), 0);
    struct outcome changed = outcome_of(own, stages, cache, 2);
    assert_int_equal(changed.hits, 0);
    assert_int_not_equal(changed.hash, first.hash);
    sl_cache_free(cache);
    unlink(own);
}

static void the_last_cache_that_is_found_is_gone_on_from_and_those_behind_are_filled(void **state)
{
    (void)state;
    struct sl_cache *cache = new_cache();
    size_t n = 0;
    outcome_of(path, CLEAN "cache\n" SPLIT "tfidf text\ncache\nlogistic\n", cache, 2);
    assert_true(sl_cache_bytes(cache, &n) > 100000);
    assert_int_equal(n, 2);
    struct cached t;
    cached_run(&t, path, CLEAN "cache\n" SPLIT "tfidf text\ncache\nlogistic C=2\n", cache, 2);
    assert_int_equal(t.progress.stages[5].hits, 0);
    assert_int_equal(t.progress.stages[8].hits, sl_run_result(t.run)->kept);
    assert_int_equal(t.progress.stages[9].in, sl_run_result(t.run)->kept); /* the learner */
    assert_int_equal(t.progress.stages[5].in, t.progress.stages[4].out);
    cached_release(&t);
    cached_run(&t, path, CLEAN "cache\n" SPLIT "tfidf text min_df=5\ncache\nlogistic\n", cache, 2);
    assert_int_equal(t.progress.stages[5].hits, sl_run_result(t.run)->kept);
    assert_int_equal(t.progress.stages[5].misses, 0);
    assert_int_equal(t.progress.stages[8].misses, sl_run_result(t.run)->kept);
    cached_release(&t);
    sl_cache_bytes(cache, &n);
    assert_int_equal(n, 3);
    sl_cache_clear(cache);
    assert_int_equal(sl_cache_bytes(cache, &n), 0);
    sl_cache_free(cache);
}

static void a_cache_between_encoders_says_that_it_is_not_used(void **state)
{
    (void)state;
    struct sl_cache *cache = new_cache();
    static const char between[] = CLEAN SPLIT "impute score\ncache\nstandardize score\ntfidf text min_df=2\nlogistic\n";
    struct outcome plain = outcome_of(path, CLEAN SPLIT ENCODE "logistic\n", NULL, 2);
    for (int i = 0; i < 2; i++) {
        struct outcome o = outcome_of(path, between, cache, 2);
        assert_non_null(strstr(o.notices, "behind the last encoder"));
        assert_int_equal(o.hash, plain.hash);
        assert_int_equal(o.hits + o.misses, 0);
    }
    sl_cache_free(cache);
}

static void a_cache_keeps_no_more_than_its_limit(void **state)
{
    (void)state;
    struct sl_cache *cache = NULL;
    size_t n = 0;
    assert_int_equal(sl_cache_new(&cache, 1000, NULL), SL_OK);
    struct outcome o = outcome_of(path, CLEAN "cache\n" SPLIT ENCODE "logistic\n", cache, 2);
    assert_non_null(strstr(o.notices, "not kept"));
    assert_int_equal(sl_cache_bytes(cache, &n), 0);
    sl_cache_free(cache);
    /* Room for one of the two: that used longest ago goes. */
    cache = new_cache();
    static const char *const stages[] = { CLEAN "cache\n" SPLIT "tfidf text\nlogistic\n",
                                          "trim text\n" CLEAN "cache\n" SPLIT "tfidf text\nlogistic\n" };
    outcome_of(path, stages[0], cache, 2);
    uint64_t one = sl_cache_bytes(cache, &n);
    sl_cache_free(cache);
    assert_int_equal(sl_cache_new(&cache, one + one / 2, NULL), SL_OK);
    outcome_of(path, stages[0], cache, 2);
    outcome_of(path, stages[1], cache, 2);
    assert_true(sl_cache_bytes(cache, &n) <= one + one / 2 && n == 1);
    assert_true(outcome_of(path, stages[1], cache, 2).hits > 0);
    assert_int_equal(outcome_of(path, stages[0], cache, 2).hits, 0);
    sl_cache_free(cache);
}

struct together {
    struct sl_cache *cache;
    const char *stages;
    struct outcome outcome[3];
};

static void *run_some(void *ctx)
{
    struct together *t = ctx;
    for (int i = 0; i < 3; i++)
        t->outcome[i] = outcome_of(path, t->stages, t->cache, 2);
    return NULL;
}

static void runs_may_share_a_cache_at_the_same_time(void **state)
{
    (void)state;
    struct sl_cache *cache = new_cache();
    static const char *const stages[] = { CLEAN "cache\n" SPLIT ENCODE "logistic\n",
                                          CLEAN "cache\n" SPLIT ENCODE "cache\nlogistic\n",
                                          CLEAN SPLIT ENCODE "cache\nlogistic C=2\n" };
    struct outcome plain = outcome_of(path, CLEAN SPLIT ENCODE "logistic\n", NULL, 1);
    struct together each[3];
    pthread_t thread[3];
    for (int i = 0; i < 3; i++) {
        each[i] = (struct together){ .cache = cache, .stages = stages[i] };
        assert_int_equal(pthread_create(&thread[i], NULL, run_some, &each[i]), 0);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            assert_int_equal(each[i].outcome[k].hash, plain.hash);
            assert_true(k == 0 || each[i].outcome[k].hits > 0);
        }
    sl_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_from_a_cache_is_the_same_to_the_bit),
        cmocka_unit_test(a_cache_without_a_split_or_an_encoder_works_too),
        cmocka_unit_test(what_stands_before_decides_and_what_stands_behind_does_not),
        cmocka_unit_test(changed_data_are_noticed),
        cmocka_unit_test(the_last_cache_that_is_found_is_gone_on_from_and_those_behind_are_filled),
        cmocka_unit_test(a_cache_between_encoders_says_that_it_is_not_used),
        cmocka_unit_test(a_cache_keeps_no_more_than_its_limit),
        cmocka_unit_test(runs_may_share_a_cache_at_the_same_time),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
