/* test_sources.c: recipes of several sources: one input of them all, the roles that `as=` gives, labels that a source
 * brings along, and where `batch` and `train` may stand. */
#include "recipe_try.h"

#include "sluice/browse.h"
#include "sluice/step.h"

#include <sys/stat.h>

static char folder[] = "/tmp/sluice-sources-XXXXXX";

static const char *at(const char *name)
{
    static char path[4][128];
    static int next;
    char *to = path[next++ % 4];
    snprintf(to, sizeof path[0], "%s/%s", folder, name);
    return to;
}

static void put_csv(const char *name, unsigned from, unsigned to, bool turned)
{
    FILE *file = fopen(at(name), "wb");
    assert_non_null(file);
    fputs(turned ? "mark,score,text\n" : "text,mark,score\n", file);
    for (unsigned i = from; i < to; i++) {
        const char *mark = i % 3 ? "pos" : "neg";
        if (i % 50 == 49)
            fprintf(file, "torn\n");
        else if (turned)
            fprintf(file, "%s,%u,record %u\n", mark, i, i);
        else
            fprintf(file, "record %u,%s,%u\n", i, mark, i);
    }
    assert_int_equal(fclose(file), 0);
}

/* n pictures of 2 × 3 bytes, and their labels: i % 3. */
static void put_pictures(const char *name, unsigned n, unsigned height)
{
    char file[64];
    unsigned char head[16] = { 0, 0, 8, 3, 0, 0, 0, (unsigned char)n, 0, 0, 0, (unsigned char)height, 0, 0, 0, 3 };
    FILE *images = fopen(at(name), "wb");
    snprintf(file, sizeof file, "%s.labels", name);
    FILE *labels = fopen(at(file), "wb");
    assert_true(images && labels);
    fwrite(head, 1, 16, images);
    head[3] = 1;
    fwrite(head, 1, 8, labels);
    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; k < height * 3; k++)
            fputc((int)(i * 7 + k), images);
        fputc((int)(i % 3), labels);
    }
    assert_int_equal(fclose(images) | fclose(labels), 0);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    put_csv("a.csv", 0, 400, false);
    put_csv("b.csv", 400, 700, false);
    put_csv("c.csv", 700, 900, true);
    put_pictures("train.idx", 30, 2);
    put_pictures("test.idx", 12, 2);
    put_pictures("tall.idx", 6, 4);
    return 0;
}

