/* test_breakpoint.c: breakpoints fire exactly where a walk from record to record says, for any number of threads, any
 * size of blocks, forward and backward. */
#include "break_expect.h"

enum { N = 300, PLACES = 12, MOST = 40 };

static char path[] = "/tmp/sluice-break-XXXXXX.csv";
static const char *const stages =
    "drop_missing mark\nstrip_html text mode=clean replacement=' '\ntrim text\nreplace text pattern=film with=movie\n"
    "filter missing(score) or score < 1e300 or id % 2 == 0\ndrop_duplicates text\nlabel mark\n"
    "split test_size=0.3\nimpute city strategy=most_frequent\nonehot city\ntfidf text\n";

static char tame[] = "/tmp/sluice-break-XXXXXX.csv";

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemps(path, 4), other = mkstemps(tame, 4);
    if (fd < 0 || other < 0)
        return -1;
    close(fd);
    close(other);
    write_steps(path, N, true);
    write_steps(tame, N, false);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path) | unlink(tame);
}

/* Learned from tame records, applied to hostile ones. */
static void open_stages(struct stepping *s, int threads, uint64_t block)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf models = { 0 };
    stepping_open(s, tame, stages, 2, 0, true);
    must(sl_pipeline_save(s->pipeline, &models, &err), &err);
    stepping_close(s);
    must(stepping_bind(s, path, stages, threads, block, &err), &err);
    must(sl_pipeline_load(s->pipeline, (struct sl_str){ models.p, models.n }, &err), &err);
    stepping_begin(s);
    sl_buf_release(&models);
}

/* All places at which one fires, in order. */
struct places {
    struct sl_place place[N * 12];
    size_t n;
};

static void walk_all(struct stepping *s, struct places *out)
{
    struct sl_error err = SL_ERROR_INIT;
    static const struct sl_place start;
    must(sl_stepper_goto(s->stepper, &start, &err), &err);
    do {
        const struct sl_step *step = sl_stepper_here(s->stepper);
        for (size_t k = 0; k < KINDS; k++) {
            const struct expected *e = &all_kinds[k];
            if ((!e->stage || strcmp(e->stage, step->stage->class->name) == 0) && e->fires(step))
                out[k].place[out[k].n++] = step->place;
        }
    } while (sl_stepper_move(s->stepper, SL_STEP_NEXT, &err) == SL_OK);
}

/* The first at or behind `from`, or n. */
static size_t first_from(const struct places *places, const struct sl_place *from)
{
    size_t k = 0;
    while (k < places->n && sl_place_compare(&places->place[k], from) < 0)
        k++;
    return k;
}

static void check_scan(struct stepping *s, struct sl_breaks *breaks, const struct places *expected,
                       const struct sl_place *from)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_break_hit hit;
    struct sl_scan_options options = { .pool = s->pool, .from = *from, .verdicts = &s->verdicts };
    size_t k = first_from(expected, from);
    int status = sl_breaks_scan(breaks, &options, &hit, &err);
    assert_int_equal(status, k < expected->n ? SL_OK : SL_EEND);
    if (!status) {
        assert_int_equal(hit.place.record, expected->place[k].record);
        assert_int_equal(hit.place.stage, expected->place[k].stage);
        assert_int_equal(hit.which, 1);
    }
}

static void check_continue(struct stepping *s, struct sl_breaks *breaks, const struct places *expected,
                           const struct sl_place *from, bool backward)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_break_hit hit;
    must(sl_stepper_goto(s->stepper, from, &err), &err);
    struct sl_place here = sl_stepper_here(s->stepper)->place;
    struct sl_place behind = { here.record, here.stage, 1 };
    size_t k = first_from(expected, backward ? &here : &behind);
    bool is = backward ? k > 0 : k < expected->n;
    k -= backward && is;
    int status = sl_stepper_continue(s->stepper, breaks, backward, s->pool, NULL, &hit, &err);
    assert_int_equal(status, is ? SL_OK : SL_EEND);
    const struct sl_place *to = is ? &expected->place[k] : &here;
    assert_int_equal(sl_place_compare(&sl_stepper_here(s->stepper)->place, to), 0);
}

static void check_kind(struct stepping *s, const char *text, const struct places *expected)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_breaks *breaks = NULL;
    struct sl_break_hit hit;
    must(sl_breaks_new(&breaks, s->pipeline, &err), &err);
    must(sl_breaks_add(breaks, text, NULL, &err), &err);
    for (uint32_t k = 0; k < PLACES; k++) {
        uint32_t draw[4];
        sl_philox(3, SL_RANDOM_SAMPLE, 0, k, 0, draw);
        struct sl_place from = { k ? draw[0] % N : 0, k ? draw[1] % 9 : 0, 0 };
        check_scan(s, breaks, expected, &from);
        check_continue(s, breaks, expected, &from, k % 2);
    }
    uint64_t before = sl_breaks_get(breaks, 0)->hits;
    struct sl_scan_options options = { .pool = s->pool, .verdicts = &s->verdicts, .count = true };
    assert_int_equal(sl_breaks_scan(breaks, &options, &hit, &err), expected->n ? SL_OK : SL_EEND);
    if (sl_breaks_get(breaks, 0)->hits - before != expected->n)
        fail_msg("\"%s\" fires %llu times, not %zu", text, (unsigned long long)sl_breaks_get(breaks, 0)->hits,
                 expected->n);
    sl_breaks_switch(breaks, 0, false);
    assert_int_equal(sl_breaks_scan(breaks, &options, &hit, &err), SL_EEND);
    sl_breaks_free(breaks);
}

