/* history.c: the states of the recipe, for undo and redo. */
#include "live.h"

#include <stdlib.h>

static void recipe_release(struct recipe *recipe)
{
    free(recipe->at);
    *recipe = (struct recipe){ 0 };
}

void history_cut(struct history *history, size_t n, size_t at)
{
    while (history->n > n)
        recipe_release(&history->states[--history->n]);
    history->at = at;
}

int history_push(struct history *history, const struct sl_statement *statements, size_t n, struct sl_error *err)
{
    if (history->n)
        history_cut(history, history->at + 1, history->at);
    if (history->n == history->capacity) {
        size_t capacity = history->capacity ? history->capacity * 2 : 32;
        struct recipe *states = realloc(history->states, capacity * sizeof *states);
        if (!states)
            return sl_fail_memory(err, "the recipe's history");
        history->states = states;
        history->capacity = capacity;
    }
    struct sl_statement *copy = calloc(n + 1, sizeof *copy);
    if (!copy)
        return sl_fail_memory(err, "the recipe's history");
    if (n)
        memcpy(copy, statements, n * sizeof *copy);
    history->states[history->n] = (struct recipe){ copy, n };
    history->at = history->n++;
    return SL_OK;
}

void history_release(struct history *history)
{
    history_cut(history, 0, 0);
    free(history->states);
    *history = (struct history){ 0 };
}

const struct recipe *history_now(const struct history *history)
{
    return &history->states[history->at];
}

void change_release(struct change *change)
{
    recipe_release(&change->recipe);
    sl_buf_release(&change->line);
}
