/* test_verify.c: a training that is what it says agrees to the bit; each thing that was changed since is found and
 * named: data, parameter, seed, order, and what the file says. */
#include "session_try.h"

#include "sluice/input.h"
#include "sluice/verify.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORDS = 600 };
static const char session_path[] = "a.session";

static struct sl_verified *runs;
static size_t n_runs;

static void forget(void)
{
    sl_verified_free(runs, n_runs);
    runs = NULL;
    n_runs = 0;
}

static int leave(void **state)
{
    forget();
    return try_leave(state);
}
#define TRY_VERIFY(test) cmocka_unit_test_setup_teardown(test, try_enter, leave)

/* Verify; the first training found. */
static const struct sl_verified *verify_with(struct sl_verify_options options)
{
    struct sl_error err = SL_ERROR_INIT;
    char text[900];
    forget();
    options.session = session_path;
    options.threads = options.threads ? options.threads : 2;
    if (sl_verify(&runs, &n_runs, &options, &err))
        fail_msg("%s", sl_error_format(&err, text, sizeof text));
    assert_true(n_runs > 0);
    return &runs[0];
}

static const struct sl_verified *verify(void)
{
    return verify_with((struct sl_verify_options){ 0 });
}

static const struct sl_verify_row *row(const struct sl_verified *run, const char *what)
{
    for (size_t i = 0; i < run->n_rows; i++)
        if (strcmp(run->rows[i].what, what) == 0)
            return &run->rows[i];
    fail_msg("\"%s\" was not compared", what);
    return NULL;
}

static void assert_agrees(const struct sl_verified *run, const char *what)
{
    const struct sl_verify_row *r = row(run, what);
    if (!r->n || r->agree != r->n)
        fail_msg("%s: %llu of %llu agree: %s: %s, %s", what, (unsigned long long)r->agree, (unsigned long long)r->n,
                 r->where ? r->where : "", r->then ? r->then : "", r->now ? r->now : "");
}

static void assert_differs(const struct sl_verified *run, const char *what, const char *where)
{
    const struct sl_verify_row *r = row(run, what);
    assert_true(r->agree < r->n);
    if (where)
        assert_holds(r->where ? r->where : "", where);
}

static void assert_cause(const struct sl_verified *run, enum sl_verify_cause cause, const char *words)
{
    assert_false(run->agrees);
    for (size_t i = 0; i < run->n_reasons; i++)
        if (run->reasons[i].cause == cause) {
            assert_holds(run->reasons[i].text, words);
            return;
        }
    fail_msg("the cause is not \"%s\" but: %s", sl_cause_names[cause], run->n_reasons ? run->reasons[0].text : "none");
}

static void assert_whole(const struct sl_verified *run)
{
    static const char *const all[] = { "recipe", "files",    "columns", "blocks of data", "records", "stages",
                                       "split",  "features", "points",  "models",         "weights", "final figures" };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_agrees(run, all[i]);
    assert_true(run->agrees);
    assert_true(run->executed);
    assert_int_equal(run->n_reasons, 0);
}

static void train(const char *learner)
{
    try_reviews("reviews.csv", RECORDS);
    struct sl_session *session = try_open(session_path);
    try_lines(session, "read csv reviews.csv", "lowercase text", "strip_html text", "label verdict",
              "split test_size=0.25 random_state=1", "tfidf text max_features=15", learner, "train", NULL);
    try_wait(session, SL_JOB_DONE);
    sl_session_close(session);
}

static void change(const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    assert_int_equal(sqlite3_open(session_path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message))
        fail_msg("%s", message);
    assert_int_not_equal(sqlite3_changes(db), 0);
    sqlite3_close(db);
}

/* --- what is as it was --- */

static void a_training_agrees_to_the_bit(void **state)
{
    (void)state;
    train("logistic C=2");
    assert_whole(verify());
    assert_whole(verify_with((struct sl_verify_options){ .threads = 1, .memory = 1 << 20 }));
    assert_int_equal(row(&runs[0], "records")->n, RECORDS);
    assert_int_equal(row(&runs[0], "weights")->n, 16);
}

static void every_learner_agrees(void **state)
{
    static const char *const learners[] = { "logistic solver=lbfgs", "logistic solver=sgd max_iter=4",
                                            "logistic solver=adam max_iter=4 random_state=5" };
    (void)state;
    for (size_t i = 0; i < sizeof learners / sizeof *learners; i++) {
        train(learners[i]);
        assert_whole(verify());
        unlink(session_path);
    }
}

