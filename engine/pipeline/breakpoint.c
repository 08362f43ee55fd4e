/* breakpoint.c: a set of breakpoints on one pipeline. */
#include "step_private.h"

#include <stdlib.h>

int sl_breaks_new(struct sl_breaks **out, struct sl_pipeline *pipeline, struct sl_error *err)
{
    struct sl_breaks *breaks = calloc(1, sizeof *breaks);
    if (!breaks)
        return sl_fail_memory(err, "breakpoints");
    breaks->pipeline = pipeline;
    breaks->maps = sl_maps_new(pipeline);
    if (!breaks->maps) {
        sl_breaks_free(breaks);
        return sl_fail_memory(err, "breakpoints");
    }
    *out = breaks;
    return SL_OK;
}

static void drop(struct sl_breaks *breaks, struct sl_breakpoint *b)
{
    if (!b)
        return;
    sl_exprs_free(b->exprs, breaks->pipeline);
    free(b->text);
    free(b->expr);
    free(b);
}

void sl_breaks_free(struct sl_breaks *breaks)
{
    if (!breaks)
        return;
    for (size_t i = 0; i < breaks->n; i++)
        drop(breaks, breaks->at[i]);
    sl_maps_free(breaks->maps, breaks->pipeline);
    free(breaks);
}

void sl_exprs_free(struct sl_expr **exprs, const struct sl_pipeline *p)
{
    for (size_t s = 0; exprs && s < p->n; s++)
        sl_expr_free(exprs[s]);
    free(exprs);
}

int sl_exprs_compile(struct sl_expr ***out, const char *text, const struct sl_pipeline *p, size_t first, size_t end,
                     struct sl_error *err)
{
    struct sl_expr **exprs = calloc(p->n + 1, sizeof *exprs);
    struct sl_error first_err = SL_ERROR_INIT;
    size_t compiled = 0;
    if (!exprs)
        return sl_fail_memory(err, "an expression");
    for (size_t s = first; s < end; s++) {
        struct sl_error e = SL_ERROR_INIT;
        int status = sl_expr_compile(&exprs[s], text, &p->stages[s].out, &e);
        if (status)
            exprs[s] = NULL;
        else
            compiled++;
        if (status && !first_err.status)
            first_err = e;
    }
    if (compiled) {
        *out = exprs;
        return SL_OK;
    }
    free(exprs);
    if (err)
        *err = first_err;
    return first_err.status ? first_err.status : sl_fail(err, SL_ESCHEMA, "the pipeline has no stage to look at");
}

/* "strip_html: changed": the stage by its name, numbered where there are several, then the condition. */
static char *canonical(const struct sl_breaks *breaks, const struct sl_breakpoint *b)
{
    static const char *const words[] = {
        [SL_BREAK_CHANGED] = "changed", [SL_BREAK_DROPPED] = "dropped", [SL_BREAK_EMPTY] = "empty",
        [SL_BREAK_MISSING] = "missing", [SL_BREAK_ERROR] = "error",     [SL_BREAK_NONFINITE] = "nonfinite"
    };
    const struct sl_pipeline *p = breaks->pipeline;
    struct sl_buf text = { 0 };
    if (b->public.stage == SL_NO_STAGE) {
        sl_buf_puts(&text, "any");
    } else {
        const char *name = p->stages[b->public.stage].class->name;
        unsigned before = 0;
        for (size_t s = 0; s < b->public.stage; s++)
            before += strcmp(p->stages[s].class->name, name) == 0;
        sl_buf_puts(&text, name);
        if (before)
            sl_buf_printf(&text, "#%u", before + 1);
    }
    sl_buf_puts(&text, ":");
    switch (b->public.kind) {
    case SL_BREAK_ALWAYS: break;
    case SL_BREAK_FIRST: sl_buf_printf(&text, " first %llu", (unsigned long long)b->public.n); break;
    case SL_BREAK_EVERY: sl_buf_printf(&text, " every %llu", (unsigned long long)b->public.n); break;
    case SL_BREAK_SAMPLE:
        sl_buf_puts(&text, " sample ");
        sl_buf_number(&text, b->public.share);
        break;
    case SL_BREAK_EXPR: sl_buf_printf(&text, " %s", b->expr); break;
    default: sl_buf_printf(&text, " %s", words[b->public.kind]);
    }
    sl_buf_putc(&text, 0);
    if (!text.failed)
        return text.p;
    sl_buf_release(&text);
    return NULL;
}

static int compile(struct sl_breaks *breaks, struct sl_breakpoint *b, struct sl_error *err)
{
    const struct sl_pipeline *p = breaks->pipeline;
    bool any = b->public.stage == SL_NO_STAGE;
    size_t first = any ? 0 : b->public.stage, end = any ? sl_pipeline_end(p) : b->public.stage + 1;
    int status = sl_exprs_compile(&b->exprs, b->expr, p, first, end, err);
    if (status)
        return status;
    for (size_t s = first; s < end; s++)
        if (b->exprs[s] && sl_expr_kind(b->exprs[s]) != SL_BOOLEAN) {
            sl_fail(err, SL_EPARAM, "\"%.120s\" is a value, not a condition", b->expr);
            return sl_fix(err, "compare it with something, as in len(x) > 0 or x == \"yes\"");
        }
    return SL_OK;
}

int sl_breaks_add(struct sl_breaks *breaks, const char *text, size_t *index, struct sl_error *err)
{
    if (breaks->n == SL_MAX_BREAKS) {
        sl_fail(err, SL_ELIMIT, "there are %d breakpoints already", SL_MAX_BREAKS);
        return sl_fix(err, "remove one first");
    }
    struct sl_breakpoint *b = calloc(1, sizeof *b);
    if (!b)
        return sl_fail_memory(err, "a breakpoint");
    int status = sl_break_parse(breaks, text, b, err);
    if (!status && b->public.kind == SL_BREAK_EXPR)
        status = compile(breaks, b, err);
    if (!status && !(b->text = canonical(breaks, b)))
        status = sl_fail_memory(err, "a breakpoint");
    if (status) {
        drop(breaks, b);
        return status;
    }
    b->public.text = b->text;
    b->public.expr = b->expr;
    b->public.on = true;
    if (index)
        *index = breaks->n;
    breaks->at[breaks->n++] = b;
    return SL_OK;
}

void sl_breaks_remove(struct sl_breaks *breaks, size_t index)
{
    if (index >= breaks->n)
        return;
    drop(breaks, breaks->at[index]);
    breaks->n--;
    memmove(breaks->at + index, breaks->at + index + 1, (breaks->n - index) * sizeof breaks->at[0]);
}

void sl_breaks_switch(struct sl_breaks *breaks, size_t index, bool on)
{
    if (index < breaks->n)
        breaks->at[index]->public.on = on;
}

size_t sl_breaks_count(const struct sl_breaks *breaks)
{
    return breaks->n;
}

const struct sl_break *sl_breaks_get(const struct sl_breaks *breaks, size_t index)
{
    return index < breaks->n ? &breaks->at[index]->public : NULL;
}

size_t sl_breaks_reach(const struct sl_breaks *breaks)
{
    size_t reach = 0, end = sl_pipeline_end(breaks->pipeline);
    for (size_t i = 0; i < breaks->n; i++) {
        const struct sl_break *b = &breaks->at[i]->public;
        size_t needed = b->stage == SL_NO_STAGE ? end : b->stage + 1;
        if (b->on && needed > reach)
            reach = needed;
    }
    return reach < end ? reach : end;
}
