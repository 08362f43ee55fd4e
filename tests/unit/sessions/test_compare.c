/* test_compare.c: trainings of several sessions side by side: figures, seeds, judgements, differences. */
#include "session_try.h"

#include "sluice/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void train(const char *path, const char *split, const char *vectorizer, const char *learner)
{
    struct sl_session *s = try_open(path);
    try_lines(s, "read csv reviews.csv", "lowercase text", "label verdict", split, vectorizer, learner, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    sl_session_close(s);
}

static void load(struct sl_comparison *out, const char *const *paths, size_t n, bool every)
{
    struct sl_error err = SL_ERROR_INIT;
    if (sl_comparison_load(out, paths, n, every, &err))
        fail_msg("%s", err.what);
}

static const struct sl_difference *find(const struct sl_differences *d, enum sl_difference_kind kind, const char *name)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->at[i].kind == kind && strcmp(d->at[i].name, name) == 0)
            return &d->at[i];
    return NULL;
}

static void a_training_is_read_as_it_was(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 300);
    train("a.session", "split random_state=3", "tfidf text", "logistic");
    struct sl_comparison c;
    load(&c, (const char *const[]){ "a.session" }, 1, false);
    const struct sl_compared *run = &c.runs[0];
    struct sl_session *s = try_open("a.session");
    const struct sl_point *points;
    assert_int_equal(c.n, 1);
    assert_string_equal(run->label, "a");
    assert_int_equal(run->job, SL_JOB_DONE);
    assert_int_equal(run->records, 300);
    assert_int_equal(run->n_points, sl_session_points(s, &points));
    for (size_t i = 0; i < run->n_points; i++)
        assert_true(run->points[i].loss == points[i].loss && run->points[i].step == points[i].step);
    assert_true(run->result && run->result->test.accuracy == sl_session_result(s)->test.accuracy);
    assert_int_equal(run->n_files, 1);
    assert_true(try_exists(run->files[0].path));
    assert_true(run->n_environment >= 5 && run->has_fingerprint);
    sl_session_close(s);
    sl_comparison_release(&c);
}

static void every_training_of_a_session_can_be_asked_for(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 200);
    struct sl_session *s = try_open("a.session");
    try_lines(s, "read csv reviews.csv", "label verdict", "split random_state=1", "tfidf text", "logistic", "train",
              NULL);
    try_wait(s, SL_JOB_DONE);
    try_lines(s, "set logistic.C=0.1", "train", NULL);
    try_wait(s, SL_JOB_DONE);
    sl_session_close(s);
    struct sl_comparison c;
    load(&c, (const char *const[]){ "a.session" }, 1, true);
    assert_int_equal(c.n, 2);
    assert_string_equal(c.runs[0].label, "a#1");
    assert_string_equal(c.runs[1].label, "a#2");
    sl_comparison_release(&c);
    load(&c, (const char *const[]){ "a.session" }, 1, false);
    assert_int_equal(c.n, 1);
    assert_int_equal(c.runs[0].run, 2);
    sl_comparison_release(&c);
}

static void sessions_of_one_name_are_called_by_their_paths(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 100);
    assert_int_equal(mkdir("x", 0777) | mkdir("y", 0777), 0);
    train("x/a.session", "split random_state=1", "tfidf text", "logistic");
    train("y/a.session", "split random_state=1", "tfidf text", "logistic");
    train("b.session", "split random_state=1", "tfidf text", "logistic");
    struct sl_comparison c;
    load(&c, (const char *const[]){ "x/a.session", "b.session", "y/a.session" }, 3, false);
    assert_string_equal(c.runs[0].label, "x/a.session");
    assert_string_equal(c.runs[1].label, "b");
    assert_string_equal(c.runs[2].label, "y/a.session");
    sl_comparison_release(&c);
}

static void what_is_no_session_or_has_no_training_is_refused(void **state)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_comparison c = { 0 };
    (void)state;
    try_write("x.session", "no session at all");
    assert_int_equal(sl_comparison_load(&c, (const char *const[]){ "x.session" }, 1, false, &err), SL_EFORMAT);
    assert_holds(err.what, "x.session");
    sl_session_close(try_open("empty.session"));
    assert_int_equal(sl_comparison_load(&c, (const char *const[]){ "empty.session" }, 1, false, &err), SL_ESTATE);
    assert_holds(err.what, "no training");
    assert_int_equal(sl_comparison_load(&c, (const char *const[]){ "none.session" }, 1, false, &err), SL_EIO);
    assert_null(c.runs);
}

