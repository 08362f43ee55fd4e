/* view_step_audit.c: the audit: what every stage does to the whole set, and the records that contradict or repeat each
 * other. Enter on a count walks through its records. */
#include "view_step_private.h"

#include "app_private.h"
#include "human.h"
#include "overlay.h"

#include <stdio.h>
#include <stdlib.h>

enum { CHANGED, DROPPED, EMPTIED, MISSING, NONFINITE, FAILED, COUNTS };
static const char *const heads[COUNTS] = { "changed", "dropped", "emptied", "missing", "!finite", "failed" };
static const char *const lists[COUNTS] = { "changed", "dropped", "emptied", "missing", NULL, NULL };

enum { UNTOUCHED, CONFLICTS, EXACT, NEAR, REST };

#define ROOMY 110 /* columns from which on counts are shown that are 0 everywhere */

struct audit_layer {
    struct layer layer;
    struct step_view *view;
    size_t row, column, first;
    size_t counts;          /* columns shown */
    int rows, names, width; /* columns of a statement, of a count */
};

static const struct key_row audit_keys[] = {
    { "arrows h j k l", "choose a count", NULL, true },
    { "Enter", "walk through its records", "records WHICH", true },
    { "Esc q", "close; cancel the audit", NULL, true },
    { 0 },
};

static const struct sl_examples *count_of(const struct sl_audit_stage *s, size_t column)
{
    const struct sl_examples *all[COUNTS] = { &s->changed, &s->dropped,   &s->emptied,
                                              &s->missing, &s->nonfinite, &s->failed };
    return all[column];
}

static uint64_t rest_of(const struct sl_audit *audit, size_t which)
{
    const uint64_t counts[REST] = { audit->untouched.n, audit->conflicts.records, audit->exact.records,
                                    audit->near.records };
    return counts[which];
}

/* Rows of the recipe that the audit has a row for. */
static size_t stage_rows(struct sl_session *session, const struct sl_audit *audit, struct step_row *rows)
{
    struct step_row all[STEP_ROWS];
    size_t n = step_rows(session, all, STEP_ROWS), kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (all[i].stage < audit->stages) {
            rows[kept++] = all[i];
        }
    }
    return kept;
}

/* What there is room for: the last two counts are left out where they are 0 everywhere. */
static void lay_out(struct audit_layer *l, const struct sl_audit *audit, int width)
{
    char text[32];
    bool any = false;
    for (size_t s = 0; s < audit->stages; s++) {
        any |= audit->stage[s].nonfinite.n || audit->stage[s].failed.n;
    }
    l->counts = any || width >= ROOMY ? COUNTS : NONFINITE;
    l->column = l->column >= l->counts ? l->counts - 1 : l->column;
    human_count(audit->records, text, sizeof text);
    l->width = (int)strlen(text) + 2 < 9 ? 9 : (int)strlen(text) + 2;
    l->names = width - 1 - (int)(l->counts + 1) * l->width;
    l->names = l->names > 60 ? 60 : l->names < 14 ? 14 : l->names;
}

static void put_right(struct area area, int y, int right, enum style style, const char *text)
{
    screen_text(area, y, right - (int)strlen(text), -1, style, sl_str(text));
}

static void draw_heads(const struct audit_layer *l, struct area area)
{
    screen_text(area, 0, 5, -1, STYLE_HEADER, SL_STR("stage"));
    put_right(area, 0, l->names + l->width - 1, STYLE_HEADER, "in");
    for (size_t c = 0; c < l->counts; c++) {
        put_right(area, 0, l->names + (int)(c + 2) * l->width - 1, STYLE_HEADER, heads[c]);
    }
}

