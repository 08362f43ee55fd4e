/* journal.c: what was done, and the fold of it into the recipe; the session's base folder.
 *
 * A line is committed before it takes effect. Opening carries the edits out again, unbound and unchecked against the
 * data: they were checked when they were made, and the data may have gone since. */
#include "debugger.h"
#include "live.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int journal_add(struct sl_session *session, const char *line, struct sl_error *err)
{
    int status = book_begin(session->book, err);
    if (status)
        return status;
    if (training_running(session))
        status = book_run(session->book, err, "INSERT INTO journal(time, line, run, step) VALUES(?,?,?,?)", "dtii",
                          book_time(), line, session->run.id,
                          (int64_t)(session->n_points ? session->points[session->n_points - 1].step : 0));
    else
        status = book_run(session->book, err, "INSERT INTO journal(time, line) VALUES(?,?)", "dt", book_time(), line);
    return book_end(session->book, status, err);
}

int journal_ask(struct sl_session *session, const char *line, int64_t *row, struct sl_error *err)
{
    int status = book_begin(session->book, err);
    if (status)
        return status;
    status = book_run(session->book, err, "INSERT INTO journal(time, line, run) VALUES(?,?,?)", "dti", book_time(),
                      line, session->run.id);
    *row = sqlite3_last_insert_rowid(session->book->db);
    return book_end(session->book, status, err);
}

int journal_fold_line(struct sl_session *session, const char *text, struct sl_error *err)
{
    struct sl_line line;
    struct change change;
    int status = sl_line_split(sl_str(text), &session->arena, &line, err);
    if (status || !line.n)
        return status;
    status = edit_read(session, &line, &change, err);
    if (status == SL_EEND)
        return debugger_fold(session, &line, err);
    if (status)
        return status;
    if (change.step)
        session->history.at = change.step < 0 ? session->history.at - 1 : session->history.at + 1;
    else
        status = history_push(&session->history, change.recipe.at, change.recipe.n, err);
    change_release(&change);
    return status;
}

int journal_fold(struct sl_session *session, struct sl_error *err)
{
    struct book *book = session->book;
    sqlite3_stmt *query = NULL;
    struct sl_error why = SL_ERROR_INIT;
    book_hold(book);
    int status =
        book_query(book, &query, err, "SELECT line, id FROM journal WHERE id > ? ORDER BY id", "i", session->folded);
    while (!status && !(status = book_row(book, query, err))) {
        session->folded = sqlite3_column_int64(query, 1);
        status = journal_fold_line(session, book_text(query, 0), &why);
        if (status && status != SL_ENOMEM) {
            sl_fail(err, SL_EFORMAT, "line %lld of the session's journal makes no sense here: %s",
                    (long long)sqlite3_column_int64(query, 1), why.what);
            sl_fix(err, "was it saved by a newer program?");
            status = SL_EFORMAT;
        }
    }
    sqlite3_finalize(query);
    book_release(book);
    return status == SL_EEND ? SL_OK : status;
}

int meta_set(struct book *book, const char *key, const char *value, struct sl_error *err)
{
    return book_run(book, err, "INSERT OR REPLACE INTO meta VALUES(?,?)", "tt", key, value);
}

char *meta_get(struct book *book, const char *key)
{
    sqlite3_stmt *query = NULL;
    char *value = NULL;
    book_hold(book);
    if (book_query(book, &query, NULL, "SELECT value FROM meta WHERE key = ?", "t", key) == SL_OK &&
        book_row(book, query, NULL) == SL_OK)
        value = strdup(book_text(query, 0));
    sqlite3_finalize(query);
    book_release(book);
    return value;
}

/* The folder of the session file, absolute; NULL in memory. */
static char *own_folder(const struct sl_session *session)
{
    if (!session->book->path)
        return NULL;
    char *copy = strdup(session->book->path), *folder = NULL;
    char *slash = copy ? strrchr(copy, '/') : NULL;
    if (copy && slash) {
        slash[slash == copy] = '\0';
        folder = realpath(copy, NULL);
    } else if (copy) {
        folder = realpath(".", NULL);
    }
    free(copy);
    return folder;
}

/* `to` as seen from folder `from`, both absolute. */
static char *relative(const char *from, const char *to)
{
    struct sl_buf out = { 0 };
    size_t same = 0;
    while (from[same] && from[same] == to[same])
        same++;
    bool whole = (!from[same] || from[same] == '/') && (!to[same] || to[same] == '/');
    while (!whole && same && to[same - 1] != '/') /* "/ab" and "/ac" share "/" only */
        same--;
    for (const char *p = from + same; *p; p++)
        if (*p != '/' && (p == from || p[-1] == '/'))
            sl_buf_puts(&out, "../");
    const char *rest = to + same;
    sl_buf_puts(&out, rest + strspn(rest, "/"));
    while (out.n > 1 && out.p[out.n - 1] == '/')
        out.p[--out.n] = '\0';
    if (!out.n)
        sl_buf_putc(&out, '.');
    if (out.failed) {
        sl_buf_release(&out);
        return NULL;
    }
    return out.p;
}

/* Both spellings are kept: the relative one goes along when session and data move together. */
static int base_keep(struct sl_session *session, struct sl_error *err)
{
    char *folder = own_folder(session), *near = folder ? relative(folder, session->base) : NULL;
    int status = book_begin(session->book, err);
    if (status) {
        free(folder);
        free(near);
        return status;
    }
    status = meta_set(session->book, "base_absolute", session->base, err);
    if (!status && near)
        status = meta_set(session->book, "base", near, err);
    free(folder);
    free(near);
    return book_end(session->book, status, err);
}

/* The base as kept in the file. */
static char *base_kept(struct sl_session *session)
{
    char *near = meta_get(session->book, "base"), *far = meta_get(session->book, "base_absolute");
    char *folder = own_folder(session), *joined = near && folder ? path_join(folder, near) : NULL;
    char *found = joined ? realpath(joined, NULL) : NULL;
    const struct recipe *now = history_now(&session->history);
    for (size_t i = 0; i < now->n && found && far; i++) {
        const struct sl_names *files = now->at[i].class->kind == SL_SOURCE ? source_files(&now->at[i]) : NULL;
        if (!files || !files->n)
            continue;
        char *here = path_join(found, files->name[0]), *there = path_join(far, files->name[0]);
        if (here && there && access(here, F_OK) != 0 && access(there, F_OK) == 0) {
            free(found);
            found = NULL;
        }
        free(here);
        free(there);
    }
    if (!found && far) {
        found = far;
        far = NULL;
    }
    free(near);
    free(far);
    free(folder);
    free(joined);
    return found;
}

int base_choose(struct sl_session *session, const char *base, bool keep, struct sl_error *err)
{
    char *chosen = base ? realpath(base, NULL) : session->book->fresh ? realpath(".", NULL) : base_kept(session);
    if (base && !chosen)
        return sl_fail_errno(err, "open", base);
    if (!chosen)
        chosen = strdup(".");
    if (!chosen)
        return sl_fail_memory(err, "the session");
    bool same = session->base && strcmp(session->base, chosen) == 0;
    free(session->base);
    session->base = chosen;
    return keep && !same && !session->book->read_only ? base_keep(session, err) : SL_OK;
}
