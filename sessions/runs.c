/* runs.c: the sessions of a folder at a glance; names for new ones.
 *
 * Each file is opened to read a handful of rows: nothing is replayed, no data are touched. One that cannot be opened is
 * listed with the reason. */
#include "live.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void sl_runs_free(struct sl_run_info *runs, size_t n)
{
    for (size_t i = 0; runs && i < n; i++) {
        free(runs[i].path);
        free(runs[i].recipe_head);
        free(runs[i].error);
    }
    free(runs);
}

/* Statements whose names make the short form: "reviews.csv → tfidf → logistic". */
static void put_head(const char *recipe, struct sl_buf *out)
{
    while (*recipe) {
        size_t n = strcspn(recipe, "\n");
        size_t name = strcspn(recipe, " \n");
        bool source = name == 4 && strncmp(recipe, "read", 4) == 0;
        struct sl_str first = { recipe, name };
        const struct sl_stage_class *class = sl_stage_find(first);
        if (source && !out->n) { /* the file's name without its folder */
            const char *word = recipe + 4 + strspn(recipe + 4, " ");
            size_t format = strcspn(word, " \n");
            const char *file = word + format + strspn(word + format, " ");
            size_t length = strcspn(file, " \n");
            const char *slash = memrchr(file, '/', length);
            if (slash) {
                length -= (size_t)(slash + 1 - file);
                file = slash + 1;
            }
            sl_buf_add(out, file, length);
        } else if (class && (class->kind == SL_ENCODER || class->kind == SL_LEARNER)) {
            sl_buf_puts(out, out->n ? " → " : "");
            sl_buf_add(out, recipe, name);
        }
        recipe += n + (recipe[n] == '\n');
    }
}

/* Without a run: the source as the journal has it. */
static void head_from_journal(struct book *book, struct sl_buf *out)
{
    sqlite3_stmt *query = NULL;
    if (book_query(book, &query, NULL, "SELECT line FROM journal WHERE line LIKE 'read %' ORDER BY id DESC LIMIT 1",
                   "") == SL_OK &&
        book_row(book, query, NULL) == SL_OK)
        put_head(book_text(query, 0), out);
    sqlite3_finalize(query);
}

static int read_run(struct book *book, struct sl_run_info *info, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    struct sl_buf head = { 0 };
    int status = book_query(book, &query, err,
                            "SELECT state, recipe, records, step, seconds, id FROM run ORDER BY id DESC LIMIT 1", "");
    if (!status)
        status = book_row(book, query, err);
    if (!status) {
        info->job = book_owner(info->path) ? record_state_written(book_text(query, 0))
                                           : record_state_read(book_text(query, 0));
        put_head(book_text(query, 1), &head);
        info->records = (uint64_t)sqlite3_column_int64(query, 2);
        info->steps = (uint64_t)sqlite3_column_int64(query, 3);
        info->seconds = book_real(query, 4);
    } else if (status == SL_EEND) {
        head_from_journal(book, &head);
        status = SL_OK;
    }
    sqlite3_finalize(query);
    info->recipe_head = strdup(head.p ? head.p : "");
    sl_buf_release(&head);
    return status || info->recipe_head ? status : sl_fail_memory(err, "the list of sessions");
}

