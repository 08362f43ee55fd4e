/* replay_stand.c: what a row of the past makes of the state before it.
 *
 * The same rules as those a live session follows: an opening finds no training under way; a training's start keeps the
 * models that are shown until they are replaced; an edit brings the last models back when the recipe is theirs. */
#include "replay.h"

static bool runs(const struct stand *stand)
{
    return stand->job == SL_JOB_PREPARING || stand->job == SL_JOB_TRAINING || stand->job == SL_JOB_PAUSED;
}

/* Is the recipe that of the run shown? */
static bool same_recipe(const struct replay *replay, const struct stand *stand, bool *same)
{
    struct sl_buf text = { 0 };
    recipe_text(&replay->recipes[stand->recipe], false, &text);
    *same = strcmp(replay->runs[stand->run - 1].row.recipe, text.p ? text.p : "") == 0;
    bool failed = text.failed;
    sl_buf_release(&text);
    return !failed;
}

/* As record_load_fitted() does: the models of the last run, when it has any and the recipe is its own. */
static int fit(const struct replay *replay, struct stand *stand, struct sl_error *err)
{
    bool same = false;
    stand->fitted = 0;
    if (!stand->run || runs(stand) || stand->model != stand->run)
        return SL_OK;
    if (!same_recipe(replay, stand, &same))
        return sl_fail_memory(err, "a session's past");
    stand->fitted = same ? stand->run : 0;
    return SL_OK;
}

static void start(struct stand *stand, uint32_t run)
{
    stand->run = run;
    stand->job = SL_JOB_PREPARING;
    stand->prepared = false;
    stand->points = stand->events = 0;
    stand->seq = 0;
}

static int end_run(const struct replay *replay, struct stand *stand, const struct past *past, struct sl_error *err)
{
    const struct past_run *run = &replay->runs[stand->run - 1];
    stand->job = past->job;
    if (past->id == run->last_end) { /* what an earlier end had is gone */
        stand->model = run->has_model ? stand->run : stand->model;
        stand->result = run->result ? stand->run : stand->result;
    }
    return fit(replay, stand, err);
}

static int after_line(const struct replay *replay, struct stand *stand, const struct past *past, struct sl_error *err)
{
    stand->lines = past->id;
    stand->at = past->at;
    stand->n = past->n;
    bool other = stand->recipe != past->recipe;
    stand->recipe = past->recipe;
    if (past->act == ACT_TRAIN && past->run > stand->run)
        start(stand, past->run);
    else if (past->act == ACT_RESUME && past->run == stand->run && !runs(stand))
        stand->job = SL_JOB_PREPARING;
    return other ? fit(replay, stand, err) : SL_OK;
}

static int after_event(const struct replay *replay, struct stand *stand, const struct past *past, struct sl_error *err)
{
    if (past->run > stand->run) /* its line is not in the journal */
        start(stand, past->run);
    if (past->run != stand->run)
        return SL_OK;
    stand->seq = past->id;
    stand->events++;
    switch ((enum replay_act)past->act) {
    case ACT_PREPARED:
        stand->prepared = true;
        if (!replay->runs[past->run - 1].says_training)
            stand->job = SL_JOB_TRAINING;
        break;
    case ACT_TRAINING:
    case ACT_RESUMED: stand->job = SL_JOB_TRAINING; break;
    case ACT_PAUSED: stand->job = SL_JOB_PAUSED; break;
    case ACT_END: return end_run(replay, stand, past, err);
    default: break;
    }
    return SL_OK;
}

int replay_stand(const struct replay *replay, struct stand *stand, size_t past, struct sl_error *err)
{
    const struct past *row = &replay->past[past];
    stand->past = (uint32_t)past;
    if (row->kind == SL_MOMENT_LINE)
        return after_line(replay, stand, row, err);
    if (row->kind == SL_MOMENT_EVENT)
        return after_event(replay, stand, row, err);
    if (runs(stand)) /* nobody carries it on */
        stand->job = SL_JOB_INTERRUPTED;
    return fit(replay, stand, err);
}
