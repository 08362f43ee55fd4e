/* cache.c: a place in the recipe where the records are kept between runs.
 *
 * The stage itself changes nothing; the run finds it and keeps, or brings back, what stands there. */
#include "sluice/cache.h"

static const char *const places[] = { "memory", "disk", NULL };

static const struct sl_cache_params defaults;

static const struct sl_param params[] = {
    SL_CHOICE(struct sl_cache_params, where, .choices = places,
              .help = "memory: as long as the session is open; disk: also for later sessions"),
    SL_PATH(struct sl_cache_params, path, .help = "folder to keep it in, instead of $XDG_CACHE_HOME/sluice"),
    SL_INT(
        struct sl_cache_params, limit, .min = 0, .max = 1 << 30, .unit = "MiB",
        .help = "at most so much: on disk all that is kept in the folder; 0: half the memory budget, or 8192 on disk"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "cache", .in = "review,n\ngood,1\nbad,2\n", .out = "review,n\ngood,1\nbad,2\n",
      .note = "the records go on as they are" },
    { "cache where=disk limit=500", .in = "review\ngood\n", .out = "review\ngood\n",
      .note = "the next run of this recipe, or of one that begins like it, goes on from here" },
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)stage, (void)in, (void)out, (void)err;
    return SL_OK;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)stage, (void)scratch, (void)chunk, (void)err;
    return SL_OK;
}

const struct sl_stage_class sl_stage_cache = {
    .name = "cache",
    .summary = "keep the records as they are here for the next run",
    .details = "The records, with all their columns, are kept as they stand at this place. A later run whose input and "
               "whose statements up to here are the same goes on from what was kept: reading and cleaning are not done "
               "again. Behind the last encoder the features and what the encoders learned are kept, so that a change "
               "of the learner costs no more than the learning. A changed file, parameter or order of the statements "
               "before it is noticed, and the records are made anew.",
    .kind = SL_RECORD,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct sl_cache_params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .apply = apply,
};
