/* test_network.c: sessions of networks: the statement `train`, epochs, checkpoints, a look inside, weights, verifying.
 */
#include "steer_try.h"

#include "sluice/verify.h"

#include <math.h>
#include <sqlite3.h>

enum { RECORDS = 200, BATCHES = 10 }; /* 160 for training, 16 a batch */

/* Two classes by the sign of a sum, not without error. */
static void write_numbers(void)
{
    FILE *out = fopen("numbers.csv", "w");
    uint32_t x = 12345;
    assert_non_null(out);
    fputs("a,b,c,kind\n", out);
    for (int i = 0; i < RECORDS; i++) {
        double v[3];
        for (int k = 0; k < 3; k++) {
            x = x * 1664525u + 1013904223u;
            v[k] = (double)(x >> 8) / (1 << 24) - 0.5;
        }
        fprintf(out, "%.4f,%.4f,%.4f,%s\n", v[0], v[1], v[2], v[0] + v[1] * v[2] + 0.1 * v[2] > 0 ? "up" : "down");
    }
    assert_int_equal(fclose(out), 0);
}

static struct sl_session *begin_with(const char *path, const char *train)
{
    struct sl_session *s = try_open(path);
    write_numbers();
    try_lines(s, "read numbers.csv", "label kind", "split test_size=0.2 random_state=1",
              "batch size=16 shuffle=true random_state=3", "mlp hidden=8", NULL);
    if (train)
        try_lines(s, train, NULL);
    return s;
}

static struct sl_session *begin(const char *path, int epochs)
{
    char train[120];
    snprintf(train, sizeof train, "insert 6 train learning_rate=0.01 device=cpu keep_checkpoints=3 epochs=%d", epochs);
    return begin_with(path, train);
}

static int64_t ask(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &query, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_step(query), SQLITE_ROW);
    int64_t found = sqlite3_column_int64(query, 0);
    sqlite3_finalize(query);
    sqlite3_close(db);
    return found;
}

/* --- `train` --- */

static void train_with_parameters_is_a_statement_and_the_command(void **state)
{
    (void)state;
    struct sl_session *s = begin_with("t.session", "train epochs=2 device=cpu");
    try_wait(s, SL_JOB_DONE);
    static const char first[] = "read csv numbers.csv\nlabel kind\nsplit test_size=0.2 random_state=1\n"
                                "batch size=16 random_state=3\nmlp hidden=8\ntrain epochs=2 device=cpu\n";
    try_recipe(s, first);
    try_lines(s, "train epochs=3 device=cpu", NULL);
    try_wait(s, SL_JOB_DONE);
    struct sl_train_state now;
    sl_session_train_state(s, &now);
    assert_int_equal(now.epochs, 3);
    assert_int_equal(now.step, 3 * BATCHES);
    assert_int_equal(sl_session_stages(s), 6);
    try_lines(s, "undo", NULL);
    try_recipe(s, first);
    try_lines(s, "redo", "set train.epochs=1", "train", NULL); /* alone it only starts */
    try_wait(s, SL_JOB_DONE);
    sl_session_train_state(s, &now);
    assert_int_equal(now.epochs, 1);
    sl_session_close(s);
    s = try_open("t.session"); /* the journal makes the same of it */
    assert_holds(sl_session_stage(s, 5)->text, "train device=cpu");
    assert_int_equal(ask("t.session", "SELECT count(*) FROM journal WHERE line = 'train'"), 3);
    assert_int_equal(ask("t.session", "SELECT count(*) FROM journal WHERE line LIKE 'edit 6 train %'"), 1);
    sl_session_close(s);
}

