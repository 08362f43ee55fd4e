/* test_drift.c: the recipe of a session on other data, and what has changed in them. */
#include "session_try.h"

#include "sluice/drift.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* n records, of which `positive` of ten are good; missing stars in one of four when holes. */
static void write_data(const char *path, int n, int positive, double stars, bool holes, const char *word)
{
    struct sl_buf text = { 0 };
    sl_buf_puts(&text, "text,stars,verdict\n");
    for (int i = 0; i < n; i++) {
        bool like = i % 10 < positive;
        sl_buf_printf(&text, "%s %s film %s,", like ? "great lovely" : "awful dull", i % 3 ? "music" : "story",
                      i % 2 ? word : "scene");
        if (!holes || i % 4)
            sl_buf_printf(&text, "%g", stars + i % 5);
        sl_buf_printf(&text, ",%s\n", like ? "good" : "bad");
    }
    assert_false(text.failed);
    try_write(path, text.p);
    sl_buf_release(&text);
}

static void train(const char *path)
{
    struct sl_session *s = try_open(path);
    try_lines(s, "read csv old.csv", "lowercase text", "label verdict", "split random_state=1", "tfidf text",
              "logistic", "train", NULL);
    try_wait(s, SL_JOB_DONE);
    sl_session_close(s);
}

static void find(struct sl_drift *d, const char *path)
{
    struct sl_error err = SL_ERROR_INIT;
    if (sl_drift_find(d, "a.session", (const char *const[]){ path, NULL }, 2, 64 << 20, NULL, &err))
        fail_msg("%s", err.what);
}

static const struct sl_drift_column *column(const struct sl_drift *d, const char *name)
{
    for (size_t i = 0; i < d->n_columns; i++)
        if (strcmp(d->columns[i].name, name) == 0)
            return &d->columns[i];
    fail_msg("no column %s", name);
    return NULL;
}

static void near(double got, double wanted)
{
    if (!(fabs(got - wanted) < 1e-9))
        fail_msg("%.17g is not %.17g", got, wanted);
}

static void the_same_data_have_not_drifted(void **state)
{
    struct sl_drift d;
    (void)state;
    write_data("old.csv", 200, 5, 1, false, "camera");
    train("a.session");
    find(&d, "old.csv");
    assert_true(d.same_bytes && d.known);
    assert_string_equal(d.why, "");
    assert_true(d.records_before == 200 && d.records_after == 200);
    near(d.p, 1);
    near(column(&d, "stars")->shift, 0);
    assert_int_equal(d.n_words, 1);
    assert_string_equal(d.words[0].stage, "tfidf");
    assert_true(d.words[0].before == d.words[0].after && d.words[0].before_unseen == d.words[0].after_unseen);
    sl_drift_release(&d);
}

static void what_has_changed_is_measured(void **state)
{
    struct sl_drift d;
    (void)state;
    write_data("old.csv", 200, 5, 1, false, "camera");
    train("a.session");
    write_data("new.csv", 400, 7, 3, true, "gadget");
    find(&d, "new.csv");
    assert_true(!d.same_bytes && d.known);
    assert_int_equal(d.records_after, 400);
    const struct sl_drift_column *stars = column(&d, "stars");
    near(stars->before.missing, 0);
    near(stars->after.missing, 0.25);
    /* Means by hand: 1..5 and 3..7 in equal shares; the deviation as the profile has it. */
    near(stars->before.mean, 3);
    near(stars->after.mean, 5);
    near(stars->shift, 2 / stars->before.deviation);
    assert_true(fabs(stars->before.deviation - sqrt(2)) < 0.01);
    assert_int_equal(d.n_classes, 2);
    assert_true(d.classes[0].before == 100 && d.classes[0].after == 120);
    assert_true(d.classes[1].before == 100 && d.classes[1].after == 280);
    /* stats.chi2_contingency([[100, 100], [120, 280]], correction=False) */
    near(d.chi_square, 22.96650717703349);
    assert_true(fabs(d.p - 1.6484855583417931e-06) < 1e-15);
    /* Five words a record, one of two records has the word that the old data never had. */
    assert_int_equal(d.words[0].after, 2000);
    assert_int_equal(d.words[0].after_unseen, 200);
    assert_int_equal(d.words[0].before, 1000);
    assert_int_equal(d.words[0].before_unseen, 0);
    assert_int_equal(d.words[0].distinct_unseen, 1);
    sl_drift_release(&d);
}

