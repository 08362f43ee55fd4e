/* edit.c: what a line would make of the recipe: nothing is changed yet.
 *
 * What goes to the journal is not the line itself but the same change with its guesses resolved (`read FILE` becomes
 * `read csv FILE`), so that carrying it out again does not depend on the files around. */
#include "command.h"
#include "live.h"

#include <stdlib.h>

int edit_parse(struct sl_session *session, struct sl_str text, struct sl_statement *out, struct sl_error *err)
{
    int status = sl_statement_parse(text, session->base, &session->arena, out, err);
    if (status == SL_EEND) {
        sl_fail(err, SL_ESYNTAX, "\"%.*s\" is no stage", (int)(text.n > 80 ? 80 : text.n), text.p);
        sl_fix(err, "see: help");
        status = SL_ESYNTAX;
    }
    if (!status)
        out->line = session->file_line;
    return status;
}

/* The present recipe, to be changed, with room for one more. */
static int begin(struct sl_session *session, struct change *change, struct sl_error *err)
{
    const struct recipe *now = history_now(&session->history);
    change->recipe.at = calloc(now->n + 2, sizeof *change->recipe.at);
    if (!change->recipe.at)
        return sl_fail_memory(err, "a command");
    if (now->n)
        memcpy(change->recipe.at, now->at, now->n * sizeof *now->at);
    change->recipe.n = now->n;
    return SL_OK;
}

static void put(struct recipe *recipe, size_t place, const struct sl_statement *statement)
{
    memmove(recipe->at + place + 1, recipe->at + place, (recipe->n - place) * sizeof *recipe->at);
    recipe->at[place] = *statement;
    recipe->n++;
}

static void take(struct recipe *recipe, size_t place)
{
    recipe->n--;
    memmove(recipe->at + place, recipe->at + place + 1, (recipe->n - place) * sizeof *recipe->at);
}

static size_t find_kind(const struct recipe *recipe, enum sl_stage_kind kind)
{
    for (size_t i = 0; i < recipe->n; i++)
        if (recipe->at[i].class->kind == kind && !recipe->at[i].off)
            return i;
    return SIZE_MAX;
}

/* Where kinds stand: sources, then all that works on records in the order it was typed, `batch`, the learner, `train`.
 */
static int rank(enum sl_stage_kind kind)
{
    return kind == SL_SOURCE ? 0 : kind == SL_TRAINER ? 4 : kind == SL_LEARNER ? 3 : kind == SL_BATCH ? 2 : 1;
}

size_t edit_append_place(const struct recipe *recipe, enum sl_stage_kind kind)
{
    size_t place = 0;
    while (place < recipe->n && (recipe->at[place].off ? kind != SL_SOURCE || recipe->at[place].class->kind == kind
                                                       : rank(recipe->at[place].class->kind) <= rank(kind)))
        place++;
    return place;
}

/* A statement typed as such goes behind the last that may stand before it. */
static int append(struct sl_session *session, const struct sl_statement *statement, struct change *change,
                  struct sl_error *err)
{
    int status = begin(session, change, err);
    if (status)
        return status;
    size_t place = edit_append_place(&change->recipe, statement->class->kind);
    put(&change->recipe, place, statement);
    change->touched = place;
    sl_buf_puts(&change->line, statement->text);
    return SL_OK;
}

/* `train optimizer=…`, typed as such: the recipe's `train` statement, then the command. */
static int put_trainer(struct sl_session *session, struct sl_statement *statement, struct change *change,
                       struct sl_error *err)
{
    int status = begin(session, change, err);
    if (status)
        return status;
    size_t n = change->recipe.n, place = find_kind(&change->recipe, SL_TRAINER);
    change->starts = true;
    change->touched = place == SIZE_MAX ? n : place;
    change->same = place != SIZE_MAX && strcmp(change->recipe.at[place].text, statement->text) == 0;
    if (place == SIZE_MAX)
        put(&change->recipe, n, statement);
    else
        change->recipe.at[place] = *statement;
    /* With its verb: the journal's `train` is the command. */
    sl_buf_printf(&change->line, "%s %zu %s", place == SIZE_MAX ? "insert" : "edit", change->touched + 1,
                  statement->text);
    return SL_OK;
}

