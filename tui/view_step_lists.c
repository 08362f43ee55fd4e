/* view_step_lists.c: which records to walk through: chosen from what the audit has counted, or the training's. */
#include "view_step_private.h"

#include "app_private.h"
#include "human.h"

#include <stdio.h>
#include <stdlib.h>

#define LISTS_MOST 200

struct lists {
    char *line[LISTS_MOST], *note[LISTS_MOST];
    size_t n;
};

static void add(struct lists *lists, const char *line, const char *note)
{
    if (lists->n < LISTS_MOST) {
        lists->line[lists->n] = strdup(line);
        lists->note[lists->n] = strdup(note);
        lists->n += lists->line[lists->n] && lists->note[lists->n];
    }
}

static void add_counted(struct lists *lists, const char *line, const char *what, bool known, uint64_t n)
{
    char note[120], count[32];
    if (known) {
        snprintf(note, sizeof note, "%s records %s", human_count(n, count, sizeof count), what);
    } else {
        snprintf(note, sizeof note, "%s (audits first)", what);
    }
    if (!known || n) {
        add(lists, line, note);
    }
}

static void add_stages(struct lists *lists, struct sl_session *session, const struct sl_audit *audit)
{
    static const char *const what[] = { "changed", "dropped", "emptied", "missing" };
    struct step_row rows[STEP_ROWS];
    size_t n = step_rows(session, rows, STEP_ROWS);
    for (size_t i = 0; i < n; i++) {
        size_t s = rows[i].stage;
        if (s == SL_NO_STAGE || s == 0 || sl_session_stage(session, rows[i].shown)->class->kind != SL_RECORD) {
            continue;
        }
        for (size_t k = 0; k < 4; k++) {
            char line[120], name[80], said[120];
            const struct sl_audit_stage *a = audit && s < audit->stages ? &audit->stage[s] : NULL;
            uint64_t counts[] = { a ? a->changed.n : 0, a ? a->dropped.n : 0, a ? a->emptied.n : 0,
                                  a ? a->missing.n : 0 };
            step_stage_name(session, s, name, sizeof name);
            snprintf(line, sizeof line, "%s %s", what[k], name);
            snprintf(said, sizeof said,
                     k == 3   ? "made missing by %s"
                     : k == 2 ? "emptied by %s"
                     : k      ? "dropped by %s"
                              : "changed by %s",
                     name);
            if (a || k < 2) {
                add_counted(lists, line, said, a != NULL, counts[k]);
            }
        }
    }
}

static void add_cells(struct lists *lists, struct sl_session *session)
{
    const struct sl_result *result = sl_session_result(session);
    if (!result || !result->have_test || !result->test.confusion) {
        return;
    }
    uint32_t n = result->test.n_classes;
    add(lists, "wrong", "test records taken for another class, most wrong first");
    for (uint32_t i = 0; i < n && n <= 12; i++) {
        for (uint32_t j = 0; j < n; j++) {
            char line[200], note[120], count[32];
            uint64_t in = result->test.confusion[(size_t)i * n + j];
            if (i == j || !in) {
                continue;
            }
            snprintf(line, sizeof line, "cell \"%s\" \"%s\"", result->classes[i], result->classes[j]);
            snprintf(note, sizeof note, "%s test records taken for another class, most wrong first",
                     human_count(in, count, sizeof count));
            add(lists, line, note);
        }
    }
}

static void release(struct lists *lists)
{
    for (size_t i = 0; i < lists->n; i++) {
        free(lists->line[i]);
        free(lists->note[i]);
    }
    free(lists);
}

static struct lists *gather(struct sl_session *session)
{
    struct lists *lists = calloc(1, sizeof *lists);
    const struct sl_audit *audit = sl_debug_audited(session);
    if (!lists) {
        return NULL;
    }
    if (sl_debug_list(session)) {
        add(lists, "none", "leave the list: walk through all records");
    }
    add_stages(lists, session, audit);
    add_counted(lists, "untouched", "that no stage changes", audit != NULL, audit ? audit->untouched.n : 0);
    add_counted(lists, "conflicts", "of equal text and different label", audit != NULL,
                audit ? audit->conflicts.records : 0);
    add_counted(lists, "leakage", "of the test set whose text is in the training set", audit != NULL,
                audit ? audit->near.records : 0);
    add_cells(lists, session);
    struct sl_train_state train;
    sl_session_train_state(session, &train);
    if (train.job == SL_JOB_FAILED) {
        add(lists, "guilty", "records of the batch whose loss was not finite");
    }
    return lists;
}

static void chosen(struct app *app, void *ctx, long choice)
{
    struct lists *lists = app_session(app) ? gather(app_session(app)) : NULL;
    if (lists && choice >= 0 && (size_t)choice < lists->n) {
        step_records(app, ctx, lists->line[choice]);
    }
    if (lists) {
        release(lists);
    }
}

void step_lists_choose(struct app *app, struct step_view *view)
{
    struct lists *lists = gather(app_session(app));
    if (!lists) {
        app_message(app, STYLE_ERROR, "out of memory");
        return;
    }
    app_choose(app, "walk through", (const char *const *)lists->line, (const char *const *)lists->note, lists->n,
               chosen, view);
    release(lists);
}

void step_records(struct app *app, struct step_view *view, const char *which)
{
    static const char *const free_of_audit[] = { "none", "cell ", "wrong", "guilty" };
    bool ready = sl_debug_audited(app_session(app)) != NULL;
    for (size_t i = 0; i < sizeof free_of_audit / sizeof *free_of_audit; i++) {
        ready |= strncmp(which, free_of_audit[i], strlen(free_of_audit[i])) == 0;
    }
    view->after_audit[0] = '\0';
    if (ready) {
        app_command(app, "records %s", which);
        return;
    }
    snprintf(view->after_audit, sizeof view->after_audit, "records %s", which);
    view->quiet_audit = true;
    app_command(app, "audit");
}
