/* step_view.c: all there is to show at a place: made anew at every move, from the walk alone. */
#include "step_private.h"

#include <stdlib.h>

/* A buffer's text into the view, and the buffer freed. */
static struct sl_str keep_text(struct sl_stepper *st, struct sl_buf *buf)
{
    char *copy = buf->failed ? NULL : sl_arena_strndup(&st->view, buf->n ? buf->p : "", buf->n);
    struct sl_str out = { copy ? copy : "", copy ? buf->n : 0 };
    sl_buf_release(buf);
    return out;
}

/* What training sees of the record instead: the numbers of the first draws. */
static void explain_draws(const struct sl_step *to, struct sl_buf *text)
{
    enum { EPOCHS = 8 };
    for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
        const struct sl_draw draw = { .epoch = epoch };
        sl_buf_printf(text, "training, epoch %u: ", (unsigned)epoch + 1);
        to->stage->class->drawn(to->stage, &draw, to->before, 0, text);
        sl_buf_putc(text, '\n');
    }
}

static void explain(struct sl_stepper *st, struct sl_step *to)
{
    const struct sl_stage *stage = to->stage;
    struct sl_buf text = { 0 };
    bool ran = to->before && to->after && !(to->marks & (SL_MARK_SKIPPED | SL_MARK_UNDECIDED));
    bool can = ran && stage->class->substeps && stage->class->substeps->explain;
    if (ran && stage->class->drawn)
        explain_draws(to, &text);
    for (size_t c = 0; can && c < stage->out.n; c++)
        stage->class->substeps->explain(stage, to->before, to->after, c, st->n_train, &text);
    to->explain = keep_text(st, &text);
}

/* Marks by comparing the record before and after. */
static void mark(struct sl_stepper *st, struct sl_step *to)
{
    static const unsigned all = SL_MARK_CHANGED | SL_MARK_MISSING | SL_MARK_EMPTY | SL_MARK_NONFINITE;
    const struct sl_chunk *after = to->place.stage && !to->after ? NULL : to->after;
    if (!after || (to->marks & (SL_MARK_SKIPPED | SL_MARK_UNDECIDED)))
        return;
    sl_flags_find(&st->maps[to->place.stage], to->before, after, all, &st->flags);
    for (int f = 0; f < SL_FLAGS; f++)
        to->marks |= sl_flag_at(&st->flags, (enum sl_flag)f, 0) ? 1u << f : 0;
}

/* Sub-operations k - 1 and k, and what the latter did. */
static int show_substep(struct sl_stepper *st, struct sl_step *to, struct sl_error *err)
{
    const struct sl_stage *stage = to->stage;
    uint32_t k = to->place.substep, n;
    struct sl_substep *sub = sl_arena_zero(&st->view, 2, sizeof *sub);
    struct sl_change *change = sl_arena_zero(&st->view, 1, sizeof *change);
    struct sl_text_edit *edit = sl_arena_zero(&st->view, 1, sizeof *edit);
    if (!sub || !change || !edit)
        return sl_fail_memory(err, "stepping into a stage");
    void *scratch = st->scratch->stage[to->place.stage];
    struct sl_chunk chunk = st->walk.after[to->place.stage - 1];
    chunk.arena = &st->view;
    int status = stage->class->substeps->at(stage, scratch, &chunk, k, &st->view, &sub[1], &n, err);
    if (!status && k > 1)
        status = stage->class->substeps->at(stage, scratch, &chunk, k - 1, &st->view, &sub[0], &n, err);
    if (status)
        return status;
    size_t c = sub[1].column;
    to->sub = &sub[1];
    to->sub_before = k > 1 && sub[0].column == c ? &sub[0] : NULL;
    *edit = (struct sl_text_edit){ sub[1].at, sub[1].taken, sub[1].at, sub[1].put };
    *change = (struct sl_change){ .kind = sub[1].list ? SL_CHANGE_OTHER : SL_CHANGE_TEXT,
                                  .name = stage->in->fields[c].name,
                                  .before = (long)c,
                                  .after = sl_schema_find(&stage->out, sl_str(stage->in->fields[c].name)),
                                  .from = __builtin_nan(""),
                                  .to = __builtin_nan(""),
                                  .edits = edit,
                                  .n_edits = !sub[1].list };
    to->changes = change;
    to->n_changes = 1;
    return SL_OK;
}

static int fill(struct sl_stepper *st, const struct sl_place *place, struct sl_step *to, struct sl_error *err)
{
    const struct sl_walk *walk = &st->walk;
    const struct sl_stage *stage = &st->pipeline->stages[place->stage];
    uint32_t s = place->stage;
    *to = (struct sl_step){ .place = *place,
                            .stages = (uint32_t)sl_pipeline_end(st->pipeline),
                            .stage = stage,
                            .origin = walk->origin,
                            .role = sl_role_of(st->roles, st->n_roles, walk->record),
                            .marks = walk->marks[s],
                            .error = SL_ERROR_INIT };
    const struct sl_reader *reader = st->pipeline->reader;
    to->file = walk->origin.file < reader->n_paths ? reader->paths[walk->origin.file] : "";
    if (walk->rejected)
        to->reject = walk->reject;
    else if (walk->marks[s] & SL_MARK_ERROR)
        to->error = walk->err;
    if (s)
        to->before = &walk->after[s - 1];
    if (!walk->rejected && walk->after[s].n)
        to->after = &walk->after[s];
    struct sl_buf params = { 0 };
    sl_statement_format(stage->class, stage->params, &params);
    to->params = keep_text(st, &params);
    mark(st, to);
    explain(st, to);
    int status = sl_walk_substeps(st, walk, s, &to->substeps, err);
    if (!status && place->substep)
        status = show_substep(st, to, err);
    else if (!status && to->before && to->after && to->before->columns != to->after->columns)
        status = sl_changes_find(st, s, to->before, to->after, to, err);
    return status;
}

int sl_stepper_show(struct sl_stepper *st, const struct sl_place *place, struct sl_error *err)
{
    struct sl_place to = *place; /* may lie in the view itself */
    sl_arena_reset(&st->view, 1u << 20);
    return fill(st, &to, &st->here, err);
}