static int tear_down(void **state)
{
    char command[200];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

struct tried {
    struct recipe recipe;
    struct sl_pipeline *pipeline;
    struct sl_progress progress;
    struct sl_run *run;
    struct sl_dataset *data;
    struct sl_error err;
};

static int assemble(struct tried *t, const char *text)
{
    struct sl_pipeline_options options = { .base = folder };
    memset(t, 0, sizeof *t);
    t->err = (struct sl_error)SL_ERROR_INIT;
    recipe_parse(&t->recipe, text);
    return sl_pipeline_new(&t->pipeline, t->recipe.statements, t->recipe.n, &options, &t->err);
}

static void prepare(struct tried *t, const char *text, uint64_t block, uint64_t memory)
{
    if (assemble(t, text))
        fail_msg("%s: %s", t->err.stage, t->err.what);
    if (block)
        sl_pipeline_reader(t->pipeline)->block_bytes = block;
    struct sl_run_options options = { .memory = memory ? memory : UINT64_C(1) << 28, .progress = &t->progress };
    int status = sl_pipeline_find(t->pipeline, SL_LEARNER)
                     ? sl_dataset_new(&t->data, &t->run, t->pipeline, &options, &t->err)
                     : sl_pipeline_run(&t->run, t->pipeline, &options, &t->err);
    if (status)
        fail_msg("%s: %s", t->err.stage, t->err.what);
}

static void release(struct tried *t)
{
    sl_dataset_free(t->data);
    sl_run_free(t->run);
    sl_pipeline_free(t->pipeline);
    recipe_release(&t->recipe);
}

static void refused(const char *text, const char *what)
{
    struct tried t;
    assert_int_not_equal(assemble(&t, text), SL_OK);
    if (!strstr(t.err.what, what) && !strstr(t.err.fix, what))
        fail_msg("\"%s\" says nothing of \"%s\"", t.err.what, what);
    release(&t);
}

/* All records of a reader, as text. */
static void read_all(struct sl_reader *reader, struct sl_buf *out, struct sl_mark *marks, size_t *n_marks)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_block block = { 0 };
    struct sl_quarantine rejects = { 0 };
    struct sl_arena arena;
    struct sl_chunk chunk;
    int status;
    sl_arena_init(&arena);
    while (!(status = sl_reader_next(reader, &block, &err))) {
        if (marks)
            marks[(*n_marks)++] = block.mark;
        assert_int_equal(sl_reader_parse(reader, &block, &arena, &chunk, &rejects, &err), SL_OK);
        for (uint32_t i = 0; i < chunk.n; i++) {
            sl_buf_printf(out, "%llu %u:%llu", (unsigned long long)chunk.origin[i].record, chunk.origin[i].file,
                          (unsigned long long)chunk.origin[i].line);
            for (size_t c = 0; c < chunk.schema->n; c++) {
                sl_buf_putc(out, ' ');
                sl_cell_format(&chunk, c, i, out);
            }
            sl_buf_putc(out, '\n');
        }
    }
    assert_int_equal(status, SL_EEND);
    for (size_t i = 0; i < rejects.n; i++)
        sl_buf_printf(out, "bad %llu %u\n", (unsigned long long)rejects.entries[i].origin.record,
                      rejects.entries[i].origin.file);
    sl_block_release(&block);
    sl_quarantine_release(&rejects);
    sl_arena_release(&arena);
}

static struct sl_buf text_of(const char *recipe, uint64_t block)
{
    struct tried t;
    struct sl_buf out = { 0 };
    assert_int_equal(assemble(&t, recipe), SL_OK);
    sl_pipeline_reader(t.pipeline)->block_bytes = block;
    read_all(sl_pipeline_reader(t.pipeline), &out, NULL, NULL);
    release(&t);
    return out;
}

static void sources_read_as_one_input_whatever_the_blocks(void **state)
{
    (void)state;
    for (uint64_t block = 700; block < 100000; block *= 12) {
        struct sl_buf one = text_of("read csv a.csv b.csv\n", block),
                      two = text_of("read csv a.csv\nread csv b.csv\n", block);
        assert_true(one.n > 10000);
        assert_int_equal(one.n, two.n);
        assert_memory_equal(one.p, two.p, one.n);
        sl_buf_release(&one);
        sl_buf_release(&two);
    }
}

/* From any mark the rest is what it was, on a fresh reader and on one that stood elsewhere. */
static void any_block_of_any_source_is_found_again(void **state)
{
    (void)state;
    struct tried t, other;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_mark marks[200];
    size_t n = 0;
    struct sl_buf all = { 0 };
    static const char recipe[] = "read csv a.csv\nread csv b.csv\nread csv c.csv as=test\n";
    assert_int_equal(assemble(&t, recipe), SL_OK);
    struct sl_reader *reader = sl_pipeline_reader(t.pipeline);
    reader->block_bytes = 900;
    read_all(reader, &all, marks, &n);
    assert_true(n > 10);
    assert_int_equal(marks[n - 1].file, 2);
    for (size_t k = n; k-- > 0;) {
        struct sl_buf from_here = { 0 }, fresh = { 0 };
        assert_int_equal(marks[k].sequence, k);
        assert_int_equal(sl_reader_seek(reader, &marks[k], &err), SL_OK);
        read_all(reader, &from_here, NULL, NULL);
        assert_int_equal(assemble(&other, recipe), SL_OK);
        sl_pipeline_reader(other.pipeline)->block_bytes = 900;
        assert_int_equal(sl_reader_seek(sl_pipeline_reader(other.pipeline), &marks[k], &err), SL_OK);
        read_all(sl_pipeline_reader(other.pipeline), &fresh, NULL, NULL);
        assert_int_equal(from_here.n, fresh.n);
        assert_memory_equal(from_here.p, fresh.p, fresh.n);
        if (k == 0)
            assert_memory_equal(fresh.p, all.p, all.n);
        sl_buf_release(&from_here);
        sl_buf_release(&fresh);
        release(&other);
    }
    assert_int_equal(reader->consumed, reader->size);
    sl_buf_release(&all);
    release(&t);
}

