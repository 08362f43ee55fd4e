/* test_verdict.c: the verdict from made-up counters, and from real ones with a stage that sleeps. */
#include "recipe_try.h"

#include "sluice/bottleneck.h"

#include <math.h>
#include <time.h>

/* Two workers; read, a text stage, drop_duplicates in order, tfidf, the learner. */
static struct sl_flow made_up(void)
{
    struct sl_flow flow = {
        .n = 5, .learner = 4, .filling = SIZE_MAX, .threads = 2, .cores = 2, .input = 0.2, .steps = 100
    };
    static const char *const names[] = { "read csv", "strip_html", "drop_duplicates", "tfidf", "logistic" };
    for (size_t i = 0; i < 5; i++)
        snprintf(flow.stages[i].name, sizeof flow.stages[i].name, "%s", names[i]);
    flow.stages[0].read = 0.4;
    flow.stages[1].read = 2.0;
    flow.stages[2].read = 0.1;
    flow.stages[2].serial = true;
    flow.stages[3].read = 0.5;
    flow.stages[3].fit = 0.2;
    flow.stages[3].encode = 0.4;
    flow.wall[SL_PHASE_READ] = 1.7;
    flow.wall[SL_PHASE_FIT] = 0.1;
    flow.wall[SL_PHASE_ENCODE] = 0.2;
    flow.wall[SL_PHASE_TRAIN] = 1.0;
    return flow;
}

static struct sl_bottleneck judge(const struct sl_flow *flow)
{
    struct sl_bottleneck b;
    sl_bottleneck_judge(flow, &b);
    return b;
}

static void close_to(double a, double b)
{
    if (!(fabs(a - b) < 1e-9))
        fail_msg("%.12g is not %.12g", a, b);
}

static void the_stage_that_shortens_the_critical_path_most_is_blamed(void **state)
{
    (void)state;
    struct sl_flow flow = made_up();
    struct sl_bottleneck b = judge(&flow);
    assert_int_equal(b.kind, SL_FLOW_INPUT);
    assert_int_equal(b.level, SL_FLOW_CRITICAL);
    close_to(b.wait_share, 2.0 / 3);
    assert_int_equal(b.stage, 1);
    assert_string_equal(b.name, "strip_html");
    /* READ: 0.2 of reading and 3 of stages over two workers; without strip_html 1.2 over two. */
    close_to(b.saved, 1.0);
    close_to(b.gain, 3.0 / 2.0);
}

static void a_busy_stage_beside_the_critical_path_gains_nothing(void **state)
{
    (void)state;
    struct sl_flow flow = made_up();
    flow.stages[2].read = 5; /* in order: nothing else matters */
    flow.wall[SL_PHASE_READ] = 5;
    struct sl_bottleneck b = judge(&flow);
    assert_string_equal(b.name, "drop_duplicates");
    close_to(b.saved, 5 - 3.1 / 2);
    assert_non_null(strstr(b.todo, "order"));
    flow = made_up();
    flow.input = 9;
    flow.wall[SL_PHASE_READ] = 9;
    b = judge(&flow);
    assert_string_equal(b.name, "read csv");
    assert_true(b.gain < 11.0 / 2.4);
}

static void the_share_of_waiting_decides_between_the_verdicts(void **state)
{
    (void)state;
    static const struct {
        double train;
        enum sl_verdict_kind kind;
        enum sl_verdict_level level;
    } cases[] = { { 2, SL_FLOW_INPUT, SL_FLOW_CRITICAL },
                  { 7.99, SL_FLOW_INPUT, SL_FLOW_CRITICAL },
                  { 8.01, SL_FLOW_BALANCED, SL_FLOW_WARNING },
                  { 17.99, SL_FLOW_BALANCED, SL_FLOW_WARNING },
                  { 18.01, SL_FLOW_COMPUTE, SL_FLOW_FINE } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sl_flow flow = made_up();
        flow.wall[SL_PHASE_TRAIN] = cases[i].train;
        struct sl_bottleneck b = judge(&flow);
        assert_int_equal(b.kind, cases[i].kind);
        assert_int_equal(b.level, cases[i].level);
        if (b.kind == SL_FLOW_COMPUTE) {
            assert_string_equal(b.name, "logistic");
            close_to(b.saved, cases[i].train);
        }
    }
}