static void what_was_done_while_it_ran_is_done_again(void **state)
{
    (void)state;
    try_reviews("reviews.csv", RECORDS);
    struct sl_session *session = try_open(session_path);
    const struct sl_point *points;
    try_long_recipe(session, 1000000);
    try_lines(session, "train", NULL);
    while (sl_session_points(session, &points) < 3)
        sl_session_wait(session, 10);
    try_lines(session, "pause", "tune learning_rate=0.05", "resume", NULL);
    size_t before = sl_session_points(session, &points);
    while (sl_session_points(session, &points) < before + 5)
        sl_session_wait(session, 10);
    try_lines(session, "stop", NULL);
    try_wait(session, SL_JOB_STOPPED);
    sl_session_close(session);
    const struct sl_verified *run = verify();
    assert_whole(run);
    assert_int_equal(run->job, SL_JOB_STOPPED);
    change("DELETE FROM event WHERE kind = 'tuned'");
    run = verify();
    assert_differs(run, "points", "step");
    assert_differs(run, "weights", NULL);
    assert_agrees(run, "features");
    assert_cause(run, SL_CAUSE_PARAMETER, "the learner had other parameters");
}

static void the_same_bytes_elsewhere_agree(void **state)
{
    (void)state;
    train("logistic");
    char *text = try_read("reviews.csv");
    try_write("moved.csv", text);
    assert_int_equal(unlink("reviews.csv"), 0);
    const struct sl_verified *run = verify();
    assert_false(run->executed);
    assert_cause(run, SL_CAUSE_DATA, "is not there; say where it is with --data");
    const char *file[] = { "moved.csv", NULL };
    assert_whole(verify_with((struct sl_verify_options){ .paths = file }));
    assert_int_equal(mkdir("data", 0755), 0);
    assert_int_equal(rename("moved.csv", "data/reviews.csv"), 0);
    const char *folder[] = { "data", NULL };
    assert_whole(verify_with((struct sl_verify_options){ .paths = folder }));
    free(text);
}

static void the_number_of_files_must_be_that_of_then(void **state)
{
    struct sl_error err = SL_ERROR_INIT;
    (void)state;
    train("logistic");
    const char *two[] = { "reviews.csv", "reviews.csv", NULL };
    const struct sl_verify_options options = { .session = session_path, .paths = two };
    assert_int_equal(sl_verify(&runs, &n_runs, &options, &err), SL_EPARAM);
    assert_holds(err.what, "2 files are given, but the training read 1");
    const struct sl_verify_options ninth = { .session = session_path, .run = 9 };
    assert_int_equal(sl_verify(&runs, &n_runs, &ninth, &err), SL_ESTATE);
}

static void every_training_can_be_verified(void **state)
{
    (void)state;
    train("logistic");
    struct sl_session *session = try_open(session_path);
    try_lines(session, "set tfidf.max_features=10", "train", NULL);
    try_wait(session, SL_JOB_DONE);
    sl_session_close(session);
    verify_with((struct sl_verify_options){ .every = true });
    assert_int_equal(n_runs, 2);
    assert_whole(&runs[0]);
    assert_whole(&runs[1]);
    assert_int_equal(row(&runs[1], "weights")->n, 11);
    assert_int_equal(verify_with((struct sl_verify_options){ .run = 1 })->run, 1);
}

static void a_failure_is_to_come_again(void **state)
{
    (void)state;
    try_reviews("reviews.csv", RECORDS);
    struct sl_session *session = try_open(session_path);
    try_lines(session, "read csv reviews.csv", "label verdict", "split random_state=1", "tfidf text",
              "logistic solver=sgd learning_rate=1e6 C=1e-12 max_iter=1000", "train", NULL);
    try_wait(session, SL_JOB_FAILED);
    sl_session_close(session);
    const struct sl_verified *run = verify();
    assert_true(run->agrees);
    assert_agrees(run, "end");
    assert_agrees(run, "weights");
    change("UPDATE run SET recipe = replace(recipe, 'C=1e-12', 'C=1')");
    run = verify();
    assert_differs(run, "end", NULL);
    assert_cause(run, SL_CAUSE_PARAMETER, "logistic.C is 1e-12");
}

/* --- what is not --- */

/* The start of line n (from 1) of a text. */
static char *line(char *text, int n)
{
    while (--n)
        text = strchr(text, '\n') + 1;
    return text;
}

