/* test_epoch.c: epochs that take long: held, stopped, closed and killed within them, and gone on with to the same bits.
 */
#include "steer_try.h"

/* A sanitizer makes epochs long by itself. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define FEATURES 16384
#else
#define FEATURES 131072
#endif

/* Mini-batches of one record over many features: an epoch takes a second or so. */
static struct sl_session *begin(const char *path, int epochs)
{
    char learner[96], hashing[64];
    if (path)
        remove(path);
    struct sl_session *s = try_open(path);
    snprintf(hashing, sizeof hashing, "hashing text n_features=%d", FEATURES);
    snprintf(learner, sizeof learner, "logistic solver=adam batch_size=1 tol=1e-15 max_iter=%d", epochs);
    try_lines(s, "read csv reviews.csv", "label verdict", "split random_state=1", hashing, learner, NULL);
    return s;
}

static size_t points_of(struct sl_session *s)
{
    const struct sl_point *points;
    return sl_session_points(s, &points);
}

static struct outcome straight(int epochs)
{
    struct sl_session *s = begin(NULL, epochs);
    try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    struct outcome out = outcome_of(s);
    sl_session_close(s);
    return out;
}

static void holding_and_stopping_do_not_wait_for_the_epochs_end(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 800);
    struct sl_session *s = begin("a.session", 1000);
    try_lines(s, "train", NULL);
    await_event(s, "training", 0);
    try_lines(s, "pause", NULL);
    await(s, SL_JOB_PAUSED);
    assert_int_equal(await_event(s, "paused", 0)->step, 0);
    assert_int_equal(points_of(s), 0);
    try_lines(s, "resume", NULL);
    await(s, SL_JOB_TRAINING);
    try_lines(s, "stop", NULL);
    try_wait(s, SL_JOB_STOPPED);
    assert_int_equal(points_of(s), 0);
    assert_null(sl_session_result(s)); /* nothing whole has been learned */
    sl_session_close(s);
}

static void train_and_hold(struct sl_session *s)
{
    try_lines(s, "train", NULL);
    await_event(s, "training", 0);
    try_lines(s, "pause", NULL);
    await(s, SL_JOB_PAUSED);
}

static void train_until_something_is_kept(struct sl_session *s)
{
    try_lines(s, "train", NULL);
    await_event(s, "checkpoint", 0);
}

static void an_epoch_left_half_way_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    static void (*const ways[])(struct sl_session *) = { train_and_hold, train_until_something_is_kept };
    try_reviews("reviews.csv", 800);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        killed_after(ways[i], begin, "pieces.session", 2);
        struct sl_session *s = try_open("pieces.session");
        assert_int_equal(state_of(s), SL_JOB_INTERRUPTED);
        try_lines(s, "resume", NULL);
        await_event(s, "resumed", 0);
        sl_session_close(s); /* within an epoch again */
        s = try_open("pieces.session");
        try_lines(s, "resume", NULL);
        try_wait(s, SL_JOB_DONE);
        struct outcome pieces = outcome_of(s);
        sl_session_close(s);
        assert_same(straight(2), pieces);
    }
}

static void a_stop_within_an_epoch_leaves_the_last_whole_one(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 800);
    struct sl_session *s = begin("a.session", 2);
    try_lines(s, "train", NULL);
    await_points(s, 1);
    try_lines(s, "stop", NULL);
    try_wait(s, SL_JOB_STOPPED);
    assert_int_equal(points_of(s), 1);
    assert_int_equal(sl_session_result(s)->steps, 1);
    assert_same(straight(1), outcome_of(s));
    try_lines(s, "resume", NULL);
    try_wait(s, SL_JOB_DONE);
    assert_same(straight(2), outcome_of(s));
    sl_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(holding_and_stopping_do_not_wait_for_the_epochs_end),
        TRY(an_epoch_left_half_way_goes_on_to_the_same_bits),
        TRY(a_stop_within_an_epoch_leaves_the_last_whole_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