static void a_batch_learner_is_judged_by_its_waiting_after_twenty_steps(void **state)
{
    (void)state;
    struct sl_flow flow = made_up();
    flow.batched = true;
    flow.wall[SL_PHASE_TRAIN] = 10;
    flow.trainer_wait = 1.5;
    flow.steps = 19;
    struct sl_bottleneck b = judge(&flow);
    assert_int_equal(b.kind, SL_FLOW_UNKNOWN);
    assert_true(isnan(b.wait_share));
    flow.steps = 20;
    b = judge(&flow);
    assert_int_equal(b.kind, SL_FLOW_BALANCED);
    close_to(b.wait_share, 0.15);
    flow.trainer_wait = 2;
    assert_int_equal(judge(&flow).level, SL_FLOW_CRITICAL);
    flow.trainer_wait = 0.5;
    b = judge(&flow);
    assert_int_equal(b.kind, SL_FLOW_COMPUTE);
    close_to(b.saved, 9.5);
}

static void the_advice_names_what_there_is(void **state)
{
    (void)state;
    struct sl_flow flow = made_up();
    struct sl_bottleneck b = judge(&flow);
    assert_non_null(strstr(b.todo, "cache after stage 4 (tfidf)"));
    assert_null(strstr(b.todo, "threads"));
    assert_null(strstr(b.todo, "cheaper"));
    flow.cores = 8;
    snprintf(flow.stages[1].cheaper, sizeof flow.stages[1].cheaper, "mode=tags");
    b = judge(&flow);
    assert_non_null(strstr(b.todo, "set strip_html.mode=tags"));
    assert_non_null(strstr(b.todo, "--threads 8"));
    flow.filling = 3;
    b = judge(&flow);
    assert_non_null(strstr(b.todo, "train again"));
    assert_null(strstr(b.todo, "cache after"));
    flow.filling = SIZE_MAX;
    flow.cached = true;
    b = judge(&flow);
    assert_null(strstr(b.todo, "cache"));
    flow.cores = 2;
    flow.stages[1].cheaper[0] = 0;
    b = judge(&flow);
    assert_true(b.todo[0] != 0);
}

/* Of a network whose trainer waits: what the recipe says, and where it computes. */
static struct sl_flow network(int workers, int prefetch, bool host)
{
    struct sl_flow flow = made_up();
    snprintf(flow.stages[3].name, sizeof flow.stages[3].name, "batch");
    flow.batched = true;
    flow.wall[SL_PHASE_TRAIN] = 10;
    flow.trainer_wait = 5;
    flow.workers = workers;
    flow.prefetch = prefetch;
    flow.host = host;
    return flow;
}

static void what_is_set_already_is_never_advised(void **state)
{
    (void)state;
    static const int settings[] = { SL_FLOW_AUTO, 0, 1 };
    for (int i = 0; i < 36; i++) {
        struct sl_flow flow = network(settings[i % 3], settings[i / 3 % 3], i / 9 % 2);
        flow.mapped = i / 18;
        struct sl_bottleneck b = judge(&flow);
        assert_int_equal(b.kind, SL_FLOW_INPUT);
        assert_string_equal(b.name, "batch");
        assert_true(b.todo[0] != 0);
        if (flow.workers == SL_FLOW_AUTO)
            assert_null(strstr(b.todo, "workers=auto"));
        if (flow.prefetch == SL_FLOW_AUTO)
            assert_null(strstr(b.todo, "prefetch=auto"));
        assert_int_equal(strstr(b.todo, "set batch.cache=memory") != NULL, flow.mapped);
        assert_null(strstr(b.todo, "--threads"));
        flow.cores = 8;
        assert_non_null(strstr(judge(&flow).todo, "--threads 8"));
    }
}