static void every_kind_fires_exactly_where_a_walk_over_the_records_says(void **state)
{
    (void)state;
    static const int threads[] = { 1, 2, 4 };
    static const uint64_t blocks[] = { 0, 150, 2500 };
    struct places *expected = calloc(KINDS, sizeof *expected);
    assert_non_null(expected);
    for (size_t t = 0; t < 3; t++) {
        struct stepping s;
        open_stages(&s, threads[t], blocks[t]);
        if (t == 0)
            walk_all(&s, expected);
        for (size_t k = 0; k < KINDS; k++) {
            if (!expected[k].n || expected[k].n == N)
                fail_msg("\"%s\" is not put to the test: it fires %zu times", all_kinds[k].text, expected[k].n);
            check_kind(&s, all_kinds[k].text, &expected[k]);
        }
        stepping_close(&s);
    }
    free(expected);
}

static void several_breakpoints_tell_which_of_them_fired(void **state)
{
    (void)state;
    struct stepping s;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_breaks *breaks = NULL;
    struct sl_break_hit hit;
    struct sl_step_progress progress = { 0 };
    open_stages(&s, 2, 900);
    must(sl_breaks_new(&breaks, s.pipeline, &err), &err);
    must(sl_breaks_add(breaks, "trim: every 50", NULL, &err), &err);
    must(sl_breaks_add(breaks, "any: id == 100", NULL, &err), &err);
    must(sl_breaks_add(breaks, "trim: first 101", NULL, &err), &err);
    struct sl_scan_options options = {
        .pool = s.pool, .from = { 100, 3, 0 }, .verdicts = &s.verdicts, .progress = &progress
    };
    must(sl_breaks_scan(breaks, &options, &hit, &err), &err);
    assert_int_equal(hit.place.record, 100);
    assert_int_equal(hit.place.stage, 3);
    assert_int_equal(hit.which, 7);
    assert_int_equal(progress.hits, 3);
    assert_true(progress.records > 0);
    progress.cancel = true;
    assert_int_equal(sl_breaks_scan(breaks, &options, &hit, &err), SL_ECANCEL);
    sl_breaks_remove(breaks, 0);
    assert_int_equal(sl_breaks_count(breaks), 2);
    assert_string_equal(sl_breaks_get(breaks, 0)->text, "any: id == 100");
    sl_breaks_free(breaks);
    stepping_close(&s);
}

static void texts_read_back_and_mistakes_are_named(void **state)
{
    (void)state;
    static const char *const texts[][2] = { { "changed", "any: changed" },
                                            { " strip_html :empty ", "strip_html: empty" },
                                            { "3: dropped", "strip_html: dropped" },
                                            { "trim", "trim:" },
                                            { "trim#1: first 10", "trim: first 10" },
                                            { "*:sample 25%", "any: sample 0.25" },
                                            { "contains(text, \"a:b\")", "any: contains(text, \"a:b\")" },
                                            { "read csv: every 1000", "read csv: every 1000" } };
    static const char *const wrong[] = { "",           "strip_htm: changed", "trim#2: changed",     "trim: every 0",
                                         "sample 200", "trim: len(text)",    "trim: len(txet) < 3", "99: changed" };
    struct stepping s;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_breaks *breaks = NULL;
    open_stages(&s, 1, 0);
    must(sl_breaks_new(&breaks, s.pipeline, &err), &err);
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        size_t i;
        must(sl_breaks_add(breaks, texts[k][0], &i, &err), &err);
        assert_string_equal(sl_breaks_get(breaks, i)->text, texts[k][1]);
        must(sl_breaks_add(breaks, texts[k][1], &i, &err), &err);
        assert_string_equal(sl_breaks_get(breaks, i)->text, texts[k][1]);
    }
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        struct sl_error why = SL_ERROR_INIT;
        assert_int_not_equal(sl_breaks_add(breaks, wrong[k], NULL, &why), SL_OK);
        assert_true(why.what[0] && why.fix[0]);
    }
    struct sl_error near = SL_ERROR_INIT;
    sl_breaks_add(breaks, "strip_htm: changed", NULL, &near);
    assert_non_null(strstr(near.fix, "strip_html"));
    sl_breaks_free(breaks);
    stepping_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_fires_exactly_where_a_walk_over_the_records_says),
        cmocka_unit_test(several_breakpoints_tell_which_of_them_fired),
        cmocka_unit_test(texts_read_back_and_mistakes_are_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
