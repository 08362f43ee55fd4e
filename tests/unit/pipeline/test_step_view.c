/* test_step_view.c: what a step shows: changes, sub-operations, what was learned; moves and jumps; watches. */
#include "step_try.h"

static char path[] = "/tmp/sluice-stepview-XXXXXX.csv";
static const char text[] = "id,review,stars,city\n"
                           "1,Good.<br /><br />The end,4,Rome\n"
                           "2,\"two\nlines <b>BAD</b>\",,Oslo\n"
                           "3,torn\n"
                           "4,Good.<br /><br />The end,2,\n"
                           "5,<p>,8,Rome\n"
                           "6,caf\xc3\xa9 the film film,6,Rome\n";

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemps(path, 4);
    if (fd < 0)
        return -1;
    close(fd);
    write_file(path, text, sizeof text - 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static void assert_text(struct sl_str s, const char *expected)
{
    char got[400];
    snprintf(got, sizeof got, "%.*s", (int)s.n, s.n ? s.p : "");
    assert_string_equal(got, expected);
}

static void assert_holds(struct sl_str s, const char *words)
{
    if (!s.n || !memmem(s.p, s.n, words, strlen(words)))
        fail_msg("\"%s\" is not in \"%.*s\"", words, (int)s.n, s.n ? s.p : "");
}

static void a_stage_on_text_shows_what_it_replaced_tag_by_tag(void **state)
{
    (void)state;
    struct stepping s;
    stepping_open(&s, path, "strip_html review\n", 1, 0, false);
    const struct sl_step *step = step_at(&s, 0, 1, 0);
    assert_int_equal(step->marks, SL_MARK_CHANGED);
    assert_text(step->params, "strip_html review");
    assert_int_equal(step->n_changes, 1);
    assert_string_equal(step->changes[0].name, "review");
    assert_int_equal(step->changes[0].n_edits, 1);
    assert_int_equal(step->changes[0].edits[0].from, 5);
    assert_int_equal(step->changes[0].edits[0].taken, 12);
    assert_int_equal(step->changes[0].edits[0].put, 0);
    assert_text(step->after->columns[1].text[0], "Good.The end");
    assert_int_equal(step->substeps, 2);
    step = step_at(&s, 0, 1, 1);
    assert_text(step->sub->what, "take out <br />");
    assert_text(step->sub->text, "Good.<br />The end");
    assert_null(step->sub_before);
    step = step_at(&s, 0, 1, 2);
    assert_text(step->sub->text, "Good.The end");
    assert_text(step->sub_before->text, "Good.<br />The end");
    step = step_at(&s, 4, 1, 0);
    assert_int_equal(step->marks, SL_MARK_CHANGED | SL_MARK_EMPTY);
    stepping_close(&s);
}

static void encoders_show_what_they_learned_and_which_features_a_record_has(void **state)
{
    (void)state;
    struct stepping s;
    stepping_open(&s, path, "impute stars\nstandardize stars\nonehot city\ntfidf review stop_words=english\n", 2, 0,
                  true);
    const struct sl_step *step = step_at(&s, 1, 1, 0);
    assert_int_equal(step->n_changes, 1);
    assert_int_equal(step->changes[0].kind, SL_CHANGE_NUMBER);
    assert_true(step->changes[0].was_missing && isnan(step->changes[0].from));
    assert_true(fabs(step->changes[0].to - 5) < 1e-12);
    assert_holds(step->explain, "stars: a missing value becomes 5; so it is here");
    step = step_at(&s, 4, 2, 0);
    assert_holds(step->explain, "stars: mean 5, scale 2");
    step = step_at(&s, 1, 3, 0);
    assert_holds(step->explain, "city: 3 categories; Oslo is feature 0");
    step = step_at(&s, 5, 4, 0);
    assert_int_equal(step->changes[0].kind, SL_CHANGE_FEATURES);
    assert_int_equal(step->changes[0].n_features, 2);
    assert_text(step->changes[0].features[0].name, "caf\xc3\xa9");
    assert_text(step->changes[0].features[1].name, "film");
    assert_true(isnan(step->changes[0].features[1].before));
    assert_true(fabs(step->changes[0].features[1].after - 2 / sqrt(5)) < 1e-6);
    assert_holds(step->explain, "film: 0.894427, idf 2.09861, in 1 of 5 training records");
    assert_int_equal(step->substeps, 5);
    static const char *const phases[] = { "words found", "stop words left out", "terms counted", "terms weighted",
                                          "row scaled" };
    static const size_t items[] = { 4, 3, 2, 2, 2 };
    for (uint32_t k = 1; k <= 5; k++) {
        step = step_at(&s, 5, 4, k);
        assert_text(step->sub->what, phases[k - 1]);
        assert_int_equal(step->sub->n_items, items[k - 1]);
    }
    step = step_at(&s, 5, 4, 3);
    assert_text(step->sub->items[1].term, "film");
    assert_true(fabs(step->sub->items[1].value - 2) < 1e-12);
    stepping_close(&s);
}

static void an_encoder_that_has_not_learned_is_skipped_and_so_is_what_needs_it(void **state)
{
    (void)state;
    struct stepping s;
    stepping_open(&s, path, "tfidf review\nimpute stars strategy=constant\nselect review stars\n", 1, 0, false);
    for (uint32_t stage = 1; stage <= 3; stage++) {
        const struct sl_step *step = step_at(&s, 1, stage, 0);
        assert_int_equal(step->place.stage, stage);
        assert_int_equal(step->marks, SL_MARK_SKIPPED);
        assert_int_equal(step->after->schema->fields[1].type, SL_TEXT);
        assert_int_equal(step->substeps, 0);
    }
    stepping_close(&s);
}

static void records_that_cannot_be_read_or_are_dropped_end_where_they_do(void **state)
{
    (void)state;
    struct stepping s;
    struct sl_error err = SL_ERROR_INIT;
    stepping_open(&s, path, "drop_missing city\ndrop_duplicates review\nlowercase review\n", 2, 0, false);
    const struct sl_step *step = step_at(&s, 2, 3, 0);
    assert_int_equal(step->place.stage, 0);
    assert_int_equal(step->marks, SL_MARK_ERROR);
    assert_true(step->reject.reason[0] != 0);
    assert_null(step->after);
    step = step_at(&s, 3, 3, 0);
    assert_int_equal(step->place.stage, 1);
    assert_int_equal(step->marks, SL_MARK_DROPPED);
    assert_non_null(step->before);
    assert_null(step->after);
    must(sl_stepper_verdicts(s.stepper, NULL, &err), &err);
    assert_int_equal(step_at(&s, 0, 2, 0)->marks, SL_MARK_UNDECIDED);
    stepping_close(&s);
}

static void verdicts_of_ordered_stages_drop_what_the_run_drops(void **state)
{
    (void)state;
    struct stepping s;
    stepping_open(&s, path, "drop_duplicates review\nlowercase review\n", 2, 40, false);
    assert_int_equal(s.verdicts.stage[1].n, 1);
    assert_int_equal(s.verdicts.stage[1].record[0], 3);
    assert_int_equal(step_at(&s, 3, 2, 0)->marks, SL_MARK_DROPPED);
    assert_int_equal(step_at(&s, 0, 2, 0)->place.stage, 2);
    stepping_close(&s);
}

static void moves_go_through_stages_and_on_to_the_next_record(void **state)
{
    (void)state;
    struct stepping s;
    struct sl_error err = SL_ERROR_INIT;
    stepping_open(&s, path, "strip_html review\nlowercase review\n", 1, 0, false);
    static const struct {
        enum sl_move move;
        struct sl_place to;
    } moves[] = {
        { SL_STEP_NEXT, { 0, 1, 0 } },        { SL_STEP_INTO, { 0, 1, 1 } },   { SL_STEP_NEXT, { 0, 1, 2 } },
        { SL_STEP_NEXT, { 0, 2, 0 } },        { SL_STEP_BACK, { 0, 1, 0 } },   { SL_STEP_INTO, { 0, 1, 1 } },
        { SL_STEP_FINISH, { 0, 1, 0 } },      { SL_STEP_FINISH, { 0, 2, 0 } }, { SL_STEP_NEXT_RECORD, { 1, 2, 0 } },
        { SL_STEP_NEXT_RECORD, { 2, 0, 0 } }, { SL_STEP_NEXT, { 3, 0, 0 } },   { SL_STEP_BACK, { 2, 0, 0 } },
        { SL_STEP_BACK, { 1, 2, 0 } },        { SL_STEP_BACK, { 1, 1, 0 } },   { SL_STEP_PREVIOUS_RECORD, { 0, 1, 0 } },
        { SL_STEP_BACK_FINISH, { 0, 0, 0 } }, { SL_STEP_INTO, { 0, 1, 0 } },
    };
    for (size_t k = 0; k < sizeof moves / sizeof *moves; k++) {
        must(sl_stepper_move(s.stepper, moves[k].move, &err), &err);
        assert_int_equal(sl_place_compare(&sl_stepper_here(s.stepper)->place, &moves[k].to), 0);
    }
    step_at(&s, 5, 2, 0);
    assert_int_equal(sl_stepper_move(s.stepper, SL_STEP_NEXT, &err), SL_EEND);
    assert_int_equal(sl_stepper_here(s.stepper)->place.record, 5);
    stepping_close(&s);
}

static void a_line_of_the_file_leads_to_the_record_that_covers_it(void **state)
{
    (void)state;
    static const struct {
        const char *where;
        uint64_t record;
    } places[] = { { ":2", 0 }, { ":3", 1 }, { ":4", 1 }, { ":5", 2 }, { ":8", 5 }, { "4", 4 } };
    for (uint64_t block = 0; block < 200; block += 30) {
        struct stepping s;
        struct sl_error err = SL_ERROR_INIT;
        char named[100];
        stepping_open(&s, path, "lowercase review\n", 1, block, false);
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            must(sl_stepper_goto_text(s.stepper, places[k].where, &err), &err);
            assert_int_equal(sl_stepper_here(s.stepper)->place.record, places[k].record);
        }
        snprintf(named, sizeof named, "%s:4", strrchr(path, '/') + 1);
        must(sl_stepper_goto_text(s.stepper, named, &err), &err);
        assert_int_equal(sl_stepper_here(s.stepper)->place.record, 1);
        assert_string_equal(sl_stepper_here(s.stepper)->file, path);
        static const char *const wrong[] = { ":1", ":9", "99", "other.csv:2", "x", ":", "" };
        for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
            assert_int_equal(sl_stepper_goto_text(s.stepper, wrong[k], &err), SL_EPARAM);
            assert_true(err.fix[0] != 0);
            assert_int_equal(sl_stepper_here(s.stepper)->place.record, 1);
        }
        stepping_close(&s);
    }
}