static void where_the_trainers_own_threads_make_the_batches_the_advice_says_so(void **state)
{
    (void)state;
    static const struct {
        int workers, prefetch;
        bool host;
        const char *says;
    } cases[] = {
        { SL_FLOW_AUTO, SL_FLOW_AUTO, true, "own threads" },
        { SL_FLOW_AUTO, 0, true, "own threads" }, /* auto for both would come to the same */
        { 0, SL_FLOW_AUTO, true, "own threads" },
        { 0, 0, true, "own threads" },
        { 1, SL_FLOW_AUTO, true, "set batch.workers=auto" },
        { SL_FLOW_AUTO, 1, true, "set batch.prefetch=auto" },
        { SL_FLOW_AUTO, SL_FLOW_AUTO, false, "as many threads" },
        { 0, 0, false, "set batch.workers=auto batch.prefetch=auto" },
        { 0, SL_FLOW_AUTO, false, "set batch.workers=auto" },
        { SL_FLOW_AUTO, 0, false, "set batch.prefetch=auto" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sl_flow flow = network(cases[i].workers, cases[i].prefetch, cases[i].host);
        struct sl_bottleneck b = judge(&flow);
        if (!strstr(b.todo, cases[i].says))
            fail_msg("case %zu: '%s' does not say '%s'", i, b.todo, cases[i].says);
    }
    struct sl_flow flow = network(SL_FLOW_AUTO, SL_FLOW_AUTO, false);
    flow.threads = flow.cores = 1; /* no other thread beside the one that keeps the GPU busy */
    assert_non_null(strstr(judge(&flow).todo, "own threads"));
}

static void a_network_that_computes_is_given_no_device_it_has(void **state)
{
    (void)state;
    struct sl_flow flow = network(SL_FLOW_AUTO, SL_FLOW_AUTO, true);
    flow.trainer_wait = 0.1;
    struct sl_bottleneck b = judge(&flow);
    assert_int_equal(b.kind, SL_FLOW_COMPUTE);
    assert_non_null(strstr(b.todo, "larger batch"));
    assert_non_null(strstr(b.todo, "a machine with a GPU"));
    assert_null(strstr(b.todo, "set train.device"));
    flow.host_asked = true;
    b = judge(&flow);
    assert_non_null(strstr(b.todo, "set train.device=auto"));
    assert_null(strstr(b.todo, "machine with"));
    flow.cores = 4;
    assert_non_null(strstr(judge(&flow).todo, "--threads 4"));
    flow.host = flow.host_asked = false;
    flow.whole = true;
    b = judge(&flow);
    assert_null(strstr(b.todo, "GPU"));
    assert_null(strstr(b.todo, "larger batch"));
    assert_null(strstr(b.todo, "threads"));
    assert_non_null(strstr(b.todo, "smaller network"));
}

static struct sl_flow flow_of(const char *batch, const char *train)
{
    char path[] = "/tmp/sluice-verdict-XXXXXX.csv", text[400];
    static struct sl_progress progress;
    struct recipe recipe;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_pipeline *pipeline = NULL;
    struct sl_flow flow;
    close(mkstemps(path, 4));
    write_reviews(path, 50);
    snprintf(text, sizeof text, "read csv %s\nlabel mark\nsplit\ntfidf text\n%s\nmlp hidden=4\n%s\n", path, batch,
             train);
    recipe_parse(&recipe, text);
    if (sl_pipeline_new(&pipeline, recipe.statements, recipe.n, &(struct sl_pipeline_options){ 0 }, &err))
        fail_msg("%s", err.what);
    sl_flow_take(&flow, pipeline, &progress);
    sl_pipeline_free(pipeline);
    recipe_release(&recipe);
    unlink(path);
    return flow;
}

static void the_settings_of_a_network_are_taken_from_its_recipe(void **state)
{
    (void)state;
    struct sl_flow flow = flow_of("batch", "train");
    assert_int_equal(flow.workers, SL_FLOW_AUTO);
    assert_int_equal(flow.prefetch, SL_FLOW_AUTO);
    assert_false(flow.mapped || flow.host_asked);
    flow = flow_of("batch workers=0 prefetch=12 cache=disk", "train device=cpu");
    assert_int_equal(flow.workers, 0);
    assert_true(flow.prefetch > 0);
    assert_true(flow.mapped && flow.host_asked);
}

static void records_in_order_are_no_reason_to_move_what_is_not_there(void **state)
{
    (void)state;
    struct sl_flow flow = made_up();
    flow.stages[2].read = 5;
    flow.wall[SL_PHASE_READ] = 5;
    assert_null(strstr(judge(&flow).todo, "put what drops"));
    flow.stages[1].drops = true; /* before it already */
    assert_null(strstr(judge(&flow).todo, "put what drops"));
    flow.stages[3].drops = true;
    assert_non_null(strstr(judge(&flow).todo, "put what drops records before it"));
    flow = made_up();
    flow.stages[3].cache = true; /* there, but it neither gave nor kept anything */
    assert_null(strstr(judge(&flow).todo, "cache"));
}

static void nothing_measured_is_no_verdict(void **state)
{
    (void)state;
    struct sl_flow flow = { .learner = SIZE_MAX, .filling = SIZE_MAX };
    struct sl_bottleneck b = judge(&flow);
    struct sl_buf text = { 0 };
    assert_int_equal(b.kind, SL_FLOW_UNKNOWN);
    assert_int_equal(b.stage, SIZE_MAX);
    sl_bottleneck_json(&b, &text);
    assert_non_null(strstr(text.p, "\"wait_share\":null"));
    sl_buf_release(&text);
}

/* More busy time than the wall holds (more threads than cores) never gains more than there was. */
static void the_gain_is_never_more_than_the_whole(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 2000; i++) {
        struct sl_flow flow = made_up();
        uint32_t draw[4];
        for (size_t s = 0; s < flow.n; s++) {
            sl_philox(11, SL_RANDOM_SAMPLE, 0, i, (uint32_t)s, draw);
            flow.stages[s].read = (double)draw[0] / 1e9;
            flow.stages[s].fit = (double)draw[1] / 1e9;
            flow.stages[s].encode = (double)draw[2] / 1e9;
            flow.stages[s].serial = draw[3] % 4 == 0;
        }
        struct sl_bottleneck b = judge(&flow);
        assert_true(b.saved >= 0 && b.saved <= b.total * (1 + 1e-12));
        assert_true(b.gain >= 1);
    }
}

