/* test_formats.c: sessions saved by earlier formats: looked at as they are, brought up to date when written to. */
#include "steer_try.h"

#include "sluice/replay.h"
#include "sluice/verify.h"

#include <math.h>
#include <sqlite3.h>

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
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

/* A trained session as that format would have saved it. */
static void make_old(const char *path, int format)
{
    try_reviews("reviews.csv", 60);
    struct sl_session *s = try_open(path);
    try_long_recipe(s, 4);
    try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    sl_session_close(s);
    run_sql(path, "ALTER TABLE point DROP COLUMN learning_rate; ALTER TABLE checkpoint DROP COLUMN epoch;"
                  "DROP TABLE best; PRAGMA user_version = 2");
    static const char *const columns[] = { "width", "height", "breadth", "channels", "scale", "\"offset\"", "target" };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        char sql[80];
        snprintf(sql, sizeof sql, "ALTER TABLE source_column DROP COLUMN %s", columns[i]);
        run_sql(path, sql);
    }
    if (format == 1)
        run_sql(path, "DROP TABLE digest; DROP TABLE request; PRAGMA user_version = 1");
}

static void an_older_session_is_looked_at_as_it_is(void **state)
{
    (void)state;
    for (int format = 1; format <= 2; format++) {
        const struct sl_point *points;
        make_old("old.session", format);
        struct sl_session *s = try_open_with(&(struct sl_session_options){ .path = "old.session", .read_only = true });
        size_t n = sl_session_points(s, &points);
        assert_true(n >= 3);
        for (size_t i = 0; i < n; i++)
            assert_true(isfinite(points[i].loss) && isnan(points[i].learning_rate));
        double weight = 0;
        assert_true(sl_session_weight(s, 1, 0, NULL, &weight) && weight > 0);
        sl_session_close(s);
        struct sl_error err = SL_ERROR_INIT;
        struct sl_verified *runs = NULL;
        size_t n_runs = 0;
        const struct sl_verify_options options = { .session = "old.session" };
        if (sl_verify(&runs, &n_runs, &options, &err))
            fail_msg("%s", err.what);
        assert_true(n_runs == 1 && runs[0].executed && runs[0].agrees);
        sl_verified_free(runs, n_runs);
        assert_int_equal(ask("old.session", "PRAGMA user_version"), format);
        assert_int_equal(remove("old.session"), 0);
    }
}

static void writing_to_an_older_session_brings_it_up_to_date(void **state)
{
    (void)state;
    for (int format = 1; format <= 2; format++) {
        const struct sl_point *points;
        make_old("old.session", format);
        int64_t before = ask("old.session", "SELECT count(*) FROM point");
        struct sl_session *s = try_open("old.session");
        assert_int_equal(sl_session_points(s, &points), before);
        try_lines(s, "train", NULL);
        try_wait(s, SL_JOB_DONE);
        sl_session_close(s);
        assert_int_equal(ask("old.session", "PRAGMA user_version"), 3);
        assert_int_equal(ask("old.session", "SELECT count(*) FROM point WHERE run = 1"), before);
        assert_int_equal(ask("old.session", "SELECT count(*) FROM point WHERE run = 2"), before);
        assert_int_equal(ask("old.session", "SELECT count(*) FROM best"), 0);
        assert_int_equal(remove("old.session"), 0);
    }
}

static void an_older_session_is_replayed_and_branched_from(void **state)
{
    (void)state;
    for (int format = 1; format <= 2; format++) {
        struct sl_error err = SL_ERROR_INIT;
        const struct sl_point *points;
        make_old("old.session", format);
        struct sl_session *s = try_open_with(&(struct sl_session_options){ .path = "old.session", .replay = true });
        size_t n = sl_replay_moments(s);
        assert_true(n > 4);
        assert_int_equal(sl_replay_seek(s, n - 1, &err), SL_OK);
        size_t had = sl_session_points(s, &points);
        if (sl_replay_branch(s, "branch.session", NULL, &err))
            fail_msg("%s", err.what);
        sl_session_close(s);
        s = try_open("branch.session");
        assert_int_equal(sl_session_points(s, &points), had);
        try_lines(s, "train", NULL);
        try_wait(s, SL_JOB_DONE);
        sl_session_close(s);
        assert_int_equal(ask("branch.session", "PRAGMA user_version"), 3);
        assert_int_equal(remove("old.session") | remove("branch.session"), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(an_older_session_is_looked_at_as_it_is),
        TRY(writing_to_an_older_session_brings_it_up_to_date),
        TRY(an_older_session_is_replayed_and_branched_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