static void columns_are_those_of_the_first_source_by_name(void **state)
{
    (void)state;
    struct sl_buf all = text_of("read csv a.csv\nread csv c.csv\n", 1 << 16);
    assert_non_null(strstr(all.p, "400 1:2 record 700 pos 700\n"));
    assert_non_null(strstr(all.p, "bad 49 0\n"));
    assert_non_null(strstr(all.p, "bad 449 1\n"));
    sl_buf_release(&all);
    write_file(at("less.csv"), "text,score\nx,1\n", 15);
    refused("read csv a.csv\nread csv less.csv\n", "\"mark\"");
    refused("read csv a.csv\nread csv nowhere.csv as=test\n", "nowhere.csv");
    refused("read idx train.idx\nread idx tall.idx\n", "image");
    refused("read idx train.idx labels=train.idx.labels\nread idx test.idx\n", "\"label\"");
    refused("read csv a.csv\nlowercase text\nread csv b.csv\n", "behind other stages");
}

static void a_source_says_what_its_records_are_for(void **state)
{
    (void)state;
    struct tried t;
    prepare(
        &t,
        "read csv a.csv\nread csv b.csv as=validation\nread csv c.csv as=test\nlabel mark\nstandardize score\nlogistic\n",
        500, 0);
    const struct sl_run_result *r = sl_run_result(t.run);
    assert_int_equal(r->records, 900);
    assert_int_equal(r->n_train, 392);
    assert_int_equal(r->n_validation, 294);
    assert_int_equal(r->n_test, 196);
    assert_int_equal(t.data->train.n, 392);
    assert_int_equal(t.data->validation.n, 294);
    assert_int_equal(t.data->test.n, 196);
    assert_int_equal(r->train_records[391], 398);
    assert_int_equal(r->validation_records[0], 400);
    assert_int_equal(r->test_records[195], 898);
    assert_int_equal(t.progress.stages[0].in, 400);
    assert_int_equal(t.progress.stages[1].out, 294);
    assert_int_equal(t.progress.stages[2].out, 196);
    assert_int_equal(t.progress.stages[3].in, 882);
    /* The scaling is of the training records alone: their mean is 0, that of the others is not. */
    double train = 0, test = 0;
    for (size_t b = 0; b < t.data->train.n_blocks; b++)
        for (uint32_t k = 0; k < t.data->train.blocks[b].start[t.data->train.blocks[b].n]; k++)
            train += (double)t.data->train.blocks[b].value[k];
    for (size_t b = 0; b < t.data->test.n_blocks; b++)
        for (uint32_t k = 0; k < t.data->test.blocks[b].start[t.data->test.blocks[b].n]; k++)
            test += (double)t.data->test.blocks[b].value[k];
    assert_true(train > -0.01 && train < 0.01);
    assert_true(test / 196 > 2);
    release(&t);
    prepare(&t,
            "read csv a.csv\nread csv c.csv as=test\nlabel mark\nsplit test_size=0.25 shuffle=false\nlogistic score\n",
            0, 0);
    r = sl_run_result(t.run);
    assert_int_equal(r->n_train, 294);
    assert_int_equal(r->n_test, 98 + 196);
    assert_int_equal(r->test_records[0], 300);  /* the split's own first, … */
    assert_int_equal(r->test_records[98], 400); /* … then those of the source */
    release(&t);
    assert_int_equal(assemble(&t, "read csv a.csv as=test\nlabel mark\nlogistic score\n"), SL_OK);
    struct sl_run_options options = { .memory = 1 << 24 };
    assert_int_equal(sl_dataset_new(&t.data, &t.run, t.pipeline, &options, &t.err), SL_EDATA);
    assert_non_null(strstr(t.err.what, "for training"));
    t.data = NULL;
    release(&t);
}

