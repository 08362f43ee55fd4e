/* step.c: a stepper's life and its moves.
 *
 * Places have one order, and every move but a jump is a walk along it; so each move back is the exact reverse of one
 * forward. */
#include "step_private.h"

#include <stdlib.h>

int sl_stepper_new(struct sl_stepper **out, struct sl_pipeline *pipeline, struct sl_browser *browser,
                   struct sl_error *err)
{
    struct sl_stepper *st = calloc(1, sizeof *st);
    if (!st)
        return sl_fail_memory(err, "a stepper");
    struct sl_pipeline_options options = { 0 };
    st->pipeline = pipeline;
    st->browser = browser;
    st->owns_browser = !browser;
    sl_arena_init(&st->view);
    int status = SL_OK;
    if (browser && browser->pipeline != pipeline)
        status = sl_fail(err, SL_ESTATE, "the browser looks at another pipeline");
    else if (!browser)
        status = sl_browser_new(&st->browser, pipeline, &options, err);
    if (!status && !browser)
        st->browser->reader->block_bytes = pipeline->reader->block_bytes;
    if (!status)
        status = sl_scratch_new(&st->scratch, pipeline, err);
    if (!status && !(st->maps = sl_maps_new(pipeline)))
        status = sl_fail_memory(err, "a stepper");
    static const struct sl_place start;
    if (!status)
        status = sl_stepper_goto(st, &start, err);
    if (status == SL_EEND) {
        sl_fail(err, SL_EDATA, "\"%s\" has no record to step through", pipeline->reader->paths[0]);
        status = sl_fix(err, "look at the file");
    }
    if (status)
        sl_stepper_free(st);
    else
        *out = st;
    return status;
}

void sl_stepper_free(struct sl_stepper *st)
{
    if (!st)
        return;
    while (st->n_watches)
        sl_stepper_unwatch(st, st->n_watches - 1);
    free(st->watches);
    sl_walk_release(&st->walk);
    sl_arena_release(&st->view);
    sl_maps_free(st->maps, st->pipeline);
    sl_scratch_free(st->scratch);
    if (st->owns_browser)
        sl_browser_free(st->browser);
    free(st->roles);
    free(st);
}

int sl_stepper_learn(struct sl_stepper *st, const struct sl_run_result *run, struct sl_error *err)
{
    uint64_t *roles = NULL;
    size_t n = 0;
    int status = sl_roles_new(&roles, &n, run, err);
    if (status)
        return status;
    free(st->roles);
    st->roles = roles;
    st->n_roles = n;
    st->n_train = run->n_train;
    status = sl_browser_adopt(st->browser, run, err);
    struct sl_place here = st->here.place;
    return status ? status : sl_stepper_show(st, &here, err);
}

int sl_stepper_verdicts(struct sl_stepper *st, const struct sl_verdicts *verdicts, struct sl_error *err)
{
    struct sl_place here = st->here.place;
    struct sl_walk walk;
    const struct sl_verdicts *old = st->verdicts;
    st->verdicts = verdicts;
    int status = sl_walk_load(st, here.record, &walk, err);
    if (status) {
        st->verdicts = old;
        return status;
    }
    sl_walk_release(&st->walk);
    st->walk = walk;
    if (here.stage > walk.last)
        here = (struct sl_place){ here.record, (uint32_t)walk.last, 0 };
    return sl_stepper_show(st, &here, err);
}

const struct sl_step *sl_stepper_here(const struct sl_stepper *st)
{
    return &st->here;
}

/* ---- Moves ---- */

int sl_stepper_goto(struct sl_stepper *st, const struct sl_place *place, struct sl_error *err)
{
    struct sl_place to = *place;
    struct sl_walk fresh, *walk = &st->walk;
    bool moved = !walk->loaded || walk->record != to.record;
    if (moved) {
        int status = sl_walk_load(st, to.record, &fresh, err);
        if (status)
            return status;
        walk = &fresh;
    }
    if (to.stage > walk->last) {
        to.stage = (uint32_t)walk->last;
        to.substep = to.substep == UINT32_MAX ? to.substep : 0;
    }
    uint32_t n = 0;
    int status = to.substep ? sl_walk_substeps(st, walk, to.stage, &n, err) : SL_OK;
    if (status) {
        if (moved)
            sl_walk_release(&fresh);
        return status;
    }
    if (to.substep > n)
        to.substep = to.substep == UINT32_MAX ? n : 0; /* UINT32_MAX: the last there is */
    if (moved) {
        sl_walk_release(&st->walk);
        st->walk = fresh;
    }
    return sl_stepper_show(st, &to, err);
}

static int forward(struct sl_stepper *st, bool into, struct sl_error *err)
{
    const struct sl_step *here = &st->here;
    struct sl_place to = here->place;
    if ((into || to.substep) && to.substep < here->substeps)
        to.substep++;
    else if (to.stage < st->walk.last)
        to = (struct sl_place){ to.record, to.stage + 1, 0 };
    else
        to = (struct sl_place){ to.record + 1, 0, 0 };
    return sl_stepper_goto(st, &to, err);
}

static int backward(struct sl_stepper *st, bool into, struct sl_error *err)
{
    struct sl_place to = st->here.place;
    if (to.substep)
        to.substep--;
    else if (to.stage)
        to = (struct sl_place){ to.record, to.stage - 1, into ? UINT32_MAX : 0 };
    else if (to.record)
        to = (struct sl_place){ to.record - 1, UINT32_MAX, into ? UINT32_MAX : 0 };
    else
        return SL_EEND;
    return sl_stepper_goto(st, &to, err);
}

int sl_stepper_move(struct sl_stepper *st, enum sl_move move, struct sl_error *err)
{
    struct sl_place to = st->here.place;
    switch (move) {
    case SL_STEP_NEXT: return forward(st, false, err);
    case SL_STEP_INTO: return forward(st, true, err);
    case SL_STEP_BACK: return backward(st, false, err);
    case SL_STEP_BACK_INTO: return backward(st, true, err);
    case SL_STEP_FINISH:
        if (!to.substep)
            to.stage = (uint32_t)st->walk.last;
        to.substep = 0;
        break;
    case SL_STEP_BACK_FINISH:
        if (!to.substep)
            to.stage = 0;
        to.substep = 0;
        break;
    case SL_STEP_NEXT_RECORD: to = (struct sl_place){ to.record + 1, to.stage, 0 }; break;
    case SL_STEP_PREVIOUS_RECORD:
        if (!to.record)
            return SL_EEND;
        to = (struct sl_place){ to.record - 1, to.stage, 0 };
    }
    return sl_stepper_goto(st, &to, err);
}
