/* test_book.c: the session's file: recognised, locked, damaged, left alone. */
#include "session_try.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int try_to_open(const char *path, bool read_only, struct sl_error *err)
{
    struct sl_session *session = NULL;
    *err = (struct sl_error)SL_ERROR_INIT;
    int status = sl_session_open(&session, &(struct sl_session_options){ .path = path, .read_only = read_only }, err);
    sl_session_close(session);
    return status;
}

static void make_session(const char *path)
{
    try_reviews("reviews.csv", 30);
    struct sl_session *s = try_open(path);
    try_lines(s, "read reviews.csv", "lowercase text", NULL);
    sl_session_close(s);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void a_session_is_known_by_its_mark(void **state)
{
    (void)state;
    make_session("a.session");
    try_write("other.session",
              "SQLite format 3, or so it says, and more bytes than a header has, many many many more of them");
    run_sql("plain.db", "CREATE TABLE t(x)");
    assert_true(sl_is_session("a.session"));
    assert_false(sl_is_session("other.session"));
    assert_false(sl_is_session("plain.db"));
    assert_false(sl_is_session("nowhere"));
    assert_false(sl_is_session("."));
    assert_false(sl_is_session(NULL));
}

static void what_is_no_session_is_refused_and_left_as_it_was(void **state)
{
    (void)state;
    struct sl_error err;
    const char *words = "a,b\n1,2\n";
    try_write("data.csv", words);
    assert_int_equal(try_to_open("data.csv", false, &err), SL_EFORMAT);
    assert_holds(err.what, "\"data.csv\" is not a session");
    char *text = try_read("data.csv");
    assert_string_equal(text, words);
    free(text);
    run_sql("plain.db", "CREATE TABLE t(x)");
    assert_int_equal(try_to_open("plain.db", false, &err), SL_EFORMAT);
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_int_equal(try_to_open("folder", false, &err), SL_EFORMAT);
    assert_int_equal(try_to_open("nowhere.session", true, &err), SL_EIO);
    assert_int_equal(try_to_open("no/where.session", false, &err), SL_EIO);
    assert_false(try_exists("data.csv.lock"));
    assert_false(try_exists("data.csv-wal"));
}

static void a_newer_session_is_refused_by_its_version(void **state)
{
    (void)state;
    struct sl_error err;
    make_session("a.session");
    run_sql("a.session", "PRAGMA user_version = 99");
    assert_int_equal(try_to_open("a.session", false, &err), SL_EFORMAT);
    assert_holds(err.what, "newer");
    assert_holds(err.what, "99");
}

static void an_empty_file_becomes_a_session(void **state)
{
    (void)state;
    try_write("a.session", "");
    struct sl_session *s = try_open("a.session");
    sl_session_close(s);
    assert_true(sl_is_session("a.session"));
}

static void copy(const char *from, const char *to)
{
    char line[200];
    snprintf(line, sizeof line, "cp %s %s", from, to);
    assert_int_equal(system(line), 0);
}

/* A file as it stands when its maker is killed: pages written, the journal that takes them back beside it. */
static void a_file_whose_making_was_cut_short_is_made_anew(void **state)
{
    (void)state;
    struct sl_error err;
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open("half.db", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "PRAGMA synchronous=OFF; PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN;"
                                  "PRAGMA application_id=1397511491; CREATE TABLE t(x);"
                                  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
                                  "INSERT INTO t SELECT zeroblob(1000) FROM n",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    copy("half.db", "a.session");
    copy("half.db-journal", "a.session-journal");
    copy("half.db", "cut.session");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    struct stat st;
    assert_int_equal(stat("a.session", &st), 0);
    assert_true(st.st_size > 4096);
    if (try_to_open("a.session", false, &err))
        fail_msg("%s", err.what);
    assert_true(sl_is_session("a.session"));
    assert_int_equal(try_to_open("a.session", false, &err), SL_OK);
    assert_int_not_equal(try_to_open("cut.session", false, &err), SL_OK); /* without the journal it is anybody's */
}

static void a_second_writer_is_refused_and_told_who_is_there(void **state)
{
    (void)state;
    struct sl_error err;
    char pid[32];
    struct sl_session *s = try_open("a.session");
    assert_int_equal(try_to_open("a.session", false, &err), SL_ESTATE);
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    assert_holds(err.what, pid);
    assert_int_equal(try_to_open("a.session", true, &err), SL_OK);
    sl_session_close(s);
    assert_int_equal(try_to_open("a.session", false, &err), SL_OK);
}

static void a_lock_left_behind_is_harmless(void **state)
{
    (void)state;
    struct sl_error err;
    make_session("a.session");
    try_write("a.session.lock", "1\n");
    assert_int_equal(try_to_open("a.session", false, &err), SL_OK);
    assert_false(try_exists("a.session.lock"));
}

static void looking_leaves_nothing_behind(void **state)
{
    (void)state;
    struct sl_error err;
    make_session("a.session");
    char *before = try_read("a.session");
    assert_int_equal(try_to_open("a.session", true, &err), SL_OK);
    assert_false(try_exists("a.session-wal"));
    assert_false(try_exists("a.session-shm"));
    assert_false(try_exists("a.session.lock"));
    char *after = try_read("a.session");
    assert_string_equal(before, after);
    free(before);
    free(after);
    struct sl_session *s = try_open_with(&(struct sl_session_options){ .path = "a.session", .read_only = true });
    try_refused(s, "trim text", SL_ESTATE, "to look at only");
    try_refused(s, "train", SL_ESTATE, "to look at only");
    try_recipe(s, "read csv reviews.csv\nlowercase text\n");
    sl_session_close(s);
}

static void a_strange_name_is_only_a_name(void **state)
{
    (void)state;
    const char *const names[] = { "a?mode=memory#x.session", "50% of :memory:.session", "ü ö.session" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        make_session(names[i]);
        assert_true(sl_is_session(names[i]));
        struct sl_session *s = try_open_with(&(struct sl_session_options){ .path = names[i], .read_only = true });
        assert_int_equal(sl_session_stages(s), 2);
        assert_string_equal(sl_session_path(s), names[i]);
        sl_session_close(s);
    }
}

static void a_damaged_session_is_an_error_not_a_crash(void **state)
{
    (void)state;
    struct sl_error err;
    make_session("a.session");
    struct stat st;
    assert_int_equal(stat("a.session", &st), 0);
    char *bytes = malloc((size_t)st.st_size);
    FILE *in = fopen("a.session", "rb");
    assert_non_null(bytes);
    assert_non_null(in);
    assert_int_equal(fread(bytes, 1, (size_t)st.st_size, in), st.st_size);
    fclose(in);
    int refused = 0, opened = 0;
    uint32_t random = 7;
    for (int round = 0; round < 150; round++) {
        char *copy = malloc((size_t)st.st_size);
        assert_non_null(copy);
        memcpy(copy, bytes, (size_t)st.st_size);
        for (int k = 0; k < 40; k++) {
            random = random * 1664525u + 1013904223u;
            copy[100 + (random >> 4) % ((uint32_t)st.st_size - 100)] = (char)(random >> 24);
        }
        size_t length = round % 5 ? (size_t)st.st_size : (size_t)st.st_size * (size_t)round / 150;
        FILE *out = fopen("b.session", "wb");
        assert_non_null(out);
        assert_int_equal(fwrite(copy, 1, length, out), length);
        fclose(out);
        free(copy);
        if (try_to_open("b.session", round % 2, &err)) {
            assert_true(err.what[0]);
            refused++;
        } else {
            opened++;
        }
    }
    free(bytes);
    assert_true(refused > 30);
    assert_int_equal(refused + opened, 150);
}

static void a_journal_that_makes_no_sense_is_refused_by_its_line(void **state)
{
    (void)state;
    struct sl_error err;
    make_session("a.session");
    run_sql("a.session", "UPDATE journal SET line = 'redo' WHERE id = 2");
    assert_int_equal(try_to_open("a.session", false, &err), SL_EFORMAT);
    assert_holds(err.what, "line 2 of the session's journal");
}

static void a_stranger_finds_what_was_done_with_the_shell(void **state)
{
    (void)state;
    make_session("a.session");
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    assert_int_equal(sqlite3_open("a.session", &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT line, datetime(time, 'unixepoch') FROM journal ORDER BY id", -1, &query, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(query), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(query, 0), "read csv reviews.csv");
    assert_holds((const char *)sqlite3_column_text(query, 1), "20");
    assert_int_equal(sqlite3_step(query), SQLITE_ROW);
    assert_int_equal(sqlite3_step(query), SQLITE_DONE);
    sqlite3_finalize(query);
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(a_session_is_known_by_its_mark),
        TRY(what_is_no_session_is_refused_and_left_as_it_was),
        TRY(a_newer_session_is_refused_by_its_version),
        TRY(an_empty_file_becomes_a_session),
        TRY(a_file_whose_making_was_cut_short_is_made_anew),
        TRY(a_second_writer_is_refused_and_told_who_is_there),
        TRY(a_lock_left_behind_is_harmless),
        TRY(looking_leaves_nothing_behind),
        TRY(a_strange_name_is_only_a_name),
        TRY(a_damaged_session_is_an_error_not_a_crash),
        TRY(a_journal_that_makes_no_sense_is_refused_by_its_line),
        TRY(a_stranger_finds_what_was_done_with_the_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
