/* recipe.c: a recipe file taken in, line by line.
 *
 * Stages that follow each other are bound once, when the last of them has been read, and an error is said with the line
 * it comes from. A line that ends in a backslash goes on in the next. */
#include "command.h"
#include "live.h"

#include "sluice/input.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { RECIPE_MOST = 1 << 20 };

struct taking {
    struct sl_session *session;
    const char *path;
    bool commands;
    size_t n, at; /* of the history, before what is being gathered */
    struct sl_error *err;
};

static int in_file(struct taking *t, uint32_t line, int status)
{
    if (status && t->err && !t->err->file[0]) {
        uint64_t column = t->err->column;
        uint64_t at = t->err->line ? t->err->line : line;
        t->err->line = 0;
        t->err->column = 0;
        sl_error_at(t->err, t->path, at, column, UINT64_MAX);
    }
    return status;
}

static void gather_begin(struct taking *t)
{
    t->n = t->session->history.n;
    t->at = t->session->history.at;
    t->session->gathered.n = 0;
    t->session->gathering = true;
}

static int gather_end(struct taking *t, uint32_t line)
{
    t->session->gathering = false;
    return in_file(t, line, session_gather_end(t->session, t->n, t->at, t->err));
}

/* A command sees the stages before it standing, and the training before it done. */
static int run_command(struct taking *t, const char *text, uint32_t line)
{
    struct sl_session *session = t->session;
    int status = gather_end(t, line);
    while (!status && training_running(session))
        if (!sl_session_wait(session, -1) && training_running(session))
            status = sl_fail(t->err, SL_ECANCEL, "interrupted");
    if (status)
        return status;
    struct sl_error err = SL_ERROR_INIT;
    status = sl_session_command(session, text, NULL, &err);
    /* A problem of the recipe names a stage's number: say its line. */
    const struct recipe *now = history_now(&session->history);
    if (status && err.stage[0] && !err.file[0] && err.line >= 1 && err.line <= now->n && now->at[err.line - 1].line)
        err.line = now->at[err.line - 1].line;
    else if (status && !err.file[0])
        err.line = line;
    if (status && t->err)
        *t->err = err;
    gather_begin(t);
    return in_file(t, line, status);
}

static int take_line(struct taking *t, const char *text, uint32_t number)
{
    struct sl_session *session = t->session;
    struct sl_line line;
    struct change change;
    int status = sl_line_split(sl_str(text), &session->arena, &line, t->err);
    if (status || !line.n)
        return in_file(t, number, status);
    session->file_line = number;
    status = edit_read(session, &line, &change, t->err);
    session->file_line = 0;
    if (status == SL_OK) {
        bool starts = change.starts && t->commands;
        status = change.same ? SL_OK : session_take(session, &change, t->err);
        change_release(&change);
        if (!status && starts)
            return run_command(t, "train", number);
    } else if (status == SL_EEND) {
        bool known = !line.words[0].key.n && command_find(line.words[0].value);
        if (known && !t->commands)
            return SL_OK;
        if (known)
            return run_command(t, text, number);
        status = command_unknown(&line, t->err);
    }
    return in_file(t, number, status);
}

/* Lines one after the other, joined where a backslash ends one. */
static int take_lines(struct taking *t, struct sl_buf *text)
{
    struct sl_buf joined = { 0 };
    uint32_t number = 0, first = 0;
    int status = SL_OK;
    for (char *p = text->p; p && p < text->p + text->n && !status;) {
        char *end = memchr(p, '\n', (size_t)(text->p + text->n - p));
        size_t n = end ? (size_t)(end - p) : (size_t)(text->p + text->n - p);
        size_t bare = n && p[n - 1] == '\r' ? n - 1 : n;
        bool goes_on = end && bare && p[bare - 1] == '\\' && !(bare > 1 && p[bare - 2] == '\\');
        number++;
        if (!joined.n)
            first = number;
        sl_buf_add(&joined, p, goes_on ? bare - 1 : bare);
        if (goes_on)
            sl_buf_putc(&joined, ' ');
        p += n + 1;
        if (goes_on)
            continue;
        if (joined.failed)
            status = sl_fail_memory(t->err, "the recipe");
        else if (joined.n && memchr(joined.p, 0, joined.n))
            status = in_file(t, first, sl_fail(t->err, SL_ESYNTAX, "the line holds a NUL byte"));
        else if (joined.n)
            status = take_line(t, joined.p, first);
        joined.n = 0;
    }
    sl_buf_release(&joined);
    return status;
}

/* Paths in the recipe are relative to it. */
static int set_base(struct sl_session *session, const char *path, struct sl_error *err)
{
    char *copy = strdup(path);
    if (!copy)
        return sl_fail_memory(err, "the recipe");
    char *slash = strrchr(copy, '/');
    if (slash)
        slash[slash == copy] = '\0';
    int status = base_choose(session, slash ? copy : ".", true, err);
    free(copy);
    return status;
}

int sl_session_recipe(struct sl_session *session, const char *path, bool commands, struct sl_error *err)
{
    struct sl_error own = SL_ERROR_INIT;
    struct sl_buf text = { 0 };
    struct taking t = { .session = session, .path = path, .commands = commands, .err = err ? err : &own };
    int status = sl_file_read(path, RECIPE_MOST, &text, t.err);
    if (!status && session->book->read_only)
        status = sl_fail(t.err, SL_ESTATE, "the session was opened to look at only");
    if (!status)
        status = set_base(session, path, t.err);
    if (!status) {
        gather_begin(&t);
        status = take_lines(&t, &text);
        if (!status) {
            status = gather_end(&t, 0);
        } else if (session->gathering) { /* what was gathered before the error goes with it */
            session->gathering = false;
            session->gathered.n = 0;
            history_cut(&session->history, t.n < session->history.n ? t.n : session->history.n, t.at);
        }
    }
    sl_buf_release(&text);
    return status;
}
