/* test_browse.c: any record of a file, raw and after the stages, by number, backward, filtered and searched. */
#include "recipe_try.h"

#include "sluice/browse.h"

enum { N = 5000 };

static char path[] = "/tmp/sluice-browse-XXXXXX.csv";

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemps(path, 4);
    if (fd < 0)
        return -1;
    close(fd);
    write_reviews(path, N);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

struct browsing {
    struct recipe recipe;
    struct sl_pipeline *pipeline;
    struct sl_browser *browser;
};

static void open_browser(struct browsing *b, const char *stages)
{
    char text[1000];
    struct sl_error err = SL_ERROR_INIT;
    struct sl_pipeline_options options = { 0 };
    snprintf(text, sizeof text, "read csv %s\n%s", path, stages);
    recipe_parse(&b->recipe, text);
    if (sl_pipeline_new(&b->pipeline, b->recipe.statements, b->recipe.n, &options, &err))
        fail_msg("%s", err.what);
    if (sl_browser_new(&b->browser, b->pipeline, &options, &err))
        fail_msg("%s", err.what);
}

static void close_browser(struct browsing *b)
{
    sl_browser_free(b->browser);
    sl_pipeline_free(b->pipeline);
    recipe_release(&b->recipe);
}

static void get_page(struct browsing *b, uint64_t first, size_t n, bool backward, enum sl_filter filter,
                     const char *match, struct sl_page *page)
{
    struct sl_error err = SL_ERROR_INIT;
    if (sl_browser_page(b->browser, first, n, backward, filter, match, sl_pipeline_stages(b->pipeline), 10000, page,
                        &err))
        fail_msg("%s", err.what);
}

static void records_come_in_order_from_any_place(void **state)
{
    (void)state;
    struct browsing b;
    static const uint64_t places[] = { 0, 40, 41, 4000, 4990, 17 };
    open_browser(&b, "lowercase text\nstrip_html text\n");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct sl_page page;
        get_page(&b, places[i], 10, false, SL_SHOW_ALL, NULL, &page);
        assert_int_equal(page.n, 10);
        for (size_t k = 0; k < page.n; k++) {
            const struct sl_row *row = &page.rows[k];
            assert_int_equal(row->record, places[i] + k);
            assert_int_equal(row->rejected, row->record % 97 == 41);
            if (row->rejected)
                continue;
            assert_int_equal((uint64_t)row->raw_chunk->columns[0].number[0], row->record);
            assert_int_equal(row->after_chunk->n, 1);
        }
        sl_page_release(&page);
    }
    close_browser(&b);
}

static void going_backward_gives_the_nearest_first_and_ends_at_the_start(void **state)
{
    (void)state;
    struct browsing b;
    struct sl_page page;
    open_browser(&b, "lowercase text\n");
    get_page(&b, 4100, 5, true, SL_SHOW_ALL, NULL, &page);
    assert_int_equal(page.n, 5);
    for (size_t k = 0; k < 5; k++)
        assert_int_equal(page.rows[k].record, 4099 - k);
    sl_page_release(&page);
    get_page(&b, 3, 10, true, SL_SHOW_ALL, NULL, &page);
    assert_int_equal(page.n, 3);
    assert_true(page.end);
    sl_page_release(&page);
    get_page(&b, 0, 10, true, SL_SHOW_ALL, NULL, &page);
    assert_int_equal(page.n, 0);
    assert_true(page.end);
    sl_page_release(&page);
    get_page(&b, N - 2, 10, false, SL_SHOW_ALL, NULL, &page);
    assert_int_equal(page.n, 2);
    assert_true(page.end);
    sl_page_release(&page);
    close_browser(&b);
}

static void filters_find_what_they_name(void **state)
{
    (void)state;
    struct browsing b;
    struct sl_page page;
    open_browser(&b, "drop_missing mark\nreplace text pattern=caf\xc3\xa9 with=cafe\n");
    get_page(&b, 0, 1000, false, SL_SHOW_QUARANTINED, NULL, &page);
    assert_int_equal(page.n, 52); /* i % 97 == 41 below 5000 */
    for (size_t k = 0; k < page.n; k++)
        assert_int_equal(page.rows[k].record, 41 + 97 * k);
    assert_true(page.end);
    sl_page_release(&page);
    get_page(&b, 0, 1000, false, SL_SHOW_DROPPED, NULL, &page);
    for (size_t k = 0; k < page.n; k++) {
        assert_int_equal(page.rows[k].record % 53, 7);
        assert_int_equal(page.rows[k].dropped_by, 1);
        assert_null(page.rows[k].after_chunk);
    }
    assert_true(page.n > 80);
    sl_page_release(&page);
    get_page(&b, 0, 50, false, SL_SHOW_CHANGED, NULL, &page);
    assert_int_equal(page.n, 50);
    for (size_t k = 0; k < page.n; k++) {
        struct sl_str raw = page.rows[k].raw_chunk->columns[1].text[0];
        assert_non_null(memmem(raw.p, raw.n, "caf\xc3\xa9", 5));
        assert_true(page.rows[k].changed);
    }
    sl_page_release(&page);
    get_page(&b, 0, 30, false, SL_SHOW_MATCHING, "ACTING", &page);
    assert_int_equal(page.n, 30);
    for (size_t k = 0; k < page.n; k++) {
        struct sl_str raw = page.rows[k].raw_chunk->columns[1].text[0];
        assert_non_null(memmem(raw.p, raw.n, "acting", 6));
    }
    sl_page_release(&page);
    close_browser(&b);
}