static void columns_that_come_and_go_are_named(void **state)
{
    struct sl_drift d;
    struct sl_buf json = { 0 };
    (void)state;
    write_data("old.csv", 200, 5, 1, false, "camera");
    train("a.session");
    try_write("new.csv", "text,verdict,stars,colour\na film,good,many,red\na story,bad,few,blue\n");
    find(&d, "new.csv");
    const struct sl_drift_column *stars = column(&d, "stars"), *colour = column(&d, "colour");
    assert_true(stars->before.type == SL_NUMBER && stars->after.type == SL_TEXT && isnan(stars->shift));
    assert_true(colour->before.type == 0 && colour->after.type == SL_TEXT);
    sl_drift_json(&d, &json);
    assert_holds(json.p, "{\"event\":\"drift\",\"same_bytes\":false,\"before_known\":true");
    assert_holds(json.p, "{\"name\":\"colour\",\"before\":null,\"after\":{\"type\":\"text\"");
    sl_buf_release(&json);
    sl_drift_release(&d);
    try_write("less.csv", "text,stars\na film,3\n");
    find(&d, "less.csv");
    assert_true(column(&d, "verdict")->after.type == 0);
    assert_holds(d.why, "does not fit");
    assert_int_equal(d.n_classes + d.n_words, 0);
    sl_drift_release(&d);
}

static void without_the_old_data_what_the_session_knows_is_compared(void **state)
{
    struct sl_drift d;
    (void)state;
    write_data("old.csv", 200, 5, 1, false, "camera");
    train("a.session");
    write_data("new.csv", 100, 5, 1, false, "camera");
    rename("new.csv", "old.csv"); /* the dump of today lies where that of yesterday lay */
    find(&d, "old.csv");
    assert_false(d.known);
    assert_holds(d.why, "have changed since");
    assert_true(isnan(column(&d, "stars")->before.mean) && column(&d, "stars")->before.type == SL_NUMBER);
    near(column(&d, "stars")->after.mean, 3);
    assert_true(d.classes[0].before == 100 && d.classes[0].after == 50);
    assert_true(d.words[0].before == 0 && d.words[0].after == 500);
    sl_drift_release(&d);
    rename("old.csv", "new.csv");
    find(&d, "new.csv");
    assert_holds(d.why, "cannot be read again");
    assert_int_equal(d.words[0].after_unseen, 0);
    sl_drift_release(&d);
}

static void a_recipe_reads_other_files_with_its_own_parameters(void **state)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf recipe = { 0 };
    char *base = NULL, *here = NULL, expected[8192];
    (void)state;
    write_data("old.csv", 100, 5, 1, false, "camera");
    struct sl_session *s = try_open("a.session");
    try_lines(s, "read csv old.csv na=none", "label verdict", "split random_state=1", "tfidf text", "logistic C=2.0",
              "train", NULL);
    try_wait(s, SL_JOB_DONE);
    sl_session_close(s);
    write_data("new.csv", 100, 5, 1, false, "camera");
    assert_int_equal(sl_like_recipe("a.session", (const char *const[]){ "new.csv", NULL }, &recipe, &base, &err),
                     SL_OK);
    here = realpath("new.csv", NULL);
    snprintf(expected, sizeof expected,
             "read csv %s na=none\nlabel verdict\nsplit random_state=1\ntfidf text\nlogistic C=2\n", here);
    assert_string_equal(recipe.p, expected);
    assert_non_null(base);
    sl_buf_release(&recipe);
    free(base);
    free(here);
    assert_int_equal(sl_like_recipe("a.session", (const char *const[]){ "none.csv", NULL }, &recipe, &base, &err),
                     SL_EIO);
    assert_holds(err.what, "none.csv");
    sl_buf_release(&recipe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(the_same_data_have_not_drifted),
        TRY(what_has_changed_is_measured),
        TRY(columns_that_come_and_go_are_named),
        TRY(without_the_old_data_what_the_session_knows_is_compared),
        TRY(a_recipe_reads_other_files_with_its_own_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
