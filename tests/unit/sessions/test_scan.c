/* test_scan.c: the background scan and the training take turns at the data, and the browser goes along with the recipe.
 */
#include "session_try.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static struct sl_session *begin(int records)
{
    try_reviews("reviews.csv", records);
    struct sl_session *s = try_open_with(
        &(struct sl_session_options){ .path = "a.session", .threads = 2, .memory = 64 << 20, .scan = true });
    try_lines(s, "read csv reviews.csv", "lowercase text", "label verdict", "split random_state=1", "tfidf text",
              "logistic", NULL);
    return s;
}

static void await_scan(struct sl_session *s)
{
    struct sl_scan_state state = { 0 };
    while (!state.complete) {
        struct pollfd fd = { .fd = sl_session_fd(s), .events = POLLIN };
        poll(&fd, 1, 20);
        sl_session_poll(s);
        sl_browser_state(sl_session_browser(s), &state);
        assert_int_equal(state.error.status, SL_OK);
    }
}

static void the_scan_starts_by_itself_and_knows_all_records(void **state)
{
    (void)state;
    struct sl_session *s = begin(5000);
    struct sl_scan_state scan;
    struct sl_column_profile profile;
    assert_non_null(sl_session_browser(s));
    await_scan(s);
    sl_browser_state(sl_session_browser(s), &scan);
    assert_int_equal(scan.records, 5000);
    assert_true(sl_browser_profile(sl_session_browser(s), 2, &profile));
    assert_string_equal(profile.name, "verdict");
    assert_int_equal(profile.n, 5000);
    sl_session_close(s);
}

static void training_holds_the_scan_which_then_goes_on(void **state)
{
    (void)state;
    struct sl_session *s = begin(30000);
    struct sl_scan_state scan;
    try_lines(s, "train", NULL);
    sl_browser_state(sl_session_browser(s), &scan);
    assert_false(scan.running);
    assert_true(sl_session_stage(s, 0)->counted);
    try_wait(s, SL_JOB_DONE);
    assert_int_equal(sl_session_result(s)->records, 30000);
    await_scan(s);
    sl_browser_state(sl_session_browser(s), &scan);
    assert_int_equal(scan.records, 30000);
    sl_session_close(s);
}

static void the_browser_follows_the_recipe(void **state)
{
    (void)state;
    struct sl_session *s = begin(200);
    struct sl_error err = SL_ERROR_INIT;
    struct sl_page page = { 0 };
    struct sl_browser *browser = sl_session_browser(s);
    await_scan(s);
    try_lines(s, "insert 3 strip_html text", NULL);
    assert_ptr_equal(sl_session_browser(s), browser); /* what it knows of the input is kept */
    assert_int_equal(sl_browser_page(browser, 0, 5, false, SL_SHOW_ALL, NULL, 3, 1000, &page, &err), SL_OK);
    assert_int_equal(page.n, 5);
    sl_page_release(&page);
    try_write("other.csv", "text,verdict\nx,a\ny,b\n");
    try_lines(s, "open other.csv", NULL);
    page = (struct sl_page){ 0 };
    assert_int_equal(sl_browser_page(sl_session_browser(s), 0, 5, false, SL_SHOW_ALL, NULL, 3, 1000, &page, &err),
                     SL_OK);
    assert_int_equal(page.n, 2);
    sl_page_release(&page);
    try_lines(s, "undo", "off tfidf", "delete read", NULL);
    assert_null(sl_session_browser(s));
    try_lines(s, "undo", NULL);
    assert_non_null(sl_session_browser(s));
    sl_session_close(s);
}

static void edits_while_training_leave_the_training_alone(void **state)
{
    (void)state;
    struct sl_session *s = begin(400);
    try_lines(s, "set logistic.solver=adam logistic.max_iter=300 logistic.tol=1e-15", "train",
              "set tfidf.max_features=3", "insert 3 strip_html text", "delete lowercase", "undo", NULL);
    try_wait(s, SL_JOB_DONE);
    assert_int_equal(sl_session_result(s)->steps, 300);
    assert_true(sl_session_result(s)->n_features > 3);
    assert_false(sl_session_stage(s, 5)->fitted);
    try_lines(s, "undo", "undo", NULL);
    assert_true(sl_session_stage(s, 4)->fitted);
    sl_session_close(s);
}

static void closing_in_the_middle_of_everything_is_quick_and_clean(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct sl_session *s = begin(20000);
        if (i % 2)
            try_lines(s, "train", NULL);
        sl_session_wait(s, 3 * i);
        sl_session_close(s);
        remove("a.session");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(the_scan_starts_by_itself_and_knows_all_records),
        TRY(training_holds_the_scan_which_then_goes_on),
        TRY(the_browser_follows_the_recipe),
        TRY(edits_while_training_leave_the_training_alone),
        TRY(closing_in_the_middle_of_everything_is_quick_and_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
