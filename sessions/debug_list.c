/* debug_list.c: lists of records worth a look, and `records`, which makes them.
 *
 * Those of an audit hold its examples, which may be fewer than there are. A list stays while the recipe changes: one
 * looks at the same records again after mending it. */
#include "command.h"
#include "debugger.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void list_drop(struct debugger *d)
{
    free(d->list.item);
    memset(&d->list, 0, sizeof d->list);
}

void list_set(struct debugger *d, const char *title, struct sl_listed *item, size_t n, uint64_t total, size_t stage)
{
    list_drop(d);
    d->list.item = item;
    d->list.set = true;
    d->list.shown = (struct sl_record_list){ .n = n, .total = total, .item = item };
    snprintf(d->list.shown.title, sizeof d->list.shown.title, "%s", title);
    if (n) /* a record that has gone is told of when one moves to it */
        (void)sl_debug_goto_place(d->session, item[0].record, stage, NULL);
}

static struct sl_listed *items_new(size_t n, struct sl_error *err)
{
    struct sl_listed *item = calloc(n + 1, sizeof *item);
    if (!item)
        sl_fail_memory(err, "a list of records");
    for (size_t i = 0; item && i < n; i++)
        item[i] = (struct sl_listed){ .other = UINT64_MAX, .score = (double)NAN };
    return item;
}

/* --- of the audit --- */

static int from_examples(struct debugger *d, const struct sl_examples *e, const char *title, size_t stage,
                         struct sl_error *err)
{
    struct sl_listed *item = items_new(e->kept, err);
    if (!item)
        return SL_ENOMEM;
    for (size_t i = 0; i < e->kept; i++)
        item[i].record = e->record[i];
    list_set(d, title, item, e->kept, e->n, stage);
    return SL_OK;
}

static int from_pairs(struct debugger *d, const struct sl_pairs *pairs, const char *title, struct sl_error *err)
{
    struct sl_listed *item = items_new(pairs->kept, err);
    if (!item)
        return SL_ENOMEM;
    for (size_t i = 0; i < pairs->kept; i++)
        item[i] = (struct sl_listed){ .record = pairs->pair[i].a, .other = pairs->pair[i].b, .score = (double)NAN };
    list_set(d, title, item, pairs->kept, pairs->records, 0);
    return SL_OK;
}

static int need_audit(const struct debugger *d, struct sl_error *err)
{
    if (d->audit)
        return SL_OK;
    sl_fail(err, SL_ESTATE, "what the stages do to the records is not known yet, or the recipe has changed since");
    return sl_fix(err, "look at all records first, with: audit"), SL_ESTATE;
}

/* The bound stage a word means. */
static int bound_stage(struct debugger *d, const char *name, size_t *stage, struct sl_error *err)
{
    const struct recipe *now = history_now(&d->session->history);
    size_t place = 0, on = 0;
    if (!name || !name[0]) {
        sl_fail(err, SL_EPARAM, "of which stage?");
        return sl_fix(err, "give its name or number, as in: records changed lowercase"), SL_EPARAM;
    }
    int status = edit_find(now, name, &place, err);
    if (status)
        return status;
    for (size_t i = 0; i < place; i++)
        on += !now->at[i].off;
    size_t bound = sl_pipeline_bound(d->session->binding.shown, on);
    if (now->at[place].off || bound >= d->audit->stages)
        return sl_fail(err, SL_ESTATE, "stage \"%s\" does nothing to single records", name);
    *stage = bound;
    return SL_OK;
}

enum which { CHANGED, DROPPED, EMPTIED, MISSING, UNTOUCHED, CONFLICTS, LEAKAGE, CELL, WRONG, GUILTY, NONE };

static int of_stage(struct debugger *d, enum which which, const char *name, struct sl_error *err)
{
    static const char *const what[] = { "changed", "dropped", "emptied", "made missing" };
    size_t stage = 0;
    char title[160];
    int status = bound_stage(d, name, &stage, err);
    if (status)
        return status;
    const struct sl_audit_stage *s = &d->audit->stage[stage];
    const struct sl_examples *list[] = { &s->changed, &s->dropped, &s->emptied, &s->missing };
    snprintf(title, sizeof title, "%s by %s", what[which],
             sl_pipeline_stage(d->session->binding.shown, stage)->class->name);
    return from_examples(d, list[which], title, stage, err);
}