static void a_watch_follows_an_expression_from_stage_to_stage(void **state)
{
    (void)state;
    struct stepping s;
    struct sl_error err = SL_ERROR_INIT;
    size_t length, stars;
    stepping_open(&s, path, "lowercase review\nstrip_html review\nselect review\n", 1, 0, false);
    must(sl_stepper_watch(s.stepper, "len(review)", &length, &err), &err);
    must(sl_stepper_watch(s.stepper, "stars * 2", &stars, &err), &err);
    assert_int_equal(sl_stepper_watch(s.stepper, "len(nothing)", NULL, &err), SL_ESCHEMA);
    assert_int_equal(sl_stepper_watches(s.stepper), 2);
    static const double lengths[] = { 24, 24, 12, 12 };
    static const bool changed[] = { false, false, true, false };
    for (size_t stage = 0; stage < 4; stage++) {
        struct sl_watch_value v;
        must(sl_stepper_watch_value(s.stepper, length, stage, &v, &err), &err);
        assert_true(v.there && v.value.kind == SL_REALVALUE);
        assert_int_equal((int)v.value.number, (int)lengths[stage]);
        assert_int_equal(v.changed, changed[stage]);
        must(sl_stepper_watch_value(s.stepper, stars, stage, &v, &err), &err);
        assert_int_equal(v.there, stage < 3);
    }
    sl_stepper_unwatch(s.stepper, length);
    assert_string_equal(sl_stepper_watched(s.stepper, 0), "stars * 2");
    stepping_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stage_on_text_shows_what_it_replaced_tag_by_tag),
        cmocka_unit_test(encoders_show_what_they_learned_and_which_features_a_record_has),
        cmocka_unit_test(an_encoder_that_has_not_learned_is_skipped_and_so_is_what_needs_it),
        cmocka_unit_test(records_that_cannot_be_read_or_are_dropped_end_where_they_do),
        cmocka_unit_test(verdicts_of_ordered_stages_drop_what_the_run_drops),
        cmocka_unit_test(moves_go_through_stages_and_on_to_the_next_record),
        cmocka_unit_test(a_line_of_the_file_leads_to_the_record_that_covers_it),
        cmocka_unit_test(a_watch_follows_an_expression_from_stage_to_stage),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
