/* test_debug_list.c: lists of records to step through: the cells of the confusion matrix, what an audit found, the
 * batch whose loss was not finite. */
#include "session_try.h"

#include "sluice/debug.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#define RECIPE                                                                    \
    "read csv reviews.csv", "lowercase text", "strip_html text", "label verdict", \
        "split test_size=0.4 random_state=3", "tfidf text max_features=12", "logistic"

static void train(const char *path, int records)
{
    try_reviews("reviews.csv", records);
    struct sl_session *s = try_open(path);
    try_lines(s, RECIPE, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    sl_session_close(s);
}

static const struct sl_record_list *cell(struct sl_session *s, uint32_t truth, uint32_t predicted)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_debug_state now;
    if (sl_debug_cell(s, truth, predicted, &err))
        fail_msg("%s", err.what);
    assert_true(sl_debug_wait(s, -1));
    sl_debug_state(s, &now);
    if (now.error.status)
        fail_msg("%s", now.error.what);
    const struct sl_record_list *list = sl_debug_list(s);
    assert_non_null(list);
    return list;
}

static struct sl_debug_place place_of(struct sl_session *s)
{
    struct sl_debug_place place;
    struct sl_error err = SL_ERROR_INIT;
    if (sl_debug_place(s, &place, &err))
        fail_msg("%s", err.what);
    return place;
}

/* Each record of the list is what the cell says, and the worst comes first. */
static void check_cell(struct sl_session *s, uint32_t truth, uint32_t predicted)
{
    const struct sl_record_list *list = cell(s, truth, predicted);
    struct sl_error err = SL_ERROR_INIT;
    double before = 1e300;
    size_t n = list->n;
    assert_int_equal(n, sl_session_result(s)->test.confusion[truth * 2 + predicted]);
    assert_int_equal(list->total, n);
    for (size_t i = 0; i < n; i++) {
        struct sl_debug_place place = place_of(s);
        list = sl_debug_list(s);
        assert_int_equal(list->at, i);
        assert_true(place.at_model);
        assert_int_equal(place.look->record, list->item[i].record);
        assert_int_equal(place.look->truth, truth);
        assert_int_equal(place.look->predicted, predicted);
        assert_int_equal(place.step->role, SL_TEST);
        assert_true(place.look->loss == list->item[i].score);
        assert_true(place.look->loss <= before);
        before = place.look->loss;
        assert_int_equal(sl_debug_move(s, SL_STEP_NEXT_RECORD, &err), i + 1 < n ? SL_OK : SL_EEND);
    }
}

static void every_cell_of_the_confusion_matrix_lists_its_records_most_wrong_first(void **state)
{
    (void)state;
    train("a.session", 400);
    for (int reading = 0; reading < 2; reading++) {
        struct sl_session *s =
            try_open_with(&(struct sl_session_options){ .path = "a.session", .read_only = reading, .threads = 2 });
        uint64_t wrong = 0, all = 0;
        for (uint32_t i = 0; i < 4; i++) {
            check_cell(s, i / 2, i % 2);
            all += sl_debug_list(s)->n;
            wrong += i / 2 != i % 2 ? sl_debug_list(s)->n : 0;
        }
        assert_int_equal(all, sl_session_result(s)->n_test);
        assert_true(wrong > 5);
        try_lines(s, "records none", NULL);
        assert_null(sl_debug_list(s));
        sl_session_close(s);
    }
}

static void a_cell_is_asked_for_by_the_names_of_its_classes(void **state)
{
    (void)state;
    train("a.session", 200);
    struct sl_session *s = try_open("a.session");
    try_refused(s, "records cell good", SL_EPARAM, "no class \"\"");
    try_refused(s, "records cell good nice", SL_EPARAM, "no class \"nice\"");
    try_lines(s, "records cell good bad", NULL);
    assert_true(sl_debug_wait(s, -1));
    assert_string_equal(sl_debug_list(s)->title, "good taken for bad");
    assert_int_equal(sl_debug_list(s)->n, sl_session_result(s)->test.confusion[2]);
    /* Left by going elsewhere; a record of the list is no elsewhere. */
    char line[32];
    snprintf(line, sizeof line, "goto %llu", (unsigned long long)sl_debug_list(s)->item[1].record);
    try_lines(s, line, NULL);
    assert_int_equal(sl_debug_list(s)->at, 1);
    snprintf(line, sizeof line, "goto %d", place_of(s).step->place.record ? 0 : 1);
    for (int r = 0; r < 200 && sl_debug_list(s); r++) {
        snprintf(line, sizeof line, "goto %d", r);
        try_lines(s, line, NULL);
    }
    assert_null(sl_debug_list(s));
    /* Another recipe has no model yet; other data have no such model. */
    try_lines(s, "lowercase verdict", NULL);
    try_refused(s, "records cell good bad", SL_ESTATE, "no model of this recipe");
    try_lines(s, "undo", NULL);
    sl_session_close(s);
    try_reviews("reviews.csv", 201);
    s = try_open("a.session");
    struct sl_debug_state now;
    try_lines(s, "records cell good bad", NULL);
    assert_true(sl_debug_wait(s, -1));
    sl_debug_state(s, &now);
    assert_int_equal(now.error.status, SL_ESTATE);
    assert_holds(now.error.what, "data have changed");
    assert_null(sl_debug_list(s));
    sl_session_close(s);
}