static void a_changed_byte_is_found_by_file_and_record(void **state)
{
    (void)state;
    train("logistic");
    char *text = try_read("reviews.csv");
    char *at = line(text, 402);
    at[at[0] == '"'] = 'X';
    try_write("reviews.csv", text);
    const struct sl_verified *run = verify();
    assert_true(run->executed);
    assert_cause(run, SL_CAUSE_DATA, "reviews.csv\" differs from record 400 on (line 402)");
    assert_differs(run, "stages", "stage 1");
    assert_differs(run, "records", NULL);
    assert_int_equal(row(run, "records")->agree, RECORDS - 1);
    assert_agrees(run, "recipe");
    assert_agrees(run, "split");
    free(text);
}

static void the_file_among_several_is_named(void **state)
{
    (void)state;
    try_reviews("one.csv", 100);
    try_reviews("two.csv", 120);
    struct sl_session *session = try_open(session_path);
    try_lines(session, "read csv two.csv one.csv", "label verdict", "split random_state=1", "tfidf text", "logistic",
              "train", NULL);
    try_wait(session, SL_JOB_DONE);
    sl_session_close(session);
    assert_agrees(verify(), "files");
    assert_int_equal(row(&runs[0], "files")->n, 2);
    char *text = try_read("one.csv");
    char *at = line(text, 12);
    at[at[0] == '"'] = 'X';
    try_write("one.csv", text);
    assert_cause(verify(), SL_CAUSE_DATA, "one.csv\" differs from record 130 on (line 12)");
    free(text);
}

static void truncated_data_are_found_without_carrying_out(void **state)
{
    (void)state;
    train("logistic");
    char *text = try_read("reviews.csv");
    *line(text, 502) = '\0';
    try_write("reviews.csv", text);
    const struct sl_verified *run = verify();
    assert_false(run->executed);
    assert_holds(run->why, "the data are not as they were");
    assert_differs(run, "files", "reviews.csv");
    assert_cause(run, SL_CAUSE_DATA, "another size");
    assert_holds(run->reasons[1].text, "100 records are gone");
    assert_holds(run->reasons[1].text, "ends early: there is no record 500");
    free(text);
}

static void another_order_is_told_from_other_data(void **state)
{
    (void)state;
    train("logistic");
    char *text = try_read("reviews.csv");
    char *a = line(text, 10), *b = line(text, 11), *c = line(text, 12);
    struct sl_buf swapped = { 0 };
    sl_buf_add(&swapped, text, (size_t)(a - text));
    sl_buf_add(&swapped, b, (size_t)(c - b));
    sl_buf_add(&swapped, a, (size_t)(b - a));
    sl_buf_puts(&swapped, c);
    try_write("reviews.csv", swapped.p);
    const struct sl_verified *run = verify();
    assert_cause(run, SL_CAUSE_ORDER, "the same 600 records come in another order");
    assert_holds(run->reasons[0].text, "record 8 on (line 10)");
    assert_agrees(run, "records");
    swapped.n = 0;
    sl_buf_add(&swapped, text, (size_t)(line(text, 2) - text));
    for (int i = RECORDS + 1; i >= 2; i--) {
        const char *from = line(text, i);
        sl_buf_add(&swapped, from, strcspn(from, "\n") + 1);
    }
    try_write("reviews.csv", swapped.p);
    assert_cause(verify(), SL_CAUSE_ORDER, "the same 600 records come in another order");
    assert_cause(verify_with((struct sl_verify_options){ .dry = true }), SL_CAUSE_ORDER, "in another order");
    sl_buf_release(&swapped);
    free(text);
}

static void a_parameter_changed_in_the_file_is_named(void **state)
{
    (void)state;
    train("logistic");
    change("UPDATE run SET recipe = replace(recipe, 'max_features=15', 'max_features=14')");
    const struct sl_verified *run = verify();
    assert_differs(run, "recipe", "tfidf.max_features");
    assert_cause(run, SL_CAUSE_PARAMETER, "tfidf.max_features is 15 in the journal, but 14");
    assert_differs(run, "stages", "stage 6, \"tfidf text max_features=14\"");
    assert_agrees(run, "blocks of data");
    assert_agrees(run, "split");
    assert_differs(run, "weights", NULL);
}

static void a_parameter_changed_in_the_journal_is_named(void **state)
{
    (void)state;
    train("logistic");
    change("UPDATE journal SET line = 'logistic C=3' WHERE line LIKE 'logistic%'");
    const struct sl_verified *run = verify();
    assert_cause(run, SL_CAUSE_PARAMETER, "logistic.C is 3 in the journal, but 1");
    assert_agrees(run, "points");
}

