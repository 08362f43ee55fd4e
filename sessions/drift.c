/* drift.c: how today's data differ from those a session was trained on.
 *
 * Columns by name; numbers by the shift of their mean in deviations; classes in drift_classes.c; words by the share
 * that the fitted vocabulary does not know. A vocabulary leaves words out by intent (max_features, min_df): only beside
 * the same share of the old data does a share say something. */
#include "columns.h"
#include "drift_inner.h"
#include "live.h"
#include "remake.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct finding {
    const struct sl_compared *run;
    struct sl_schema old_columns; /* as the session has them */
    struct fitted_words words[LOOK_WORDS];
    size_t n_words;
    struct look before, after;
    struct sl_pool *pool;
};

void sl_drift_release(struct sl_drift *d)
{
    for (size_t i = 0; i < d->n_columns; i++)
        free(d->columns[i].name);
    for (size_t i = 0; i < d->n_classes; i++)
        free(d->classes[i].name);
    for (size_t i = 0; i < d->n_words; i++) {
        free(d->words[i].stage);
        free(d->words[i].column);
    }
    free(d->columns);
    free(d->classes);
    free(d->words);
    *d = (struct sl_drift){ 0 };
}

static void finding_release(struct finding *f)
{
    for (size_t i = 0; i < f->n_words; i++) {
        free(f->words[i].stage);
        free(f->words[i].column);
        sl_vocab_free(f->words[i].terms);
    }
    look_release(&f->before);
    look_release(&f->after);
    sl_schema_release(&f->old_columns);
    sl_pool_free(f->pool);
}

/* --- what the session knows --- */

/* The single words of one encoded column; none: nothing is noted. */
static int take_terms(struct finding *f, const struct sl_stage *stage, size_t statement, size_t column,
                      struct sl_error *err)
{
    const struct sl_field *field = &stage->out.fields[column];
    struct fitted_words *w = &f->words[f->n_words];
    struct sl_buf term = { 0 };
    int status = sl_vocab_new(&w->terms, err);
    for (uint32_t j = 0; j < field->width && !status; j++) {
        term.n = 0;
        stage->class->feature_name(stage, column, j, &term);
        if (!term.n || memchr(term.p, ' ', term.n))
            continue;
        if (term.failed || sl_vocab_add(w->terms, (struct sl_str){ term.p, term.n }) == SL_NO_TERM)
            status = sl_fail_memory(err, "a vocabulary");
    }
    sl_buf_release(&term);
    w->n = status ? 0 : sl_vocab_size(w->terms);
    w->statement = statement;
    if (status || !w->n) {
        sl_vocab_free(w->terms);
        w->terms = NULL;
        return status;
    }
    w->stage = strdup(stage->class->name);
    w->column = strdup(field->name);
    f->n_words++;
    return w->stage && w->column ? SL_OK : sl_fail_memory(err, "a vocabulary");
}

static int take_words(struct finding *f, struct trained *t, struct sl_error *err)
{
    size_t n = sl_pipeline_stages(t->pipeline);
    int status = SL_OK;
    for (size_t i = 0; i < n && !status; i++) {
        const struct sl_stage *stage = sl_pipeline_stage(t->pipeline, i);
        if (stage->class->kind != SL_ENCODER || !stage->class->digest || !stage->class->feature_name)
            continue;
        for (size_t c = 0; c < stage->out.n && f->n_words < LOOK_WORDS && !status; c++)
            if (stage->out.fields[c].type == SL_SPARSE && c < stage->in->n && stage->in->fields[c].type == SL_TEXT)
                status = take_terms(f, stage, stage->line - 1, c, err);
    }
    return status;
}

/* Without a model there are no words to compare, nothing more. */
static int read_session(struct finding *f, const char *const *paths, struct sl_error *err)
{
    const struct sl_pipeline_options options = { .base = f->run->base, .predicting = true, .paths = paths };
    struct book *book = NULL;
    struct trained t;
    int status = book_open(&book, f->run->path, true, err);
    if (!status)
        status = columns_read(book, f->run->run, &f->old_columns, err);
    if (!status && trained_load(&t, book, &options, NULL) == SL_OK) {
        if (t.run == f->run->run)
            status = take_words(f, &t, err);
        trained_release(&t);
    }
    book_close(book);
    return status;
}

/* --- the two looks --- */

static int look(struct finding *f, const char *recipe, struct looking *how, struct look *out, struct sl_error *err)
{
    struct sl_statement *statements = NULL;
    struct sl_arena arena;
    sl_arena_init(&arena);
    int status = remake_statements(recipe, f->run->base, &arena, &statements, &how->n, err);
    how->statements = statements;
    if (!status)
        status = look_at(out, how, err);
    sl_arena_release(&arena);
    return status;
}

/* The old data, when they are there as they were. */
static int look_back(struct finding *f, struct looking *how, struct sl_drift *d, struct sl_error *err)
{
    struct sl_error own = SL_ERROR_INIT;
    int status = look(f, f->run->recipe, how, &f->before, &own);
    if (status == SL_ENOMEM || status == SL_ECANCEL) {
        if (err)
            *err = own;
        return status;
    }
    if (status)
        snprintf(d->why, sizeof d->why, "the session's data cannot be read again: %.160s", own.what);
    else if (!f->run->has_fingerprint || f->before.fingerprint != f->run->fingerprint)
        snprintf(d->why, sizeof d->why, "the session's data have changed since");
    d->known = !d->why[0];
    return SL_OK;
}