static int do_insert(struct sl_session *session, const struct insert_params *p, struct change *change,
                     struct sl_error *err)
{
    struct sl_statement statement;
    int status = edit_parse(session, sl_str(p->statement), &statement, err);
    if (status)
        return status;
    if ((size_t)p->place > change->recipe.n + 1) {
        sl_fail(err, SL_EPARAM, "a stage cannot be put at place %lld; the recipe has %zu stages", (long long)p->place,
                change->recipe.n);
        return sl_fix(err, "give a number from 1 to %zu", change->recipe.n + 1), SL_EPARAM;
    }
    change->touched = (size_t)p->place - 1;
    put(&change->recipe, change->touched, &statement);
    sl_buf_printf(&change->line, "insert %lld %s", (long long)p->place, statement.text);
    return SL_OK;
}

static int do_edit(struct sl_session *session, const struct edit_params *p, struct change *change, struct sl_error *err)
{
    struct sl_statement statement;
    size_t place;
    int status = edit_find(&change->recipe, p->stage, &place, err);
    if (!status)
        status = edit_parse(session, sl_str(p->statement), &statement, err);
    if (status)
        return status;
    statement.off = change->recipe.at[place].off;
    change->recipe.at[place] = statement;
    change->touched = place;
    sl_buf_printf(&change->line, "edit %zu %s", place + 1, statement.text);
    return SL_OK;
}

static int do_move(const struct move_params *p, struct change *change, struct sl_error *err)
{
    size_t place;
    int status = edit_find(&change->recipe, p->stage, &place, err);
    if (status)
        return status;
    if ((size_t)p->to > change->recipe.n) {
        sl_fail(err, SL_EPARAM, "there is no place %lld; the recipe has %zu stages", (long long)p->to,
                change->recipe.n);
        return sl_fix(err, "give a number from 1 to %zu", change->recipe.n), SL_EPARAM;
    }
    struct sl_statement moved = change->recipe.at[place];
    take(&change->recipe, place);
    change->touched = (size_t)p->to - 1;
    put(&change->recipe, change->touched, &moved);
    sl_buf_printf(&change->line, "move %zu %lld", place + 1, (long long)p->to);
    return SL_OK;
}

static int do_place(const char *verb, const struct place_params *p, struct change *change, struct sl_error *err)
{
    size_t place;
    int status = edit_find(&change->recipe, p->stage, &place, err);
    if (status)
        return status;
    bool off = strcmp(verb, "off") == 0;
    change->touched = place;
    if (strcmp(verb, "delete") == 0) {
        take(&change->recipe, place);
        change->gentle = true;
    } else if (change->recipe.at[place].off == off) {
        sl_fail(err, SL_ESTATE, "stage %zu, \"%s\", is %s already", place + 1, change->recipe.at[place].class->name,
                verb);
        return sl_fix(err, off ? "switch it on with: on %zu" : "switch it off with: off %zu", place + 1), SL_ESTATE;
    } else {
        change->recipe.at[place].off = off;
        change->gentle = off;
    }
    sl_buf_printf(&change->line, "%s %zu", verb, place + 1);
    return SL_OK;
}

/* `open FILE`: the source reads something else; without a source it becomes `read FILE`. */
static int do_open(struct sl_session *session, const struct open_params *p, struct change *change, struct sl_error *err)
{
    static const struct sl_param word = { .name = "file", .kind = SL_PARAM_STRING };
    struct sl_buf text = { 0 };
    struct sl_statement statement;
    sl_buf_puts(&text, "read");
    for (size_t i = 0; i < p->files.n; i++) {
        sl_buf_putc(&text, ' ');
        sl_param_format(&word, &p->files.name[i], &text);
    }
    int status = text.failed ? sl_fail_memory(err, "a command")
                             : edit_parse(session, (struct sl_str){ text.p, text.n }, &statement, err);
    sl_buf_release(&text);
    if (status)
        return status;
    size_t place = find_kind(&change->recipe, SL_SOURCE);
    change->touched = place == SIZE_MAX ? 0 : place;
    if (place == SIZE_MAX)
        put(&change->recipe, 0, &statement);
    else
        change->recipe.at[place] = statement;
    sl_buf_printf(&change->line, "%s %zu %s", place == SIZE_MAX ? "insert" : "edit", change->touched + 1,
                  statement.text);
    return SL_OK;
}

