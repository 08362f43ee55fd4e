/* check_command.c: sluice check: is this recipe one that runs?
 *
 * All lines are parsed first, so that every misspelling is told at once; the stages are put together only when all
 * parse. */
#include "batch.h"

static void report(void *ctx, const struct sl_error *err)
{
    (void)ctx;
    batch_error(err);
}

static void say_ok(struct recipe_file *file, struct sl_pipeline *pipeline, struct sl_buf *out)
{
    size_t stages = sl_pipeline_stages(pipeline);
    const struct sl_schema *source = sl_pipeline_stage(pipeline, 0)->in;
    const struct sl_schema *last = &sl_pipeline_stage(pipeline, stages - 1)->out;
    sl_buf_printf(out, "%s: ok, %zu stage%s, %zu column%s in, %zu out\n", file->path, stages, stages == 1 ? "" : "s",
                  source->n, source->n == 1 ? "" : "s", last->n);
    if (!sl_pipeline_find(pipeline, SL_LEARNER)) {
        sl_buf_puts(out, "there is no learner: nothing will be trained\n");
    }
}

int command_check(const struct options *options)
{
    struct recipe_file file;
    struct sl_pipeline *pipeline = NULL;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf out = { 0 };
    int exit_status = EXIT_FAILED;
    if (recipe_file_read(&file, options->operands.word[0], &err)) {
        batch_error(&err);
    } else if (recipe_file_check(&file, report, NULL) == 0) {
        if (recipe_file_assemble(&file, &pipeline, &err)) {
            batch_error(&err);
        } else {
            say_ok(&file, pipeline, &out);
            exit_status = batch_finish(&out);
        }
    }
    sl_pipeline_free(pipeline);
    recipe_file_release(&file);
    return exit_status;
}