static int of_audit(struct debugger *d, enum which which, const char *name, struct sl_error *err)
{
    int status = need_audit(d, err);
    if (status)
        return status;
    switch (which) {
    case UNTOUCHED: return from_examples(d, &d->audit->untouched, "changed by no stage", 0, err);
    case CONFLICTS: return from_pairs(d, &d->audit->conflicts, "equal texts with different labels", err);
    case LEAKAGE:
        if (!d->audit->has_roles) {
            sl_fail(err, SL_ESTATE, "which records are for testing is not known");
            return sl_fix(err, "the recipe needs a split; then: audit"), SL_ESTATE;
        }
        return from_pairs(d, d->audit->near.records ? &d->audit->near : &d->audit->exact,
                          "test records whose text is in the training set too", err);
    default: return of_stage(d, which, name, err);
    }
}

/* --- of the training --- */

/* Records of the batch at which the last training met a number that is not finite. */
static int of_guilty(struct debugger *d, struct sl_error *err)
{
    struct book *book = d->session->book;
    sqlite3_stmt *query = NULL;
    struct sl_listed *item = NULL;
    size_t n = 0;
    uint64_t total = 0;
    book_hold(book);
    int status = book_query(book, &query, err,
                            "SELECT value, json_extract(e.json, '$.total'), json_array_length(e.json, '$.records')"
                            " FROM (SELECT json FROM event WHERE run = ? AND kind = 'nonfinite'"
                            " ORDER BY seq DESC LIMIT 1) AS e, json_each(e.json, '$.records')",
                            "i", d->session->run.id);
    while (!status && !(status = book_row(book, query, err))) {
        total = (uint64_t)sqlite3_column_int64(query, 1);
        if (!item && !(item = items_new((size_t)sqlite3_column_int64(query, 2), err))) {
            status = SL_ENOMEM;
            break;
        }
        item[n++].record = (uint64_t)sqlite3_column_int64(query, 0);
    }
    sqlite3_finalize(query);
    book_release(book);
    if (status == SL_EEND && !n) {
        free(item);
        sl_fail(err, SL_ESTATE, "no step of the last training met a number that is not finite");
        return SL_ESTATE;
    }
    if (status != SL_EEND) {
        free(item);
        return status;
    }
    list_set(d, "records of the batch whose loss was not finite", item, n, total > n ? total : n, SL_NO_STAGE);
    return SL_OK;
}

static int find_class(const struct sl_result *result, const char *name, uint32_t *class, struct sl_error *err)
{
    uint32_t n = result ? result->train.n_classes : 0;
    for (*class = 0; *class < n; ++*class)
        if (strcmp(result->classes[*class], name ? name : "") == 0)
            return SL_OK;
    sl_fail(err, SL_EPARAM, "there is no class \"%.60s\"", name ? name : "");
    return sl_fix(err, "write: records cell TRUE PREDICTED, as in the confusion matrix%s%s", n ? "; one is " : "",
                  n ? result->classes[0] : ""),
           SL_EPARAM;
}

static int of_cell(struct debugger *d, const struct records_params *p, struct sl_error *err)
{
    const struct sl_result *result = d->session->result;
    uint32_t truth = 0, predicted = 0;
    if (!result || !result->train.n_classes)
        return sl_fail(err, SL_ESTATE, "nothing has been trained yet");
    int status = find_class(result, p->first, &truth, err);
    if (!status)
        status = find_class(result, p->second, &predicted, err);
    return status ? status : sl_debug_cell(d->session, truth, predicted, err);
}

int list_command(struct sl_session *session, const struct records_params *p, struct sl_buf *reply, struct sl_error *err)
{
    struct debugger *d = NULL;
    int status = debugger_ready(session, &d, err);
    if (status)
        return status;
    switch ((enum which)p->which) {
    case NONE: list_drop(d); return SL_OK;
    case CELL: return of_cell(d, p, err);
    case WRONG: return sl_debug_wrong(session, err);
    case GUILTY: status = of_guilty(d, err); break;
    default: status = of_audit(d, (enum which)p->which, p->first, err);
    }
    if (status)
        return status;
    const struct sl_record_list *list = &d->list.shown;
    sl_buf_printf(reply, "%s: %llu records", list->title, (unsigned long long)list->total);
    if (list->total > list->n)
        sl_buf_printf(reply, ", of which %zu are listed", list->n);
    sl_buf_putc(reply, '\n');
    return list->n ? sl_debug_account(session, reply, err) : SL_OK;
}
