/* test_debug_model.c: the debugger behind the last stage: what it shows of the model is what the model says. */
#include "session_try.h"

#include "sluice/debug.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define RECIPE                                                                                            \
    "read csv reviews.csv", "lowercase text", "strip_html text", "drop_duplicates text", "label verdict", \
        "split test_size=0.3 random_state=5", "tfidf text max_features=30", "standardize stars", "logistic"

static struct sl_session *trained(const char *path, int records)
{
    try_reviews("reviews.csv", records);
    struct sl_session *s = try_open(path);
    try_lines(s, RECIPE, "train", NULL);
    try_wait(s, SL_JOB_DONE);
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

static const struct sl_look *look_at(struct sl_session *s, uint64_t record)
{
    struct sl_error err = SL_ERROR_INIT;
    if (sl_debug_goto_place(s, record, SL_NO_STAGE, &err))
        fail_msg("%s", err.what);
    struct sl_debug_place place = place_of(s);
    assert_int_equal(place.step->place.record, record);
    assert_true(place.at_model == (place.look != NULL));
    return place.look;
}

/* "0,bad,0.7…,0.2…," as sl_predict writes it. */
static void add_prediction(const struct sl_look *look, struct sl_buf *out)
{
    sl_buf_printf(out, "%llu,%s,", (unsigned long long)look->record, look->classes[look->predicted]);
    for (uint32_t k = 0; k < look->n_classes; k++) {
        sl_buf_number(out, look->probability[k]);
        sl_buf_putc(out, ',');
    }
    sl_buf_putc(out, '\n');
}

static void the_probabilities_are_those_of_predict_to_the_byte(void **state)
{
    (void)state;
    const char *paths[] = { "reviews.csv", NULL };
    struct sl_predict_options options = { .session = "a.session", .out = "out.csv", .paths = paths, .threads = 2 };
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf shown = { 0 };
    struct sl_session *s = trained("a.session", 300);
    sl_buf_puts(&shown, "record,verdict,p_bad,p_good,note\n");
    for (uint64_t i = 0; i < 300; i++) {
        const struct sl_look *look = look_at(s, i);
        assert_non_null(look);
        add_prediction(look, &shown);
    }
    assert_int_equal(sl_predict(&options, NULL, &err), SL_OK);
    char *predicted = try_read("out.csv");
    assert_string_equal(shown.p, predicted);
    free(predicted);
    sl_session_close(s);
    s = try_open("a.session"); /* and the same of a session opened again */
    struct sl_buf again = { 0 };
    add_prediction(look_at(s, 299), &again);
    assert_string_equal(strstr(shown.p, "\n299,") + 1, again.p);
    sl_buf_release(&again);
    sl_buf_release(&shown);
    sl_session_close(s);
}

static void pushes_and_intercept_add_up_to_the_logit(void **state)
{
    (void)state;
    struct sl_session *s = trained(NULL, 300);
    bool both[2] = { false, false };
    for (uint64_t i = 0; i < 60; i++) {
        const struct sl_look *look = look_at(s, i);
        double sum = look->intercept, p = look->probability[look->predicted];
        assert_true(look->linear);
        assert_int_equal(look->n_push, look->nonzeros);
        assert_true(look->n_push > 0);
        for (size_t k = 0; k < look->n_push; k++) {
            assert_true(fabs(look->push[k].push - look->push[k].value * look->push[k].weight) < 1e-12);
            assert_true(k == 0 || fabs(look->push[k].push) <= fabs(look->push[k - 1].push));
            assert_true(look->push[k].name.n > 0);
            sum += look->push[k].push;
        }
        assert_true(fabs(sum - log(p / (1 - p))) < 1e-9);
        assert_true(look->truth < 2);
        assert_true(fabs(look->loss + log(look->probability[look->truth])) < 1e-12);
        both[look->predicted] = true;
    }
    assert_true(both[0] && both[1]);
    sl_session_close(s);
}

static void the_model_is_one_more_place_on_the_way(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_session *s = trained(NULL, 100);
    try_lines(s, "goto standardize@4", "step", NULL);
    assert_true(place_of(s).at_model);
    assert_int_equal(place_of(s).look->record, 4);
    try_lines(s, "step", NULL);
    assert_false(place_of(s).at_model);
    assert_int_equal(place_of(s).step->place.record, 5);
    assert_int_equal(place_of(s).step->place.stage, 0);
    try_lines(s, "step back-next", NULL);
    assert_true(place_of(s).at_model);
    assert_int_equal(place_of(s).look->record, 4);
    try_lines(s, "step next-record", NULL);
    assert_int_equal(place_of(s).look->record, 5);
    try_lines(s, "step back-next", NULL);
    assert_false(place_of(s).at_model);
    assert_int_equal(place_of(s).step->place.stage + 1, place_of(s).step->stages);
    try_lines(s, "goto model@99", NULL);
    assert_int_equal(sl_debug_move(s, SL_STEP_NEXT, &err), SL_EEND);
    assert_true(place_of(s).at_model);
    sl_session_close(s);
}

static void a_record_that_is_dropped_does_not_get_to_the_model(void **state)
{
    (void)state;
    struct sl_session *s = trained(NULL, 100);
    try_lines(s, "insert 2 filter \"stars != 1\"", NULL);
    assert_null(look_at(s, 0)); /* another recipe: no model of it */
    try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    size_t reached = 0;
    for (uint64_t i = 0; i < 40; i++) {
        bool there = look_at(s, i) != NULL;
        const struct sl_step *here = place_of(s).step;
        assert_true(there == !(here->marks & SL_MARK_DROPPED));
        reached += there;
    }
    assert_true(reached > 10 && reached < 40);
    sl_session_close(s);
}

static void the_end_of_a_training_keeps_the_place_and_tells_the_roles(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 200);
    struct sl_session *s = try_open(NULL);
    try_lines(s, RECIPE, "watch len(text)", "goto tfidf@17", NULL);
    assert_true(place_of(s).step->marks & SL_MARK_SKIPPED);
    assert_int_equal(place_of(s).step->role, -1);
    try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    const struct sl_step *here = place_of(s).step;
    assert_int_equal(here->place.record, 17);
    assert_memory_equal(here->params.p, "tfidf", 5);
    assert_false(here->marks & SL_MARK_SKIPPED);
    assert_int_equal(here->changes[0].kind, SL_CHANGE_FEATURES);
    assert_holds(here->explain.p, "");
    size_t roles[2] = { 0, 0 };
    for (uint64_t i = 0; i < 200; i++) {
        assert_int_equal(sl_debug_goto_place(s, i, 0, NULL), SL_OK);
        int role = place_of(s).step->role;
        assert_in_range(role, 0, 1);
        roles[role]++;
    }
    const struct sl_result *result = sl_session_result(s);
    assert_int_equal(roles[SL_TRAIN], result->n_train);
    assert_int_equal(roles[SL_TEST], result->n_test);
    sl_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(the_probabilities_are_those_of_predict_to_the_byte),
        TRY(pushes_and_intercept_add_up_to_the_logit),
        TRY(the_model_is_one_more_place_on_the_way),
        TRY(a_record_that_is_dropped_does_not_get_to_the_model),
        TRY(the_end_of_a_training_keeps_the_place_and_tells_the_roles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