static void some_of_the_training_records_validate(void **state)
{
    (void)state;
    struct tried t;
    write_file(at("twenty.csv"), "x,y\n", 4);
    FILE *file = fopen(at("twenty.csv"), "ab");
    assert_non_null(file);
    for (int i = 0; i < 20; i++)
        fprintf(file, "%d,%s\n", i, i % 2 ? "odd" : "even");
    assert_int_equal(fclose(file), 0);
    prepare(&t, "read csv twenty.csv\nlabel y\nsplit test_size=0.25 validation_size=0.2 random_state=7\nlogistic\n", 0,
            0);
    /* scikit-learn's train_test_split twice, with random_state=7 */
    static const uint64_t test[] = { 1, 17, 2, 5, 11 }, validation[] = { 16, 10, 12 },
                          train[] = { 6, 3, 0, 18, 15, 4, 8, 7, 13, 14, 9, 19 };
    const struct sl_run_result *r = sl_run_result(t.run);
    assert_int_equal(r->n_test, 5);
    assert_int_equal(r->n_validation, 3);
    assert_int_equal(r->n_train, 12);
    assert_memory_equal(r->test_records, test, sizeof test);
    assert_memory_equal(r->validation_records, validation, sizeof validation);
    assert_memory_equal(r->train_records, train, sizeof train);
    release(&t);
    assert_int_equal(assemble(&t, "read csv twenty.csv\nlabel y\nsplit validation_size=15\nlogistic\n"), SL_OK);
    struct sl_run_options options = { .memory = 1 << 24 };
    assert_int_not_equal(sl_dataset_new(&t.data, &t.run, t.pipeline, &options, &t.err), SL_OK);
    assert_string_equal(t.err.param, "validation_size");
    t.data = NULL;
    release(&t);
}

static void a_source_brings_its_label_along(void **state)
{
    (void)state;
    struct tried t, again;
    prepare(&t,
            "read idx train.idx labels=train.idx.labels\nread idx test.idx labels=test.idx.labels as=test\n"
            "logistic\n",
            0, 0);
    assert_int_equal(sl_pipeline_stages(t.pipeline), 4);
    assert_int_equal(sl_pipeline_sources(t.pipeline), 2);
    const struct sl_stage *label = sl_pipeline_stage(t.pipeline, 2);
    assert_true(label->implicit && label->class == &sl_stage_label);
    assert_string_equal(label->target, "label");
    assert_int_equal(sl_pipeline_bound(t.pipeline, 1), 1);
    assert_int_equal(sl_pipeline_bound(t.pipeline, 2), 3);
    assert_true(sl_pipeline_bound(t.pipeline, 3) == SIZE_MAX);
    assert_int_equal(t.data->n_classes, 3);
    assert_string_equal(t.data->classes[2], "2");
    assert_int_equal(t.data->train.n, 30);
    assert_int_equal(t.data->test.n, 12);
    for (uint32_t i = 0; i < 30; i++)
        assert_int_equal(t.data->train.blocks[0].y[i], i % 3);
    /* What it learned is saved and loaded like any other. */
    struct sl_buf saved = { 0 };
    assert_int_equal(sl_pipeline_save(t.pipeline, &saved, &t.err), SL_OK);
    assert_int_equal(assemble(&again, "read idx train.idx labels=train.idx.labels\n"
                                      "read idx test.idx labels=test.idx.labels as=test\nlogistic\n"),
                     SL_OK);
    assert_int_equal(sl_pipeline_load(again.pipeline, (struct sl_str){ saved.p, saved.n }, &again.err), SL_OK);
    assert_int_equal(sl_label_classes(sl_pipeline_find(again.pipeline, SL_TARGET)), 3);
    sl_buf_release(&saved);
    release(&again);
    release(&t);
    /* A label that is written has the first word, and who only reads has none. */
    assert_int_equal(assemble(&t, "read idx train.idx labels=train.idx.labels\nlabel label names=a,b,c\nlogistic\n"),
                     SL_OK);
    assert_int_equal(sl_pipeline_stages(t.pipeline), 3);
    release(&t);
    assert_int_equal(assemble(&t, "read idx train.idx labels=train.idx.labels\n"), SL_OK);
    assert_int_equal(sl_pipeline_stages(t.pipeline), 1);
    release(&t);
    refused("read idx train.idx\nlogistic\n", "label COLUMN");
}