static void planted_duplicates_and_conflicts_are_listed(void **state)
{
    (void)state;
    struct sl_buf text = { 0 };
    sl_buf_puts(&text, "text,verdict\n");
    for (int i = 0; i < 60; i++)
        sl_buf_printf(&text, "film number%d was%d seen%d on%d an evening,%s\n", i, i * 7, i * 11, i * 13,
                      i % 2 ? "good" : "bad");
    sl_buf_puts(&text, "Twice the same film,good\ntwice the SAME film,bad\n");
    for (int i = 0; i < 8; i++)
        sl_buf_puts(&text, "the very same words here,good\n");
    try_write("a.csv", text.p);
    sl_buf_release(&text);
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read csv a.csv", "lowercase text", "filter \"text != 'film number3 was21 seen33 on39 an evening'\"",
              "label verdict", "split test_size=0.5 random_state=2", "tfidf text", "logistic", "audit", NULL);
    assert_null(sl_debug_audited(s));
    assert_true(sl_debug_wait(s, -1));
    const struct sl_audit *audit = sl_debug_audited(s);
    assert_non_null(audit);
    assert_true(audit->has_roles); /* though nothing was trained: one more pass has told */
    assert_true(audit->exact.records > 0);
    try_lines(s, "records leakage", NULL);
    assert_int_equal(sl_debug_list(s)->total, audit->near.records);
    assert_true(sl_debug_list(s)->item[0].record >= 62 && sl_debug_list(s)->item[0].other >= 62);
    try_lines(s, "records conflicts", NULL);
    assert_int_equal(sl_debug_list(s)->n, 1);
    assert_int_equal(sl_debug_list(s)->item[0].record, 60);
    assert_int_equal(sl_debug_list(s)->item[0].other, 61);
    try_lines(s, "records changed lowercase", NULL);
    assert_int_equal(sl_debug_list(s)->total, 2);
    assert_int_equal(place_of(s).step->place.record, 60);
    assert_int_equal(place_of(s).step->place.stage, 1);
    try_lines(s, "step next-record", NULL);
    assert_int_equal(place_of(s).step->place.record, 61);
    try_lines(s, "step previous-record", "records dropped filter", NULL);
    assert_int_equal(place_of(s).step->place.record, 3);
    assert_true(place_of(s).step->marks & SL_MARK_DROPPED);
    try_lines(s, "records untouched", NULL);
    assert_int_equal(sl_debug_list(s)->total, 67);
    try_refused(s, "records changed", SL_EPARAM, "of which stage");
    try_lines(s, "insert 2 strip_html text", NULL);
    assert_null(sl_debug_audited(s)); /* of another recipe */
    assert_int_equal(sl_debug_list(s)->total, 67);
    sl_session_close(s);
}

static void the_batch_whose_loss_was_not_finite_is_listed(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    train("a.session", 100);
    struct sl_session *s = try_open("a.session");
    try_refused(s, "records guilty", SL_ESTATE, "not finite");
    sl_session_close(s);
    assert_int_equal(sqlite3_open("a.session", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "INSERT INTO event VALUES(1, 900, 0, 'nonfinite', "
                                  "'{\"step\":3,\"records\":[17,4,42],\"total\":80}');"
                                  "INSERT INTO event VALUES(1, 901, 0, 'failed', '{\"step\":3}')",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    s = try_open("a.session");
    try_lines(s, "records guilty", NULL);
    const struct sl_record_list *list = sl_debug_list(s);
    assert_int_equal(list->n, 3);
    assert_int_equal(list->total, 80);
    assert_int_equal(list->item[0].record, 17);
    assert_int_equal(list->item[2].record, 42);
    assert_int_equal(place_of(s).step->place.record, 17);
    try_lines(s, "step next-record", NULL);
    assert_int_equal(place_of(s).step->place.record, 4);
    sl_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(every_cell_of_the_confusion_matrix_lists_its_records_most_wrong_first),
        TRY(a_cell_is_asked_for_by_the_names_of_its_classes),
        TRY(planted_duplicates_and_conflicts_are_listed),
        TRY(the_batch_whose_loss_was_not_finite_is_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
