/* debug_command.c: the debugger's commands carried out; what they have to say is an account of the place. */
#include "command.h"
#include "debugger.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const walking[] = { "step", "goto", "audit", "records" };

bool debug_commands(const char *name)
{
    bool found = debugger_keeps(name);
    for (size_t i = 0; i < sizeof walking / sizeof *walking; i++)
        found = found || strcmp(name, walking[i]) == 0;
    return found;
}

/* --- breakpoints and watches --- */

/* One that is typed must fit the pipeline there is; what is kept is its canonical text, which other changes of the
 * recipe do not turn into another. */
static int check_break(struct sl_session *session, const char *text, struct sl_buf *canonical, struct sl_error *err)
{
    struct sl_breaks *set = NULL;
    if (!session->binding.shown) {
        sl_buf_puts(canonical, text);
        return canonical->failed ? sl_fail_memory(err, "a breakpoint") : SL_OK;
    }
    int status = sl_breaks_new(&set, session->binding.shown, err);
    if (!status)
        status = sl_breaks_add(set, text, NULL, err);
    if (!status)
        sl_buf_puts(canonical, sl_breaks_get(set, 0)->text);
    sl_breaks_free(set);
    return !status && canonical->failed ? sl_fail_memory(err, "a breakpoint") : status;
}

static int check_watch(struct sl_session *session, const char *text, struct sl_error *err)
{
    struct debugger *d = NULL;
    if (!session->binding.shown)
        return SL_OK;
    int status = debugger_ready(session, &d, err);
    size_t index = 0;
    if (!status)
        status = sl_stepper_watch(d->stepper, text, &index, err);
    if (!status)
        sl_stepper_unwatch(d->stepper, index);
    return status;
}

/* Does the line read back as this text? Quotes that held it together are gone. */
static int check_line(const char *line, const char *name, const char *text, struct sl_error *err)
{
    const struct sl_command *command = command_find(sl_str(name));
    struct sl_arena arena;
    struct sl_line words;
    void *params = NULL;
    sl_arena_init(&arena);
    int status = sl_line_split(sl_str(line), &arena, &words, err);
    if (!status)
        status = command_params(command, &words, &arena, &params, err);
    const char *again = status ? NULL : ((const struct debug_text_params *)params)->text;
    if (!status && (!again || strcmp(again, text) != 0)) {
        sl_fail(err, SL_ESYNTAX, "\"%.80s\" would be read as something else again", text);
        status = sl_fix(err, "write it as one line, without quotes around the whole");
    }
    sl_arena_release(&arena);
    return status;
}

/* Journaled as it will be folded back; then kept. */
static int keep(struct sl_session *session, const char *name, const char *text, struct sl_error *err)
{
    const struct debug_text_params params = { (char *)(uintptr_t)text };
    struct sl_buf line = { 0 };
    sl_buf_printf(&line, "%s %s", name, text);
    int status = line.failed ? sl_fail_memory(err, "a command") : check_line(line.p, name, text, err);
    if (!status)
        status = debugger_check(session, name, text, err);
    if (!status)
        status = journal_add(session, line.p, err);
    if (!status)
        status = debugger_keep(session, name, &params, err);
    sl_buf_release(&line);
    return status;
}

static int do_keep(struct sl_session *session, const char *name, const char *text, struct sl_buf *reply,
                   struct sl_error *err)
{
    bool watch = strstr(name, "watch") != NULL;
    struct sl_buf canonical = { 0 };
    if (!text || !text[0]) { /* break and watch alone: what is there */
        (watch ? account_watches : account_breaks)(session, reply);
        return SL_OK;
    }
    if (session->book->read_only)
        return sl_fail(err, SL_ESTATE, "the session was opened to look at only");
    if (debugger_busy(session)) {
        sl_fail(err, SL_ESTATE, "the records are being gone through");
        return sl_fix(err, "wait until that is done, or cancel it"), SL_ESTATE;
    }
    int status = SL_OK;
    if (strcmp(name, "break") == 0)
        status = check_break(session, text, &canonical, err);
    else if (strcmp(name, "watch") == 0)
        status = check_watch(session, text, err);
    if (!status)
        status = keep(session, name, canonical.n ? canonical.p : text, err);
    sl_buf_release(&canonical);
    struct debugger *d = session->debugger;
    if (!status && d) {
        d->set_made = false;
        if (watch && d->stepper)
            status = debugger_fit_watches(d, err);
        (watch ? account_watches : account_breaks)(session, reply);
    }
    return status;
}

/* --- walking --- */

enum way {
    NEXT,
    INTO,
    FINISH,
    CONTINUE,
    BACK_NEXT,
    BACK_INTO,
    BACK_FINISH,
    BACK_CONTINUE,
    NEXT_RECORD,
    PREVIOUS_RECORD
};

static int do_step(struct sl_session *session, const struct step_params *p, struct sl_buf *reply, struct sl_error *err)
{
    static const enum sl_move moves[] = {
        [NEXT] = SL_STEP_NEXT,
        [INTO] = SL_STEP_INTO,
        [FINISH] = SL_STEP_FINISH,
        [BACK_NEXT] = SL_STEP_BACK,
        [BACK_INTO] = SL_STEP_BACK_INTO,
        [BACK_FINISH] = SL_STEP_BACK_FINISH,
        [NEXT_RECORD] = SL_STEP_NEXT_RECORD,
        [PREVIOUS_RECORD] = SL_STEP_PREVIOUS_RECORD,
    };
    if (p->way == CONTINUE || p->way == BACK_CONTINUE)
        return sl_debug_continue(session, p->way == BACK_CONTINUE, err);
    int status = SL_OK;
    int64_t done = 0;
    while (done < p->times && !(status = sl_debug_move(session, moves[p->way], err)))
        done++;
    if (status && !(status == SL_EEND && done)) /* several: as far as it goes */
        return status;
    return sl_debug_account(session, reply, err);
}

static int do_goto(struct sl_session *session, const struct debug_text_params *p, struct sl_buf *reply,
                   struct sl_error *err)
{
    int status = sl_debug_goto(session, p->text, err);
    return status ? status : sl_debug_account(session, reply, err);
}

int debug_command(struct sl_session *session, const char *name, const void *params, struct sl_buf *reply,
                  struct sl_error *err)
{
    if (debugger_keeps(name))
        return do_keep(session, name, ((const struct debug_text_params *)params)->text, reply, err);
    if (strcmp(name, "step") == 0)
        return do_step(session, params, reply, err);
    if (strcmp(name, "goto") == 0)
        return do_goto(session, params, reply, err);
    if (strcmp(name, "audit") == 0)
        return sl_debug_audit(session, err);
    return list_command(session, params, reply, err);
}
