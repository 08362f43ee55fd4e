/* test_session_cache.c: a cache in a live session: what does not change is not made again, and is judged. */
#include "session_try.h"

#include <string.h>

static void train(struct sl_session *s, const char *line)
{
    if (line)
        try_lines(s, line, NULL);
    try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    assert_non_null(sl_session_result(s));
}

static void a_changed_learner_makes_no_feature_again(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 400);
    struct sl_session *s = try_open("a.session"), *plain = try_open(NULL);
    try_lines(s, "read csv reviews.csv", "lowercase text", "label verdict", "split test_size=0.25 random_state=3",
              "tfidf text", "cache", "logistic", NULL);
    train(s, NULL);
    assert_int_equal(sl_session_result(s)->cache_hits, 0);
    assert_int_equal(sl_session_result(s)->cache_misses, 400);
    assert_int_equal(sl_session_stage(s, 5)->misses, 400);
    size_t points = 0;
    assert_true(sl_session_cached(s, &points) > 1000);
    assert_int_equal(points, 1);
    train(s, "set logistic.C=0.25");
    assert_int_equal(sl_session_result(s)->cache_hits, 400);
    assert_int_equal(sl_session_result(s)->cache_misses, 0);
    assert_int_equal(sl_session_stage(s, 5)->hits, 400);
    assert_int_equal(sl_session_stage(s, 1)->in, 400);
    assert_true(sl_session_stage(s, 1)->seconds == 0);
    assert_true(sl_session_stage(s, 4)->fitted);
    try_lines(plain, "read csv reviews.csv", "lowercase text", "label verdict", "split test_size=0.25 random_state=3",
              "tfidf text", "logistic C=0.25", NULL);
    train(plain, NULL);
    const struct sl_result *a = sl_session_result(s), *b = sl_session_result(plain);
    assert_memory_equal(&a->test.log_loss, &b->test.log_loss, sizeof a->test.log_loss);
    assert_memory_equal(&a->train.log_loss, &b->train.log_loss, sizeof a->train.log_loss);
    assert_int_equal(a->fingerprint, b->fingerprint);
    train(s, "set tfidf.max_features=30");
    assert_int_equal(sl_session_result(s)->cache_hits, 0);
    sl_session_forget_cached(s);
    assert_int_equal(sl_session_cached(s, &points), 0);
    sl_session_close(s);
    sl_session_close(plain);
}

static void a_training_is_judged_and_an_untrained_session_is_not(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 400);
    struct sl_session *s = try_open(NULL);
    struct sl_bottleneck b;
    try_lines(s, "read csv reviews.csv", "label verdict", "split random_state=1", "tfidf text", "logistic", NULL);
    assert_false(sl_session_bottleneck(s, &b));
    train(s, NULL);
    assert_true(sl_session_bottleneck(s, &b));
    assert_int_not_equal(b.kind, SL_FLOW_UNKNOWN);
    assert_true(b.wait_share > 0 && b.wait_share < 1 && b.total > 0);
    assert_true(b.stage < 5 && b.name[0] && b.todo[0] && b.gain >= 1);
    sl_session_close(s);
}

static void a_cache_that_is_not_used_says_so_in_the_log(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 200);
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read csv reviews.csv", "label verdict", "split random_state=1", "lowercase text", "cache",
              "tfidf text", "logistic", NULL);
    train(s, NULL);
    bool said = false;
    for (size_t i = 0; i < sl_session_log_lines(s); i++)
        said |= strstr(sl_session_log(s, i), "not used") != NULL;
    assert_true(said);
    sl_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(a_changed_learner_makes_no_feature_again),
        TRY(a_training_is_judged_and_an_untrained_session_is_not),
        TRY(a_cache_that_is_not_used_says_so_in_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
