/* test_audit.c: an audit's figures are those of a walk from record to record and of comparing every text with every
 * other. */
#include "step_try.h"

enum { N = 300, MOST = 6 };

static char path[] = "/tmp/sluice-audit-XXXXXX.csv";
static const char *const stages = "drop_missing mark\nstrip_html text mode=clean\nlowercase text\n"
                                  "replace city pattern='^Rome$' with=''\ndrop_duplicates text score\nlabel mark\n"
                                  "split test_size=0.4 random_state=2\nimpute score\nstandardize score\n";
enum { TEXTS_AT = 6, STAGES = 10 };

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemps(path, 4);
    if (fd < 0)
        return -1;
    close(fd);
    write_steps(path, N, false);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

/* ---- By walking ---- */

struct count {
    uint64_t n, record[N];
};

struct walked {
    struct count marks[STAGES][6];
    struct count untouched;
    struct sl_text_key key[N];
    struct sl_buf text[N]; /* of the records that have one */
    int role[N];
    size_t n;
};

static const unsigned marks[6] = { SL_MARK_CHANGED, SL_MARK_DROPPED,   SL_MARK_EMPTY,
                                   SL_MARK_MISSING, SL_MARK_NONFINITE, SL_MARK_ERROR };

static void add(struct count *count, uint64_t record)
{
    count->record[count->n++] = record;
}

static void note_text(struct walked *w, const struct sl_step *step)
{
    const struct sl_chunk *chunk = step->after;
    struct sl_buf *text = &w->text[w->n];
    bool any = false;
    for (size_t c = 0; c < chunk->schema->n; c++) {
        if (chunk->schema->fields[c].type != SL_TEXT || strcmp(chunk->schema->fields[c].name, "mark") == 0)
            continue;
        sl_buf_u32(text, sl_valid(&chunk->columns[c], 0));
        sl_cell_format(chunk, c, 0, text);
        sl_buf_putc(text, 0);
        any |= sl_valid(&chunk->columns[c], 0) && chunk->columns[c].text[0].n;
    }
    if (!any) {
        text->n = 0;
        return;
    }
    assert_true(sl_text_key_make(chunk, 0, "mark", &w->key[w->n]));
    w->role[w->n++] = step->role;
}

static void walk(struct stepping *s, struct walked *w)
{
    struct sl_error err = SL_ERROR_INIT;
    bool touched = false;
    static const struct sl_place start;
    must(sl_stepper_goto(s->stepper, &start, &err), &err);
    int status = SL_OK;
    while (status == SL_OK) {
        const struct sl_step *step = sl_stepper_here(s->stepper);
        for (int k = 0; k < 6; k++)
            if (step->marks & marks[k])
                add(&w->marks[step->place.stage][k], step->place.record);
        if (step->place.stage == 0)
            touched = step->marks & SL_MARK_ERROR;
        else
            touched |= (step->stage->class->kind == SL_RECORD && step->marks & SL_MARK_CHANGED) || !step->after;
        if (step->place.stage == step->stages - 1 && !touched)
            add(&w->untouched, step->place.record);
        if (step->place.stage == TEXTS_AT && step->after)
            note_text(w, step);
        status = sl_stepper_move(s->stepper, SL_STEP_NEXT, &err);
    }
    assert_int_equal(status, SL_EEND);
}

static void assert_examples(const struct sl_examples *got, const struct count *expected, const char *what)
{
    if (got->n != expected->n)
        fail_msg("%s: %llu records, not %llu", what, (unsigned long long)got->n, (unsigned long long)expected->n);
    assert_int_equal(got->kept, expected->n < MOST ? expected->n : MOST);
    for (size_t i = 0; i < got->kept; i++)
        assert_int_equal(got->record[i], expected->record[i]);
}

/* ---- By comparing all with all ---- */

static bool same_text(const struct walked *w, size_t i, size_t j)
{
    return w->text[i].n == w->text[j].n && memcmp(w->text[i].p, w->text[j].p, w->text[i].n) == 0;
}

static bool conflict(const struct walked *w, size_t i, size_t j)
{
    return same_text(w, i, j) && w->key[i].label && w->key[j].label && w->key[i].label != w->key[j].label;
}

static void check_conflicts(const struct walked *w, const struct sl_pairs *got)
{
    uint64_t records = 0;
    size_t pairs = 0;
    for (size_t i = 0; i < w->n; i++) {
        bool first = true, any = false;
        size_t other = SIZE_MAX;
        for (size_t j = 0; j < w->n; j++) {
            first &= !(j < i && same_text(w, i, j));
            if (conflict(w, i, j) && other == SIZE_MAX)
                other = j;
            for (size_t k = 0; k < w->n; k++)
                any |= same_text(w, i, j) && conflict(w, j, k);
        }
        records += any;
        if (!first || !any)
            continue;
        if (pairs < got->kept) {
            assert_int_equal(got->pair[pairs].a, w->key[i].record);
            assert_int_equal(got->pair[pairs].b, w->key[other].record);
        }
        pairs++;
    }
    assert_true(pairs > 3);
    assert_int_equal(got->groups, pairs);
    assert_int_equal(got->records, records);
}