static void draw_stage(const struct audit_layer *l, struct sl_session *session, const struct sl_audit_stage *s,
                       const struct step_row *row, bool here, int y, struct area area)
{
    char text[32];
    screen_text(area, y, 0, 2, STYLE_KEY, here ? SL_STR("=>") : SL_STR("  "));
    screen_printf(area, y, 2, STYLE_DIM, "%2zu", (row->shown + 1) % 1000);
    overlay_text(area, y, 5, l->names - 5, here ? STYLE_STRONG : STYLE_NORMAL,
                 sl_str(sl_session_stage(session, row->shown)->text));
    put_right(area, y, l->names + l->width - 1, STYLE_DIM, human_count(s->in, text, sizeof text));
    for (size_t c = 0; c < l->counts; c++) {
        uint64_t n = count_of(s, c)->n;
        int right = l->names + (int)(c + 2) * l->width - 1;
        bool on = here && c == l->column;
        human_count(n, text, sizeof text);
        put_right(area, y, right,
                  on  ? STYLE_SELECTED
                  : n ? (c >= NONFINITE ? STYLE_ERROR : STYLE_NORMAL)
                      : STYLE_DIM,
                  text);
        if (on) { /* brackets, so that it is seen without colour */
            screen_text(area, y, right - (int)strlen(text) - 1, 1, STYLE_KEY, SL_STR("["));
            screen_text(area, y, right, 1, STYLE_KEY, SL_STR("]"));
        }
    }
}

/* "records 12 and 57", the first few. */
static void draw_pairs(const struct sl_pairs *pairs, struct area area, int y)
{
    int x = 7;
    for (size_t i = 0; i < pairs->kept && x + 24 < area.w; i++) {
        char a[32], b[32];
        x += screen_printf(area, y, x, STYLE_DIM, "%s%s %s %s", i ? ", " : "e.g. ",
                           human_count(pairs->pair[i].a, a, sizeof a), screen_glyph("=", "="),
                           human_count(pairs->pair[i].b, b, sizeof b));
    }
}

static void draw_rest(struct audit_layer *l, const struct sl_audit *audit, size_t stages, int y, struct area area)
{
    static const char *const names[REST] = {
        "records that no stage changes",
        "records of equal text and different label",
        "test records whose text is in the training set",
        "test records nearly the same as a training one",
    };
    for (size_t i = 0; i < REST && y < area.h; i++, y++) {
        bool here = l->row == stages + i,
             known = i == UNTOUCHED || (i == CONFLICTS ? audit->has_label : audit->has_roles);
        char count[32];
        screen_text(area, y, 0, 2, STYLE_KEY, here ? SL_STR("=>") : SL_STR("  "));
        int x = 5 + screen_text(area, y, 5, -1, here ? STYLE_STRONG : STYLE_NORMAL, sl_str(names[i]));
        if (!known) {
            screen_text(area, y, x + 2, -1, STYLE_DIM,
                        i == CONFLICTS ? SL_STR("no label in the recipe") : SL_STR("no split in the recipe"));
            continue;
        }
        uint64_t n = rest_of(audit, i);
        screen_text(area, y, x + 2, -1,
                    here ? STYLE_SELECTED
                    : n  ? STYLE_WARNING
                         : STYLE_GOOD,
                    sl_str(human_count(n, count, sizeof count)));
        const struct sl_pairs *pairs = i == CONFLICTS ? &audit->conflicts : i == EXACT ? &audit->exact : &audit->near;
        if (here && i != UNTOUCHED && n && y + 1 < area.h) {
            draw_pairs(pairs, area, ++y);
        }
    }
}

static void audit_draw(struct app *app, struct layer *layer, struct area area)
{
    struct audit_layer *l = (struct audit_layer *)layer;
    struct sl_session *session = app_session(app);
    const struct sl_audit *audit = session ? sl_debug_audited(session) : NULL;
    struct step_row rows[STEP_ROWS];
    char records[32], bad[32];
    screen_erase(area);
    if (!audit) {
        if (session && step_task_runs(app)) {
            step_task_draw(app, area);
        } else {
            screen_text(area, 1, 2, -1, STYLE_DIM, SL_STR("nothing was audited; A looks at all records"));
        }
        return;
    }
    size_t n = stage_rows(session, audit, rows);
    lay_out(l, audit, area.w - 1);
    l->rows = area.h - 3 - REST - 1;
    l->rows = l->rows < 1 ? 1 : l->rows;
    l->row = l->row >= n + REST ? n + REST - 1 : l->row;
    l->first = overlay_scroll(l->first, l->row < n ? l->row : n ? n - 1 : 0, n, l->rows);
    screen_printf(area, 0, 1, STYLE_STRONG, "Audit of %s records, %s of which cannot be read",
                  human_count(audit->records, records, sizeof records), human_count(audit->rejected, bad, sizeof bad));
    struct area table = { area.y + 1, area.x + 1, area.h - 1, area.w - 1 };
    draw_heads(l, table);
    int y = 1;
    for (size_t i = l->first; i < n && y <= l->rows; i++) {
        draw_stage(l, session, &audit->stage[rows[i].stage], &rows[i], i == l->row, y++, table);
    }
    draw_rest(l, audit, n, y + 1, table);
}

