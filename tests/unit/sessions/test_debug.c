/* test_debug.c: the session's debugger: breakpoints and watches that last, walking both ways, places that outlive a
 * change of the recipe. */
#include "session_try.h"

#include "sluice/debug.h"

#include <stdio.h>
#include <stdlib.h>

#define CLEANING "read csv reviews.csv", "lowercase text", "strip_html text", "trim text"

static struct sl_session *cleaning(const char *path, int records)
{
    try_reviews("reviews.csv", records);
    struct sl_session *s = try_open(path);
    try_lines(s, CLEANING, NULL);
    return s;
}

static struct sl_debug_place place_of(struct sl_session *s)
{
    struct sl_debug_place place;
    struct sl_error err = SL_ERROR_INIT;
    if (sl_debug_place(s, &place, &err))
        fail_msg("%s", err.what);
    return place;
}

static void assert_place(struct sl_session *s, uint64_t record, const char *statement)
{
    struct sl_debug_place place = place_of(s);
    assert_int_equal(place.step->place.record, record);
    assert_int_equal(place.step->params.n, strlen(statement));
    assert_memory_equal(place.step->params.p, statement, strlen(statement));
}

static char *account(struct sl_session *s)
{
    struct sl_buf text = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    if (sl_debug_account(s, &text, &err))
        fail_msg("%s", err.what);
    return text.p;
}

static void assert_kept(struct sl_session *s)
{
    assert_int_equal(sl_debug_breaks(s), 2);
    const struct sl_debug_break *b = sl_debug_break(s, 0);
    assert_string_equal(b->text, "strip_html: changed");
    assert_false(b->on);
    assert_int_equal(b->stage, 2);
    assert_null(b->problem);
    b = sl_debug_break(s, 1);
    assert_string_equal(b->text, "any: len(text) < 3 and verdict == \"good\"");
    assert_true(b->on);
    assert_true(b->stage == SL_NO_STAGE);
    long index = -1;
    const char *problem = "x";
    assert_int_equal(sl_debug_watches(s), 1);
    assert_string_equal(sl_debug_watch(s, 0, &index, &problem), "len(text)");
    assert_int_equal(index, 0);
    assert_null(problem);
}

static void breakpoints_and_watches_outlive_the_session_and_are_no_part_of_undo(void **state)
{
    (void)state;
    struct sl_session *s = cleaning("a.session", 20);
    try_lines(s, "break 3: changed", "break first 7", "break len(text) < 3 and verdict == \"good\"", "watch stars + 1",
              "watch len(text)", "switch 1", "unbreak 2", "unwatch 1", NULL);
    assert_kept(s);
    try_lines(s, "lowercase verdict", "undo", "undo", "redo", NULL);
    try_recipe(s, "read csv reviews.csv\nlowercase text\nstrip_html text\ntrim text\n");
    assert_kept(s);
    sl_session_close(s);
    s = try_open("a.session");
    try_recipe(s, "read csv reviews.csv\nlowercase text\nstrip_html text\ntrim text\n");
    assert_kept(s);
    try_lines(s, "unbreak all", "unwatch all", NULL);
    sl_session_close(s);
    s = try_open("a.session");
    assert_int_equal(sl_debug_breaks(s), 0);
    assert_int_equal(sl_debug_watches(s), 0);
    sl_session_close(s);
}

static void what_makes_no_sense_is_refused_and_not_kept(void **state)
{
    (void)state;
    struct sl_session *s = cleaning("a.session", 20);
    try_refused(s, "break strip_htm: changed", SL_EPARAM, "did you mean \"strip_html\"");
    try_refused(s, "break len(txt) < 3", SL_ESCHEMA, "txt");
    try_refused(s, "break len(text)", SL_EPARAM, "not a condition");
    try_refused(s, "watch len(", SL_ESYNTAX, "");
    try_refused(s, "unbreak 1", SL_EPARAM, "there are 0");
    try_refused(s, "switch x", SL_EPARAM, "no breakpoint x");
    try_refused(s, "step continue", SL_ESTATE, "there is no breakpoint");
    try_refused(s, "goto nowhere", SL_EPARAM, "no place");
    try_refused(s, "goto 20", SL_EPARAM, "no record 20");
    try_refused(s, "goto tfidf@3", SL_EPARAM, "no stage \"tfidf\"");
    try_refused(s, "records changed trim", SL_ESTATE, "audit");
    sl_session_close(s);
    s = try_open("a.session");
    assert_int_equal(sl_debug_breaks(s), 0);
    assert_int_equal(sl_debug_watches(s), 0);
    sl_session_close(s);
}