/* ---- A real run with a planted stage ---- */

static int sleep_bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)stage, (void)in, (void)out, (void)err;
    return SL_OK;
}

static int sleep_apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)stage, (void)scratch, (void)chunk, (void)err;
    const struct timespec nap = { .tv_nsec = 20000000 };
    nanosleep(&nap, NULL);
    return SL_OK;
}

static const struct sl_stage_class sleeper = {
    .name = "sleeper",
    .summary = "for this test",
    .kind = SL_RECORD,
    .version = 1,
    .bind = sleep_bind,
    .apply = sleep_apply,
};

static void plant(const char *stages, size_t place)
{
    char path[] = "/tmp/sluice-verdict-XXXXXX.csv", text[1000];
    static struct sl_progress progress;
    struct recipe recipe;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_pipeline *pipeline = NULL;
    struct sl_dataset *data = NULL;
    struct sl_run *run = NULL;
    struct sl_pool *pool = NULL;
    close(mkstemps(path, 4));
    write_reviews(path, 2000);
    snprintf(text, sizeof text, "read csv %s\n%s", path, stages);
    recipe_parse(&recipe, text);
    memmove(&recipe.statements[place + 1], &recipe.statements[place], (recipe.n - place) * sizeof *recipe.statements);
    recipe.statements[place] = (struct sl_statement){ .class = &sleeper };
    recipe.n++;
    memset(&progress, 0, sizeof progress);
    assert_int_equal(sl_pool_new(&pool, 2, &err), SL_OK);
    if (sl_pipeline_new(&pipeline, recipe.statements, recipe.n, &(struct sl_pipeline_options){ 0 }, &err))
        fail_msg("%s", err.what);
    sl_pipeline_reader(pipeline)->block_bytes = 10000;
    struct sl_run_options options = { .pool = pool, .memory = 1 << 28, .progress = &progress };
    if (sl_dataset_new(&data, &run, pipeline, &options, &err))
        fail_msg("%s", err.what);
    struct sl_flow flow;
    sl_flow_take(&flow, pipeline, &progress);
    struct sl_bottleneck b = judge(&flow);
    assert_int_equal(b.kind, SL_FLOW_INPUT);
    assert_int_equal(b.stage, place);
    assert_string_equal(b.name, "sleeper");
    assert_true(b.gain > 1.2);
    assert_true(flow.stages[place].records > 1500);
    sl_dataset_free(data);
    sl_run_free(run);
    sl_pipeline_free(pipeline);
    sl_pool_free(pool);
    recipe_release(&recipe);
    unlink(path);
}

static void a_planted_slow_stage_is_named(void **state)
{
    (void)state;
    static const char stages[] = "drop_missing text mark\nlowercase text\nlabel mark\nsplit\ntfidf text\nlogistic\n";
    plant(stages, 1);
    plant(stages, 3);
    plant(stages, 6); /* behind the encoder */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stage_that_shortens_the_critical_path_most_is_blamed),
        cmocka_unit_test(a_busy_stage_beside_the_critical_path_gains_nothing),
        cmocka_unit_test(the_share_of_waiting_decides_between_the_verdicts),
        cmocka_unit_test(a_batch_learner_is_judged_by_its_waiting_after_twenty_steps),
        cmocka_unit_test(the_advice_names_what_there_is),
        cmocka_unit_test(what_is_set_already_is_never_advised),
        cmocka_unit_test(where_the_trainers_own_threads_make_the_batches_the_advice_says_so),
        cmocka_unit_test(a_network_that_computes_is_given_no_device_it_has),
        cmocka_unit_test(the_settings_of_a_network_are_taken_from_its_recipe),
        cmocka_unit_test(records_in_order_are_no_reason_to_move_what_is_not_there),
        cmocka_unit_test(nothing_measured_is_no_verdict),
        cmocka_unit_test(the_gain_is_never_more_than_the_whole),
        cmocka_unit_test(a_planted_slow_stage_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
