/* fuzz_session.c: session files that anyone may have made.
 *
 * The first byte of an input says what the rest is: 0 a whole file; 1 patches (offset, value) on a good session; from 2
 * on the content of one cell of it: a journal line, a recipe, a result, fitted stages, a learner's state, a column's
 * name. Whatever is opened is then looked at as the program would: recipe, curves, result, weights, the list of
 * sessions, a prediction. A refusal must say why. */
#include "sluice/session.h"

#include "sluice/input.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    char folder[64], good[96], path[96], csv[96], out[96];
    struct sl_buf bytes; /* of the good session */
} place;

static void need(bool fine, const char *what)
{
    if (!fine) {
        fprintf(stderr, "fuzz_session: %s\n", what);
        abort();
    }
}

static void clean_up(void)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-journal", ".lock" };
    char name[128];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(name, sizeof name, "%s%s", place.path, ends[i]);
        unlink(name);
        snprintf(name, sizeof name, "%s%s", place.good, ends[i]);
        unlink(name);
    }
    unlink(place.csv);
    unlink(place.out);
    rmdir(place.folder);
    sl_buf_release(&place.bytes);
}

/* A session with everything in it: stages, a training, its result. */
static void make_good(void)
{
    static const char *const lines[] = { "read csv d.csv", "lowercase t",         "label y", "split random_state=1",
                                         "tfidf t",        "logistic max_iter=3", "train" };
    struct sl_buf csv = { 0 };
    snprintf(place.folder, sizeof place.folder, "/tmp/sluice-fuzz-XXXXXX");
    need(mkdtemp(place.folder) != NULL, "no temporary folder");
    snprintf(place.good, sizeof place.good, "%s/good.session", place.folder);
    snprintf(place.path, sizeof place.path, "%s/x.session", place.folder);
    snprintf(place.csv, sizeof place.csv, "%s/d.csv", place.folder);
    snprintf(place.out, sizeof place.out, "%s/out.csv", place.folder);
    sl_buf_puts(&csv, "t,y\n");
    for (int i = 0; i < 24; i++)
        sl_buf_printf(&csv, "%s w%d,%s\n", i % 2 ? "good fine" : "bad poor", i % 5, i % 2 ? "p" : "n");
    need(sl_file_write(place.csv, csv.p, csv.n, NULL) == SL_OK, "no data");
    sl_buf_release(&csv);
    struct sl_session *s = NULL;
    struct sl_session_options options = { .path = place.good, .base = place.folder, .threads = 1, .memory = 16 << 20 };
    need(sl_session_open(&s, &options, NULL) == SL_OK, "no session");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        need(sl_session_command(s, lines[i], NULL, NULL) == SL_OK, lines[i]);
    need(sl_session_wait(s, -1) && sl_session_result(s), "no result");
    sl_session_close(s);
    need(sl_file_read(place.good, 16 << 20, &place.bytes, NULL) == SL_OK, "no file");
    atexit(clean_up);
}

static bool write_file(const void *p, size_t n)
{
    FILE *out = fopen(place.path, "wb");
    bool fine = out && fwrite(p, 1, n, out) == n;
    return out && fclose(out) == 0 && fine;
}

/* A byte every four bytes of input: three of offset, one of value. */
static void write_patched(const uint8_t *data, size_t size)
{
    char *copy = malloc(place.bytes.n);
    need(copy != NULL, "no memory");
    memcpy(copy, place.bytes.p, place.bytes.n);
    for (size_t i = 0; i + 4 <= size; i += 4) {
        size_t at = (size_t)data[i] | (size_t)data[i + 1] << 8 | (size_t)data[i + 2] << 16;
        copy[at % place.bytes.n] = (char)data[i + 3];
    }
    need(write_file(copy, place.bytes.n), "cannot write");
    free(copy);
}

static void write_cell(int which, const uint8_t *data, size_t size)
{
    static const char *const sql[] = {
        "UPDATE journal SET line = CAST(? AS TEXT) WHERE id = 2",
        "UPDATE run SET recipe = CAST(? AS TEXT)",
        "UPDATE result SET exact = ?",
        "UPDATE fitted SET stages = ?",
        "UPDATE fitted SET learner = ?",
        "UPDATE source_column SET name = CAST(? AS TEXT) WHERE position = 0",
        "UPDATE meta SET value = CAST(? AS TEXT) WHERE key = 'base'",
        "UPDATE run SET state = CAST(?1 AS TEXT), fingerprint = CAST(?1 AS TEXT), error = ?1",
    };
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    need(write_file(place.bytes.p, place.bytes.n), "cannot write");
    need(sqlite3_open(place.path, &db) == SQLITE_OK, "cannot open");
    sqlite3_exec(db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL, NULL);
    need(sqlite3_prepare_v2(db, sql[which % (int)(sizeof sql / sizeof *sql)], -1, &query, NULL) == SQLITE_OK,
         "bad SQL");
    sqlite3_bind_blob(query, 1, size ? (const void *)data : "", (int)size, SQLITE_STATIC);
    sqlite3_step(query);
    sqlite3_finalize(query);
    sqlite3_close(db);
}

static void look(struct sl_session *s)
{
    struct sl_buf text = { 0 };
    const struct sl_point *points;
    struct sl_train_state state;
    double weight;
    sl_session_poll(s);
    sl_session_recipe_text(s, &text);
    for (size_t i = 0; i < sl_session_stages(s); i++)
        need(sl_session_stage(s, i)->text != NULL, "a stage without text");
    for (size_t i = 0; i <= sl_session_stages(s); i++)
        sl_session_schema(s, i);
    need(sl_session_pipeline(s) || sl_session_problem(s), "no pipeline, and no reason");
    size_t n = sl_session_points(s, &points);
    need(!n || points, "points without points");
    sl_session_train_state(s, &state);
    if (sl_session_result(s))
        sl_result_json(sl_session_result(s), &text);
    sl_session_weight(s, 1, 0, &text, &weight);
    sl_buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!place.folder[0])
        make_good();
    if (!size)
        return 0;
    if (data[0] == 0)
        need(write_file(data + 1, size - 1), "cannot write");
    else if (data[0] == 1)
        write_patched(data + 1, size - 1);
    else
        write_cell(data[0] - 2, data + 1, size - 1);
    struct sl_session *s = NULL;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_session_options options = { .path = place.path, .threads = 1, .memory = 16 << 20, .read_only = true };
    sl_is_session(place.path);
    int status = sl_session_open(&s, &options, &err);
    if (status)
        need(err.status == status && err.what[0], "a refusal without a reason");
    else
        look(s);
    sl_session_close(s);
    const char *paths[] = { place.csv, NULL };
    struct sl_predict_options predict = { .session = place.path, .out = place.out, .paths = paths, .threads = 1 };
    err = (struct sl_error)SL_ERROR_INIT;
    status = sl_predict(&predict, NULL, &err);
    need(!status || err.what[0], "a refusal without a reason");
    unlink(place.out);
    return 0;
}
