/* verify_recipe.c: is the recipe the one that was run?
 *
 * It stands in the file three times: with the training, statement by statement beside the stages' figures, and as the
 * journal's commands, which are carried out again up to the one that began the training. */
#include "debugger.h"
#include "verify_inner.h"

#include <stdio.h>
#include <stdlib.h>

/* --- the other two --- */

static int stages_text(struct verifying *v, struct sl_buf *out, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status =
        book_query(v->book, &query, err, "SELECT text FROM stage WHERE run = ? ORDER BY position", "i", v->run->run);
    while (!status && !(status = book_row(v->book, query, err)))
        sl_buf_printf(out, "%s\n", book_text(query, 0));
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

static int fold_until(struct verifying *v, struct sl_session *session, int64_t end, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(v->book, &query, err, "SELECT line FROM journal WHERE id < ? ORDER BY id", "i", end);
    while (!status && !(status = book_row(v->book, query, err)))
        status = journal_fold_line(session, book_text(query, 0), err);
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

/* Where the training began in the journal; 0: nowhere. */
static int64_t began_at(struct verifying *v)
{
    sqlite3_stmt *query = NULL;
    int64_t id = 0;
    if (book_query(v->book, &query, NULL, "SELECT min(id) FROM journal WHERE run = ? AND line = 'train'", "i",
                   v->run->run) == SL_OK &&
        book_row(v->book, query, NULL) == SL_OK)
        id = sqlite3_column_int64(query, 0);
    sqlite3_finalize(query);
    return id;
}

/* Nothing is written when the journal cannot be carried out. */
static int journal_text(struct verifying *v, struct sl_buf *out, struct sl_error *err)
{
    struct sl_session *session = calloc(1, sizeof *session);
    struct sl_error own = SL_ERROR_INIT;
    int64_t end = began_at(v);
    if (!session)
        return sl_fail_memory(err, "verifying");
    sl_arena_init(&session->arena);
    session->base = v->run->base;
    session->book = v->book;
    int status = history_push(&session->history, NULL, 0, &own);
    if (!status && end)
        status = fold_until(v, session, end, &own);
    if (!status && end)
        recipe_text(history_now(&session->history), false, out);
    debugger_close(session); /* of the breakpoints in the journal */
    history_release(&session->history);
    sl_arena_release(&session->arena);
    free(session);
    if (status == SL_ENOMEM && err)
        *err = own;
    return status == SL_ENOMEM ? status : SL_OK;
}

/* --- what differs --- */

static bool is_seed(const char *name)
{
    const char *dot = strrchr(name, '.');
    return strcmp(dot ? dot + 1 : name, "random_state") == 0;
}

static int put_difference(struct verifying *v, const struct sl_difference *d, const char *where,
                          struct sl_verify_row *row, struct sl_error *err)
{
    int status = SL_OK;
    if (!row->where)
        status = verify_first(row, err, "%s, %s", d->name, where);
    if (!status && !row->then)
        status = verify_values(row, d->first, d->second, err);
    return status ? status
                  : verify_reason(v, is_seed(d->name) ? SL_CAUSE_SEED : SL_CAUSE_PARAMETER, err,
                                  "%s is %s in %s, but %s in the recipe kept with the training", d->name,
                                  d->first ? d->first : "not there", where, d->second ? d->second : "not there");
}

/* Parameters by name; lines only where no parameter says it. */
static int compare(struct verifying *v, char *other, const char *where, struct sl_verify_row *row, struct sl_error *err)
{
    const struct sl_compared first = { .recipe = other }, second = { .recipe = v->run->recipe };
    struct sl_differences d = { 0 };
    size_t parameters = 0;
    int status = differences_recipe(&d, &first, &second, err);
    for (size_t i = 0; i < d.n; i++)
        parameters += d.at[i].kind == SL_DIFFERENT_PARAMETER;
    for (size_t i = 0; i < d.n && !status; i++)
        if (!parameters || d.at[i].kind == SL_DIFFERENT_PARAMETER)
            status = put_difference(v, &d.at[i], where, row, err);
    sl_differences_release(&d);
    return status;
}

static bool same_text(const struct sl_buf *text, const char *recipe)
{
    size_t n = strlen(recipe), m = text->n;
    while (n && recipe[n - 1] == '\n')
        n--;
    while (m && text->p[m - 1] == '\n')
        m--;
    return n == m && memcmp(text->p, recipe, n) == 0;
}

int verify_recipe(struct verifying *v, struct sl_error *err)
{
    static const char *const places[] = { "the journal", "the stages' figures" };
    struct sl_buf text[2] = { 0 };
    uint64_t known = 0, same = 0;
    int status = journal_text(v, &text[0], err);
    if (!status)
        status = stages_text(v, &text[1], err);
    if (!status && (text[0].failed || text[1].failed))
        status = sl_fail_memory(err, "verifying");
    for (int i = 0; i < 2 && !status; i++) {
        known += text[i].n > 0;
        same += text[i].n && same_text(&text[i], v->run->recipe);
    }
    struct sl_verify_row *row = status ? NULL : verify_row(v, "recipe", same, known, err);
    if (!status && !row)
        status = SL_ENOMEM;
    for (int i = 0; i < 2 && !status; i++)
        if (text[i].n && !same_text(&text[i], v->run->recipe)) {
            status = compare(v, text[i].p, places[i], row, err);
            break; /* one account of it is enough */
        }
    sl_buf_release(&text[0]);
    sl_buf_release(&text[1]);
    return status;
}
