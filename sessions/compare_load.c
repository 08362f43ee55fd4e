/* compare_load.c: trainings read from session files: nothing is bound, replayed or changed. */
#include "live.h"
#include "points.h"

#include "sluice/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void release_run(struct sl_compared *run)
{
    for (size_t i = 0; i < run->n_files; i++)
        free(run->files[i].path);
    for (size_t i = 0; i < run->n_environment; i++) {
        free(run->environment[i].name);
        free(run->environment[i].value);
    }
    free(run->path);
    free(run->label);
    free(run->recipe);
    free(run->base);
    free(run->files);
    free(run->environment);
    free(run->points);
    result_free(run->result);
}

void sl_comparison_release(struct sl_comparison *comparison)
{
    for (size_t i = 0; comparison->runs && i < comparison->n; i++)
        release_run(&comparison->runs[i]);
    free(comparison->runs);
    *comparison = (struct sl_comparison){ 0 };
}

/* Room for one more in an array that doubles at powers of two. */
static void *room(void *array, size_t n, size_t size, struct sl_error *err)
{
    if (n && (n & (n - 1)))
        return array;
    size_t bytes;
    void *more = sl_mul(n ? 2 * n : 1, size, &bytes) ? realloc(array, bytes) : NULL;
    if (!more)
        sl_fail_memory(err, "the comparison");
    return more;
}

