/* cache_try.c: see cache_try.h. */
#include "cache_try.h"

static void add_matrix(struct sl_hash *hash, const struct sl_matrix *matrix)
{
    for (size_t b = 0; b < matrix->n_blocks; b++) {
        const struct sl_rows *rows = &matrix->blocks[b];
        sl_hash_add(hash, rows->record, rows->n * sizeof *rows->record);
        sl_hash_add(hash, rows->y, rows->n * sizeof *rows->y);
        sl_hash_add(hash, rows->start, (rows->n + 1) * sizeof *rows->start);
        sl_hash_add(hash, rows->index, rows->start[rows->n] * sizeof *rows->index);
        sl_hash_add(hash, rows->value, rows->start[rows->n] * sizeof *rows->value);
    }
}

static void add_books(struct sl_hash *hash, const struct sl_run_result *r)
{
    uint64_t counts[] = { r->records, r->quarantined, r->dropped, r->kept, r->n_train, r->n_test, r->fingerprint };
    sl_hash_add(hash, counts, sizeof counts);
    for (size_t i = 0; i < r->n_marks; i++) {
        const struct sl_mark *m = &r->marks[i];
        uint64_t mark[] = { m->sequence, m->record, m->line, m->byte, m->file };
        sl_hash_add(hash, mark, sizeof mark);
    }
    for (size_t i = 0; i < r->quarantine->n; i++) {
        const struct sl_reject *reject = &r->quarantine->entries[i];
        uint64_t place[] = { reject->origin.record, reject->origin.line, reject->origin.byte, reject->origin.file };
        sl_hash_add(hash, place, sizeof place);
        sl_hash_add(hash, reject->reason, strlen(reject->reason));
        sl_hash_add(hash, reject->excerpt, strlen(reject->excerpt));
    }
    if (r->test_records) {
        sl_hash_add(hash, r->test_records, r->n_test * sizeof *r->test_records);
        sl_hash_add(hash, r->train_records, r->n_train * sizeof *r->train_records);
    }
}

/* Caches may stand anywhere: they are left out of what is compared. */
static void add_stages(struct sl_hash *hash, struct cached *t)
{
    for (size_t i = 0; i < sl_pipeline_stages(t->pipeline); i++) {
        const struct sl_stage *stage = sl_pipeline_stage(t->pipeline, i);
        const struct sl_stage_stats *s = &t->progress.stages[i];
        if (stage->class == &sl_stage_cache)
            continue;
        uint64_t counts[] = { s->in, s->out, s->changed, s->dropped, s->missing, s->emptied, s->bytes };
        sl_hash_add(hash, counts, sizeof counts);
        struct sl_buf model = { 0 };
        if (stage->class->save && stage->model) {
            assert_int_equal(stage->class->save(stage, &model, NULL), SL_OK);
            sl_hash_add(hash, model.p, model.n);
        }
        sl_buf_release(&model);
    }
}

void cached_run(struct cached *t, const char *path, const char *stages, struct sl_cache *cache, int threads)
{
    char text[2000];
    struct sl_error err = SL_ERROR_INIT;
    struct sl_hash *hash = NULL;
    memset(t, 0, sizeof *t);
    snprintf(text, sizeof text, "read csv %s\n%s", path, stages);
    recipe_parse(&t->recipe, text);
    assert_int_equal(sl_pool_new(&t->pool, threads, &err), SL_OK);
    if (sl_pipeline_new(&t->pipeline, t->recipe.statements, t->recipe.n, &(struct sl_pipeline_options){ 0 }, &err))
        fail_msg("%s", err.what);
    sl_pipeline_reader(t->pipeline)->block_bytes = 20000;
    struct sl_run_options run = { .pool = t->pool, .memory = 1 << 28, .progress = &t->progress, .cache = cache };
    if (sl_dataset_new(&t->data, &t->run, t->pipeline, &run, &err))
        fail_msg("%s: %s", err.stage, err.what);
    assert_int_equal(sl_hash_new(&hash, NULL), SL_OK);
    add_matrix(hash, &t->data->train);
    add_matrix(hash, &t->data->test);
    add_books(hash, sl_run_result(t->run));
    add_stages(hash, t);
    t->hash = sl_hash_value(hash);
    sl_hash_free(hash);
}

void cached_release(struct cached *t)
{
    sl_dataset_free(t->data);
    sl_run_free(t->run);
    sl_pipeline_free(t->pipeline);
    sl_pool_free(t->pool);
    recipe_release(&t->recipe);
}

struct outcome outcome_of(const char *path, const char *stages, struct sl_cache *cache, int threads)
{
    struct cached t;
    struct outcome out = { 0 };
    cached_run(&t, path, stages, cache, threads);
    const struct sl_run_result *r = sl_run_result(t.run);
    out.hash = t.hash;
    out.hits = r->cache_hits;
    out.misses = r->cache_misses;
    snprintf(out.notices, sizeof out.notices, "%s", r->notices ? r->notices : "");
    cached_release(&t);
    return out;
}