static void a_changed_seed_is_named(void **state)
{
    (void)state;
    train("logistic");
    change("UPDATE run SET recipe = replace(recipe, 'random_state=1', 'random_state=2')");
    const struct sl_verified *run = verify();
    assert_cause(run, SL_CAUSE_SEED, "split.random_state is 1 in the journal, but 2");
    assert_differs(run, "split", "training records");
    change("UPDATE journal SET line = replace(line, 'random_state=1', 'random_state=2') WHERE line LIKE 'split%'");
    change("UPDATE stage SET text = replace(text, 'random_state=1', 'random_state=2') WHERE text LIKE 'split%'");
    run = verify(); /* in all three places: then the split tells it */
    assert_agrees(run, "recipe");
    assert_cause(run, SL_CAUSE_SEED, "all before the split agrees, the split does not");
}

static void a_changed_point_is_found(void **state)
{
    (void)state;
    train("logistic");
    change("UPDATE point SET loss = loss + 1e-15 WHERE step = 2");
    const struct sl_verified *run = verify();
    assert_differs(run, "points", "step 2, loss");
    assert_non_null(row(run, "points")->then);
    assert_int_not_equal(strcmp(row(run, "points")->then, row(run, "points")->now), 0);
    assert_agrees(run, "weights");
    assert_cause(run, SL_CAUSE_FILE, "the points in the file were changed");
    change("DELETE FROM point WHERE step = 2");
    assert_differs(verify(), "points", "step");
}