static void a_search_out_of_time_says_where_to_go_on(void **state)
{
    (void)state;
    struct browsing b;
    struct sl_page page;
    struct sl_error err = SL_ERROR_INIT;
    uint64_t next = 0;
    unsigned calls = 0;
    open_browser(&b, "lowercase text\n");
    for (;; calls++) {
        assert_int_equal(
            sl_browser_page(b.browser, next, 1, false, SL_SHOW_MATCHING, "no such word", 2, 0, &page, &err), SL_OK);
        assert_int_equal(page.n, 0);
        bool end = page.end;
        assert_true(end || page.more);
        assert_true(end || page.next > next);
        next = page.next;
        sl_page_release(&page);
        if (end)
            break;
    }
    assert_true(calls > 2);
    close_browser(&b);
}

static void wait_for_scan(struct browsing *b, struct sl_scan_state *scan)
{
    do {
        usleep(1000);
        sl_browser_state(b->browser, scan);
    } while (scan->running);
}

static void a_scan_learns_records_quarantine_and_profile(void **state)
{
    (void)state;
    struct browsing b;
    struct sl_scan_state scan;
    struct sl_column_profile profile;
    open_browser(&b, "lowercase text\n");
    assert_int_equal(sl_browser_scan(b.browser, 2, NULL, NULL, NULL), SL_OK);
    wait_for_scan(&b, &scan);
    assert_true(scan.complete);
    assert_int_equal(scan.records, N);
    assert_int_equal(scan.quarantined, 52);
    assert_true(sl_browser_profile(b.browser, 0, &profile));
    assert_string_equal(profile.name, "id");
    assert_int_equal(profile.n, N - 52);
    assert_true(profile.max == N - 1);
    struct sl_reject rejects[100];
    assert_int_equal(sl_browser_rejects(b.browser, 2, rejects, 100), 50);
    assert_int_equal(rejects[0].origin.record, 41 + 2 * 97);
    assert_false(sl_browser_profile(b.browser, 99, &profile));
    close_browser(&b);
}

static void a_cancelled_scan_goes_on_where_it_stopped(void **state)
{
    (void)state;
    struct browsing b;
    struct sl_scan_state scan;
    struct sl_column_profile profile;
    open_browser(&b, "lowercase text\n");
    for (unsigned i = 0; i < 200; i++) {
        assert_int_equal(sl_browser_scan(b.browser, 1 + (int)(i % 2), NULL, NULL, NULL), SL_OK);
        sl_browser_cancel(b.browser);
    }
    assert_int_equal(sl_browser_scan(b.browser, 2, NULL, NULL, NULL), SL_OK);
    wait_for_scan(&b, &scan);
    assert_true(scan.complete);
    assert_int_equal(scan.records, N);
    assert_int_equal(scan.quarantined, 52);
    assert_true(sl_browser_profile(b.browser, 0, &profile));
    assert_int_equal(profile.n, N - 52);
    close_browser(&b);
}

static void a_run_s_findings_are_taken_over_and_not_counted_twice(void **state)
{
    (void)state;
    struct browsing b;
    struct sl_scan_state scan;
    struct sl_column_profile profile;
    struct sl_run *run = NULL;
    struct sl_run_options options = { .memory = 1 << 30 };
    open_browser(&b, "lowercase text\n");
    assert_int_equal(sl_pipeline_run(&run, b.pipeline, &options, NULL), SL_OK);
    assert_int_equal(sl_browser_adopt(b.browser, sl_run_result(run), NULL), SL_OK);
    sl_run_free(run);
    sl_browser_state(b.browser, &scan);
    assert_int_equal(scan.records, N);
    assert_int_equal(scan.quarantined, 52);
    assert_int_equal(sl_browser_scan(b.browser, 2, NULL, NULL, NULL), SL_OK);
    wait_for_scan(&b, &scan);
    assert_true(scan.complete);
    assert_int_equal(scan.quarantined, 52);
    assert_true(sl_browser_profile(b.browser, 0, &profile));
    assert_int_equal(profile.n, N - 52);
    close_browser(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_in_order_from_any_place),
        cmocka_unit_test(going_backward_gives_the_nearest_first_and_ends_at_the_start),
        cmocka_unit_test(filters_find_what_they_name),
        cmocka_unit_test(a_search_out_of_time_says_where_to_go_on),
        cmocka_unit_test(a_scan_learns_records_quarantine_and_profile),
        cmocka_unit_test(a_cancelled_scan_goes_on_where_it_stopped),
        cmocka_unit_test(a_run_s_findings_are_taken_over_and_not_counted_twice),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
