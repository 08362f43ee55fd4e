/* test_step.c: stepping is what training does, one record at a time: to the byte, forward and backward. */
#include "random_recipe.h"
#include "step_try.h"

enum { N = 130, RECIPES = 250 };

static char path[] = "/tmp/sluice-step-XXXXXX.csv";

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

/* ---- Against the batch ---- */

struct batch {
    pthread_mutex_t lock;
    struct sl_buf record[N]; /* what left the last stage; n == 0: it was dropped or not read */
};

static int keep_batch(void *ctx, const struct sl_chunk *chunk, const uint8_t *role, int worker, struct sl_error *err)
{
    struct batch *batch = ctx;
    (void)role;
    (void)worker;
    (void)err;
    pthread_mutex_lock(&batch->lock);
    for (uint32_t i = 0; i < chunk->n; i++)
        add_record(&batch->record[chunk->origin[i].record], chunk, i);
    pthread_mutex_unlock(&batch->lock);
    return SL_OK;
}

/* Inside the stage, the last sub-operation on a column leaves what the stage leaves. */
static void check_substeps(struct stepping *s, uint64_t record, uint32_t stage)
{
    const struct sl_step *step = step_at(s, record, stage, 0);
    size_t behind = SIZE_MAX; /* column of the sub-operation behind this one */
    for (uint32_t k = step->substeps; k > 0; k--) {
        step = step_at(s, record, stage, k);
        assert_int_equal(step->place.substep, k);
        assert_non_null(step->sub);
        assert_true(step->sub->what.n > 0);
        const struct sl_substep *sub = step->sub;
        struct sl_str was = step->sub_before ? step->sub_before->text : SL_STR("");
        if (!sub->list && step->sub_before) { /* before, with `taken` bytes at `at` replaced by `put` others */
            assert_int_equal(was.n - sub->taken + sub->put, sub->text.n);
            assert_memory_equal(was.p, sub->text.p, sub->at);
            assert_memory_equal(was.p + sub->at + sub->taken, sub->text.p + sub->at + sub->put,
                                was.n - sub->at - sub->taken);
        }
        if (sub->column == behind)
            continue;
        behind = sub->column;
        const struct sl_column *after = &step->after->columns[step->changes[0].after];
        if (!sub->list) {
            assert_true(sl_str_equal(sub->text, after->text[0]));
            continue;
        }
        assert_int_equal(sub->n_items, after->sparse.start[1] - after->sparse.start[0]);
        for (size_t i = 0; i < sub->n_items; i++) {
            assert_int_equal(sub->items[i].feature, after->sparse.index[after->sparse.start[0] + i]);
            float value = after->sparse.value[after->sparse.start[0] + i];
            assert_true((float)sub->items[i].value <= value && (float)sub->items[i].value >= value);
        }
    }
}

static void check_record(struct stepping *s, uint64_t record, const struct batch *batch, const char *recipe)
{
    const struct sl_step *step = step_at(s, record, UINT32_MAX, 0);
    bool there = step->after && !(step->marks & SL_MARK_ERROR);
    struct sl_buf mine = { 0 };
    if (there)
        add_record(&mine, step->after, 0);
    const struct sl_buf *batched = &batch->record[record];
    if (mine.n != batched->n || (mine.n && memcmp(mine.p, batched->p, mine.n) != 0))
        fail_msg("record %llu differs from the batch's in:\n%s", (unsigned long long)record, recipe);
    sl_buf_release(&mine);
    uint32_t last = step->place.stage;
    for (uint32_t stage = 1; record % 5 == 0 && there && stage <= last; stage++)
        check_substeps(s, record, stage);
}

static void stepping_all_the_way_gives_the_batchs_bytes_for_random_recipes(void **state)
{
    (void)state;
    struct sl_buf recipe = { 0 };
    unsigned run = 0, dropped = 0;
    bool seen[64] = { false };
    for (uint64_t seed = 0; seed < RECIPES; seed++) {
        struct stepping s;
        struct sl_error err = SL_ERROR_INIT;
        struct batch batch = { .lock = PTHREAD_MUTEX_INITIALIZER };
        struct sl_run_options options = { .sink = keep_batch, .ctx = &batch };
        random_recipe(seed, &recipe);
        if (stepping_bind(&s, path, recipe.p, 1 + (int)(seed % 3), 300 + seed * 20, &err) == SL_OK &&
            stepping_run(&s, &options, &err) == SL_OK) {
            run++;
            stepping_begin(&s);
            dropped += sl_run_result(s.run)->dropped > 0;
            for (uint64_t r = 0; r < N; r++)
                check_record(&s, r, &batch, recipe.p);
            for (size_t i = 0; i < sl_pipeline_stages(s.pipeline); i++)
                for (size_t k = 0; sl_stage_registry[k]; k++)
                    seen[k] |= sl_stage_registry[k] == sl_pipeline_stage(s.pipeline, i)->class;
        }
        for (size_t r = 0; r < N; r++)
            sl_buf_release(&batch.record[r]);
        stepping_close(&s);
    }
    sl_buf_release(&recipe);
    assert_true(run >= RECIPES / 4);
    assert_true(dropped > 10);
    for (size_t k = 0; sl_stage_registry[k]; k++) {
        enum sl_stage_kind kind = sl_stage_registry[k]->kind;
        bool records = kind == SL_RECORD || kind == SL_TARGET || kind == SL_SPLIT || kind == SL_ENCODER;
        if (records && is_for_csv(sl_stage_registry[k]) && !seen[k])
            fail_msg("no recipe had the stage \"%s\"", sl_stage_registry[k]->name);
    }
}

/* ---- Backward ---- */

