/* step_try.h: pipelines over small made-up files, run and ready to be stepped through. */
#ifndef SLUICE_TESTS_STEP_TRY_H
#define SLUICE_TESTS_STEP_TRY_H

#include "recipe_try.h"

#include "engine/pipeline/audit_private.h"
#include "sluice/step.h"

#include <math.h>

/* n records id,text,mark,score,city: tags, entities, accents, repeats, missing values, torn ones; hostile ones are
 * infinite, or of a city that others do not have. */
static inline void write_steps(const char *path, unsigned n, bool hostile)
{
    static const char *const words[] = { "good",  "Bad",         "<b>", "</b>",           "<br />",
                                         "&amp;", "caf\xc3\xa9", "THE", "film",           "e\xcc\x81t\xc3\xa9",
                                         "10",    "plot,",       "not", "\xef\xac\x81ne", "&lt;3",
                                         "of" };
    static const char *const cities[] = { "Oslo", "Rome", "Bonn", "" };
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("id,text,mark,score,city\n", file);
    for (unsigned i = 0; i < n; i++) {
        uint32_t draw[4], word[4];
        unsigned like = i % 11 == 8 ? i - 8 : i; /* repeats an earlier text */
        sl_philox(5, SL_RANDOM_SAMPLE, 0, i, 0, draw);
        if (i % 37 == 19) {
            fprintf(file, "%u,torn\n", i);
            continue;
        }
        fprintf(file, "%u,\"", i);
        sl_philox(5, SL_RANDOM_SAMPLE, 1, like, 0, word);
        for (unsigned k = 0, most = i % 29 == 3 ? 0 : 1 + word[0] % 12; k < most; k++) {
            sl_philox(5, SL_RANDOM_SAMPLE, 2, like, k, word);
            fprintf(file, "%s%s", words[word[1] % 16], word[2] % 40 ? " " : "\n");
        }
        fprintf(file, "\",%s,", i % 17 == 5 ? "" : draw[0] % 2 ? "pos" : "neg");
        if (i % 13 == 2)
            fputs(",", file);
        else if (hostile && i % 31 == 12)
            fputs("1e999,", file);
        else
            fprintf(file, "%.3f,", (double)draw[1] / 1e9);
        fprintf(file, "%s\n", hostile && i % 41 == 7 ? "Lima" : cities[draw[2] % 4]);
    }
    assert_int_equal(fclose(file), 0);
}

/* A pipeline over a file, run where it learns. */
struct stepping {
    struct recipe recipe;
    struct sl_pipeline *pipeline;
    struct sl_pool *pool;
    struct sl_run *run;
    struct sl_verdicts verdicts;
    struct sl_stepper *stepper;
};

/* Assemble; the status and message when it is refused. */
static inline int stepping_bind(struct stepping *s, const char *path, const char *stages, int threads, uint64_t block,
                                struct sl_error *err)
{
    char text[4000];
    struct sl_pipeline_options options = { 0 };
    memset(s, 0, sizeof *s);
    snprintf(text, sizeof text, "read csv %s\n%s", path, stages);
    recipe_parse(&s->recipe, text);
    assert_int_equal(sl_pool_new(&s->pool, threads, err), SL_OK);
    int status = sl_pipeline_new(&s->pipeline, s->recipe.statements, s->recipe.n, &options, err);
    if (!status && block)
        sl_pipeline_reader(s->pipeline)->block_bytes = block;
    return status;
}

static inline void must(int status, const struct sl_error *err)
{
    if (status)
        fail_msg("%d: %s: %s; %s", status, err->stage, err->what, err->fix);
}

/* Run with this sink, and make the stepper. */
static inline int stepping_run(struct stepping *s, const struct sl_run_options *with, struct sl_error *err)
{
    struct sl_run_options options = with ? *with : (struct sl_run_options){ 0 };
    options.pool = s->pool;
    options.memory = UINT64_C(1) << 28;
    return sl_pipeline_run(&s->run, s->pipeline, &options, err);
}

static inline void stepping_begin(struct stepping *s)
{
    struct sl_error err = SL_ERROR_INIT;
    must(sl_verdicts_find(&s->verdicts, s->pipeline, s->pool, NULL, &err), &err);
    must(sl_stepper_new(&s->stepper, s->pipeline, NULL, &err), &err);
    must(sl_stepper_verdicts(s->stepper, &s->verdicts, &err), &err);
    if (s->run)
        must(sl_stepper_learn(s->stepper, sl_run_result(s->run), &err), &err);
}

static inline void stepping_open(struct stepping *s, const char *path, const char *stages, int threads, uint64_t block,
                                 bool run)
{
    struct sl_error err = SL_ERROR_INIT;
    must(stepping_bind(s, path, stages, threads, block, &err), &err);
    if (run)
        must(stepping_run(s, NULL, &err), &err);
    stepping_begin(s);
}

static inline void stepping_close(struct stepping *s)
{
    sl_stepper_free(s->stepper);
    sl_verdicts_release(&s->verdicts);
    sl_run_free(s->run);
    sl_pipeline_free(s->pipeline);
    sl_pool_free(s->pool);
    recipe_release(&s->recipe);
}

static inline const struct sl_step *step_at(struct stepping *s, uint64_t record, uint32_t stage, uint32_t substep)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_place place = { record, stage, substep };
    must(sl_stepper_goto(s->stepper, &place, &err), &err);
    return sl_stepper_here(s->stepper);
}

/* Every byte of record i of a chunk that counts. */
static inline void add_record(struct sl_buf *to, const struct sl_chunk *chunk, uint32_t i)
{
    for (size_t c = 0; c < chunk->schema->n; c++) {
        const struct sl_column *column = &chunk->columns[c];
        enum sl_type type = chunk->schema->fields[c].type;
        bool there = sl_valid(column, i) && !(type == SL_NUMBER && isnan(column->number[i]));
        sl_buf_u32(to, (uint32_t)type);
        sl_buf_u32(to, there);
        if (!there)
            continue;
        if (type == SL_TEXT) {
            sl_buf_blob(to, column->text[i].n ? column->text[i].p : "", column->text[i].n);
        } else if (type == SL_NUMBER) {
            sl_buf_add(to, &column->number[i], sizeof(double));
        } else {
            assert_int_equal(type, SL_SPARSE);
            uint64_t first = column->sparse.start[i], n = column->sparse.start[i + 1] - first;
            sl_buf_blob(to, column->sparse.index + first, n * sizeof(uint32_t));
            sl_buf_blob(to, column->sparse.value + first, n * sizeof(float));
        }
    }
}

#endif
