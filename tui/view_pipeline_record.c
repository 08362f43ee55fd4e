/* view_pipeline_record.c: one record before and after the selected stage. */
#include "view_pipeline_private.h"

#include "human.h"

#include <stdio.h>

static int draw_summary(struct area area, const struct sl_stage_view *stage)
{
    screen_text(area, 0, 0, -1, STYLE_STRONG, sl_str(stage->class->name));
    screen_text(area, 0, (int)strlen(stage->class->name) + 2, -1, STYLE_NORMAL, sl_str(stage->class->summary));
    if (stage->counted && (stage->dropped || stage->missing || stage->emptied)) {
        char a[32], b[32], c[32];
        screen_printf(area, 1, 0, STYLE_DIM, "dropped %s, made missing %s, emptied %s",
                      human_count(stage->dropped, a, sizeof a), human_count(stage->missing, b, sizeof b),
                      human_count(stage->emptied, c, sizeof c));
        return 2;
    }
    return 1;
}

/* Why there is nothing to compare, or NULL. */
static const char *no_record(const struct pipeline_view *view, const struct sl_stage_view *stage)
{
    if (stage->off) {
        return "switched off: records pass by it; x switches it on";
    }
    if (stage->bound < 0) {
        return "not run: the recipe does not stand as a whole";
    }
    if (stage->class->kind == SL_ENCODER && !stage->fitted) {
        return "not fitted yet: it learns from the training records when t trains";
    }
    if (stage->class->kind == SL_LEARNER) {
        return "learns from the encoded records; see Train";
    }
    if (view->ended) {
        return "there is no such record";
    }
    return view->loaded ? NULL : "reading ...";
}

static void build_pane(struct app *app, struct pipeline_view *view, const struct sl_stage_view *stage, int width)
{
    const struct sl_row *row = &view->page.rows[0];
    char title[80], number[32], gone[96] = "";
    struct sl_pipeline *pipeline = sl_session_pipeline(app_session(app));
    bool source = stage->class->kind == SL_SOURCE, before_gone = row->dropped_by >= 0 && row->dropped_by < stage->bound;
    snprintf(title, sizeof title, "record %s", human_count(row->record, number, sizeof number));
    if (row->rejected) {
        snprintf(gone, sizeof gone, "! in quarantine: it could not be read");
    } else if (before_gone) {
        snprintf(gone, sizeof gone, "x dropped by an earlier stage");
    } else if (row->dropped_by >= 0) {
        snprintf(gone, sizeof gone, "x dropped here");
    }
    struct record_pair pair = {
        .title = title,
        .before = row->rejected || before_gone ? NULL : row->before_chunk,
        .after = row->rejected || before_gone ? NULL : row->after_chunk,
        .before_name = "before",
        .after_name = "after",
        .gone = gone[0] ? gone : NULL,
        .stage = pipeline ? sl_pipeline_stage(pipeline, (size_t)stage->bound) : NULL,
        .changed_only = !source && row->dropped_by < 0,
    };
    record_pane_build(&view->pane, &pair, width);
    view->pane_width = width;
    view->pane_valid = true;
}

void pipeline_record_draw(struct app *app, struct pipeline_view *view, const struct sl_stage_view *stage,
                          struct area area)
{
    char text[640];
    if (!stage || area.h < 1) {
        return;
    }
    int y = draw_summary(area, stage) + (area.h > 8);
    struct area rest = { area.y + y, area.x, area.h - y, area.w };
    const char *why = no_record(view, stage);
    if (view->error.status) {
        sl_error_format(&view->error, text, sizeof text);
        screen_text(rest, 0, 0, -1, STYLE_ERROR, sl_str(text));
    } else if (why) {
        screen_text(rest, 0, 0, -1, STYLE_DIM, sl_str(why));
    } else {
        if (!view->pane_valid || view->pane_width != rest.w) {
            build_pane(app, view, stage, rest.w);
        }
        record_pane_draw(&view->pane, rest);
    }
}