static int read_points(struct book *book, struct sl_compared *run, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    char sql[POINT_SQL];
    point_select(book, "WHERE run = ? ORDER BY step", sql);
    int status = book_query(book, &query, err, sql, "i", run->run);
    while (!status && !(status = book_row(book, query, err))) {
        struct sl_point *more = room(run->points, run->n_points, sizeof *more, err);
        if (!more) {
            status = SL_ENOMEM;
            break;
        }
        run->points = more;
        run->points[run->n_points++] = point_read(query);
    }
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

static int read_files(struct book *book, struct sl_compared *run, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(book, &query, err, "SELECT path, size, mtime FROM source WHERE run = ? ORDER BY path", "i",
                            run->run);
    while (!status && !(status = book_row(book, query, err))) {
        struct sl_compared_file *more = room(run->files, run->n_files, sizeof *more, err);
        char *path = path_join(run->base, book_text(query, 0));
        if (more)
            run->files = more;
        if (!more || !path) {
            free(path);
            status = sl_fail_memory(err, "the comparison");
            break;
        }
        run->files[run->n_files++] =
            (struct sl_compared_file){ path, sqlite3_column_int64(query, 1), book_real(query, 2) };
    }
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

static int add_fact(struct sl_compared *run, const char *name, struct sl_str value, struct sl_error *err)
{
    struct sl_compared_fact *more = room(run->environment, run->n_environment, sizeof *more, err);
    if (!more)
        return SL_ENOMEM;
    run->environment = more;
    struct sl_compared_fact *fact = &run->environment[run->n_environment++];
    *fact = (struct sl_compared_fact){ strdup(name), strndup(value.p, value.n) };
    return fact->name && fact->value ? SL_OK : sl_fail_memory(err, "the comparison");
}

/* The opening in which the training began; every column but its number and time. */
static int read_environment(struct book *book, struct sl_compared *run, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(book, &query, err,
                            "SELECT environment.* FROM environment, run WHERE run.id = ? AND time <= started"
                            " ORDER BY environment.id DESC LIMIT 1",
                            "i", run->run);
    if (!status)
        status = book_row(book, query, err);
    for (int i = 0; !status && i < sqlite3_column_count(query); i++) {
        const char *name = sqlite3_column_name(query, i);
        if (!name || strcmp(name, "id") == 0 || strcmp(name, "time") == 0)
            continue;
        status = add_fact(run, name, sl_str(book_text(query, i)), err);
    }
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

/* Where a network was trained: what its training began with says so. */
static int read_device(struct book *book, struct sl_compared *run, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    struct sl_str name;
    int status = book_query(book, &query, err,
                            "SELECT json FROM event WHERE run = ? AND kind IN ('training', 'resumed') ORDER BY seq DESC"
                            " LIMIT 1",
                            "i", run->run);
    if (!status)
        status = book_row(book, query, err);
    if (!status && event_value(book_text(query, 0), "device", &name))
        status = add_fact(run, "device", name, err);
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

static int read_result(struct book *book, struct sl_compared *run, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(book, &query, err, "SELECT exact FROM result WHERE run = ?", "i", run->run);
    if (!status)
        status = book_row(book, query, err);
    if (!status)
        status = result_load(&run->result, book_blob(query, 0), err);
    if (!status)
        run->seconds = run->result->total_seconds;
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

/* "reviews-2" of "runs/reviews-2.session". */
static char *label_of(const char *path, int64_t run, bool number)
{
    static const char end[] = ".session";
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    struct sl_buf label = { 0 };
    size_t n = strlen(name), tail = sizeof end - 1;
    if (n > tail && strcmp(name + n - tail, end) == 0)
        n -= tail;
    sl_buf_add(&label, name, n);
    if (number)
        sl_buf_printf(&label, "#%lld", (long long)run);
    if (!label.failed)
        return label.p;
    sl_buf_release(&label);
    return NULL;
}

/* Where a training's first file is, or would be, seen from a folder. */
static bool has_data(struct book *book, int64_t run, const char *folder)
{
    sqlite3_stmt *query = NULL;
    bool found = false;
    if (book_query(book, &query, NULL, "SELECT path FROM source WHERE run = ? ORDER BY path LIMIT 1", "i", run) ==
            SL_OK &&
        book_row(book, query, NULL) == SL_OK) {
        char *path = path_join(folder, book_text(query, 0));
        found = path && access(path, F_OK) == 0;
        free(path);
    }
    sqlite3_finalize(query);
    return found;
}

/* The folder as it lies from the session's file, when the data are there (both may have been moved), else as it was. */
static char *base_of(struct book *book, const char *path, int64_t run)
{
    char *near = meta_get(book, "base"), *far = meta_get(book, "base_absolute");
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    char *joined = near && folder ? path_join(folder, near) : NULL, *found = joined ? realpath(joined, NULL) : NULL;
    if (far && (!found || !has_data(book, run, found))) {
        free(found);
        found = far;
        far = NULL;
    }
    free(near);
    free(far);
    free(folder);
    free(joined);
    return found;
}

static int read_run(struct book *book, const char *path, sqlite3_stmt *query, bool number, struct sl_compared *run,
                    struct sl_error *err)
{
    *run = (struct sl_compared){
        .run = sqlite3_column_int64(query, 0),
        .job = record_state_read(book_text(query, 1)),
        .recipe = strdup(book_text(query, 2)),
        .has_fingerprint = sqlite3_column_type(query, 3) != SQLITE_NULL,
        .fingerprint = strtoull(book_text(query, 3), NULL, 16),
        .records = (uint64_t)sqlite3_column_int64(query, 4),
        .quarantined = (uint64_t)sqlite3_column_int64(query, 5),
        .dropped = (uint64_t)sqlite3_column_int64(query, 6),
        .seconds = book_real(query, 7),
        .path = strdup(path),
    };
    run->label = label_of(path, run->run, number);
    run->base = base_of(book, path, run->run);
    int status = run->recipe && run->path && run->label ? SL_OK : sl_fail_memory(err, "the comparison");
    if (!status)
        status = read_points(book, run, err);
    if (!status)
        status = read_files(book, run, err);
    if (!status)
        status = read_environment(book, run, err);
    if (!status)
        status = read_device(book, run, err);
    return status ? status : read_result(book, run, err);
}

static int no_training(const char *path, struct sl_error *err)
{
    sl_fail(err, SL_ESTATE, "\"%s\" holds no training to compare", path);
    return sl_fix(err, "train first: open it, and: train"), SL_ESTATE;
}

static int load_session(struct sl_comparison *out, const char *path, bool every, struct sl_error *err)
{
    struct book *book = NULL;
    sqlite3_stmt *query = NULL;
    size_t before = out->n;
    int status = book_open(&book, path, true, err);
    if (status)
        return status;
    status = book_query(book, &query, err,
                        "SELECT id, state, recipe, fingerprint, records, quarantined, dropped, seconds FROM run"
                        " WHERE ?1 OR id = (SELECT max(id) FROM run) ORDER BY id",
                        "i", (int64_t)every);
    while (!status && !(status = book_row(book, query, err))) {
        struct sl_compared *more = room(out->runs, out->n, sizeof *more, err);
        if (!more) {
            status = SL_ENOMEM;
            break;
        }
        out->runs = more;
        status = read_run(book, path, query, every, &out->runs[out->n++], err);
    }
    sqlite3_finalize(query);
    book_close(book);
    if (status == SL_EEND)
        status = out->n > before ? SL_OK : no_training(path, err);
    return status;
}

/* Sessions of one name in different folders are called by their paths. */
static int tell_apart(struct sl_comparison *c, struct sl_error *err)
{
    for (size_t i = 0; i < c->n; i++) {
        bool same = false;
        for (size_t k = 0; k < c->n && !same; k++)
            same = strcmp(c->runs[i].label, c->runs[k].label) == 0 && strcmp(c->runs[i].path, c->runs[k].path) != 0;
        if (!same)
            continue;
        for (size_t k = c->n; k-- > i;) {
            struct sl_compared *run = &c->runs[k];
            char *label = NULL;
            if (strcmp(c->runs[i].label, run->label) != 0)
                continue;
            const char *number = strrchr(run->label, '#');
            if (asprintf(&label, "%s%s", run->path, number ? number : "") < 0)
                return sl_fail_memory(err, "the comparison");
            free(run->label);
            run->label = label;
        }
    }
    return SL_OK;
}

int sl_comparison_load(struct sl_comparison *out, const char *const *paths, size_t n, bool every, struct sl_error *err)
{
    struct sl_comparison loaded = { 0 };
    int status = SL_OK;
    for (size_t i = 0; i < n && !status; i++)
        status = load_session(&loaded, paths[i], every, err);
    if (!status)
        status = tell_apart(&loaded, err);
    if (status)
        sl_comparison_release(&loaded);
    else
        *out = loaded;
    return status;
}
