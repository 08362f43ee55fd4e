/* command.c: one line carried out. */
#include "command.h"
#include "debugger.h"
#include "live.h"
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>

int command_unknown(const struct sl_line *line, struct sl_error *err)
{
    const char *names[256] = { NULL };
    size_t n = 0;
    for (const struct sl_stage_class *const *class = sl_stage_registry; *class && n < 200; class ++)
        names[n++] = (*class)->name;
    for (const struct sl_command *command = sl_commands; command->name && n < 255; command++)
        names[n++] = command->name;
    struct sl_str name = line->words[0].key.n ? line->words[0].key : line->words[0].value;
    const char *near = sl_nearest(name, names);
    sl_fail(err, SL_ESYNTAX, "there is no stage or command \"%.*s\"", (int)(name.n > 80 ? 80 : name.n), name.p);
    sl_error_at(err, NULL, 0, line->words[0].column, UINT64_MAX);
    if (near)
        return sl_fix(err, "did you mean \"%s\"?", near), SL_ESYNTAX;
    return sl_fix(err, "`help` lists them"), SL_ESYNTAX;
}

/* --- help --- */

static void help_list(struct sl_buf *out)
{
    sl_buf_puts(out, "stages\n");
    for (const struct sl_stage_class *const *class = sl_stage_registry; *class; class ++)
        sl_buf_printf(out, "  %-18s %s\n", (*class)->name, (*class)->summary);
    sl_buf_puts(out, "commands\n");
    for (const struct sl_command *command = sl_commands; command->name; command++)
        sl_buf_printf(out, "  %-18s %s\n", command->name, command->summary);
    sl_buf_puts(out, "`help NAME` says more\n");
}

static int do_help(const struct help_params *p, struct sl_buf *reply, struct sl_error *err)
{
    enum { WIDTH = 78 };
    if (!p->name || !p->name[0])
        return help_list(reply), SL_OK;
    struct sl_str name = sl_str(p->name);
    size_t found = 0;
    for (const struct sl_stage_class *const *class = sl_stage_registry; *class; class ++) {
        const char *blank = strchr((*class)->name, ' ');
        bool first_word = blank &&
                          sl_str_equal(name, (struct sl_str){ (*class)->name, (size_t)(blank - (*class)->name) });
        if (!first_word && !sl_str_equal(name, sl_str((*class)->name)))
            continue;
        sl_buf_puts(reply, found++ ? "\n" : "");
        sl_help_stage(*class, WIDTH, reply);
    }
    const struct sl_command *command = command_find(name);
    if (command) {
        sl_buf_printf(reply, "%s\n  %s\n", command->usage, command->summary);
        sl_help_params(command->params, command->defaults, WIDTH, reply);
        found++;
    }
    if (found)
        return SL_OK;
    sl_fail(err, SL_EPARAM, "there is no help on \"%s\": it is no stage and no command", p->name);
    return sl_fix(err, "`help` lists them"), SL_EPARAM;
}

/* --- the rest --- */

static int not_weights(const struct export_params *p, struct sl_error *err)
{
    sl_fail(err, SL_EPARAM, "'checkpoint' goes with what=weights only");
    return sl_fix(err, "write: export FILE what=weights checkpoint=%.40s", p->checkpoint), SL_EPARAM;
}

static int do_export(struct sl_session *session, const struct export_params *p, const char *line, struct sl_buf *reply,
                     struct sl_error *err)
{
    char *path = path_join(session->base, p->path);
    if (!path)
        return sl_fail_memory(err, "an export");
    int status;
    if (p->checkpoint && p->checkpoint[0] && p->what != EXPORT_WEIGHTS)
        status = not_weights(p, err);
    else if (p->what == EXPORT_DATA)
        status = export_data(session, path, reply, err);
    else if (p->what == EXPORT_QUARANTINE)
        status = export_quarantine(session, path, reply, err);
    else if (p->what == EXPORT_WEIGHTS)
        status = export_weights(session, path, p->checkpoint, reply, err);
    else if (p->what == EXPORT_ALL)
        status = export_all(session, path, reply, err);
    else
        status = export_text(session, path, p->what, reply, err);
    free(path);
    return status || session->book->read_only ? status : journal_add(session, line, err);
}

static int act(struct sl_session *session, const char *name, const void *params, const char *line, struct sl_buf *reply,
               struct sl_error *err)
{
    if (strcmp(name, "train") == 0)
        return training_start(session, false, false, err);
    if (strcmp(name, "pause") == 0)
        return training_pause(session, err);
    if (strcmp(name, "resume") == 0)
        return training_resume(session, ((const struct resume_params *)params)->force, err);
    if (strcmp(name, "stop") == 0)
        return training_stop(session, err);
    if (strcmp(name, "once") == 0)
        return training_once(session, err);
    if (strcmp(name, "tune") == 0)
        return training_tune(session, ((const struct tune_params *)params)->change, line, err);
    if (strcmp(name, "export") == 0)
        return do_export(session, params, line, reply, err);
    if (strcmp(name, "note") == 0)
        return journal_add(session, line, err);
    if (debug_commands(name))
        return debug_command(session, name, params, reply, err);
    return do_help(params, reply, err);
}

static int take(struct sl_session *session, struct change *change, struct sl_buf *reply, struct sl_error *err)
{
    if (session->book->read_only)
        return sl_fail(err, SL_ESTATE, "the session was opened to look at only");
    int status = change->starts ? training_refuse_two(session, err) : SL_OK;
    if (!status && !change->same)
        status = session_take(session, change, err);
    if (!status && !session->gathering && session->binding.broken && !session->binding.incomplete) {
        char text[900];
        sl_buf_printf(reply, "now: %s\n", sl_error_format(&session->binding.problem, text, sizeof text));
    }
    return status || !change->starts ? status : training_start(session, false, false, err);
}

static int carry_out(struct sl_session *session, struct sl_line *line, struct sl_buf *reply, struct sl_error *err)
{
    struct change change;
    int status = session->replay ? replay_allows(line, err) : SL_OK;
    if (status)
        return status;
    status = edit_read(session, line, &change, err);
    if (status == SL_OK) {
        status = take(session, &change, reply, err);
        change_release(&change);
        return status;
    }
    if (status != SL_EEND)
        return status;
    const struct sl_command *command = line->words[0].key.n ? NULL : command_find(line->words[0].value);
    void *params = NULL;
    if (!command)
        return command_unknown(line, err);
    status = command_params(command, line, &session->arena, &params, err);
    char *text = status ? NULL : sl_arena_strndup(&session->arena, line->source.p, line->source.n);
    if (!status && !text)
        status = sl_fail_memory(err, "a command");
    return status ? status : act(session, command->name, params, text, reply, err);
}

int sl_session_command(struct sl_session *session, const char *text, struct sl_buf *reply, struct sl_error *err)
{
    struct sl_line line;
    struct sl_buf said = { 0 };
    if (session->follow && request_is(text))
        return request_ask(session, text, reply, err);
    if (training_poll(session)) /* one that has ended meanwhile is not under way */
        session->changed = true;
    debugger_poll(session);
    int status = sl_line_split(sl_str(text), &session->arena, &line, err);
    if (status || !line.n)
        return status;
    status = carry_out(session, &line, &said, err);
    if (!status && said.n) {
        said_add(session, said.p, said.n);
        if (reply)
            sl_buf_add(reply, said.p, said.n);
    }
    sl_buf_release(&said);
    session->changed = true;
    return status;
}
