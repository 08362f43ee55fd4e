/* replay_fold.c: the journal carried out once, with the recipe behind each of its lines kept.
 *
 * States of the recipe share their statements, so keeping them all costs little; `undo` and `redo` go back to the very
 * state there was. */
#include "replay.h"

#include <stdlib.h>

/* The number of each state in the history of edits. */
struct numbers {
    uint32_t *at;
    size_t capacity;
};

static int keep_recipe(struct replay *replay, const struct recipe *recipe, struct sl_error *err)
{
    int status =
        replay_room(&replay->recipes, &replay->recipes_capacity, replay->n_recipes + 1, sizeof *replay->recipes, err);
    struct sl_statement *copy = status ? NULL : sl_arena_zero(&replay->arena, recipe->n + 1, sizeof *copy);
    if (!status && !copy)
        status = sl_fail_memory(err, "a session's past");
    if (status)
        return status;
    if (recipe->n)
        memcpy(copy, recipe->at, recipe->n * sizeof *copy);
    replay->recipes[replay->n_recipes++] = (struct recipe){ copy, recipe->n };
    return SL_OK;
}

/* SL_EEND: the line is no edit. */
static int fold_line(struct sl_session *session, struct replay *replay, struct numbers *numbers, const char *text,
                     struct sl_error *err)
{
    struct history *history = &session->history;
    struct sl_line line;
    struct change change;
    int status = sl_line_split(sl_str(text), &session->arena, &line, err);
    if (status || !line.n)
        return status ? status : SL_EEND;
    status = edit_read(session, &line, &change, err);
    if (status)
        return status;
    if (change.step) {
        history->at = change.step < 0 ? history->at - 1 : history->at + 1;
    } else {
        status = history_push(history, change.recipe.at, change.recipe.n, err);
        if (!status)
            status = keep_recipe(replay, history_now(history), err);
        if (!status)
            status = replay_room(&numbers->at, &numbers->capacity, history->n, sizeof *numbers->at, err);
        if (!status)
            numbers->at[history->at] = (uint32_t)replay->n_recipes - 1;
    }
    change_release(&change);
    return status;
}

static int makes_no_sense(const struct past *past, const struct sl_error *why, struct sl_error *err)
{
    sl_fail(err, SL_EFORMAT, "line %lld of the session's journal makes no sense here: %s", (long long)past->id,
            why->what);
    sl_fix(err, "was it saved by a newer program?");
    return SL_EFORMAT;
}

int replay_fold(struct sl_session *session, struct replay *replay, struct sl_error *err)
{
    const struct recipe empty = { 0 };
    struct numbers numbers = { 0 };
    struct history *history = &session->history;
    int status = keep_recipe(replay, &empty, err);
    if (!status)
        status = replay_room(&numbers.at, &numbers.capacity, 1, sizeof *numbers.at, err);
    if (!status)
        numbers.at[0] = 0;
    for (size_t i = 0; i < replay->n_past && !status; i++) {
        struct past *past = &replay->past[i];
        struct sl_error why = SL_ERROR_INIT;
        if (past->kind != SL_MOMENT_LINE)
            continue;
        status = fold_line(session, replay, &numbers, past->text, &why);
        if (status == SL_OK)
            past->act = ACT_EDIT;
        else if (status == SL_ENOMEM)
            sl_fail_memory(err, "a session's past");
        else if (status != SL_EEND)
            makes_no_sense(past, &why, err);
        status = status == SL_EEND ? SL_OK : status;
        past->recipe = numbers.at[history->at];
        past->at = (uint32_t)history->at;
        past->n = (uint32_t)history->n;
    }
    free(numbers.at);
    return status;
}
