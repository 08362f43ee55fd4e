/* trained.c: a fitted model brought back from the book: to look at its weights, and to predict. */
#include "columns.h"
#include "live.h"

#include <stdlib.h>

void trained_release(struct trained *t)
{
    if (t->learner)
        t->learner->class->free(t->learner);
    sl_dataset_free(t->shape);
    sl_pipeline_free(t->pipeline);
    sl_schema_release(&t->schema);
    sl_arena_release(&t->arena);
    free(t->order);
    *t = (struct trained){ 0 };
}

/* The statements of a run, one a line of its recipe. */
static int parse_recipe(struct trained *t, const char *recipe, struct sl_statement **out, size_t *n,
                        struct sl_error *err)
{
    struct sl_statement *statements = sl_arena_zero(&t->arena, SL_MAX_STAGES, sizeof *statements);
    if (!statements)
        return sl_fail_memory(err, "the recipe");
    for (*n = 0; *recipe && *n < SL_MAX_STAGES;) {
        size_t length = strcspn(recipe, "\n");
        int status = sl_statement_parse((struct sl_str){ recipe, length }, NULL, &t->arena, &statements[*n], err);
        if (status == SL_EEND)
            status = sl_fail(err, SL_EFORMAT, "\"%.*s\" is no stage", (int)(length < 80 ? length : 80), recipe);
        if (status)
            return status;
        statements[*n].line = (uint32_t)*n + 1;
        ++*n;
        recipe += length + (recipe[length] == '\n');
    }
    *out = statements;
    return SL_OK;
}

/* The learner's class when the pipeline has one that can predict. */
static int begin_learner(struct trained *t, struct sl_str state, struct sl_error *err)
{
    struct sl_stage *stage = sl_pipeline_find(t->pipeline, SL_LEARNER);
    const struct sl_learner_class *class = sl_learner_find(stage);
    if (!class)
        return sl_fail(err, SL_EFORMAT, "the session's recipe has no learner");
    int status = sl_dataset_shape(&t->shape, t->pipeline, err);
    if (!status)
        status = class->begin(&t->learner, t->pipeline, stage, t->shape, NULL, 0, err);
    return status ? status : class->load(t->learner, state, err);
}

static int read_models(struct trained *t, struct book *book, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(book, &query, err, "SELECT stages, learner FROM fitted WHERE run = ?", "i", t->run);
    if (!status)
        status = book_row(book, query, err);
    if (!status)
        status = sl_pipeline_load(t->pipeline, book_blob(query, 0), err);
    if (!status)
        status = begin_learner(t, book_blob(query, 1), err);
    sqlite3_finalize(query);
    return status;
}

int trained_find(struct book *book, int64_t *run, char **recipe, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status =
        book_query(book, &query, err,
                   "SELECT run.id, recipe FROM fitted JOIN run ON run.id = fitted.run WHERE ?1 = 0 OR run.id <= ?1"
                   " ORDER BY run.id DESC LIMIT 1",
                   "i", book->newest_model);
    if (!status)
        status = book_row(book, query, err);
    if (!status) {
        *run = sqlite3_column_int64(query, 0);
        *recipe = strdup(book_text(query, 1));
        status = *recipe ? SL_OK : sl_fail_memory(err, "the session");
    }
    sqlite3_finalize(query);
    if (status == SL_EEND) {
        sl_fail(err, SL_ESTATE, "\"%s\" holds no trained model", book->path ? book->path : "the session");
        sl_fix(err, "train first: open it, and: train");
        status = SL_ESTATE;
    }
    return status;
}

int trained_load(struct trained *out, struct book *book, const struct sl_pipeline_options *options,
                 struct sl_error *err)
{
    struct sl_pipeline_options mine = *options;
    struct sl_statement *statements = NULL;
    struct trained t = { 0 };
    char *recipe = NULL;
    size_t n = 0;
    sl_arena_init(&t.arena);
    book_hold(book);
    int status = trained_find(book, &t.run, &recipe, err);
    if (!status)
        status = parse_recipe(&t, recipe, &statements, &n, err);
    if (!status)
        status = columns_read(book, t.run, &t.schema, err);
    mine.schema = &t.schema;
    if (!status)
        status = sl_pipeline_new(&t.pipeline, statements, n, &mine, err);
    if (!status)
        status = read_models(&t, book, err);
    book_release(book);
    free(recipe);
    if (status)
        trained_release(&t);
    else
        *out = t;
    return status;
}

/* --- weights --- */

static int by_weight(const void *a, const void *b, void *weights)
{
    const double *w = weights;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    if (w[i] != w[j])
        return w[i] < w[j] ? 1 : -1;
    return (i > j) - (i < j);
}

static bool order_features(struct trained *t, uint32_t class, const double *weights)
{
    if (t->ordered && t->class == class)
        return true;
    uint32_t n = t->shape->train.width;
    uint32_t *order = realloc(t->order, ((size_t)n + 1) * sizeof *order);
    if (!order)
        return false;
    t->order = order;
    for (uint32_t j = 0; j < n; j++)
        order[j] = j;
    qsort_r(order, n, sizeof *order, by_weight, (void *)(uintptr_t)weights);
    t->class = class;
    t->ordered = true;
    return true;
}

/* Built when first asked for; data that have gone since are no hindrance to anything else. */
bool trained_ready(struct sl_session *session)
{
    struct sl_pipeline_options options = { .base = session->base, .predicting = true };
    if (session->trained.learner)
        return true;
    if (session->trained.failed || training_running(session))
        return false;
    session->trained.failed = trained_load(&session->trained, session->book, &options, NULL) != SL_OK;
    return !session->trained.failed;
}

bool sl_session_weight(const struct sl_session *shared, uint32_t class, int k, struct sl_buf *name, double *weight)
{
    struct sl_session *session = (struct sl_session *)(uintptr_t)shared;
    struct trained *t = &session->trained;
    double intercept, sign = 1;
    if (!trained_ready(session))
        return false;
    const double *weights = t->learner->class->weights ? t->learner->class->weights(t->learner, class, &intercept)
                                                       : NULL;
    uint32_t asked = class, n = t->shape->train.width, place = k < 0 ? (uint32_t) - (k + 1) : (uint32_t)k;
    if (!weights && class == 0 && t->shape->n_classes == 2 && t->learner->class->weights) {
        weights = t->learner->class->weights(t->learner, asked = 1, &intercept);
        sign = -1; /* what speaks for one of two classes speaks against the other */
    }
    if (!weights || place >= n || !order_features(t, asked, weights))
        return false;
    uint32_t j = t->order[(k < 0) == (sign > 0) ? n - 1 - place : place];
    if (name)
        sl_dataset_feature(t->shape, t->pipeline, j, name);
    *weight = sign * weights[j];
    return true;
}
