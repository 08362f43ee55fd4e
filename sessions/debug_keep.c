/* debug_keep.c: breakpoints and watches as the session keeps them: texts, in the order given, from the journal; and how
 * they fit the recipe as it stands. One that does not fit is kept all the same: the next change may bring its stage or
 * column back. */
#include "command.h"
#include "debugger.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const keeping[] = { "break", "unbreak", "switch", "watch", "unwatch" };

bool debugger_keeps(const char *name)
{
    for (size_t i = 0; i < sizeof keeping / sizeof *keeping; i++)
        if (strcmp(name, keeping[i]) == 0)
            return true;
    return false;
}

/* --- what is kept --- */

static void drop_break(struct debugger *d, size_t i)
{
    free(d->breaks[i].text);
    free(d->breaks[i].problem);
    d->n_breaks--;
    memmove(d->breaks + i, d->breaks + i + 1, (d->n_breaks - i) * sizeof d->breaks[0]);
}

static void drop_watch(struct debugger *d, size_t i)
{
    free(d->watches[i].text);
    free(d->watches[i].problem);
    d->n_watches--;
    memmove(d->watches + i, d->watches + i + 1, (d->n_watches - i) * sizeof d->watches[0]);
}

void debugger_release_kept(struct debugger *d)
{
    while (d->n_breaks)
        drop_break(d, d->n_breaks - 1);
    while (d->n_watches)
        drop_watch(d, d->n_watches - 1);
}

/* "3" or "all" → first and last; numbers count from 1. */
static int read_which(const char *text, size_t n, const char *what, size_t *first, size_t *end, struct sl_error *err)
{
    char *stop = NULL;
    *first = 0;
    *end = n;
    if (strcmp(text, "all") == 0)
        return SL_OK;
    unsigned long number = text[0] >= '0' && text[0] <= '9' ? strtoul(text, &stop, 10) : 0;
    if (!stop || *stop || number < 1 || number > n) {
        sl_fail(err, SL_EPARAM, "there is no %s %.40s; there are %zu", what, text, n);
        return sl_fix(err, "give a number from the list, or all"), SL_EPARAM;
    }
    *first = number - 1;
    *end = number;
    return SL_OK;
}

/* Is there room, or such a number? */
static int check(const struct debugger *d, const char *name, const char *text, size_t *first, size_t *end,
                 struct sl_error *err)
{
    bool watch = strstr(name, "watch") != NULL;
    size_t n = watch ? d->n_watches : d->n_breaks, most = watch ? DEBUG_WATCHES : SL_MAX_BREAKS;
    const char *what = watch ? "watch" : "breakpoint";
    if (strcmp(name, "break") != 0 && strcmp(name, "watch") != 0)
        return read_which(text, n, what, first, end, err);
    if (n < most)
        return SL_OK;
    sl_fail(err, SL_ELIMIT, "there are %zu %ss already", n, what);
    return sl_fix(err, "take one out first, with: un%s N", name), SL_ELIMIT;
}

int debugger_check(struct sl_session *session, const char *name, const char *text, struct sl_error *err)
{
    struct debugger *d = debugger_get(session, err);
    size_t first, end;
    return d ? check(d, name, text, &first, &end, err) : SL_ENOMEM;
}

static int add(struct debugger *d, bool watch, const char *text, struct sl_error *err)
{
    char *copy = strdup(text);
    if (!copy)
        return sl_fail_memory(err, watch ? "a watch" : "a breakpoint");
    if (watch)
        d->watches[d->n_watches++] = (struct kept_watch){ .text = copy, .in_stepper = -1 };
    else
        d->breaks[d->n_breaks++] = (struct kept_break){ .text = copy, .on = true, .in_set = -1, .stage = SL_NO_STAGE };
    return SL_OK;
}

int debugger_keep(struct sl_session *session, const char *name, const void *params, struct sl_error *err)
{
    struct debugger *d = debugger_get(session, err);
    const char *text = ((const struct debug_text_params *)params)->text;
    bool watch = strstr(name, "watch") != NULL;
    size_t first = 0, end = 0;
    if (!text || !text[0])
        return SL_OK;
    int status = d ? check(d, name, text, &first, &end, err) : SL_ENOMEM;
    if (!status && end == 0 && (strcmp(name, "break") == 0 || strcmp(name, "watch") == 0))
        return add(d, watch, text, err);
    for (size_t i = end; !status && i-- > first;) {
        if (strcmp(name, "switch") == 0)
            d->breaks[i].on = !d->breaks[i].on;
        else if (watch)
            drop_watch(d, i);
        else
            drop_break(d, i);
    }
    return status;
}