static int read_figures(struct book *book, struct sl_run_info *info, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(book, &query, err, "SELECT exact FROM result ORDER BY run DESC LIMIT 1", "");
    if (!status)
        status = book_row(book, query, err);
    struct sl_result *result = NULL;
    if (!status)
        status = result_load(&result, book_blob(query, 0), err);
    if (!status) {
        bool tested = result->have_test && !result->regression;
        info->accuracy = tested ? result->test.accuracy : (double)NAN;
        info->log_loss = tested ? result->test.log_loss : (double)NAN;
        info->roc_auc = tested ? result->test.roc_auc : (double)NAN;
        info->train_accuracy = result->regression ? (double)NAN : result->train.accuracy;
        if (result->regression) {
            const struct sl_fit_figures *fit = result->have_test ? &result->fit_test : &result->fit_train;
            info->r2 = fit->r2;
            info->mean_absolute_error = fit->mae;
        }
        info->seconds = result->total_seconds;
    }
    result_free(result);
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

static void look_into(struct sl_run_info *info)
{
    struct sl_error err = SL_ERROR_INIT;
    struct book *book = NULL;
    struct stat st;
    if (stat(info->path, &st) == 0)
        info->modified = (int64_t)st.st_mtime;
    char *log = NULL; /* what a running session has written lately stands in the log */
    if (asprintf(&log, "%s-wal", info->path) >= 0 && stat(log, &st) == 0 && st.st_size > 0 &&
        (int64_t)st.st_mtime > info->modified)
        info->modified = (int64_t)st.st_mtime;
    free(log);
    info->r2 = info->mean_absolute_error = (double)NAN;
    info->accuracy = info->train_accuracy = info->log_loss = info->roc_auc = info->seconds = (double)NAN;
    int status = book_open(&book, info->path, true, &err);
    if (!status)
        status = read_run(book, info, &err);
    if (!status)
        status = read_figures(book, info, &err);
    book_close(book);
    if (status) {
        char text[900];
        info->error = strdup(sl_error_format(&err, text, sizeof text));
    }
}

static bool has_name(const char *name)
{
    size_t n = strlen(name), end = strlen(".session");
    return n > end && strcmp(name + n - end, ".session") == 0;
}

static int newest_first(const void *a, const void *b)
{
    const struct sl_run_info *x = a, *y = b;
    if (x->modified != y->modified)
        return x->modified < y->modified ? 1 : -1;
    return strcmp(x->path, y->path);
}

int sl_runs_list(const char *folder, struct sl_run_info **out, size_t *n, struct sl_error *err)
{
    struct sl_run_info *runs = NULL;
    size_t count = 0, capacity = 0;
    DIR *dir = opendir(folder);
    if (!dir)
        return sl_fail_errno(err, "open", folder);
    int status = SL_OK;
    for (struct dirent *entry; !status && (entry = readdir(dir));) {
        char *path = path_join(strcmp(folder, ".") == 0 ? NULL : folder, entry->d_name);
        if (!path || (!sl_is_session(path) && !has_name(entry->d_name)) || entry->d_type == DT_DIR) {
            status = path ? SL_OK : sl_fail_memory(err, "the list of sessions");
            free(path);
            continue;
        }
        if (count == capacity) {
            struct sl_run_info *more = realloc(runs, (capacity = capacity * 2 + 16) * sizeof *runs);
            if (!more) {
                free(path);
                status = sl_fail_memory(err, "the list of sessions");
                break;
            }
            runs = more;
        }
        runs[count] = (struct sl_run_info){ .path = path };
        look_into(&runs[count++]);
    }
    closedir(dir);
    if (status) {
        sl_runs_free(runs, count);
        return status;
    }
    if (count)
        qsort(runs, count, sizeof *runs, newest_first);
    *out = runs;
    *n = count;
    return SL_OK;
}

char *sl_session_new_path(const char *folder, const char *data_path)
{
    const char *slash = data_path ? strrchr(data_path, '/') : NULL;
    const char *name = slash ? slash + 1 : data_path ? data_path : "";
    size_t n = strcspn(name, ".");
    if (!n) {
        name = "sluice";
        n = strlen(name);
    }
    for (int i = 1; i < 100000; i++) {
        struct sl_buf file = { 0 };
        sl_buf_add(&file, name, n);
        if (i > 1)
            sl_buf_printf(&file, "-%d", i);
        sl_buf_puts(&file, ".session");
        char *path = file.failed ? NULL : path_join(folder && strcmp(folder, ".") != 0 ? folder : NULL, file.p);
        sl_buf_release(&file);
        if (!path || (access(path, F_OK) != 0 && errno == ENOENT))
            return path;
        free(path);
    }
    return NULL;
}