static void a_breakpoint_whose_stage_goes_stays_with_the_reason_until_it_comes_back(void **state)
{
    (void)state;
    struct sl_session *s = cleaning(NULL, 20);
    try_lines(s, "break strip_html: changed", "watch len(text)", "delete strip_html", NULL);
    const struct sl_debug_break *b = sl_debug_break(s, 0);
    assert_non_null(b->problem);
    assert_holds(b->problem, "strip_html");
    assert_true(b->stage == SL_NO_STAGE);
    try_refused(s, "step continue", SL_ESTATE, "no breakpoint is on that fits");
    try_lines(s, "insert 2 strip_html text", NULL);
    b = sl_debug_break(s, 0);
    assert_null(b->problem);
    assert_int_equal(b->stage, 1);
    const char *problem = NULL;
    long index = -1;
    sl_debug_watch(s, 0, &index, &problem);
    assert_int_equal(index, 0);
    try_lines(s, "edit 2 select verdict stars", NULL); /* there, the text stands at the source alone */
    sl_debug_watch(s, 0, &index, &problem);
    assert_int_equal(index, 0);
    try_write("other.csv", "words\nfine\n");
    try_lines(s, "delete 4", "delete 3", "delete 2", "open other.csv", NULL);
    sl_debug_watch(s, 0, &index, &problem);
    assert_int_equal(index, -1);
    assert_holds(problem, "no column 'text'");
    sl_session_close(s);
}

/* The cells of the record as it leaves the last stage, as a line of CSV. */
static void add_line(struct sl_session *s, struct sl_buf *out)
{
    const struct sl_chunk *after = place_of(s).step->after;
    for (size_t c = 0; after && c < after->schema->n; c++) {
        struct sl_buf cell = { 0 };
        sl_cell_format(after, c, 0, &cell);
        sl_buf_puts(out, c ? "," : "");
        sl_buf_csv(out, (struct sl_str){ cell.n ? cell.p : "", cell.n });
        sl_buf_release(&cell);
    }
    if (after)
        sl_buf_putc(out, '\n');
}

static void stepping_through_all_records_gives_what_the_batch_run_gives(void **state)
{
    (void)state;
    struct sl_session *s = cleaning(NULL, 60);
    struct sl_buf stepped = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    int status = SL_OK;
    try_lines(s, "filter \"stars != 3\"", "export batch.csv", NULL);
    sl_buf_puts(&stepped, "text,stars,verdict\n");
    while (!status) {
        const struct sl_step *here = place_of(s).step;
        if (here->place.stage + 1 == here->stages && !here->place.substep)
            add_line(s, &stepped);
        status = sl_session_command(s, "step into", NULL, &err);
    }
    assert_int_equal(status, SL_EEND);
    char *batch = try_read("batch.csv");
    assert_string_equal(stepped.p, batch);
    free(batch);
    sl_buf_release(&stepped);
    sl_session_close(s);
}

static void stepping_back_shows_what_was_shown(void **state)
{
    (void)state;
    enum { PLACES = 120 };
    char *shown[PLACES];
    struct sl_error err = SL_ERROR_INIT;
    struct sl_session *s = cleaning(NULL, 60);
    try_lines(s, "watch len(text)", "drop_duplicates text", NULL);
    for (int i = 0; i < PLACES; i++) {
        shown[i] = account(s);
        assert_int_equal(sl_debug_move(s, SL_STEP_INTO, &err), SL_OK);
    }
    for (int i = PLACES; i-- > 0;) {
        assert_int_equal(sl_debug_move(s, SL_STEP_BACK_INTO, &err), SL_OK);
        char *again = account(s);
        assert_string_equal(again, shown[i]);
        free(again);
        free(shown[i]);
    }
    assert_int_equal(sl_debug_move(s, SL_STEP_BACK_INTO, &err), SL_EEND);
    sl_session_close(s);
}