static void train_that_cannot_begin_changes_nothing(void **state)
{
    (void)state;
    struct sl_session *s = try_open("t.session");
    write_numbers();
    try_refused(s, "train epochs=2", SL_ESCHEMA, "nothing says what to read");
    try_lines(s, "read numbers.csv", NULL);
    try_refused(s, "train epochs=2", SL_ESCHEMA, "no learner");
    try_refused(s, "train epochs=0", SL_EPARAM, "epochs");
    try_recipe(s, "read csv numbers.csv\n");
    assert_int_equal(ask("t.session", "SELECT count(*) FROM journal"), 1);
    try_lines(s, "label kind", "mlp hidden=4", "train epochs=100000 device=cpu", NULL);
    try_refused(s, "train epochs=2", SL_ESTATE, "under way");
    try_lines(s, "stop", NULL);
    try_wait(s, SL_JOB_STOPPED);
    assert_holds(sl_session_stage(s, 3)->text, "epochs=100000");
    sl_session_close(s);
}

static void a_recipe_file_has_both_forms(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    write_numbers();
    try_write("a.sluice", "read numbers.csv\nlabel kind\nmlp hidden=4\ntrain epochs=2 device=cpu\n");
    struct sl_session *s = try_open("a.session");
    assert_int_equal(sl_session_recipe(s, "a.sluice", false, &err), SL_OK);
    assert_int_equal(state_of(s), SL_JOB_NONE);
    try_recipe(s, "read csv numbers.csv\nlabel kind\nmlp hidden=4\ntrain epochs=2 device=cpu\n");
    sl_session_close(s);
    s = try_open("b.session");
    assert_int_equal(sl_session_recipe(s, "a.sluice", true, &err), SL_OK);
    try_wait(s, SL_JOB_DONE);
    try_recipe(s, "read csv numbers.csv\nlabel kind\nmlp hidden=4\ntrain epochs=2 device=cpu\n");
    sl_session_close(s);
    try_write("c.sluice", "read numbers.csv\nlabel kind\nmlp hidden=4\ntrain\n");
    s = try_open("c.session");
    assert_int_equal(sl_session_recipe(s, "c.sluice", true, &err), SL_OK);
    try_wait(s, SL_JOB_DONE);
    try_recipe(s, "read csv numbers.csv\nlabel kind\nmlp hidden=4\n");
    sl_session_close(s);
}

/* --- epochs, points, checkpoints --- */

static void each_epoch_is_told_once_and_its_figures_come_back(void **state)
{
    (void)state;
    const struct sl_epoch *epochs, *again;
    const struct sl_point *points;
    struct sl_train_state now;
    struct sl_session *s = begin("e.session", 4);
    try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    assert_int_equal(sl_session_epochs(s, &epochs), 4);
    struct sl_epoch live[4];
    memcpy(live, epochs, sizeof live);
    assert_int_equal(sl_session_points(s, &points), 4 * BATCHES);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(live[i].epoch, i + 1);
        assert_int_equal(live[i].step, (i + 1) * BATCHES);
        assert_true(isfinite(live[i].loss) && isfinite(live[i].val_loss) && live[i].rows_per_second > 0);
        assert_true(points[live[i].step - 1].test_loss == live[i].val_loss);
        assert_true(isnan(points[live[i].step - 2].test_loss));
    }
    assert_true(points[3].learning_rate == 0.01 && isfinite(points[3].gradient_norm));
    sl_session_train_state(s, &now);
    assert_int_equal(now.epoch, 4);
    assert_int_equal(now.batches, BATCHES);
    assert_int_equal(now.steps, 4 * BATCHES);
    assert_true(now.best_epoch >= 1 && now.best_epoch <= 4);
    assert_holds(now.device, "cpu");
    assert_true(sl_session_setting(s, "learning_rate", 5) == 0.01);
    const struct sl_result *result = sl_session_result(s);
    assert_int_equal(result->epochs, 4);
    assert_holds(result->device, "cpu");
    assert_true(result->have_test && result->test.accuracy > 0.5);
    sl_session_close(s);
    s = try_open_with(&(struct sl_session_options){ .path = "e.session", .read_only = true });
    assert_int_equal(sl_session_epochs(s, &again), 4);
    for (size_t i = 0; i < 4; i++)
        assert_memory_equal(&again[i], &live[i], offsetof(struct sl_epoch, best));
    struct sl_train_state back;
    sl_session_train_state(s, &back);
    assert_string_equal(back.device, now.device);
    assert_int_equal(back.best_epoch, now.best_epoch);
    assert_int_equal(sl_session_result(s)->epochs, 4);
    sl_session_close(s);
}

