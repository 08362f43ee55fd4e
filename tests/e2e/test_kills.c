/* test_kills.c: kill -9 and power cuts at random moments: what is resumed ends in the same bits as what never stopped.
 *
 * KILLS=100 in the environment makes a hundred of each instead of a few; KILL_SEED=N makes other moments. All that a
 * training leaves is compared, but for wall seconds (in the saved learner: bytes 44 to 51).
 *
 * A power cut is a copy of the session, taken while its process is held, whose log ends early, at any byte, or in
 * garbage. What a checkpoint of SQLite's had moved into the main file had been synced in the log before: a log is never
 * cut before that. */
#include "e2e.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FEW_KILLS = 8, FEW_CUTS = 6, SECONDS_AT = 44, SECONDS_END = 52, FRAME = 24 + 4096, LOG_HEADER = 32 };

static uint64_t seed;

static uint32_t chance(uint32_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % n;
}

static int how_many(int few)
{
    const char *text = getenv("KILLS"), *other = getenv("KILL_SEED");
    seed = 20240229 + (other ? strtoul(other, NULL, 10) : 0);
    long n = text ? strtol(text, NULL, 10) : 0;
    return n > 0 ? (int)n : few;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void rest(double seconds)
{
    struct timespec t = { (time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9) };
    nanosleep(&t, NULL);
}

/* --- the program without a terminal --- */

static pid_t start(const char *a, const char *b, const char *c, const char *d)
{
    pid_t pid = fork();
    if (pid == 0) {
        int out = open("said", O_WRONLY | O_CREAT | O_TRUNC, 0666);
        dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
        execl(e2e_program, e2e_program, a, b, c, d, (char *)NULL);
        _exit(127);
    }
    if (pid < 0)
        FAIL("no process");
    return pid;
}

/* Exit status, or -1 when it was killed. */
static int wait_for(pid_t pid)
{
    int status = 0;
    if (waitpid(pid, &status, 0) != pid)
        FAIL("waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool has_ended(pid_t pid, int *status)
{
    int code = 0;
    if (waitpid(pid, &code, WNOHANG) != pid)
        return false;
    *status = WIFEXITED(code) ? WEXITSTATUS(code) : -1;
    return true;
}

static const char *what_was_said(void)
{
    static char text[4096];
    FILE *file = fopen("said", "r");
    size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[n] = '\0';
    return text;
}

static bool said(const char *words)
{
    return strstr(what_was_said(), words) != NULL;
}

/* --- comparing --- */

static const char *const all_that_counts[] = {
    "SELECT step, rows, loss, gradient_norm, train_accuracy, test_accuracy, test_loss FROM point ORDER BY step",
    "SELECT learner FROM fitted",
    "SELECT stages FROM fitted",
    "SELECT state, recipe, fingerprint, records, quarantined, dropped, step FROM run",
    "SELECT json_remove(json, '$.seconds', '$.peak_rss_bytes') FROM result",
    "SELECT text, records_in, records_out, changed, dropped, missing, emptied, bytes FROM stage ORDER BY position",
    "SELECT count(*) FROM checkpoint",
    "SELECT integrity_check FROM pragma_integrity_check",
};

static bool same_cell(sqlite3_stmt *a, sqlite3_stmt *b, int i, bool learner)
{
    if (sqlite3_column_type(a, i) != sqlite3_column_type(b, i))
        return false;
    if (sqlite3_column_type(a, i) == SQLITE_FLOAT) {
        double x = sqlite3_column_double(a, i), y = sqlite3_column_double(b, i);
        return memcmp(&x, &y, sizeof x) == 0;
    }
    const char *p = sqlite3_column_blob(a, i), *q = sqlite3_column_blob(b, i);
    int n = sqlite3_column_bytes(a, i);
    if (n != sqlite3_column_bytes(b, i))
        return false;
    if (!learner || n < SECONDS_END)
        return n == 0 || memcmp(p, q, (size_t)n) == 0;
    return memcmp(p, q, SECONDS_AT) == 0 && memcmp(p + SECONDS_END, q + SECONDS_END, (size_t)n - SECONDS_END) == 0;
}

/* Mending what a killed process left is the program's: nothing is taken in from the log here. */
static sqlite3 *look(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        FAIL("%s: %s", path, sqlite3_errmsg(db));
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return db;
}

static void compare_answers(sqlite3 *a, sqlite3 *b, const char *path, const char *sql)
{
    sqlite3_stmt *x = NULL, *y = NULL;
    int rows = 0;
    if (sqlite3_prepare_v2(a, sql, -1, &x, NULL) || sqlite3_prepare_v2(b, sql, -1, &y, NULL))
        FAIL("%s: %s; %s", sql, sqlite3_errmsg(a), sqlite3_errmsg(b));
    for (;; rows++) {
        int code = sqlite3_step(x);
        if (sqlite3_step(y) != code || (code != SQLITE_ROW && code != SQLITE_DONE))
            FAIL("%s: not the same number of rows after row %d: %s", path, rows, sql);
        if (code == SQLITE_DONE)
            break;
        for (int i = 0; i < sqlite3_column_count(x); i++)
            if (!same_cell(x, y, i, strstr(sql, "learner") != NULL))
                FAIL("%s: row %d, column %s differs: \"%.200s\" and \"%.200s\"", path, rows, sqlite3_column_name(x, i),
                     (const char *)sqlite3_column_text(x, i), (const char *)sqlite3_column_text(y, i));
    }
    CHECK(rows > 0);
    sqlite3_finalize(x);
    sqlite3_finalize(y);
}

static void compare(const char *path)
{
    sqlite3 *a = look("whole.session"), *b = look(path);
    for (size_t i = 0; i < sizeof all_that_counts / sizeof *all_that_counts; i++)
        compare_answers(a, b, path, all_that_counts[i]);
    sqlite3_close(a);
    sqlite3_close(b);
}

static bool is_trained(const char *path)
{
    sqlite3_stmt *query = NULL;
    sqlite3 *db = look(path);
    bool some = sqlite3_prepare_v2(db, "SELECT id FROM run", -1, &query, NULL) == SQLITE_OK &&
                sqlite3_step(query) == SQLITE_ROW;
    sqlite3_finalize(query);
    sqlite3_close(db);
    return some;
}

/* Iterations for about a second; how long all of it takes. */
static double make_whole(void)
{
    make_reviews("reviews.csv", 1500);
    make_long_recipe("r.sluice", 300);
    double began = now();
    if (wait_for(start("run", "r.sluice", "--session", "short.session")) != 0)
        FAIL("the first run failed: %s", what_was_said());
    double took = now() - began;
    int steps = (int)(300 * 0.8 / (took > 0.01 ? took : 0.01));
    make_long_recipe("r.sluice", steps < 300 ? 300 : steps > 20000 ? 20000 : steps);
    began = now();
    if (wait_for(start("run", "r.sluice", "--session", "whole.session")) != 0)
        FAIL("the whole run failed: %s", what_was_said());
    compare("whole.session");
    return now() - began;
}

/* --- kills --- */

/* Is there a session that something was trained in? */
static bool is_begun(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && st.st_size > 0 && is_trained(path);
}

/* Begin, or go on when there is something to go on with. */
static pid_t begin(const char *path)
{
    char log[64];
    if (is_begun(path))
        return start("resume", path, "--threads", chance(2) ? "1" : "2");
    snprintf(log, sizeof log, "%s-wal", path);
    remove(path);
    remove(log);
    return start("run", "r.sluice", "--session", path);
}

static double some_moment(double whole)
{
    double most = chance(3) ? whole : whole / 10; /* often while the data are prepared */
    return most * chance(1000) / 1000;
}

/* One life. True: it was killed. A second process may try to go on with the same session meanwhile. */
static bool one_life(const char *path, double whole, int *kills)
{
    int status = 0;
    pid_t pid = begin(path), other = -1;
    rest(some_moment(whole));
    if (chance(4) == 0) {
        other = start("resume", path, "--threads", "1");
        rest(some_moment(whole) / 4);
    }
    bool ended = has_ended(pid, &status);
    if (!ended) {
        kill(pid, SIGKILL);
        status = wait_for(pid);
    }
    *kills += status < 0;
    if (other > 0) {
        rest(some_moment(whole));
        kill(other, SIGKILL); /* it may have taken over, or have been refused */
        *kills += wait_for(other) < 0;
    } else if (ended && status != 0 && !said("is done: it came to its end")) { /* killed on its way out before */
        FAIL("a run failed: %s", what_was_said());
    }
    return status < 0;
}

static void a_killed_run_is_resumed_to_the_same_bits(void)
{
    int kills = 0, wanted = how_many(FEW_KILLS), sessions = 0, compared = 0;
    double whole = make_whole();
    while (kills < wanted || !compared) {
        char path[32];
        snprintf(path, sizeof path, "k%d.session", sessions++);
        while (kills < wanted && one_life(path, whole, &kills)) {}
        if (!is_begun(path))
            continue;
        int status = wait_for(start("resume", path, "--threads", "2"));
        if (status != 0 && !said("is done: it came to its end"))
            FAIL("the last resume failed: %s", what_was_said());
        compare(path);
        compared++;
        remove(path);
    }
    printf("     %d kills in %d sessions, %d of them to the end\n", kills, sessions, compared);
}

/* --- cuts --- */

static size_t copy(const char *from, const char *to)
{
    char bytes[65536];
    size_t n, all = 0;
    FILE *in = fopen(from, "r"), *out = in ? fopen(to, "w") : NULL;
    while (out && (n = fread(bytes, 1, sizeof bytes, in)) > 0)
        all += fwrite(bytes, 1, n, out);
    if (in)
        fclose(in);
    if (out && fclose(out) != 0)
        FAIL("cannot copy \"%s\"", from);
    return all;
}

/* Frames that a checkpoint has moved into the main file. */
static uint32_t moved_frames(const char *shared)
{
    uint32_t n = 0;
    FILE *file = fopen(shared, "r");
    if (file && (fseek(file, 96, SEEK_SET) != 0 || fread(&n, sizeof n, 1, file) != 1))
        n = 0;
    if (file)
        fclose(file);
    return n;
}

static void spoil_end(const char *log, size_t least, size_t size)
{
    size_t at = least + (size > least ? chance((uint32_t)(size - least) + 1) : 0);
    if (chance(3) == 0 && at > least + FRAME) /* between two frames */
        at -= (at - LOG_HEADER) % FRAME;
    if (truncate(log, (off_t)at) != 0)
        FAIL("cannot cut \"%s\"", log);
    FILE *file = fopen(log, "a");
    bool zeros = chance(2);
    for (uint32_t i = chance(3) * chance(12000); file && i > 0; i--) /* sectors never written, or of another file */
        fputc(zeros ? 0 : (int)chance(256), file);
    if (!file || fclose(file) != 0)
        FAIL("cannot write \"%s\"", log);
}

/* A copy of the session as the disk may have it after a power cut at this moment. False: there was no log yet. */
static bool cut(const char *path, const char *copied)
{
    char from[64], log[64];
    snprintf(from, sizeof from, "%s-shm", path);
    uint32_t moved = moved_frames(from);
    snprintf(from, sizeof from, "%s-wal", path);
    snprintf(log, sizeof log, "%s-wal", copied);
    size_t size = copy(from, log), least = moved ? LOG_HEADER + (size_t)moved * FRAME : 0;
    if (copy(path, copied) == 0 || size == 0)
        return false;
    spoil_end(log, least < size ? least : size, size);
    return true;
}

static bool cut_one(int number, double whole, bool *trained)
{
    char path[32], copied[32];
    snprintf(path, sizeof path, "p%d.session", number);
    snprintf(copied, sizeof copied, "c%d.session", number);
    pid_t pid = start("run", "r.sluice", "--session", path);
    rest(whole * (0.1 + 0.8 * chance(1000) / 1000));
    kill(pid, SIGSTOP);
    bool made = cut(path, copied);
    kill(pid, SIGKILL);
    kill(pid, SIGCONT);
    wait_for(pid);
    remove(path);
    *trained = made && is_trained(copied);
    if (!made)
        return false;
    int status = wait_for(start("resume", copied, "--threads", "2"));
    if (*trained ? status != 0 && !said("is done: it came to its end") : !said("nothing in"))
        FAIL("resuming after a power cut failed: %s", what_was_said());
    if (*trained)
        compare(copied);
    remove(copied);
    return true;
}

static void a_cut_log_loses_its_end_and_nothing_else(void)
{
    int cuts = 0, before = 0, wanted = how_many(FEW_CUTS);
    double whole = make_whole();
    for (int number = 0; cuts < wanted || before == cuts; number++) {
        bool trained = false, made = cut_one(number, whole, &trained);
        cuts += made;
        before += made && !trained;
    }
    printf("     %d cuts, %d of them before anything was trained\n", cuts, before);
}

const struct e2e_test e2e_kills_tests[] = {
    { "a killed run is resumed to the same bits", a_killed_run_is_resumed_to_the_same_bits },
    { "a cut log loses its end and nothing else", a_cut_log_loses_its_end_and_nothing_else },
    { 0 },
};