static void a_change_of_the_recipe_keeps_the_place(void **state)
{
    (void)state;
    struct sl_session *s = cleaning(NULL, 60);
    try_lines(s, "goto strip_html@7", NULL);
    assert_place(s, 7, "strip_html text");
    try_lines(s, "insert 2 trim verdict", NULL);
    assert_place(s, 7, "strip_html text");
    assert_int_equal(place_of(s).step->place.stage, 3);
    try_lines(s, "undo", NULL);
    assert_int_equal(place_of(s).step->place.stage, 2);
    try_lines(s, "delete strip_html", NULL);
    assert_place(s, 7, "trim text");
    try_lines(s, "delete trim", NULL);
    assert_place(s, 7, "lowercase text");
    try_lines(s, "goto :3", NULL);
    assert_place(s, 1, "read csv reviews.csv");
    try_reviews("other.csv", 3);
    try_lines(s, "goto 50", "open other.csv", NULL);
    assert_int_equal(place_of(s).step->place.record, 0);
    sl_session_close(s);
}

static void without_a_source_there_is_nothing_to_step_through(void **state)
{
    (void)state;
    struct sl_session *s = try_open(NULL);
    try_refused(s, "step", SL_ESTATE, "nothing to step through");
    try_lines(s, "break changed", "watch len(text)", NULL);
    assert_holds(sl_debug_break(s, 0)->problem, "no pipeline");
    try_reviews("reviews.csv", 5);
    try_lines(s, CLEANING, NULL);
    assert_null(sl_debug_break(s, 0)->problem);
    assert_string_equal(sl_debug_break(s, 0)->text, "any: changed");
    sl_session_close(s);
}

/* The first record from `from` on whose raw text holds a tag, by looking at the file. */
static uint64_t next_tagged(uint64_t from)
{
    char *text = try_read("reviews.csv"), *line = text;
    uint64_t record = 0;
    for (line = strchr(line, '\n') + 1; *line; line = strchr(line, '\n') + 1, record++) {
        char *end = strchr(line, '\n'), *tag = memchr(line, '<', (size_t)(end - line));
        if (tag && record >= from)
            break;
    }
    bool found = *line != 0;
    free(text);
    return found ? record : UINT64_MAX;
}

static void continuing_stops_at_every_record_that_a_search_finds(void **state)
{
    (void)state;
    struct sl_session *s = cleaning(NULL, 200);
    struct sl_debug_state now;
    struct sl_error err = SL_ERROR_INIT;
    uint64_t hits = 0;
    try_lines(s, "break strip_html: changed", "break any: len(text) > 9999", NULL);
    for (uint64_t expected = next_tagged(0); expected != UINT64_MAX; expected = next_tagged(expected + 1)) {
        assert_int_equal(sl_debug_continue(s, false, &err), SL_OK);
        assert_true(sl_debug_wait(s, -1));
        sl_debug_state(s, &now);
        assert_int_equal(now.error.status, SL_OK);
        assert_int_equal(now.hit.place.record, expected);
        assert_string_equal(now.stopped_by, "strip_html: changed");
        assert_place(s, expected, "strip_html text");
        assert_int_equal(sl_debug_break(s, 0)->hits, ++hits);
    }
    assert_true(hits > 20);
    assert_int_equal(sl_debug_break(s, 1)->hits, 0);
    uint64_t last = place_of(s).step->place.record;
    try_lines(s, "step continue", NULL);
    assert_true(sl_debug_wait(s, -1));
    sl_debug_state(s, &now);
    assert_int_equal(now.error.status, SL_EEND);
    assert_place(s, last, "strip_html text");
    try_lines(s, "goto 0", NULL);
    assert_int_equal(sl_debug_run(s, &err), SL_OK);
    assert_true(sl_debug_wait(s, -1));
    assert_place(s, next_tagged(0), "strip_html text");
    sl_session_close(s);
}

