/* remake.c: a training made again without training: the pipeline is run as then, the weights are loaded.
 *
 * A session does not keep what its model said of each record; but data, recipe and weights say it again to the bit. */
#include "remake.h"

#include <stdlib.h>

void remaking_release(struct remaking *r)
{
    if (r->learner)
        r->learner->class->free(r->learner);
    sl_dataset_free(r->data);
    sl_run_free(r->found);
    sl_pipeline_free(r->pipeline);
    sl_arena_release(&r->arena);
    sl_buf_release(&r->weights);
    r->learner = NULL;
    r->data = NULL;
    r->found = NULL;
    r->pipeline = NULL;
}

int remake_weights(struct remaking *r, struct book *book, int64_t run, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    book_hold(book);
    int status = book_query(book, &query, err, "SELECT learner FROM fitted WHERE run = ?", "i", run);
    if (!status)
        status = book_row(book, query, err);
    if (!status) {
        struct sl_str state = book_blob(query, 0);
        sl_buf_add(&r->weights, state.p, state.n);
        status = r->weights.failed ? sl_fail_memory(err, "a model") : SL_OK;
    } else if (status == SL_EEND) {
        status = sl_fail(err, SL_ESTATE, "\"%s\" holds no trained model", r->label);
    }
    sqlite3_finalize(query);
    book_release(book);
    return status;
}

int remake_statements(const char *recipe, const char *base, struct sl_arena *arena, struct sl_statement **out,
                      size_t *n, struct sl_error *err)
{
    struct sl_statement *statements = sl_arena_zero(arena, SL_MAX_STAGES, sizeof *statements);
    int status = statements ? SL_OK : sl_fail_memory(err, "a recipe");
    for (*n = 0; !status && *recipe && *n < SL_MAX_STAGES;) {
        size_t length = strcspn(recipe, "\n");
        char *line = sl_arena_strndup(arena, recipe, length);
        status = line ? sl_statement_parse(sl_str(line), base, arena, &statements[*n], err)
                      : sl_fail_memory(err, "a recipe");
        if (status == SL_EEND)
            status = sl_fail(err, SL_EFORMAT, "\"%.80s\" is no stage", line);
        if (!status) {
            statements[*n].line = (uint32_t)*n + 1;
            ++*n;
        }
        recipe += length + (recipe[length] == '\n');
    }
    *out = statements;
    return status;
}

int remake(struct remaking *r, const struct sl_run_options *options, struct sl_error *err)
{
    const struct sl_pipeline_options where = { .base = r->base };
    struct sl_statement *statements = NULL;
    size_t n = 0;
    int status = remake_statements(r->recipe, r->base, &r->arena, &statements, &n, err);
    if (!status)
        status = sl_pipeline_new(&r->pipeline, statements, n, &where, err);
    struct sl_stage *stage = status ? NULL : sl_pipeline_find(r->pipeline, SL_LEARNER);
    const struct sl_learner_class *class = stage ? sl_learner_find(stage) : NULL;
    if (!status && !class)
        status = sl_fail(err, SL_EFORMAT, "the recipe of \"%s\" has no learner", r->label);
    if (!status)
        status = sl_dataset_new(&r->data, &r->found, r->pipeline, options, err);
    if (!status)
        status = class->begin(&r->learner, r->pipeline, stage, r->data, options->pool, options->memory, err);
    if (!status)
        status = class->load(r->learner, (struct sl_str){ r->weights.p, r->weights.n }, err);
    return status;
}