/* Test records with a training record within a distance; the nearest, then the first, is the one shown. */
static void check_leaks(const struct walked *w, const struct sl_pairs *got, unsigned distance, bool exact)
{
    uint64_t records = 0, equal = 0;
    for (size_t i = 0; i < w->n; i++) {
        unsigned best = 99;
        uint64_t with = 0;
        for (size_t j = 0; j < w->n && w->role[i] == SL_TEST; j++) {
            unsigned d = (unsigned)__builtin_popcountll(w->key[i].print ^ w->key[j].print);
            if (exact)
                d = same_text(w, i, j) ? 0 : 99;
            if (w->role[j] == SL_TRAIN && d <= distance && d < best) {
                best = d;
                with = w->key[j].record;
            }
        }
        if (best == 99)
            continue;
        records++;
        for (size_t k = 0; k < got->kept; k++)
            if (got->pair[k].a == w->key[i].record) {
                assert_int_equal(got->pair[k].b, with);
                assert_int_equal(got->pair[k].distance, best);
                equal++;
            }
    }
    assert_true(records > 3);
    assert_int_equal(got->records, records);
    assert_int_equal(equal, got->kept);
    for (size_t k = 1; k < got->kept; k++)
        assert_true(got->pair[k].a > got->pair[k - 1].a);
}

static void check_audit(struct stepping *s, const struct walked *w, unsigned distance)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_audit audit;
    struct sl_audit_options options = {
        .pool = s->pool, .examples = MOST, .distance = distance, .run = sl_run_result(s->run)
    };
    must(sl_audit_run(&audit, s->pipeline, &options, &err), &err);
    assert_int_equal(audit.records, N);
    assert_int_equal(audit.rejected, w->marks[0][5].n);
    assert_int_equal(audit.stages, STAGES);
    uint64_t left = N - audit.rejected;
    for (size_t i = 0; i < STAGES; i++) {
        const struct sl_audit_stage *a = &audit.stage[i];
        const struct sl_examples *got[6] = { &a->changed, &a->dropped,   &a->emptied,
                                             &a->missing, &a->nonfinite, &a->failed };
        for (int k = 0; k < 6; k++)
            assert_examples(got[k], &w->marks[i][k], s->recipe.statements[i].text);
        assert_int_equal(a->in, i ? left : N);
        left -= i ? a->dropped.n : 0;
    }
    assert_examples(&audit.untouched, &w->untouched, "untouched");
    assert_true(audit.has_label && audit.has_roles);
    check_conflicts(w, &audit.conflicts);
    check_leaks(w, &audit.exact, 0, true);
    check_leaks(w, &audit.near, distance, false);
    assert_true(audit.near.records >= audit.exact.records);
    assert_true(audit.verdicts.stage[5].known);
    assert_int_equal(audit.verdicts.stage[5].n, s->verdicts.stage[5].n);
    assert_memory_equal(audit.verdicts.stage[5].record, s->verdicts.stage[5].record,
                        s->verdicts.stage[5].n * sizeof(uint64_t));
    sl_audit_release(&audit);
}

static void an_audit_counts_what_a_walk_and_comparing_all_with_all_count(void **state)
{
    (void)state;
    static const uint64_t blocks[] = { 0, 600, 1500 };
    struct walked *w = calloc(1, sizeof *w);
    assert_non_null(w);
    for (size_t t = 0; t < 3; t++) {
        struct stepping s;
        stepping_open(&s, path, stages, 1 << t, blocks[t], true);
        if (t == 0)
            walk(&s, w);
        check_audit(&s, w, SL_AUDIT_DISTANCE);
        check_audit(&s, w, t == 1 ? 7 : 1);
        stepping_close(&s);
    }
    for (size_t i = 0; i < N; i++)
        sl_buf_release(&w->text[i]);
    free(w);
}

static void an_audit_can_be_cancelled_and_refuses_too_wide_a_distance(void **state)
{
    (void)state;
    struct stepping s;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_audit audit;
    struct sl_step_progress progress = { .cancel = true };
    struct sl_audit_options options = { .progress = &progress };
    stepping_open(&s, path, "drop_duplicates text\n", 2, 300, false);
    options.pool = s.pool;
    assert_int_equal(sl_audit_run(&audit, s.pipeline, &options, &err), SL_ECANCEL);
    progress.cancel = false;
    must(sl_audit_run(&audit, s.pipeline, &options, &err), &err);
    assert_int_equal(progress.records, N);
    assert_false(audit.has_label || audit.has_roles);
    sl_audit_release(&audit);
    options.distance = 8;
    assert_int_equal(sl_audit_run(&audit, s.pipeline, &options, &err), SL_EPARAM);
    assert_true(err.fix[0] != 0);
    stepping_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_audit_counts_what_a_walk_and_comparing_all_with_all_count),
        cmocka_unit_test(an_audit_can_be_cancelled_and_refuses_too_wide_a_distance),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
