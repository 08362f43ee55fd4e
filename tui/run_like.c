/* run_like.c: sluice run --like SESSION DATA…: the recipe of a session on other data, and how the data have changed. */
#include "run_command.h"

#include "sluice/drift.h"
#include "sluice/pool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct looking {
    struct runner *runner;
    const char **paths; /* NULL-terminated */
    struct sl_progress *progress;
    uint64_t began;
    struct sl_drift drift;
};

static int find_drift(void *ctx, struct sl_error *err)
{
    struct looking *l = ctx;
    const struct options *o = l->runner->options;
    return sl_drift_find(&l->drift, o->like, l->paths, o->threads, o->memory, l->progress, err);
}

static bool tick(void *ctx)
{
    struct looking *l = ctx;
    struct sl_train_state state;
    batch_progress_state(l->progress, l->began, &state);
    return runner_progress(l->runner, &state, NULL) == SL_OK;
}

/* --- the report as text --- */

static void put_share(struct sl_buf *out, double share)
{
    if (isfinite(share)) {
        sl_buf_printf(out, "%.2f %%", share * 100);
    } else {
        sl_buf_putc(out, '?');
    }
}

static void put_number(struct sl_buf *out, double x)
{
    if (isfinite(x)) {
        sl_buf_printf(out, "%.5g", x);
    } else {
        sl_buf_putc(out, '?');
    }
}

/* "0.5 -> 0.75" */
static void put_shares(struct sl_buf *out, double before, double after)
{
    put_share(out, before);
    sl_buf_puts(out, " -> ");
    put_share(out, after);
}

static void put_numbers(struct sl_buf *out, const char *what, double before, double after)
{
    sl_buf_puts(out, what);
    put_number(out, before);
    sl_buf_puts(out, " -> ");
    put_number(out, after);
}

static void put_counts(struct sl_buf *out, const char *what, uint64_t before, uint64_t after)
{
    sl_buf_puts(out, what);
    batch_count(out, before);
    sl_buf_puts(out, " -> ");
    batch_count(out, after);
}