static void last_and_best_are_those_of_the_metric(void **state)
{
    const double nan = (double)NAN;
    struct sl_point points[] = { { .step = 1, .loss = 0.9, .test_accuracy = nan },
                                 { .step = 2, .loss = 0.4, .test_accuracy = 0.8 },
                                 { .step = 3, .loss = 0.5, .test_accuracy = 0.7 },
                                 { .step = 4, .loss = 0.6, .test_accuracy = nan } };
    const struct sl_compared run = { .points = points, .n_points = 4, .seconds = nan };
    struct sl_summary s;
    double sketch[2];
    (void)state;
    sl_compared_summary(&run, SL_METRIC_TEST_ACCURACY, &s);
    assert_true(s.last == 0.7 && s.best == 0.8 && s.best_step == 2 && s.steps == 4);
    sl_compared_summary(&run, SL_METRIC_LOSS, &s);
    assert_true(s.last == 0.6 && s.best == 0.4 && s.best_step == 2);
    sl_compared_sketch(&run, SL_METRIC_TEST_ACCURACY, sketch, 2);
    assert_true(sketch[0] == 0.8 && sketch[1] == 0.7);
    sl_compared_sketch(&run, SL_METRIC_LOSS, sketch, 2);
    assert_true(fabs(sketch[0] - 0.65) < 1e-15 && fabs(sketch[1] - 0.55) < 1e-15);
    assert_int_equal(sl_metric_find("loss"), SL_METRIC_LOSS);
    assert_int_equal(sl_metric_find("beauty"), SL_METRICS);
}

/* n trainings of one point each; recipes and accuracies given. */
struct made {
    struct sl_compared runs[16];
    struct sl_point points[16];
    char recipe[16][128];
    struct sl_result result;
    struct sl_comparison c;
};
static void make(struct made *m, const char *learner, int n, const double *accuracy, bool splits)
{
    m->result.n_train = 80;
    m->result.n_test = 20;
    for (int i = 0; i < n; i++) {
        size_t k = m->c.n++;
        snprintf(m->recipe[k], sizeof m->recipe[k], "read csv a.csv\nsplit random_state=%d\n%s random_state=%d\n",
                 splits ? i + 1 : 7, learner, i + 1);
        m->points[k] = (struct sl_point){ .step = 5, .test_accuracy = accuracy[i], .loss = 1 - accuracy[i] };
        m->runs[k] = (struct sl_compared){ .recipe = m->recipe[k],
                                           .points = &m->points[k],
                                           .n_points = 1,
                                           .result = &m->result,
                                           .has_fingerprint = true,
                                           .fingerprint = 9 };
    }
    m->c.runs = m->runs;
}

static const double low[] = { 0.81, 0.83, 0.80, 0.85, 0.82 }, high[] = { 0.84, 0.85, 0.81, 0.89, 0.83 };

static void repeated_seeds_are_a_group_with_a_band(void **state)
{
    struct made m = { 0 };
    struct sl_group *groups = NULL;
    struct sl_band *band = NULL;
    struct sl_error err = SL_ERROR_INIT;
    size_t n = 0, steps = 0;
    (void)state;
    make(&m, "logistic", 5, low, true);
    make(&m, "logistic C=0.1", 5, high, true);
    m.runs[4].fingerprint = 10; /* other data: no part of the group */
    assert_int_equal(sl_comparison_groups(&m.c, &groups, &n, &err), SL_OK);
    assert_int_equal(n, 3);
    assert_int_equal(groups[0].n, 4);
    assert_int_equal(groups[1].n, 1);
    assert_int_equal(groups[2].n, 5);
    assert_int_equal(groups[2].member[0], 5);
    char *seed = sl_compared_seed(&m.runs[1]);
    assert_string_equal(seed, "split 2, logistic 2");
    free(seed);
    assert_int_equal(sl_group_band(&m.c, &groups[2], SL_METRIC_TEST_ACCURACY, &band, &steps, &err), SL_OK);
    assert_int_equal(steps, 1);
    assert_true(band[0].step == 5 && band[0].n == 5);
    /* numpy: np.mean(high), np.std(high, ddof=1) */
    assert_true(fabs(band[0].mean - 0.844) < 1e-12 && fabs(band[0].sd - 0.029664793948382658) < 1e-12);
    free(band);
    sl_groups_free(groups, n);
}

static struct sl_judgement judge(struct made *m, enum sl_metric metric)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_group *groups = NULL;
    struct sl_judgement j;
    size_t n = 0;
    assert_int_equal(sl_comparison_groups(&m->c, &groups, &n, &err), SL_OK);
    assert_int_equal(n, 2);
    assert_int_equal(sl_compare_groups(&m->c, &groups[0], &groups[1], metric, &j, &err), SL_OK);
    sl_groups_free(groups, n);
    return j;
}

