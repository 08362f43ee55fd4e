/* test_breakpoint.c: breakpoints fire exactly where a walk from record to record says, for any number of threads, any
 * size of blocks, forward and backward. */
#include "step_try.h"

enum { N = 300, PLACES = 12, MOST = 40 };

static char path[] = "/tmp/sluice-break-XXXXXX.csv";
static const char *const stages =
    "drop_missing mark\nstrip_html text mode=clean replacement=' '\ntrim text\nreplace text pattern='(x+x+)+[yz]'\n"
    "filter missing(score) or score < 1e300 or id % 2 == 0\ndrop_duplicates text\nlabel mark\n"
    "split test_size=0.3\nimpute city strategy=most_frequent\ntfidf text\n";

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemps(path, 4);
    if (fd < 0)
        return -1;
    close(fd);
    write_steps(path, N, true);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static void open_stages(struct stepping *s, int threads, uint64_t block)
{
    stepping_open(s, path, stages, threads, block, false);
}

/* ---- What ought to fire, told from a step alone ---- */

struct expected {
    const char *text;
    const char *stage; /* NULL: any */
    bool (*fires)(const struct sl_step *step);
};

static bool cell_there(const struct sl_chunk *chunk, size_t c)
{
    const struct sl_column *column = &chunk->columns[c];
    return sl_valid(column, 0) && !(chunk->schema->fields[c].type == SL_NUMBER && isnan(column->number[0]));
}

static bool is_failed(const struct sl_step *step)
{
    return step->marks & SL_MARK_ERROR;
}

static bool always(const struct sl_step *step)
{
    return step->place.stage > 0 || step->after;
}

/* Is it so for some column (by name) before and after? At the source `before` is NULL. */
static bool some(const struct sl_step *step, bool (*is)(const struct sl_chunk *, long, const struct sl_chunk *, size_t))
{
    if (!step->after || step->marks & (SL_MARK_SKIPPED | SL_MARK_UNDECIDED))
        return false;
    for (size_t c = 0; c < step->after->schema->n; c++) {
        long b = step->before ? sl_schema_find(step->before->schema, sl_str(step->after->schema->fields[c].name)) : -1;
        if (is(step->before, b, step->after, c))
            return true;
    }
    return false;
}

static bool cell_changed(const struct sl_chunk *x, long b, const struct sl_chunk *y, size_t c)
{
    return x && b >= 0 && !sl_cell_equal(x, (size_t)b, 0, y, c, 0);
}

static bool cell_lost(const struct sl_chunk *x, long b, const struct sl_chunk *y, size_t c)
{
    return !cell_there(y, c) && (!x || cell_there(x, (size_t)b));
}

static bool cell_emptied(const struct sl_chunk *x, long b, const struct sl_chunk *y, size_t c)
{
    if (y->schema->fields[c].type != SL_TEXT || !cell_there(y, c) || y->columns[c].text[0].n)
        return false;
    return !x || (cell_there(x, (size_t)b) && x->columns[b].text[0].n);
}

static bool cell_infinite(const struct sl_chunk *x, long b, const struct sl_chunk *y, size_t c)
{
    (void)x;
    (void)b;
    return y->schema->fields[c].type == SL_NUMBER && cell_there(y, c) && isinf(y->columns[c].number[0]);
}

static bool changed(const struct sl_step *step)
{
    return some(step, cell_changed);
}

static bool missing(const struct sl_step *step)
{
    return some(step, cell_lost);
}

static bool emptied(const struct sl_step *step)
{
    return some(step, cell_emptied);
}

static bool infinite(const struct sl_step *step)
{
    return some(step, cell_infinite);
}

static bool dropped(const struct sl_step *step)
{
    return step->before && !step->after && !is_failed(step);
}

static bool first_20(const struct sl_step *step)
{
    return always(step) && step->place.record < 20;
}

static bool every_7(const struct sl_step *step)
{
    return always(step) && step->place.record % 7 == 0;
}

static bool sampled(const struct sl_step *step)
{
    return always(step) && sl_philox_real(0, SL_RANDOM_SAMPLE, 0, step->place.record, 0) < 0.05;
}

static bool short_text(const struct sl_step *step)
{
    return step->after && cell_there(step->after, 1) && step->after->columns[1].text[0].n < 9 &&
           sl_utf8_length(step->after->columns[1].text[0].p, step->after->columns[1].text[0].n) < 4;
}

static bool short_positive(const struct sl_step *step)
{
    return short_text(step) && cell_there(step->after, 2) && sl_str_equal(step->after->columns[2].text[0], sl_str("pos"));
}

static const struct expected all_kinds[] = {
    { "any: changed", NULL, changed },
    { "strip_html: changed", "strip_html", changed },
    { "trim: empty", "trim", emptied },
    { "any: empty", NULL, emptied },
    { "any: missing", NULL, missing },
    { "read csv: missing", "read csv", missing },
    { "any: dropped", NULL, dropped },
    { "drop_duplicates: dropped", "drop_duplicates", dropped },
    { "filter: dropped", "filter", dropped },
    { "any: error", NULL, is_failed },
    { "replace: error", "replace", is_failed },
    { "any: nonfinite", NULL, infinite },
    { "trim", "trim", always },
    { "trim: first 20", "trim", first_20 },
    { "label: every 7", "label", every_7 },
    { "any: sample 5%", NULL, sampled },
    { "len(text) < 4", NULL, short_text },
    { "trim: len(text) < 4 and mark == \"pos\"", "trim", short_positive },
};
enum { KINDS = sizeof all_kinds / sizeof *all_kinds };

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
    assert_int_equal(sl_breaks_get(breaks, 0)->hits - before, expected->n);
    sl_breaks_switch(breaks, 0, false);
    assert_int_equal(sl_breaks_scan(breaks, &options, &hit, &err), SL_EEND);
    sl_breaks_free(breaks);
}

static void every_kind_fires_exactly_where_a_walk_over_the_records_says(void **state)
{
    (void)state;
    static const int threads[] = { 1, 2, 4 };
    static const uint64_t blocks[] = { 0, 700, 2500 };
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
    static const char *const wrong[] = { "",           "strip_htm: changed", "trim#2: changed", "trim: every 0",
                                         "sample 200", "trim: len(text)",    "trim: len(txet) < 3",
                                         "99: changed" };
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