static void a_cancelled_search_leaves_the_place_and_nobody_steps_meanwhile(void **state)
{
    (void)state;
    struct sl_session *s = cleaning(NULL, 3000);
    struct sl_debug_state now;
    struct sl_debug_place place;
    struct sl_error err = SL_ERROR_INIT;
    try_lines(s, "break len(text) > 99999", "goto trim@11", "step continue", NULL);
    sl_debug_cancel(s);
    assert_int_equal(sl_debug_place(s, &place, &err), SL_ESTATE); /* until what came of it is taken over */
    assert_int_equal(sl_debug_move(s, SL_STEP_NEXT, &err), SL_ESTATE);
    assert_true(sl_debug_wait(s, -1));
    sl_debug_state(s, &now);
    assert_true(now.error.status == SL_ECANCEL || now.error.status == SL_EEND);
    assert_int_equal(now.task, SL_DEBUG_IDLE);
    assert_place(s, 11, "trim text");
    /* A change of the recipe ends a search, too. */
    try_lines(s, "step continue", "lowercase verdict", NULL);
    assert_place(s, 11, "trim text");
    try_lines(s, "step continue", NULL);
    sl_session_close(s);
}

static void who_only_looks_may_step_but_keeps_nothing(void **state)
{
    (void)state;
    struct sl_session *s = cleaning("a.session", 20);
    try_lines(s, "break strip_html: changed", "watch len(text)", NULL);
    sl_session_close(s);
    s = try_open_with(&(struct sl_session_options){ .path = "a.session", .read_only = true, .threads = 2 });
    try_refused(s, "break first 3", SL_ESTATE, "to look at only");
    try_refused(s, "unwatch all", SL_ESTATE, "to look at only");
    try_lines(s, "step", "step into", "step continue", NULL);
    assert_true(sl_debug_wait(s, -1));
    assert_place(s, next_tagged(0), "strip_html text");
    sl_session_close(s);
}

static void the_account_marks_what_was_taken_out_and_put_in(void **state)
{
    (void)state;
    struct sl_buf reply = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    try_write("a.csv", "text,n\n\"Good.<br /><br />The END\",1\n,2\n");
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read csv a.csv", "strip_html text", "lowercase text", "drop_missing text", "watch len(text)", NULL);
    assert_int_equal(sl_session_command(s, "step", &reply, &err), SL_OK);
    assert_holds(reply.p, "a.csv:2  record 0  stage 2 of 4  strip_html text  (changed)\n"
                          "  text: Good.[-<br /><br />-]The END\n"
                          "  watch 1  len(text): 24 | ~12 | 12 | 12\n");
    assert_int_equal(sl_session_command(s, "step", &reply, &err), SL_OK);
    assert_holds(reply.p, "  text: [-G-]{+g+}ood.[-T-]{+t+}he [-END-]{+end+}\n");
    assert_int_equal(sl_session_command(s, "goto drop_missing@1", &reply, &err), SL_OK);
    assert_holds(reply.p, "drop_missing text  (dropped)\n  the record ends here\n");
    sl_buf_release(&reply);
    assert_int_equal(sl_debug_json(s, &reply, &err), SL_OK);
    assert_holds(reply.p, "\"line\":3,\"record\":1,\"stage\":4,\"operation\":0,\"statement\":\"drop_missing text\","
                          "\"marks\":[\"dropped\"]");
    sl_buf_release(&reply);
    sl_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(breakpoints_and_watches_outlive_the_session_and_are_no_part_of_undo),
        TRY(what_makes_no_sense_is_refused_and_not_kept),
        TRY(a_breakpoint_whose_stage_goes_stays_with_the_reason_until_it_comes_back),
        TRY(stepping_through_all_records_gives_what_the_batch_run_gives),
        TRY(stepping_back_shows_what_was_shown),
        TRY(a_change_of_the_recipe_keeps_the_place),
        TRY(without_a_source_there_is_nothing_to_step_through),
        TRY(continuing_stops_at_every_record_that_a_search_finds),
        TRY(a_cancelled_search_leaves_the_place_and_nobody_steps_meanwhile),
        TRY(who_only_looks_may_step_but_keeps_nothing),
        TRY(the_account_marks_what_was_taken_out_and_put_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