static void other_files_are_predicted_without_labels(void **state)
{
    (void)state;
    struct tried t;
    recipe_parse(&t.recipe,
                 "read idx train.idx labels=train.idx.labels\nread idx test.idx labels=test.idx.labels as=test\n"
                 "logistic\n");
    const char *paths[] = { at("test.idx"), NULL };
    struct sl_pipeline *trained = NULL, *pipeline = NULL;
    struct sl_pipeline_options options = { .base = folder };
    t.err = (struct sl_error)SL_ERROR_INIT;
    assert_int_equal(sl_pipeline_new(&trained, t.recipe.statements, t.recipe.n, &options, &t.err), SL_OK);
    struct sl_pipeline_options predicting = {
        .base = folder, .predicting = true, .paths = paths, .schema = &sl_pipeline_stage(trained, 0)->out
    };
    if (sl_pipeline_new(&pipeline, t.recipe.statements, t.recipe.n, &predicting, &t.err))
        fail_msg("%s", t.err.what);
    assert_int_equal(sl_pipeline_stages(pipeline), sl_pipeline_stages(trained));
    assert_int_equal(sl_pipeline_reader(pipeline)->n_paths, 1);
    sl_pipeline_free(pipeline);
    paths[0] = at("tall.idx");
    assert_int_equal(sl_pipeline_new(&pipeline, t.recipe.statements, t.recipe.n, &predicting, &t.err), SL_ESCHEMA);
    assert_non_null(strstr(t.err.what, "12 bytes"));
    sl_pipeline_free(trained);
    recipe_release(&t.recipe);
}

static void batch_and_train_have_their_places(void **state)
{
    (void)state;
    struct tried t;
    const struct sl_stage_class *class = NULL;
    static const char *const head = "read idx train.idx labels=train.idx.labels\n";
    char text[400];
    snprintf(text, sizeof text, "%sbatch size=8\nmlp hidden=4\ntrain epochs=2\n", head);
    prepare(&t, text, 0, 0);
    for (size_t i = 2; i < 5; i++) {
        assert_int_equal(t.progress.stages[i].in, 30);
        assert_int_equal(t.progress.stages[i].out, 30);
    }
    assert_ptr_equal(sl_pipeline_settings(t.pipeline, SL_BATCH, &class),
                     sl_pipeline_find(t.pipeline, SL_BATCH)->params);
    assert_int_equal(class->kind, SL_BATCH);
    release(&t);
    snprintf(text, sizeof text, "%smlp\n", head);
    assert_int_equal(assemble(&t, text), SL_OK);
    const void *settings = sl_pipeline_settings(t.pipeline, SL_TRAINER, &class);
    assert_int_equal(class->kind, SL_TRAINER);
    assert_ptr_equal(settings, class->defaults);
    release(&t);
    static const char *const wrong[][2] = {
        { "batch\nlogistic\n", "for networks" },      { "logistic\ntrain epochs=3\n", "for networks" },
        { "mlp\nbatch\n", "behind the learner" },     { "train\nmlp\n", "behind \"train\"" },
        { "batch\nbatch\nmlp\n", "second time" },     { "mlp\ntrain\ntrain\n", "second time" },
        { "batch\nsplit\nmlp\n", "behind \"batch\"" }
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(text, sizeof text, "%s%s", head, wrong[i][0]);
        refused(text, wrong[i][1]);
    }
    refused("read csv a.csv\nlabel score task=regression\nlogistic\n", "mlp");
    refused("read csv a.csv\nlabel text task=regression\nmlp\n", "text");
}