static int do_set(struct sl_session *session, const struct set_params *p, struct change *change, struct sl_error *err)
{
    int status = edit_set(session, &change->recipe, p->change, &change->touched, err);
    if (!status)
        sl_buf_printf(&change->line, "set %s", p->change);
    return status;
}

static int do_step(struct sl_session *session, bool undo, struct change *change, struct sl_error *err)
{
    const struct history *history = &session->history;
    if (undo ? history->at == 0 : history->at + 1 >= history->n) {
        sl_fail(err, SL_ESTATE, undo ? "there is no change to take back" : "there is no change that was taken back");
        return SL_ESTATE;
    }
    const struct recipe *to = &history->states[undo ? history->at - 1 : history->at + 1];
    free(change->recipe.at);
    change->recipe.at = calloc(to->n + 1, sizeof *change->recipe.at);
    if (!change->recipe.at)
        return sl_fail_memory(err, "a command");
    if (to->n)
        memcpy(change->recipe.at, to->at, to->n * sizeof *to->at);
    change->recipe.n = to->n;
    change->step = undo ? -1 : 1;
    change->touched = SIZE_MAX;
    change->gentle = true;
    sl_buf_puts(&change->line, undo ? "undo" : "redo");
    return SL_OK;
}

static int edit_command(struct sl_session *session, const struct sl_command *command, void *params,
                        struct change *change, struct sl_error *err)
{
    const char *name = command->name;
    int status = begin(session, change, err);
    if (status)
        return status;
    if (strcmp(name, "insert") == 0)
        return do_insert(session, params, change, err);
    if (strcmp(name, "edit") == 0)
        return do_edit(session, params, change, err);
    if (strcmp(name, "set") == 0)
        return do_set(session, params, change, err);
    if (strcmp(name, "move") == 0)
        return do_move(params, change, err);
    if (strcmp(name, "open") == 0)
        return do_open(session, params, change, err);
    if (strcmp(name, "undo") == 0 || strcmp(name, "redo") == 0)
        return do_step(session, name[0] == 'u', change, err);
    return do_place(name, params, change, err);
}

static bool edits(const char *name)
{
    static const char *const names[] = {
        "insert", "edit", "set", "move", "delete", "off", "on", "undo", "redo", "open"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* The journal's line must come out of sl_line_split() as one line; a parameter with a line end in it is written \n. */
static int check_line(struct change *change, struct sl_error *err)
{
    if (change->line.failed)
        return sl_fail_memory(err, "a command");
    if (change->line.p && memchr(change->line.p, '\n', change->line.n))
        return sl_fail(err, SL_ESYNTAX, "a command is one line");
    return SL_OK;
}

int edit_read(struct sl_session *session, const struct sl_line *line, struct change *change, struct sl_error *err)
{
    *change = (struct change){ .touched = SIZE_MAX };
    struct sl_statement statement;
    int status = sl_statement_parse(line->source, session->base, &session->arena, &statement, err);
    if (status == SL_OK && statement.class->kind == SL_TRAINER) {
        if (line->n < 2) /* the command */
            return SL_EEND;
        statement.line = session->file_line;
        status = put_trainer(session, &statement, change, err);
    } else if (status == SL_OK) {
        statement.line = session->file_line;
        status = append(session, &statement, change, err);
    } else if (status == SL_EEND) {
        const struct sl_command *command = command_find(line->words[0].value);
        void *params = NULL;
        if (!command || !edits(command->name))
            return SL_EEND;
        status = command_params(command, line, &session->arena, &params, err);
        if (!status)
            status = edit_command(session, command, params, change, err);
    }
    if (!status)
        status = check_line(change, err);
    if (status)
        change_release(change);
    return status;
}