static void one_is_better_only_when_a_paired_test_says_so(void **state)
{
    struct made m = { 0 };
    (void)state;
    make(&m, "logistic", 5, low, false);
    make(&m, "logistic C=0.1", 5, high, false);
    struct sl_judgement j = judge(&m, SL_METRIC_TEST_ACCURACY);
    assert_int_equal(j.verdict, SL_SECOND_BETTER);
    assert_string_equal(j.test, "paired t-test");
    assert_true(fabs(j.p - 0.0195542127203046) < 1e-10 && j.pairs == 5); /* stats.ttest_rel(high, low) */
    j = judge(&m, SL_METRIC_LOSS);
    assert_int_equal(j.verdict, SL_SECOND_BETTER);
    assert_true(j.difference < 0);
    /* The same figures from splits that overlap are not enough. */
    m = (struct made){ 0 };
    make(&m, "logistic", 5, low, true);
    make(&m, "logistic C=0.1", 5, high, true);
    j = judge(&m, SL_METRIC_TEST_ACCURACY);
    assert_int_equal(j.verdict, SL_CANNOT_TELL);
    assert_true(fabs(j.p - 0.06568410650302793) < 1e-10);
    assert_holds(j.reason, "overlap");
}

static void without_enough_pairs_nothing_can_be_told(void **state)
{
    static const double all_more[] = { 0.91, 0.93, 0.90, 0.95, 0.92 };
    struct made m = { 0 };
    (void)state;
    make(&m, "logistic", 2, low, false);
    make(&m, "logistic C=0.1", 5, high, false);
    struct sl_judgement j = judge(&m, SL_METRIC_TEST_ACCURACY);
    assert_int_equal(j.verdict, SL_CANNOT_TELL);
    assert_true(isnan(j.p));
    assert_holds(j.reason, "2 pairs");
    /* Everywhere the same difference: no spread for a t-test, and five pairs are too few for Wilcoxon's. */
    m = (struct made){ 0 };
    make(&m, "logistic", 5, low, false);
    make(&m, "logistic C=0.1", 5, all_more, false);
    j = judge(&m, SL_METRIC_TEST_ACCURACY);
    assert_string_equal(j.test, "Wilcoxon signed-rank");
    assert_int_equal(j.verdict, SL_CANNOT_TELL);
    assert_true(j.p == 0.0625);
}

static void two_models_are_judged_on_the_same_records(void **state)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_comparison c;
    struct sl_judgement j;
    (void)state;
    try_reviews("reviews.csv", 600);
    train("a.session", "split test_size=0.5 random_state=3", "tfidf text", "logistic");
    train("b.session", "split test_size=0.5 random_state=3", "tfidf text max_features=2", "logistic");
    train("c.session", "split test_size=0.5 random_state=4", "tfidf text", "logistic");
    load(&c, (const char *const[]){ "a.session", "b.session", "c.session" }, 3, false);
    assert_int_equal(sl_compare_predictions(&c.runs[0], &c.runs[1], 2, 64 << 20, NULL, &j, &err), SL_OK);
    assert_string_equal(j.test, "McNemar's exact test");
    double a = c.runs[0].result->test.accuracy, b = c.runs[1].result->test.accuracy;
    assert_true(a > b + 0.1);
    assert_true(fabs(j.difference - (b - a)) < 1e-12);
    assert_int_equal(j.verdict, SL_FIRST_BETTER);
    assert_true(j.p < 0.05);
    assert_int_equal(sl_compare_predictions(&c.runs[0], &c.runs[0], 2, 64 << 20, NULL, &j, &err), SL_OK);
    assert_int_equal(j.verdict, SL_CANNOT_TELL);
    assert_true(j.p == 1);
    assert_int_equal(sl_compare_predictions(&c.runs[0], &c.runs[2], 2, 64 << 20, NULL, &j, &err), SL_OK);
    assert_int_equal(j.verdict, SL_CANNOT_TELL);
    assert_holds(j.reason, "different records");
    remove("reviews.csv");
    assert_int_equal(sl_compare_predictions(&c.runs[0], &c.runs[1], 2, 64 << 20, NULL, &j, &err), SL_OK);
    assert_int_equal(j.verdict, SL_CANNOT_TELL);
    assert_holds(j.reason, "cannot be predicted again");
    sl_comparison_release(&c);
}