static void add_step(struct sl_buf *to, const struct sl_step *step)
{
    const uint64_t numbers[] = { step->place.record, step->place.stage, step->place.substep, step->substeps,
                                 step->marks,        step->n_changes,   step->origin.line,   (uint64_t)step->role };
    sl_buf_add(to, numbers, sizeof numbers);
    if (step->before)
        add_record(to, step->before, 0);
    if (step->after)
        add_record(to, step->after, 0);
    for (size_t i = 0; i < step->n_changes; i++) {
        const struct sl_change *c = &step->changes[i];
        sl_buf_puts(to, c->name);
        sl_buf_printf(to, "%d %ld %ld %d %d %a %a", (int)c->kind, c->before, c->after, c->was_missing, c->is_missing,
                      c->from, c->to);
        sl_buf_add(to, c->edits, c->n_edits * sizeof *c->edits);
        for (size_t k = 0; k < c->n_features; k++)
            sl_buf_printf(to, "%u %a %a %.*s", c->features[k].index, c->features[k].before, c->features[k].after,
                          (int)c->features[k].name.n, c->features[k].name.p);
    }
    if (step->sub)
        sl_buf_add(to, step->sub->what.p, step->sub->what.n);
    for (size_t i = 0; step->sub && i < step->sub->n_items; i++)
        sl_buf_printf(to, "%.*s %a", (int)step->sub->items[i].term.n, step->sub->items[i].term.p,
                      step->sub->items[i].value);
    sl_buf_add(to, step->params.p, step->params.n);
    sl_buf_add(to, step->explain.p, step->explain.n);
    sl_buf_puts(to, step->reject.reason);
}

static const char *const whole =
    "drop_missing mark\nlowercase text\nstrip_html text mode=clean\nreplace text pattern='o' with='00'\n"
    "normalize text strip_accents=true\ndrop_duplicates text\nlabel mark\nsplit test_size=0.25\nimpute score\n"
    "standardize score\nonehot city handle_unknown=ignore\ntfidf text stop_words=english ngram_range=1,2\n";

static void walk_and_return(enum sl_move there, enum sl_move back)
{
    struct stepping s;
    struct sl_error err = SL_ERROR_INIT;
    enum { MOST = 6000 };
    struct sl_buf *shown = calloc(MOST, sizeof *shown);
    assert_non_null(shown);
    stepping_open(&s, path, whole, 2, 900, true);
    size_t n = 0;
    int status = SL_OK;
    while (status == SL_OK && sl_stepper_here(s.stepper)->place.record < 60) {
        assert_true(n < MOST);
        add_step(&shown[n++], sl_stepper_here(s.stepper));
        status = sl_stepper_move(s.stepper, there, &err);
    }
    assert_int_equal(status, SL_OK);
    assert_true(n > 300);
    for (size_t k = n; k-- > 0;) {
        struct sl_buf now = { 0 };
        must(sl_stepper_move(s.stepper, back, &err), &err);
        add_step(&now, sl_stepper_here(s.stepper));
        assert_int_equal(now.n, shown[k].n);
        assert_memory_equal(now.p, shown[k].p, now.n);
        sl_buf_release(&now);
        sl_buf_release(&shown[k]);
    }
    assert_int_equal(sl_stepper_move(s.stepper, back, &err), SL_EEND);
    free(shown);
    stepping_close(&s);
}

static void stepping_back_shows_again_what_was_shown(void **state)
{
    (void)state;
    walk_and_return(SL_STEP_NEXT, SL_STEP_BACK);
    walk_and_return(SL_STEP_INTO, SL_STEP_BACK_INTO);
}

/* ---- Differences between texts ---- */

static size_t random_text(uint64_t seed, uint32_t part, char *out)
{
    static const char *const pieces[] = { "a", "b", "\xc3\xa9", "\xe2\x82\xac", "<br />", "\xc3\xa8", "word " };
    struct dice dice = { seed, part * 1000 };
    size_t n = 0;
    for (uint32_t k = roll(&dice, 60); k > 0; k--) {
        const char *piece = PICK(&dice, pieces);
        memcpy(out + n, piece, strlen(piece));
        n += strlen(piece);
    }
    return n;
}

static void a_difference_of_texts_rebuilds_one_from_the_other(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    for (uint64_t seed = 0; seed < 400; seed++) {
        char a[500], b[500], made[1200];
        struct sl_arena arena;
        const struct sl_text_edit *edits;
        size_t n, at = 0, m = 0;
        sl_arena_init(&arena);
        struct sl_str x = { a, random_text(seed, 1, a) }, y = { b, random_text(seed, seed % 5 == 4 ? 1 : 2, b) };
        must(sl_text_diff(x, y, &arena, &edits, &n, &err), &err);
        for (size_t i = 0; i < n; i++) {
            const struct sl_text_edit *e = &edits[i];
            assert_true(e->from >= at && e->taken + e->put > 0);
            memcpy(made + m, x.p + at, e->from - at);
            m += e->from - at;
            assert_int_equal(e->to, m);
            memcpy(made + m, y.p + e->to, e->put);
            m += e->put;
            at = e->from + e->taken;
            assert_int_equal(sl_utf8_invalid(x.p + e->from, e->taken), e->taken);
            assert_int_equal(sl_utf8_invalid(y.p + e->to, e->put), e->put);
        }
        memcpy(made + m, x.p + at, x.n - at);
        m += x.n - at;
        assert_int_equal(m, y.n);
        assert_memory_equal(made, y.p, m);
        assert_true(n > 0 || sl_str_equal(x, y));
        sl_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stepping_all_the_way_gives_the_batchs_bytes_for_random_recipes),
        cmocka_unit_test(stepping_back_shows_again_what_was_shown),
        cmocka_unit_test(a_difference_of_texts_rebuilds_one_from_the_other),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