static void the_best_epoch_and_the_last_few_are_kept_as_checkpoints(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_session *s = begin("k.session", 6);
    try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    int64_t kept = ask("k.session", "SELECT count(*) FROM checkpoint");
    assert_true(kept >= 1 && kept <= 3); /* epochs that end while the last is still being written are passed over */
    assert_int_equal(ask("k.session", "SELECT count(*) FROM checkpoint WHERE epoch IS NULL"), 0);
    assert_int_equal(ask("k.session", "SELECT max(step) FROM checkpoint"), 6 * BATCHES);
    assert_int_equal(ask("k.session", "SELECT count(*) FROM best"), 1);
    assert_int_equal(ask("k.session", "SELECT max(json_extract(json, '$.epoch')) FROM event WHERE kind = 'epoch' AND"
                                      " json_extract(json, '$.best')"),
                     ask("k.session", "SELECT epoch FROM best"));
    try_lines(s, "export w.safetensors what=weights", "export b.safetensors what=weights checkpoint=best",
              "export l.safetensors what=weights checkpoint=last", "export s.safetensors what=weights checkpoint=60",
              NULL);
    char *w = try_read("w.safetensors"), *l = try_read("l.safetensors");
    assert_true(try_exists("b.safetensors") && try_exists("s.safetensors") && !try_exists("w.safetensors.part"));
    assert_string_equal(w + 8, l + 8); /* the header behind its length; the training ended with its last epoch */
    free(w);
    free(l);
    try_refused(s, "export x what=weights checkpoint=7", SL_EPARAM, "give best, last, or one of these steps");
    try_refused(s, "export x what=weights checkpoint=soon", SL_EPARAM, "no checkpoint \"soon\"");
    try_refused(s, "export x what=points checkpoint=best", SL_EPARAM, "goes with what=weights");
    sl_session_close(s);
    s = try_open(NULL);
    try_reviews("reviews.csv", 60);
    try_long_recipe(s, 3);
    try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    try_refused(s, "export x what=weights", SL_ESTATE, "it is no network");
    assert_int_equal(sl_session_inspect(s, true, &err), SL_ESTATE);
    sl_session_close(s);
}

static void early_stopping_is_an_event_with_the_best_epoch(void **state)
{
    (void)state;
    struct sl_train_state now;
    struct sl_session *s = begin_with("e.session", "train epochs=500 early_stopping=1 min_delta=10 device=cpu");
    try_wait(s, SL_JOB_DONE);
    const struct sl_event *stopped = event(s, "early_stop", 0);
    assert_non_null(stopped);
    assert_int_equal(stopped->step, 2 * BATCHES);
    assert_holds(stopped->json, "\"epoch\":2,\"best_epoch\":1,\"monitor\":\"loss\"");
    sl_session_train_state(s, &now);
    assert_int_equal(now.best_epoch, 1);
    assert_true(sl_session_result(s)->converged);
    sl_session_close(s);
}

/* --- the same bits --- */

static void assert_same_points(const struct sl_point *a, size_t n, const struct sl_point *b, size_t m)
{
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++) {
        struct sl_point x = a[i], y = b[i];
        x.seconds = y.seconds = 0;
        if (memcmp(&x, &y, sizeof x) != 0)
            fail_msg("point %zu: loss %.17g and %.17g", i + 1, x.loss, y.loss);
    }
}

static void some_steps_then_tune(struct sl_session *s)
{
    try_lines(s, "once", NULL);
    await(s, SL_JOB_PAUSED);
    try_lines(s, "tune learning_rate=0.02", "resume", NULL);
    await_points(s, 400);
}