static void only_what_differs_is_shown(void **state)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_comparison c;
    struct sl_differences d;
    (void)state;
    try_reviews("reviews.csv", 200);
    train("a.session", "split random_state=3", "tfidf text", "logistic");
    train("b.session", "split random_state=3", "tfidf text max_features=7", "logistic");
    load(&c, (const char *const[]){ "a.session", "b.session" }, 2, false);
    assert_int_equal(sl_compare_differences(&c.runs[0], &c.runs[1], &d, &err), SL_OK);
    const struct sl_difference *p = find(&d, SL_DIFFERENT_PARAMETER, "tfidf.max_features");
    assert_true(p && strcmp(p->second, "7") == 0 && strcmp(p->first, "7") != 0);
    size_t lines = 0, parameters = 0;
    for (size_t i = 0; i < d.n; i++) {
        lines += d.at[i].kind == SL_DIFFERENT_RECIPE;
        parameters += d.at[i].kind == SL_DIFFERENT_PARAMETER;
        assert_int_not_equal(d.at[i].kind, SL_DIFFERENT_DATA);
        assert_int_not_equal(d.at[i].kind, SL_DIFFERENT_ENVIRONMENT);
    }
    assert_int_equal(lines, 2);
    assert_int_equal(parameters, 1);
    assert_non_null(find(&d, SL_DIFFERENT_RESULT, "features"));
    assert_null(find(&d, SL_DIFFERENT_RESULT, "n_train"));
    sl_differences_release(&d);
    assert_int_equal(sl_compare_differences(&c.runs[0], &c.runs[0], &d, &err), SL_OK);
    assert_int_equal(d.n, 0);
    sl_differences_release(&d);
    sl_comparison_release(&c);
}

static void other_data_are_named_by_path_size_and_fingerprint(void **state)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_comparison c;
    struct sl_differences d;
    (void)state;
    try_reviews("reviews.csv", 200);
    train("a.session", "split random_state=3", "tfidf text", "logistic");
    try_reviews("reviews.csv", 240);
    train("b.session", "split random_state=3", "tfidf text", "logistic");
    load(&c, (const char *const[]){ "a.session", "b.session" }, 2, false);
    assert_int_equal(sl_compare_differences(&c.runs[0], &c.runs[1], &d, &err), SL_OK);
    assert_non_null(find(&d, SL_DIFFERENT_DATA, "fingerprint"));
    assert_non_null(find(&d, SL_DIFFERENT_DATA, "size"));
    assert_null(find(&d, SL_DIFFERENT_DATA, "path"));
    const struct sl_difference *p = find(&d, SL_DIFFERENT_DATA, "records");
    assert_true(p && strcmp(p->first, "200") == 0 && strcmp(p->second, "240") == 0);
    sl_differences_release(&d);
    sl_comparison_release(&c);
}

static void recipes_differ_by_lines(void **state)
{
    char first[] = "read csv a.csv\nlowercase text\nstrip_html text\nlabel y\nsplit\ntfidf text\nlogistic C=2.0\n";
    char second[] =
        "read csv a.csv\nstrip_html text\ntrim text\nlabel y\nsplit\ntfidf text\nlogistic C=2.0 max_iter=7\n";
    const struct sl_compared a = { .recipe = first }, b = { .recipe = second };
    static const char *const expected[][2] = { { "lowercase text", NULL },
                                               { NULL, "trim text" },
                                               { "logistic C=2.0", NULL },
                                               { NULL, "logistic C=2.0 max_iter=7" } };
    struct sl_error err = SL_ERROR_INIT;
    struct sl_differences d;
    (void)state;
    assert_int_equal(sl_compare_differences(&a, &b, &d, &err), SL_OK);
    assert_int_equal(d.n, 5);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(d.at[i].first ? d.at[i].first : "-", expected[i][0] ? expected[i][0] : "-");
        assert_string_equal(d.at[i].second ? d.at[i].second : "-", expected[i][1] ? expected[i][1] : "-");
    }
    assert_string_equal(d.at[4].name, "logistic.max_iter");
    assert_string_equal(d.at[4].second, "7");
    sl_differences_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(a_training_is_read_as_it_was),
        TRY(every_training_of_a_session_can_be_asked_for),
        TRY(sessions_of_one_name_are_called_by_their_paths),
        TRY(what_is_no_session_or_has_no_training_is_refused),
        TRY(last_and_best_are_those_of_the_metric),
        TRY(repeated_seeds_are_a_group_with_a_band),
        TRY(one_is_better_only_when_a_paired_test_says_so),
        TRY(without_enough_pairs_nothing_can_be_told),
        TRY(two_models_are_judged_on_the_same_records),
        TRY(only_what_differs_is_shown),
        TRY(other_data_are_named_by_path_size_and_fingerprint),
        TRY(recipes_differ_by_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
