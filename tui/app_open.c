/* app_open.c: opening data files, a recipe or a session, and leaving the one before. */
#include "app_private.h"

#include "log.h"
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool ends_with(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n >= m && strcmp(path + n - m, end) == 0;
}

static bool is_recipe(const char *path)
{
    return ends_with(path, ".sluice") || ends_with(path, ".recipe");
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static int set_name(struct app *app, const char *path, struct sl_error *err)
{
    char *name = strdup(base_name(path));
    if (!name) {
        return sl_fail_memory(err, "opening a file");
    }
    free(app->name);
    app->name = name;
    return SL_OK;
}

void app_close_session(struct app *app)
{
    replay_drop(app);
    sl_session_close(app->session);
    app->session = NULL;
    app->said = 0;
}

/* A new session for this data. Where none can be kept, it lives in memory, and says so. */
static int new_session(struct app *app, const char *data, struct sl_session **out, struct sl_error *err)
{
    struct sl_session_options options = { .path = app->session ? NULL : app->options->session,
                                          .threads = app->options->threads,
                                          .memory = app->options->memory,
                                          .prefetch = app->options->prefetch,
                                          .scan = true,
                                          .busy = app_busy,
                                          .busy_ctx = app };
    char *path = options.path ? NULL : sl_session_new_path(".", data);
    if (!options.path && access(".", W_OK) != 0) {
        app_message(app, STYLE_WARNING, "this folder cannot be written to: the session is not kept");
    } else if (!options.path) {
        options.path = path;
    }
    int status = sl_session_open(out, &options, err);
    free(path);
    return status;
}

static int saved_session(struct app *app, const char *path, struct sl_session **out, struct sl_error *err)
{
    struct sl_session_options options = { .path = path,
                                          .threads = app->options->threads,
                                          .memory = app->options->memory,
                                          .prefetch = app->options->prefetch,
                                          .scan = true,
                                          .follow = app->options->attach && !app->session,
                                          .busy = app_busy,
                                          .busy_ctx = app };
    return sl_session_open(out, &options, err);
}

/* A word that reads back as this text. */
static void quote(struct sl_buf *out, const char *text)
{
    sl_buf_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            sl_buf_putc(out, '\\');
        }
        sl_buf_putc(out, *text);
    }
    sl_buf_putc(out, '"');
}

static int read_files(struct sl_session *session, const char *const *files, size_t n, struct sl_error *err)
{
    struct sl_buf line = { 0 };
    sl_buf_puts(&line, "read");
    for (size_t i = 0; i < n; i++) {
        sl_buf_putc(&line, ' ');
        quote(&line, files[i]);
    }
    int status = line.failed ? sl_fail_memory(err, "opening files") : sl_session_command(session, line.p, NULL, err);
    sl_buf_release(&line);
    return status;
}

static int open_kind(struct app *app, const char *const *files, size_t n, struct sl_session **out, struct sl_error *err)
{
    if (n == 0) {
        return saved_session(app, app->options->session, out, err);
    }
    if (n == 1 && sl_is_session(files[0])) {
        return saved_session(app, files[0], out, err);
    }
    int status = new_session(app, files[0], out, err);
    if (status != SL_OK || sl_session_stages(*out) > 0) { /* a kept session goes on as it was */
        return status;
    }
    bool recipe = n == 1 && is_recipe(files[0]);
    return recipe ? sl_session_recipe(*out, files[0], false, err) : read_files(*out, files, n, err);
}

int app_open_files(struct app *app, const char *const *files, size_t n, struct sl_error *err)
{
    struct sl_session *session = NULL;
    int status = open_kind(app, files, n, &session, err);
    if (status == SL_OK) {
        status = set_name(app, n ? files[0] : app->options->session, err);
    }
    if (status != SL_OK) {
        sl_session_close(session);
        return status;
    }
    app_close_session(app);
    app->session = session;
    app->record = 0;
    app->filter = SL_SHOW_ALL;
    app_listen(app);
    app_changed(app);
    return SL_OK;
}

void app_open(struct app *app, const char *path)
{
    struct sl_error err = SL_ERROR_INIT;
    if (app_open_files(app, &path, 1, &err) == SL_OK) {
        app_show_number(app, 0);
        return;
    }
    char text[512];
    app_message(app, STYLE_ERROR, "%s", sl_error_format(&err, text, sizeof text));
}

void app_listen(struct app *app)
{
    size_t n = app->session ? sl_session_log_lines(app->session) : 0;
    for (; app->said < n; app->said++) {
        log_add(sl_str(sl_session_log(app->session, app->said)));
    }
}