static void put_column(const struct sl_drift_column *c, struct sl_buf *out)
{
    const struct sl_drift_side *a = &c->before, *b = &c->after;
    sl_buf_puts(out, "  ");
    for (const char *p = c->name; *p; p++) {
        sl_buf_putc(out, (unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p);
    }
    if (!a->type || !b->type) {
        sl_buf_printf(out, ": %s (%s)\n", a->type ? "is gone" : "is new", sl_type_name(a->type ? a->type : b->type));
        return;
    }
    if (a->type != b->type) {
        sl_buf_printf(out, ": was %s, is %s", sl_type_name(a->type), sl_type_name(b->type));
    } else {
        sl_buf_printf(out, ": %s", sl_type_name(a->type));
    }
    sl_buf_puts(out, "; missing ");
    put_shares(out, a->missing, b->missing);
    if (a->type == SL_NUMBER && b->type == SL_NUMBER) {
        put_numbers(out, "; mean ", a->mean, b->mean);
        put_numbers(out, "; deviation ", a->deviation, b->deviation);
        sl_buf_puts(out, "; shift ");
        put_number(out, c->shift);
        sl_buf_puts(out, " deviations");
    }
    sl_buf_putc(out, '\n');
}

static void put_classes(const struct sl_drift *d, struct sl_buf *out)
{
    uint64_t before = 0, after = 0;
    for (size_t i = 0; i < d->n_classes; i++) {
        before += d->classes[i].before;
        after += d->classes[i].after;
    }
    sl_buf_puts(out, d->n_classes ? "classes\n" : "");
    for (size_t i = 0; i < d->n_classes; i++) {
        const struct sl_drift_class *c = &d->classes[i];
        sl_buf_printf(out, "  %s: ", c->name);
        put_shares(out, before ? (double)c->before / (double)before : (double)NAN,
                   after ? (double)c->after / (double)after : (double)NAN);
        sl_buf_printf(out, "%s\n", !c->before ? " (new)" : !c->after ? " (gone)" : "");
    }
    if (isfinite(d->p)) {
        sl_buf_printf(out, "  chi-square %.4g, %g degree%s of freedom, p = %.3g: %s\n", d->chi_square, d->df,
                      d->df == 1 ? "" : "s", d->p, d->p < 0.05 ? "their shares have changed" : "no change can be told");
    }
}

static void put_words(const struct sl_drift *d, struct sl_buf *out)
{
    sl_buf_puts(out, d->n_words ? "words that the vocabulary does not know\n" : "");
    for (size_t i = 0; i < d->n_words; i++) {
        const struct sl_drift_words *w = &d->words[i];
        sl_buf_printf(out, "  %s %s: ", w->stage, w->column);
        put_shares(out, w->before ? (double)w->before_unseen / (double)w->before : (double)NAN,
                   w->after ? (double)w->after_unseen / (double)w->after : (double)NAN);
        sl_buf_puts(out, " of all words; ");
        batch_count(out, w->distinct_unseen);
        sl_buf_puts(out, " of ");
        batch_count(out, w->distinct);
        sl_buf_puts(out, " different ones\n");
    }
}

static void report(const struct sl_drift *d, const char *session, struct sl_buf *out)
{
    sl_buf_printf(out, "drift since %s\n", session);
    if (d->same_bytes) {
        sl_buf_puts(out, "  the data are the same, byte for byte\n");
    }
    if (d->why[0]) {
        sl_buf_printf(out, "  %s\n", d->why);
    }
    put_counts(out, "  records: ", d->records_before, d->records_after);
    put_counts(out, "; quarantined: ", d->quarantined_before, d->quarantined_after);
    sl_buf_puts(out, "\ncolumns\n");
    for (size_t i = 0; i < d->n_columns; i++) {
        put_column(&d->columns[i], out);
    }
    put_classes(d, out);
    put_words(d, out);
    sl_buf_putc(out, '\n');
}

static int look(struct runner *r, struct sl_error *err)
{
    const struct options *o = r->options;
    struct looking l = { .runner = r,
                         .paths = calloc(o->operands.n + 1, sizeof *l.paths),
                         .progress = calloc(1, sizeof *l.progress) };
    int status = l.paths && l.progress ? SL_OK : sl_fail_memory(err, "a drift report");
    for (size_t i = 0; i < o->operands.n && !status; i++) {
        l.paths[i] = o->operands.word[i];
    }
    /* The drift is the first of the events. */
    const struct batch_work work = {
        .work = find_drift, .ctx = &l, .progress = l.progress, .tick = o->json ? NULL : tick
    };
    l.began = sl_now();
    if (!status) {
        status = batch_work(&work, err);
        progress_bar_clear(&r->bar);
    }
    if (!status && o->json) {
        sl_drift_json(&l.drift, &r->out);
        sl_buf_putc(&r->out, '\n');
    } else if (!status) {
        report(&l.drift, o->like, &r->out);
    }
    sl_drift_release(&l.drift);
    free(l.paths);
    free(l.progress);
    return status ? status : batch_flush(&r->out, err);
}

/* The recipe goes in line by line: it stands in no file. */
static int take_lines(struct runner *r, const char *recipe, struct sl_error *err)
{
    int status = SL_OK;
    while (*recipe && !status) {
        size_t n = strcspn(recipe, "\n");
        char *line = strndup(recipe, n);
        status = line ? sl_session_command(r->session, line, NULL, err) : sl_fail_memory(err, "the recipe");
        if (status && err) { /* the column is one of a line the user never wrote */
            err->line = err->column = 0;
        }
        free(line);
        recipe += n + (recipe[n] == '\n');
    }
    return status;
}

int runner_like(struct runner *r, const struct sl_session_options *options, struct sl_error *err)
{
    const struct options *o = r->options;
    struct sl_session_options mine = *options;
    struct sl_buf recipe = { 0 };
    const char **paths = calloc(o->operands.n + 1, sizeof *paths);
    char *base = NULL;
    int status = paths ? SL_OK : sl_fail_memory(err, "the recipe");
    for (size_t i = 0; i < o->operands.n && !status; i++) {
        paths[i] = o->operands.word[i];
    }
    if (!status) {
        status = look(r, err);
    }
    if (!status) {
        status = sl_like_recipe(o->like, paths, &recipe, &base, err);
    }
    mine.base = base;
    if (!status) {
        status = sl_session_open(&r->session, &mine, err);
    }
    if (!status) {
        status = take_lines(r, recipe.p, err);
    }
    free(base);
    free(paths);
    sl_buf_release(&recipe);
    return status;
}