static void a_record_of_a_later_source_is_found_and_stepped_through(void **state)
{
    (void)state;
    struct tried t;
    struct sl_browser *browser = NULL;
    struct sl_stepper *stepper = NULL;
    struct sl_page page = { 0 };
    prepare(&t, "read csv a.csv\nread csv c.csv as=test\nlowercase text\nlabel mark\nsplit\ntfidf text\nlogistic\n",
            600, 0);
    assert_int_equal(sl_browser_new(&browser, t.pipeline, NULL, &t.err), SL_OK);
    assert_int_equal(sl_browser_adopt(browser, sl_run_result(t.run), &t.err), SL_OK);
    assert_int_equal(sl_browser_page(browser, 450, 2, false, SL_SHOW_ALL, NULL, 4, 10000, &page, &t.err), SL_OK);
    assert_int_equal(page.n, 2);
    assert_int_equal(page.rows[0].origin.file, 1);
    assert_int_equal(page.rows[0].record, 450);
    sl_page_release(&page);
    sl_browser_free(browser);
    assert_int_equal(sl_stepper_new(&stepper, t.pipeline, NULL, &t.err), SL_OK);
    assert_int_equal(sl_stepper_learn(stepper, sl_run_result(t.run), &t.err), SL_OK);
    assert_int_equal(sl_stepper_goto(stepper, &(struct sl_place){ 450, 2, 0 }, &t.err), SL_OK);
    assert_int_equal(sl_stepper_here(stepper)->role, SL_TEST);
    sl_stepper_free(stepper);
    release(&t);
}

static void a_second_run_finds_kept_records_with_their_roles(void **state)
{
    (void)state;
    struct sl_cache *cache = NULL;
    struct tried t;
    uint64_t first[3] = { 0 };
    assert_int_equal(assemble(&t, "read csv a.csv\nread csv b.csv as=validation\nread csv c.csv as=test\nlabel mark\n"
                                  "tfidf text\ncache\nlogistic\n"),
                     SL_OK);
    assert_int_equal(sl_cache_new(&cache, 1 << 26, &t.err), SL_OK);
    for (int run = 0; run < 2; run++) {
        struct sl_run_options options = { .memory = 1 << 26, .progress = &t.progress, .cache = cache };
        memset(&t.progress, 0, sizeof t.progress);
        if (sl_dataset_new(&t.data, &t.run, t.pipeline, &options, &t.err))
            fail_msg("%s", t.err.what);
        const struct sl_run_result *r = sl_run_result(t.run);
        assert_int_equal(r->cache_hits, run ? 882 : 0);
        assert_int_equal(r->n_validation, 294);
        assert_int_equal(r->validation_records[293], 698);
        const uint64_t now[] = { t.data->train.nonzeros, t.data->validation.nonzeros, t.data->test.nonzeros };
        if (run)
            assert_memory_equal(now, first, sizeof now);
        memcpy(first, now, sizeof now);
        sl_dataset_free(t.data);
        sl_run_free(t.run);
        t.data = NULL;
        t.run = NULL;
    }
    sl_cache_free(cache);
    release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_read_as_one_input_whatever_the_blocks),
        cmocka_unit_test(any_block_of_any_source_is_found_again),
        cmocka_unit_test(columns_are_those_of_the_first_source_by_name),
        cmocka_unit_test(a_source_says_what_its_records_are_for),
        cmocka_unit_test(some_of_the_training_records_validate),
        cmocka_unit_test(a_source_brings_its_label_along),
        cmocka_unit_test(other_files_are_predicted_without_labels),
        cmocka_unit_test(batch_and_train_have_their_places),
        cmocka_unit_test(a_record_of_a_later_source_is_found_and_stepped_through),
        cmocka_unit_test(a_second_run_finds_kept_records_with_their_roles),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
