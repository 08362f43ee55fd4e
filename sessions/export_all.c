/* export_all.c: `export DIR what=all`: the session as plain text that people and git can read, and its curves as
 * pictures.
 *
 *   recipe.sluice   the statements            events.jsonl   what happened, in order of time
 *   metrics.csv     the curves of every run   result.json    the figures of the last run, one a line
 *   loss.svg, loss.png, accuracy.svg, accuracy.png: the curves of the last run
 * What there is nothing for is left out. Each file is whole or absent; a second export replaces the first. */
#include "live.h"
#include "plot.h"
#include "points.h"

#include "sluice/compare.h"
#include "sluice/input.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

struct exporting {
    struct sl_session *session;
    const char *folder;
    struct sl_buf *reply;
    size_t files;
};

static int put_file(struct exporting *e, const char *name, struct sl_buf *text, struct sl_error *err)
{
    char *path = path_join(e->folder, name);
    int status = text->failed || !path ? sl_fail_memory(err, "an export")
                                       : sl_file_write(path, text->n ? text->p : "", text->n, err);
    if (!status)
        sl_buf_printf(e->reply, "%s%s", e->files++ ? ", " : "", name);
    free(path);
    sl_buf_release(text);
    return status;
}

/* --- events --- */

static const char events_sql[] =
    "SELECT time, 0 AS what, id AS n, 'opened' AS kind, json_object('version', version, 'compiler', compiler, 'sqlite', sqlite,"
    " 'system', system, 'machine', machine, 'cores', cores, 'threads', threads, 'memory', memory), NULL, NULL FROM environment "
    "UNION ALL SELECT time, 1, id, 'command', json_object('line', line), run, step FROM journal "
    "UNION ALL SELECT started, 2, id, 'run', json_object('recipe', recipe, 'fingerprint', fingerprint), id, NULL FROM run "
    "UNION ALL SELECT time, 3, seq, kind, CASE WHEN json_valid(json) THEN json END, run, NULL FROM event "
    "ORDER BY 1, 2, 6, 3";

static void put_time(struct sl_buf *out, double when)
{
    time_t seconds = (time_t)floor(when);
    struct tm tm;
    char text[40];
    if (!gmtime_r(&seconds, &tm) || !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm))
        text[0] = '\0';
    sl_buf_printf(out, "{\"time\":\"%s.%03dZ\"", text, (int)((when - floor(when)) * 1000));
}

static int put_events(struct exporting *e, struct sl_error *err)
{
    struct book *book = e->session->book;
    struct sl_buf out = { 0 };
    sqlite3_stmt *query = NULL;
    book_hold(book);
    int status = book_query(book, &query, err, events_sql, "");
    while (!status && !(status = book_row(book, query, err))) {
        struct sl_str facts = sl_str(book_text(query, 4));
        put_time(&out, book_real(query, 0));
        sl_buf_puts(&out, ",\"event\":");
        sl_buf_json(&out, sl_str(book_text(query, 3)));
        if (sqlite3_column_type(query, 5) != SQLITE_NULL)
            sl_buf_printf(&out, ",\"run\":%lld", sqlite3_column_int64(query, 5));
        if (sqlite3_column_type(query, 6) != SQLITE_NULL)
            sl_buf_printf(&out, ",\"step\":%lld", sqlite3_column_int64(query, 6));
        if (facts.n > 2 && facts.p[0] == '{') { /* its members join ours */
            sl_buf_putc(&out, ',');
            sl_buf_add(&out, facts.p + 1, facts.n - 1);
            sl_buf_putc(&out, '\n');
        } else {
            sl_buf_puts(&out, "}\n");
        }
    }
    sqlite3_finalize(query);
    book_release(book);
    if (status == SL_EEND)
        return put_file(e, "events.jsonl", &out, err);
    sl_buf_release(&out);
    return status;
}

/* --- metrics and result --- */

static int put_metrics(struct exporting *e, struct sl_error *err)
{
    struct book *book = e->session->book;
    struct sl_buf out = { 0 };
    sqlite3_stmt *query = NULL;
    size_t rows = 0;
    char sql[POINT_SQL];
    sl_buf_puts(&out, "run,step,rows,loss,gradient_norm,train_accuracy,test_accuracy,test_loss,seconds,"
                      "learning_rate\n");
    point_select(book, "ORDER BY run, step", sql);
    book_hold(book);
    int status = book_query(book, &query, err, sql, "");
    for (; !status && !(status = book_row(book, query, err)); rows++) {
        for (int i = 0; i < 10; i++) {
            double value = book_real(query, i);
            sl_buf_puts(&out, i ? "," : "");
            if (i < 3)
                sl_buf_printf(&out, "%lld", sqlite3_column_int64(query, i));
            else if (isfinite(value))
                sl_buf_number(&out, value);
        }
        sl_buf_putc(&out, '\n');
    }
    sqlite3_finalize(query);
    book_release(book);
    if (status == SL_EEND && rows)
        return put_file(e, "metrics.csv", &out, err);
    sl_buf_release(&out);
    return status == SL_EEND ? SL_OK : status;
}