static void a_killed_training_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    enum { EPOCHS = 200 };
    const struct sl_point *a, *b;
    struct sl_session *straight = begin("straight.session", EPOCHS);
    try_lines(straight, "once", NULL);
    await(straight, SL_JOB_PAUSED);
    try_lines(straight, "tune learning_rate=0.02", "resume", NULL);
    try_wait(straight, SL_JOB_DONE);
    killed_after(some_steps_then_tune, begin, "killed.session", EPOCHS);
    struct sl_session *s = try_open("killed.session");
    assert_int_equal(state_of(s), SL_JOB_INTERRUPTED);
    assert_true(sl_session_points(s, &b) >= 400);
    try_lines(s, "resume", NULL);
    try_wait(s, SL_JOB_DONE);
    size_t n = sl_session_points(straight, &a);
    assert_same_points(a, n, b, sl_session_points(s, &b));
    assert_int_equal(n, EPOCHS * BATCHES);
    const struct sl_epoch *x, *y;
    assert_int_equal(sl_session_epochs(straight, &x), EPOCHS);
    assert_int_equal(sl_session_epochs(s, &y), EPOCHS);
    for (size_t i = 0; i < EPOCHS; i++)
        assert_true(x[i].epoch == y[i].epoch && x[i].loss == y[i].loss && x[i].val_loss == y[i].val_loss);
    try_lines(straight, "export a.safetensors what=weights", NULL);
    try_lines(s, "export b.safetensors what=weights", NULL);
    assert_int_equal(system("cmp a.safetensors b.safetensors"), 0);
    sl_session_close(straight);
    sl_session_close(s);
}

static void once_is_one_batch(void **state)
{
    (void)state;
    const struct sl_point *points;
    struct sl_session *s = begin("o.session", 3);
    for (uint64_t step = 1; step <= 3; step++) {
        try_lines(s, "once", NULL);
        await_event(s, "paused", step - 1);
        await(s, SL_JOB_PAUSED);
        assert_int_equal(sl_session_points(s, &points), step);
        assert_int_equal(points[step - 1].rows, step * 16);
    }
    try_lines(s, "stop", NULL);
    try_wait(s, SL_JOB_STOPPED);
    assert_int_equal(sl_session_points(s, &points), 3);
    sl_session_close(s);
}

static void a_network_verifies_to_the_bit(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_session *s = begin("v.session", 30);
    try_lines(s, "once", NULL);
    await(s, SL_JOB_PAUSED);
    try_lines(s, "tune learning_rate=0.005", "resume", NULL);
    try_wait(s, SL_JOB_DONE);
    sl_session_close(s);
    struct sl_verified *runs = NULL;
    size_t n = 0;
    const struct sl_verify_options options = { .session = "v.session" };
    assert_int_equal(sl_verify(&runs, &n, &options, &err), SL_OK);
    assert_int_equal(n, 1);
    bool points = false, weights = false;
    for (size_t i = 0; i < runs[0].n_rows; i++) {
        const struct sl_verify_row *row = &runs[0].rows[i];
        if (row->agree != row->n)
            fail_msg("%s: %s (%s, %s)", row->what, row->where, row->then, row->now);
        points |= strcmp(row->what, "points") == 0 && row->n == 30 * BATCHES;
        weights |= strcmp(row->what, "weights") == 0 && row->n > 4 * 8;
    }
    assert_true(points && weights && runs[0].agrees);
    sl_verified_free(runs, n);
}

/* --- a look inside --- */

static const struct sl_inspection *await_look(struct sl_session *s, uint64_t step)
{
    const struct sl_inspection *in = NULL;
    while (!(in = sl_session_inspection(s)) || in->step < step) {
        nap(s);
        sl_session_poll(s);
    }
    return in;
}

static void check_inspection(const struct sl_inspection *in, bool learnt)
{
    assert_int_equal(in->width, 3);
    assert_true(in->n > 0 && in->n <= SL_INSPECT_ROWS);
    assert_int_equal(in->outputs, 2);
    assert_true(in->n_layers >= 2);
    for (uint32_t i = 0; i < in->n; i++)
        assert_true(fabs((double)(in->output[2 * i] + in->output[2 * i + 1]) - 1) < 1e-5);
    assert_true(in->layers[0].weight.sd > 0);
    assert_true(!learnt || in->layers[0].weight_gradient.sd > 0);
    assert_int_equal(in->n_units, 8);
}