/* One bit of a weight in the learner's saved state: behind the length of all 16 of them. */
static void change_weight(void)
{
    static const unsigned char length[8] = { 16 * 8 };
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    unsigned char state[4000];
    assert_int_equal(sqlite3_open(session_path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT learner FROM fitted", -1, &query, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(query), SQLITE_ROW);
    size_t n = (size_t)sqlite3_column_bytes(query, 0);
    assert_true(n < sizeof state);
    memcpy(state, sqlite3_column_blob(query, 0), n);
    sqlite3_finalize(query);
    unsigned char *at = memmem(state, n, length, sizeof length);
    assert_non_null(at);
    at[8 + 3 * 8] ^= 1;
    assert_int_equal(sqlite3_prepare_v2(db, "UPDATE fitted SET learner = ?", -1, &query, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_bind_blob(query, 1, state, (int)n, SQLITE_STATIC), SQLITE_OK);
    assert_int_equal(sqlite3_step(query), SQLITE_DONE);
    sqlite3_finalize(query);
    sqlite3_close(db);
}

static void a_changed_weight_is_found(void **state)
{
    (void)state;
    train("logistic");
    change_weight();
    const struct sl_verified *run = verify();
    assert_differs(run, "weights", "of \"");
    assert_int_equal(row(run, "weights")->agree, 15);
    assert_cause(run, SL_CAUSE_FILE, "the weights in the file are not those");
    assert_agrees(run, "points");
    assert_agrees(run, "final figures");
}

static void changed_figures_are_found(void **state)
{
    (void)state;
    train("logistic");
    change("UPDATE result SET exact = CAST(substr(exact, 1, 60) || x'55' || substr(exact, 62) AS BLOB)");
    const struct sl_verified *run = verify();
    assert_differs(run, "final figures", NULL);
    assert_cause(run, SL_CAUSE_FILE, "the final figures in the file were changed");
}

static void another_build_is_noted(void **state)
{
    (void)state;
    train("logistic");
    change("UPDATE environment SET compiler = 'an older one'");
    const struct sl_verified *run = verify();
    assert_whole(run);
    assert_int_equal(run->n_notes, 1);
    assert_int_equal(run->notes[0].cause, SL_CAUSE_BUILD);
    assert_holds(run->notes[0].text, "compiler: an older one then");
}

static void other_columns_are_told_by_a_dry_run(void **state)
{
    (void)state;
    train("logistic");
    try_write("reviews.csv", "text,stars,judgement\ngood film,1,good\nbad film,x,bad\n");
    const struct sl_verified *run = verify();
    assert_false(run->executed);
    assert_differs(run, "columns", "\"verdict\" is gone");
    assert_holds(row(run, "columns")->where, "\"stars\" was number, is text");
    assert_holds(row(run, "columns")->where, "\"judgement\" (text) is new");
    assert_cause(run, SL_CAUSE_DATA, "another size");
    assert_holds(run->reasons[1].text, "that concerns stage 4 \"label verdict\"");
}

static void without_digests_the_rest_is_compared(void **state)
{
    (void)state;
    train("logistic");
    change("DELETE FROM digest");
    const struct sl_verified *run = verify();
    assert_true(run->agrees);
    assert_int_equal(row(run, "stages")->n, 0);
    assert_holds(row(run, "stages")->where, "has no hashes");
    assert_agrees(run, "fingerprint");
    assert_agrees(run, "points");
    assert_agrees(run, "weights");
    char *text = try_read("reviews.csv");
    text[strlen(text) - 2] = 'X';
    try_write("reviews.csv", text);
    assert_cause(verify(), SL_CAUSE_DATA, "the data are others");
    free(text);
}

static void stages_before_a_cache_that_was_hit_are_not_compared(void **state)
{
    (void)state;
    try_reviews("reviews.csv", RECORDS);
    struct sl_session *session = try_open(session_path);
    try_lines(session, "read csv reviews.csv", "lowercase text", "cache", "label verdict", "split random_state=1",
              "tfidf text", "logistic", "train", NULL);
    try_wait(session, SL_JOB_DONE);
    try_lines(session, "set logistic.C=2", "train", NULL);
    try_wait(session, SL_JOB_DONE);
    sl_session_close(session);
    const struct sl_verified *run = verify();
    assert_true(run->agrees);
    assert_agrees(run, "stages");
    assert_agrees(run, "fingerprint");
    assert_int_equal(row(run, "stages")->n, 2);
    assert_int_equal(run->n_notes, 1);
    assert_holds(run->notes[0].text, "of 2 stages nothing is known: a cache took their place");
}

static void a_dry_run_carries_nothing_out(void **state)
{
    (void)state;
    train("logistic");
    const struct sl_verified *run = verify_with((struct sl_verify_options){ .dry = true });
    assert_true(run->agrees);
    assert_false(run->executed);
    assert_agrees(run, "files");
    assert_agrees(run, "blocks of data");
    assert_true(isnan(run->seconds));
    for (size_t i = 0; i < run->n_rows; i++)
        assert_string_not_equal(run->rows[i].what, "points");
}

static void it_can_be_cancelled(void **state)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_progress *progress = calloc(1, sizeof *progress);
    (void)state;
    train("logistic");
    progress->cancel = true;
    const struct sl_verify_options options = { .session = session_path, .progress = progress };
    assert_int_equal(sl_verify(&runs, &n_runs, &options, &err), SL_ECANCEL);
    free(progress);
}

static void breakpoints_and_watches_in_the_journal_do_not_matter(void **state)
{
    (void)state;
    try_reviews("reviews.csv", RECORDS);
    struct sl_session *session = try_open(session_path);
    try_lines(session, "read csv reviews.csv", "lowercase text", "break lowercase: changed", "watch len(text)",
              "label verdict", "split test_size=0.25 random_state=1", "tfidf text max_features=15", "unbreak 1",
              "logistic", "train", NULL);
    try_wait(session, SL_JOB_DONE);
    sl_session_close(session);
    assert_whole(verify());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY_VERIFY(a_training_agrees_to_the_bit),
        TRY_VERIFY(every_learner_agrees),
        TRY_VERIFY(what_was_done_while_it_ran_is_done_again),
        TRY_VERIFY(the_same_bytes_elsewhere_agree),
        TRY_VERIFY(the_number_of_files_must_be_that_of_then),
        TRY_VERIFY(every_training_can_be_verified),
        TRY_VERIFY(a_failure_is_to_come_again),
        TRY_VERIFY(a_changed_byte_is_found_by_file_and_record),
        TRY_VERIFY(the_file_among_several_is_named),
        TRY_VERIFY(truncated_data_are_found_without_carrying_out),
        TRY_VERIFY(another_order_is_told_from_other_data),
        TRY_VERIFY(a_parameter_changed_in_the_file_is_named),
        TRY_VERIFY(a_parameter_changed_in_the_journal_is_named),
        TRY_VERIFY(a_changed_seed_is_named),
        TRY_VERIFY(a_changed_point_is_found),
        TRY_VERIFY(a_changed_weight_is_found),
        TRY_VERIFY(changed_figures_are_found),
        TRY_VERIFY(another_build_is_noted),
        TRY_VERIFY(other_columns_are_told_by_a_dry_run),
        TRY_VERIFY(without_digests_the_rest_is_compared),
        TRY_VERIFY(stages_before_a_cache_that_was_hit_are_not_compared),
        TRY_VERIFY(a_dry_run_carries_nothing_out),
        TRY_VERIFY(it_can_be_cancelled),
        TRY_VERIFY(breakpoints_and_watches_in_the_journal_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