static void open_count(struct app *app, struct audit_layer *l, const struct sl_audit *audit)
{
    static const char *const rest[REST] = { "untouched", "conflicts", "leakage", "leakage" };
    struct sl_session *session = app_session(app);
    struct step_row rows[STEP_ROWS];
    struct step_view *view = l->view;
    char name[80], which[120];
    size_t n = stage_rows(session, audit, rows);
    if (l->row >= n) {
        if (!rest_of(audit, l->row - n)) {
            app_message(app, STYLE_HINT, "there is none");
            return;
        }
        snprintf(which, sizeof which, "%s", rest[l->row - n]);
    } else {
        size_t stage = rows[l->row].stage;
        const struct sl_examples *count = count_of(&audit->stage[stage], l->column);
        if (!count->n) {
            app_message(app, STYLE_HINT, "there is none");
            return;
        }
        step_stage_name(session, stage, name, sizeof name);
        if (!lists[l->column]) {
            uint64_t record = count->kept ? count->record[0] : 0;
            app_pop(app, &l->layer);
            app_command(app, "goto %s@%llu", name, (unsigned long long)record);
            return;
        }
        snprintf(which, sizeof which, "%s %s", lists[l->column], name);
    }
    app_pop(app, &l->layer);
    step_records(app, view, which);
}

static void audit_key(struct app *app, struct layer *layer, int key)
{
    struct audit_layer *l = (struct audit_layer *)layer;
    const struct sl_audit *audit = app_session(app) ? sl_debug_audited(app_session(app)) : NULL;
    struct step_row rows[STEP_ROWS];
    if (key == K_ESC || key == 'q' || key == 'A') {
        if (!audit) {
            step_cancel(app);
        }
        app_pop(app, layer);
        return;
    }
    if (!audit) {
        return;
    }
    size_t n = stage_rows(app_session(app), audit, rows) + REST;
    key = key == 'j' ? K_DOWN : key == 'k' ? K_UP : key;
    if (key == K_ENTER_KEY) {
        open_count(app, l, audit);
    } else if (key == 'l' || key == K_RIGHT) {
        l->column += l->column + 1 < l->counts;
    } else if (key == 'h' || key == K_LEFT) {
        l->column -= l->column > 0;
    } else {
        overlay_move(key, n, l->rows, &l->row);
    }
}

static void audit_free(struct layer *layer)
{
    free(layer);
}

static const struct layer_class audit_class = {
    .keys = audit_keys, .draw = audit_draw, .key = audit_key, .free = audit_free
};

void step_audit_push(struct app *app, struct step_view *view)
{
    if (app->top && app->top->class == &audit_class) {
        return;
    }
    struct audit_layer *l = calloc(1, sizeof *l);
    if (!l) {
        app_message(app, STYLE_ERROR, "out of memory");
        return;
    }
    *l = (struct audit_layer){ .layer.class = &audit_class, .view = view, .rows = 1, .row = 1 };
    app_push(app, &l->layer);
}

void step_audit_show(struct app *app, struct step_view *view)
{
    if (sl_debug_audited(app_session(app))) {
        step_audit_push(app, view);
    } else {
        app_command(app, "audit"); /* its answer is this pane: see step_answers() */
    }
}