static void a_single_batch_is_looked_into_and_so_is_a_finished_network(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_session *s = begin("i.session", 2);
    assert_null(sl_session_inspection(s));
    try_lines(s, "once", NULL);
    await(s, SL_JOB_PAUSED);
    const struct sl_inspection *in = await_look(s, 1);
    assert_int_equal(in->step, 1);
    check_inspection(in, true);
    assert_int_equal(sl_session_inspect(s, true, &err), SL_OK);
    try_lines(s, "once", NULL);
    assert_int_equal(await_look(s, 2)->step, 2);
    try_lines(s, "resume", NULL);
    try_wait(s, SL_JOB_DONE);
    sl_session_close(s);
    s = try_open_with(&(struct sl_session_options){ .path = "i.session", .read_only = true });
    assert_null(sl_session_inspection(s));
    if (sl_session_inspect(s, true, &err))
        fail_msg("%s", err.what);
    in = sl_session_inspection(s);
    assert_non_null(in);
    check_inspection(in, false);
    assert_int_equal(in->record[0] < RECORDS, true);
    sl_session_close(s);
}

static void looking_changes_no_number(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    const struct sl_point *a, *b;
    struct sl_session *plain = begin("p.session", 150), *looked = begin("l.session", 150);
    try_lines(plain, "train", NULL);
    try_wait(plain, SL_JOB_DONE);
    assert_int_equal(sl_session_inspect(looked, true, NULL), SL_ESTATE); /* nothing has been trained */
    try_lines(looked, "train", NULL);
    assert_int_equal(sl_session_inspect(looked, true, &err), SL_OK);
    try_wait(looked, SL_JOB_DONE);
    size_t n = sl_session_points(plain, &a), m = sl_session_points(looked, &b);
    assert_same_points(a, n, b, m);
    sl_session_close(plain);
    sl_session_close(looked);
}

static void a_number_is_predicted_with_its_figures(void **state)
{
    (void)state;
    struct sl_buf json = { 0 };
    write_numbers();
    struct sl_session *s = try_open("r.session");
    try_lines(s, "read numbers.csv", "select a b c", "label c task=regression", "split test_size=0.25 random_state=1",
              "mlp hidden=8", "train epochs=5 device=cpu", NULL);
    try_wait(s, SL_JOB_DONE);
    const struct sl_result *r = sl_session_result(s);
    assert_true(r->regression && r->have_test);
    assert_int_equal(r->fit_test.n, 50);
    assert_true(r->fit_test.mse > 0 && r->fit_test.mae > 0 && r->fit_test.mae * r->fit_test.mae <= r->fit_test.mse);
    sl_result_json(r, &json);
    assert_holds(json.p, "\"accuracy\":null");
    assert_holds(json.p, ",\"mse\":0.");
    sl_buf_release(&json);
    struct sl_fit_figures live = r->fit_test;
    sl_session_close(s);
    s = try_open("r.session");
    assert_memory_equal(&sl_session_result(s)->fit_test, &live, sizeof live);
    sl_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(train_with_parameters_is_a_statement_and_the_command),
        TRY(train_that_cannot_begin_changes_nothing),
        TRY(a_recipe_file_has_both_forms),
        TRY(each_epoch_is_told_once_and_its_figures_come_back),
        TRY(the_best_epoch_and_the_last_few_are_kept_as_checkpoints),
        TRY(early_stopping_is_an_event_with_the_best_epoch),
        TRY(a_killed_training_goes_on_to_the_same_bits),
        TRY(once_is_one_batch),
        TRY(a_network_verifies_to_the_bit),
        TRY(a_single_batch_is_looked_into_and_so_is_a_finished_network),
        TRY(looking_changes_no_number),
        TRY(a_number_is_predicted_with_its_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