/* An object's members, each on a line of its own. */
static void spread(const char *json, struct sl_buf *out)
{
    int depth = 0;
    bool quoted = false;
    for (const char *p = json; *p; p++) {
        bool outer = !quoted && depth == 1;
        if (*p == '"')
            quoted = !quoted;
        else if (!quoted && (*p == '{' || *p == '['))
            depth++;
        else if (!quoted && (*p == '}' || *p == ']'))
            depth--;
        if (!quoted && depth == 0 && *p == '}')
            sl_buf_putc(out, '\n');
        sl_buf_putc(out, *p);
        if ((outer && *p == ',') || (*p == '{' && depth == 1 && !quoted))
            sl_buf_puts(out, "\n  ");
        if (quoted && *p == '\\' && p[1])
            sl_buf_putc(out, *++p);
    }
    sl_buf_putc(out, '\n');
}

static int put_result(struct exporting *e, struct sl_error *err)
{
    struct sl_buf line = { 0 }, out = { 0 };
    if (!e->session->result)
        return SL_OK;
    sl_result_json(e->session->result, &line);
    if (!line.failed)
        spread(line.p, &out);
    out.failed |= line.failed;
    sl_buf_release(&line);
    return put_file(e, "result.json", &out, err);
}

/* --- curves --- */

static int put_plot(struct exporting *e, const struct plot *plot, const char *name, struct sl_error *err)
{
    char file[32];
    struct sl_buf out = { 0 };
    int status = plot_svg(plot, &out, err);
    snprintf(file, sizeof file, "%s.svg", name);
    if (!status)
        status = put_file(e, file, &out, err);
    out = (struct sl_buf){ .failed = false };
    if (!status)
        status = plot_png(plot, &out, err);
    snprintf(file, sizeof file, "%s.png", name);
    if (!status)
        status = put_file(e, file, &out, err);
    sl_buf_release(&out);
    return status;
}

/* Curves two metrics of the last run, when either has a value. */
static int put_curves(struct exporting *e, const char *name, const char *what, const enum sl_metric metric[2],
                      const char *const label[2], struct sl_error *err)
{
    const struct sl_session *s = e->session;
    const char *path = s->book->path ? s->book->path : "session", *slash = strrchr(path, '/');
    struct plot_series series[2];
    char title[160];
    size_t shown = 0;
    double *values = calloc(3 * s->n_points + 1, sizeof *values);
    if (!values)
        return sl_fail_memory(err, "a chart");
    for (size_t i = 0; i < s->n_points; i++)
        values[i] = (double)s->points[i].step;
    for (size_t k = 0; k < 2; k++) {
        double *y = values + (k + 1) * s->n_points;
        bool any = false;
        for (size_t i = 0; i < s->n_points; i++) {
            y[i] = sl_metric_value(&s->points[i], metric[k]);
            any |= isfinite(y[i]) != 0;
        }
        if (any)
            series[shown++] = (struct plot_series){ label[k], values, y, s->n_points };
    }
    snprintf(title, sizeof title, "%s: %s, run %lld", slash ? slash + 1 : path, what, (long long)s->run.id);
    const struct plot plot = { .title = title, .x_label = "step", .y_label = what, .series = series, .n = shown };
    int status = shown ? put_plot(e, &plot, name, err) : SL_OK;
    free(values);
    return status;
}

static int put_all_curves(struct exporting *e, struct sl_error *err)
{
    int status = put_curves(e, "loss", "loss", (const enum sl_metric[2]){ SL_METRIC_LOSS, SL_METRIC_TEST_LOSS },
                            (const char *const[2]){ "objective, training records", "log loss, test records" }, err);
    if (!status)
        status = put_curves(e, "accuracy", "accuracy",
                            (const enum sl_metric[2]){ SL_METRIC_TRAIN_ACCURACY, SL_METRIC_TEST_ACCURACY },
                            (const char *const[2]){ "training records", "test records" }, err);
    return status;
}

static int make_folder(const char *path, struct sl_error *err)
{
    struct stat st;
    if (mkdir(path, 0777) == 0)
        return SL_OK;
    if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return SL_OK;
    if (errno != EEXIST)
        return sl_fail_errno(err, "make the folder", path);
    sl_fail(err, SL_EIO, "\"%s\" is a file, and what=all is written to a folder", path);
    return sl_fix(err, "name a folder, or a path where there is nothing yet"), SL_EIO;
}

int export_all(struct sl_session *session, const char *path, struct sl_buf *reply, struct sl_error *err)
{
    struct sl_buf recipe = { 0 }, files = { 0 };
    struct exporting e = { .session = session, .folder = path, .reply = &files };
    int status = make_folder(path, err);
    if (!status) {
        sl_session_recipe_text(session, &recipe);
        status = put_file(&e, "recipe.sluice", &recipe, err);
    }
    if (!status)
        status = put_events(&e, err);
    if (!status)
        status = put_metrics(&e, err);
    if (!status)
        status = put_result(&e, err);
    if (!status)
        status = put_all_curves(&e, err);
    if (!status)
        sl_buf_printf(reply, "%s written to %s\n", files.p ? files.p : "nothing", path);
    sl_buf_release(&files);
    return status;
}