static void side_of(const struct look *look, struct sl_str name, struct sl_drift_side *out)
{
    long c = sl_schema_find(&look->schema, name);
    *out = (struct sl_drift_side){ .missing = (double)NAN, .mean = (double)NAN, .deviation = (double)NAN };
    if (c < 0)
        return;
    const struct sl_column_profile *p = &look->columns[c];
    out->type = look->schema.fields[c].type;
    out->missing = p->n ? (double)p->missing / (double)p->n : (double)NAN;
    if (out->type == SL_NUMBER) {
        out->mean = p->mean;
        out->deviation = p->deviation;
    }
}

static int put_column(const struct finding *f, struct sl_drift *d, const char *name, struct sl_error *err)
{
    struct sl_drift_column *c = &d->columns[d->n_columns++];
    long old = sl_schema_find(&f->old_columns, sl_str(name));
    *c = (struct sl_drift_column){ .name = strdup(name), .shift = (double)NAN };
    if (d->known)
        side_of(&f->before, sl_str(name), &c->before);
    else
        c->before = (struct sl_drift_side){ old >= 0 ? f->old_columns.fields[old].type : 0, (double)NAN, (double)NAN,
                                            (double)NAN };
    side_of(&f->after, sl_str(name), &c->after);
    if (c->before.deviation > 0)
        c->shift = (c->after.mean - c->before.mean) / c->before.deviation;
    return c->name ? SL_OK : sl_fail_memory(err, "a drift report");
}

static int put_columns(const struct finding *f, struct sl_drift *d, struct sl_error *err)
{
    const struct sl_schema *old = &f->old_columns, *new = &f->after.schema;
    d->columns = calloc(old->n + new->n + 1, sizeof *d->columns);
    int status = d->columns ? SL_OK : sl_fail_memory(err, "a drift report");
    for (size_t c = 0; c < old->n && !status; c++)
        status = put_column(f, d, old->fields[c].name, err);
    for (size_t c = 0; c < new->n && !status; c++)
        if (sl_schema_find(old, sl_str(new->fields[c].name)) < 0)
            status = put_column(f, d, new->fields[c].name, err);
    return status;
}

/* --- words --- */

static int put_words(struct finding *f, struct sl_drift *d, struct sl_error *err)
{
    d->words = calloc(LOOK_WORDS, sizeof *d->words);
    if (!d->words)
        return sl_fail_memory(err, "a drift report");
    for (size_t k = 0; k < f->n_words && f->after.cleaned; k++) {
        struct fitted_words *w = &f->words[k];
        d->words[d->n_words++] = (struct sl_drift_words){ .stage = w->stage,
                                                          .column = w->column,
                                                          .terms = w->n,
                                                          .after = f->after.words[k],
                                                          .after_unseen = f->after.unseen[k],
                                                          .distinct = f->after.distinct[k],
                                                          .distinct_unseen = f->after.distinct_unseen[k],
                                                          .before = d->known ? f->before.words[k] : 0,
                                                          .before_unseen = d->known ? f->before.unseen[k] : 0 };
        w->stage = w->column = NULL; /* taken over */
    }
    return SL_OK;
}

static int put_all(struct finding *f, struct sl_drift *d, struct sl_error *err)
{
    d->records_before = f->run->records;
    d->quarantined_before = f->run->quarantined;
    d->records_after = f->after.records;
    d->quarantined_after = f->after.quarantined;
    d->same_bytes = f->run->has_fingerprint && f->run->fingerprint == f->after.fingerprint;
    if (!f->after.cleaned)
        snprintf(d->why, sizeof d->why, "the recipe does not fit the new data: %.160s", f->after.not_cleaned.what);
    int status = put_columns(f, d, err);
    if (!status)
        status = drift_classes(f->run, &f->after, d, err);
    return status ? status : put_words(f, d, err);
}

int sl_drift_find(struct sl_drift *out, const char *session, const char *const *paths, int threads, uint64_t memory,
                  struct sl_progress *progress, struct sl_error *err)
{
    struct sl_comparison old;
    struct sl_drift d = { .chi_square = (double)NAN, .df = (double)NAN, .p = (double)NAN };
    struct sl_buf recipe = { 0 };
    int status = like_load(&old, session, err);
    if (status)
        return status;
    struct finding f = { .run = &old.runs[0] };
    struct looking how = {
        .base = f.run->base, .words = f.words, .memory = memory ? memory : sl_memory_total() / 4, .progress = progress
    };
    status = like_recipe(f.run, paths, &recipe, err);
    if (!status)
        status = sl_pool_new(&f.pool, threads, err);
    if (!status)
        status = read_session(&f, paths, err);
    how.pool = f.pool;
    how.n_words = f.n_words;
    if (!status)
        status = look(&f, recipe.p, &how, &f.after, err);
    if (!status)
        status = look_back(&f, &how, &d, err);
    if (!status)
        status = put_all(&f, &d, err);
    sl_buf_release(&recipe);
    finding_release(&f);
    sl_comparison_release(&old);
    if (status)
        sl_drift_release(&d);
    else
        *out = d;
    return status;
}