int debugger_fold(struct sl_session *session, const struct sl_line *line, struct sl_error *err)
{
    const struct sl_command *command = line->words[0].key.n ? NULL : command_find(line->words[0].value);
    void *params = NULL;
    if (!command || !debugger_keeps(command->name))
        return SL_OK;
    int status = command_params(command, line, &session->arena, &params, err);
    return status ? status : debugger_keep(session, command->name, params, err);
}

/* --- how they fit --- */

static char *reason(const struct sl_error *err)
{
    char text[600];
    snprintf(text, sizeof text, "%s%s%s", err->what, err->fix[0] ? "; " : "", err->fix);
    return strdup(text);
}

void debugger_unfit(struct debugger *d)
{
    for (size_t i = 0; i < d->n_breaks; i++)
        d->breaks[i].in_set = -1;
    for (size_t i = 0; i < d->n_watches; i++)
        d->watches[i].in_stepper = -1;
}

static int fit_break(struct debugger *d, struct kept_break *b, struct sl_error *err)
{
    struct sl_error why = SL_ERROR_INIT;
    size_t index = 0;
    free(b->problem);
    b->problem = NULL;
    b->in_set = -1;
    b->stage = SL_NO_STAGE;
    int status = sl_breaks_add(d->set, b->text, &index, &why);
    if (status == SL_ENOMEM)
        return sl_fail_memory(err, "a breakpoint");
    if (status) {
        b->problem = reason(&why);
        return b->problem ? SL_OK : sl_fail_memory(err, "a breakpoint");
    }
    const struct sl_break *fitted = sl_breaks_get(d->set, index);
    char *text = strdup(fitted->text);
    if (!text)
        return sl_fail_memory(err, "a breakpoint");
    free(b->text);
    b->text = text;
    b->in_set = (long)index;
    b->stage = fitted->stage;
    sl_breaks_switch(d->set, index, b->on);
    return SL_OK;
}

/* The whole set anew: it is small. Not while a task uses it. */
int debugger_fit_breaks(struct debugger *d, struct sl_error *err)
{
    if (d->set_made || !d->session->binding.shown)
        return SL_OK;
    sl_breaks_free(d->set);
    d->set = NULL;
    int status = sl_breaks_new(&d->set, d->session->binding.shown, err);
    for (size_t i = 0; i < d->n_breaks && !status; i++)
        status = fit_break(d, &d->breaks[i], err);
    d->set_made = !status;
    return status;
}

int debugger_fit_watches(struct debugger *d, struct sl_error *err)
{
    while (sl_stepper_watches(d->stepper))
        sl_stepper_unwatch(d->stepper, 0);
    for (size_t i = 0; i < d->n_watches; i++) {
        struct kept_watch *w = &d->watches[i];
        struct sl_error why = SL_ERROR_INIT;
        size_t index = 0;
        free(w->problem);
        w->problem = NULL;
        int status = sl_stepper_watch(d->stepper, w->text, &index, &why);
        w->in_stepper = status ? -1 : (long)index;
        if (status == SL_ENOMEM || (status && !(w->problem = reason(&why))))
            return sl_fail_memory(err, "a watch");
    }
    return SL_OK;
}

/* --- what is told of them --- */

size_t sl_debug_breaks(struct sl_session *session)
{
    return session->debugger ? session->debugger->n_breaks : 0;
}

const struct sl_debug_break *sl_debug_break(struct sl_session *session, size_t i)
{
    struct debugger *d = session->debugger;
    if (!d || i >= d->n_breaks)
        return NULL;
    if (!debugger_busy(session))
        (void)debugger_fit_breaks(d, NULL); /* out of memory: they are told of as kept */
    const struct kept_break *b = &d->breaks[i];
    d->shown_break = (struct sl_debug_break){ b->text, b->on, b->hits, b->problem, b->stage };
    if (!session->binding.shown)
        d->shown_break.problem = "there is no pipeline to stop in";
    return &d->shown_break;
}

size_t sl_debug_watches(struct sl_session *session)
{
    return session->debugger ? session->debugger->n_watches : 0;
}

const char *sl_debug_watch(struct sl_session *session, size_t i, long *in_stepper, const char **problem)
{
    struct debugger *d = session->debugger;
    if (!d || i >= d->n_watches)
        return NULL;
    if (!debugger_busy(session))
        (void)debugger_ready(session, &d, NULL); /* without a stepper it is told of as kept */
    if (in_stepper)
        *in_stepper = d->watches[i].in_stepper;
    if (problem)
        *problem = d->watches[i].problem;
    return d->watches[i].text;
}
