/* app_command.c: command lines: the workbench's own few, then the session's. */
#include "app_private.h"

#include "log.h"
#include "replay.h"
#include "view_step.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void run_quit(struct app *app, const char *argument)
{
    (void)argument;
    app_ask_quit(app);
}

static bool run_session(struct app *app, const char *line);

/* Where records are stepped through, and for FILE:LINE and STAGE@RECORD, the session's own `goto`; else the record to
 * look at. */
static void run_goto(struct app *app, const char *argument)
{
    char *end, *line = NULL;
    unsigned long long record = strtoull(argument, &end, 10);
    if (app->session && (app_views[app->current] == &view_step || strpbrk(argument, ":@"))) {
        app->command_failed = asprintf(&line, "goto %s", argument) < 0 || !run_session(app, line);
        free(line);
        return;
    }
    if (end == argument || *end || argument[0] == '-') {
        app->command_failed = true;
        app_message(app, STYLE_ERROR, "\"goto\" needs the number of a record, not \"%s\"", argument);
        return;
    }
    app_set_record(app, record);
    app_changed(app);
}

static void run_view(struct app *app, const char *argument)
{
    for (size_t i = 0; i < APP_VIEWS; i++) {
        if (strcasecmp(argument, app_views[i]->name) == 0) {
            app_show_number(app, i);
            return;
        }
    }
    app->command_failed = true;
    app_message(app, STYLE_ERROR, "there is no view \"%s\"; views are data, pipeline, step, train, runs", argument);
}

static void run_show(struct app *app, const char *argument)
{
    static const char *const names[] = { "all", "changed", "dropped", "quarantined" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(argument, names[i]) == 0) {
            app_set_filter(app, (enum sl_filter)i);
            app_show_number(app, 0);
            return;
        }
    }
    app->command_failed = true;
    app_message(app, STYLE_ERROR, "\"show\" takes all, changed, dropped or quarantined, not \"%s\"", argument);
}

static void run_log(struct app *app, const char *argument)
{
    (void)argument;
    app_show_log(app);
}

static void run_keys(struct app *app, const char *argument)
{
    (void)argument;
    app_help(app);
}

/* A session or recipe, or the first data, are opened here; other data are read with the present stages. */
static void run_open(struct app *app, const char *argument)
{
    size_t n = strlen(argument);
    bool recipe = n > 7 && strcmp(argument + n - 7, ".sluice") == 0;
    if (!app->session || recipe || sl_is_session(argument)) {
        app_open(app, argument);
        return;
    }
    char *line = NULL;
    if (asprintf(&line, "open %s", argument) >= 0) {
        app->command_failed = !run_session(app, line);
        free(line);
    }
}

const struct app_command app_commands[] = {
    { "quit", "quit", "leave the workbench", run_quit },
    { "goto", "goto RECORD|FILE:LINE|STAGE@RECORD", "go to a record by its number or line, or to a stage of it",
      run_goto },
    { "view", "view NAME", "show a view: data, pipeline, step, train, runs", run_view },
    { "show", "show WHICH", "show records: all, changed, dropped, quarantined", run_show },
    { "open", "open FILE", "open data, a recipe or a session", run_open },
    { "replay", "replay [SESSION]", "play a session's past; without a name: of this one", replay_run },
    { "branch", "branch [SESSION]", "go on from the moment replayed, in a new session", replay_run_branch },
    { "log", "log", "what was said so far", run_log },
    { "keys", "keys", "the keys of this view", run_keys },
    { "help", "help [NAME]", "explain a stage or a command", app_explain },
    { 0 },
};

static bool run_session(struct app *app, const char *line)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf reply = { 0 };
    if (!app->session) {
        app_message(app, STYLE_ERROR, "nothing is open yet: type open FILE");
        return false;
    }
    int status = sl_session_command(app->session, line, &reply, &err);
    app_listen(app);
    app_changed(app);
    if (status != SL_OK) {
        char text[512];
        app_message(app, STYLE_ERROR, "%s", sl_error_format(&err, text, sizeof text));
    } else if (!step_answers(app, line) && reply.n) {
        struct sl_str text = { reply.p, reply.n };
        while (text.n && text.p[text.n - 1] == '\n') {
            text.n--;
        }
        if (memchr(text.p, '\n', text.n)) {
            app_show_text(app, line, text);
        } else {
            app_message(app, STYLE_NORMAL, "%.*s", (int)text.n, text.p);
        }
    }
    sl_buf_release(&reply);
    return status == SL_OK;
}

bool app_execute(struct app *app, const char *line)
{
    line += strspn(line, " \t:");
    size_t n = strcspn(line, " \t");
    if (!n) {
        return true;
    }
    app->command_failed = false;
    for (const struct app_command *c = app_commands; c->name; c++) {
        bool named = strlen(c->name) == n && strncmp(line, c->name, n) == 0;
        if (named || (c->run == run_quit && n == 1 && line[0] == 'q')) {
            char *argument = strdup(line + n + strspn(line + n, " \t"));
            if (argument) {
                size_t length = strlen(argument);
                while (length && (argument[length - 1] == ' ' || argument[length - 1] == '\t')) {
                    argument[--length] = '\0';
                }
                c->run(app, argument);
            }
            free(argument);
            return !app->command_failed;
        }
    }
    app->command_failed = !run_session(app, line);
    return !app->command_failed;
}

bool app_command(struct app *app, const char *format, ...)
{
    char *line = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&line, format, args);
    va_end(args);
    if (n < 0) {
        app_message(app, STYLE_ERROR, "out of memory");
        return false;
    }
    bool done = app_execute(app, line);
    free(line);
    return done;
}

void app_message(struct app *app, enum style style, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(app->message, sizeof app->message, format, args);
    va_end(args);
    app->message_style = style;
    app->dirty = true;
    if (style == STYLE_ERROR || style == STYLE_WARNING) {
        log_add(sl_str(app->message));
    }
}

void app_copy(struct app *app, struct sl_str text, bool system)
{
    app->copied.n = 0;
    sl_buf_add(&app->copied, text.p, text.n);
    if (system) {
        screen_copy(text);
    }
    app_message(app, STYLE_DIM, system ? "copied to the clipboard" : "copied; ^Y in the prompt puts it in");
}
