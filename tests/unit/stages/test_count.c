/* count: the counts of scikit-learn's CountVectorizer. What it shares with tfidf is tested in test_tfidf.c. */
#include "encoder_try.h"

#include "sluice/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void every_golden_setting_gives_the_counts_of_scikit_learn(void **state)
{
    (void)state;
    assert_vectorizer_golden("count", "tfidf_count.tsv");
    assert_vectorizer_golden("count", "tfidf_count_bigrams.tsv");
    assert_vectorizer_golden("count", "tfidf_count_binary.tsv");
}

/* The same texts, dealt to workers in every way, give the same bytes. */
static void the_number_of_workers_changes_nothing(void **state)
{
    (void)state;
    static const char *const words[] = { "red", "green", "blue", "Violet", "ultramarine-blue", "été", "中文", "of" };
    struct sl_buf text = { 0 }, first = { 0 };
    for (size_t workers = 1; workers <= TRY_WORKERS; workers++) {
        struct encoder e;
        struct sl_str texts[50];
        encoder_must_open(&e, "count text ngram_range=1,3 min_df=2", "text:text");
        for (uint32_t i = 0; i < 50; i++) {
            text.n = 0;
            for (uint32_t k = 0; k < 12; k++) {
                sl_buf_printf(&text, "%s ", words[(i * 31 + k * k * 7 + i * k) % 8]);
            }
            texts[i] = (struct sl_str){ sl_arena_strndup(&e.arena, text.p, text.n), text.n };
        }
        encoder_texts(&e, texts, 50, (uint32_t)workers);
        assert_int_equal(encoder_fit(&e, workers, NULL), SL_OK);
        struct sl_buf blob = encoder_save(&e);
        if (workers == 1) {
            sl_buf_add(&first, blob.p, blob.n);
        }
        assert_int_equal(blob.n, first.n);
        assert_memory_equal(blob.p, first.p, blob.n);
        sl_buf_release(&blob);
        encoder_close(&e);
    }
    sl_buf_release(&text);
    sl_buf_release(&first);
}

/* ---- Workers in threads of their own ---- */

struct job {
    struct encoder e;
    void *partial[TRY_WORKERS];
    int failed[TRY_CHUNKS];
    enum { DIGEST, FIT, APPLY } pass;
};

static void work(void *ctx, size_t k, int worker)
{
    struct job *job = ctx;
    struct sl_stage *stage = &job->e.stage;
    struct sl_chunk *chunk = &job->e.chunk[k];
    struct sl_error err = SL_ERROR_INIT;
    switch (job->pass) {
    case DIGEST: job->failed[k] |= stage->class->digest(stage, job->e.scratch[worker], chunk, &err); break;
    case FIT: job->failed[k] |= stage->class->fit.chunk(stage, job->partial[worker], chunk, NULL, &err); break;
    case APPLY: job->failed[k] |= stage->class->apply(stage, job->e.scratch[worker], chunk, &err); break;
    }
}

/* Chunks have an arena each, as no two threads may share one. */
static void fill_job(struct job *job, struct sl_arena *arenas)
{
    static const char *const texts[] = { "Red green BLUE", "green and of the sea", "sky blue, sea blue", "Été rouge" };
    encoder_must_open(&job->e, "tfidf text ngram_range=1,2 stop_words=english", "text:text");
    for (job->e.chunks = 0; job->e.chunks < TRY_CHUNKS; job->e.chunks++) {
        struct sl_chunk *chunk = &job->e.chunk[job->e.chunks];
        sl_arena_init(&arenas[job->e.chunks]);
        assert_int_equal(sl_chunk_init(chunk, &job->e.in, 20, &arenas[job->e.chunks], &job->e.err), SL_OK);
        for (uint32_t i = 0; i < 20; i++) {
            chunk->columns[0].text[i] = sl_str(texts[(i * i + job->e.chunks) % 4]);
        }
    }
    for (int w = 0; w < TRY_WORKERS; w++) {
        assert_int_equal(job->e.stage.class->scratch_new(&job->e.stage, &job->e.scratch[w], &job->e.err), SL_OK);
    }
}

static void run_job(struct job *job, struct sl_pool *pool)
{
    const struct sl_stage_class *class = job->e.stage.class;
    job->pass = DIGEST;
    sl_pool_for(pool, TRY_CHUNKS, work, job);
    assert_int_equal(class->gather(&job->e.stage, job->e.scratch, TRY_WORKERS, &job->e.err), SL_OK);
    for (int w = 0; w < TRY_WORKERS; w++) {
        assert_int_equal(class->fit.begin(&job->e.stage, &job->partial[w], &job->e.err), SL_OK);
    }
    job->pass = FIT;
    sl_pool_for(pool, TRY_CHUNKS, work, job);
    for (int w = 1; w < TRY_WORKERS; w++) {
        assert_int_equal(class->fit.merge(&job->e.stage, job->partial[0], job->partial[w], &job->e.err), SL_OK);
    }
    assert_int_equal(class->fit.end(&job->e.stage, job->partial[0], &job->e.err), SL_OK);
    job->pass = APPLY;
    sl_pool_for(pool, TRY_CHUNKS, work, job);
    for (int w = 0; w < TRY_WORKERS; w++) {
        class->fit.drop(&job->e.stage, job->partial[w]);
    }
    for (size_t k = 0; k < TRY_CHUNKS; k++) {
        assert_int_equal(job->failed[k], SL_OK);
    }
}

static void threads_give_the_rows_that_one_gives(void **state)
{
    (void)state;
    struct job *jobs = calloc(2, sizeof *jobs);
    struct sl_arena *arenas = calloc(2 * TRY_CHUNKS, sizeof *arenas);
    struct sl_pool *pool = NULL;
    assert_true(jobs && arenas);
    assert_int_equal(sl_pool_new(&pool, TRY_WORKERS, NULL), SL_OK);
    fill_job(&jobs[0], arenas);
    fill_job(&jobs[1], arenas + TRY_CHUNKS);
    run_job(&jobs[0], NULL);
    run_job(&jobs[1], pool);
    for (size_t k = 0; k < TRY_CHUNKS; k++) {
        assert_same_sparse(&jobs[0].e.chunk[k], &jobs[1].e.chunk[k], 0);
    }
    sl_pool_free(pool);
    encoder_close(&jobs[0].e);
    encoder_close(&jobs[1].e);
    for (size_t k = 0; k < 2 * TRY_CHUNKS; k++) {
        sl_arena_release(&arenas[k]);
    }
    free(jobs);
    free(arenas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_golden_setting_gives_the_counts_of_scikit_learn),
        cmocka_unit_test(the_number_of_workers_changes_nothing),
        cmocka_unit_test(threads_give_the_rows_that_one_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
