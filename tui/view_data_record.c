/* view_data_record.c: one record in full, with where it came from. */
#include "view_data_private.h"

#include "human.h"

#include <stdio.h>

static const char *file_of(struct app *app, const struct sl_row *row)
{
    struct sl_pipeline *pipeline = sl_session_pipeline(app_session(app));
    struct sl_reader *reader = pipeline ? sl_pipeline_reader(pipeline) : NULL;
    const char *path = reader && row->origin.file < reader->n_paths ? reader->paths[row->origin.file] : "";
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void draw_rejected(const struct sl_row *row, const char *title, struct area area)
{
    struct area reason = { area.y + 2, area.x, area.h - 2, area.w };
    screen_text(area, 0, 0, -1, STYLE_DIM, sl_str(title));
    int n = screen_text(reason, 0, 0, -1, STYLE_ERROR, SL_STR("! in quarantine"));
    screen_text(reason, 0, n, -1, STYLE_NORMAL, SL_STR(", not read:"));
    /* Folded by hand: the pane holds chunks' cells only. */
    struct sl_str text = sl_str(row->reject.reason);
    int y = 1;
    while (text.n && y < reason.h) {
        int width = reason.w > 4 ? reason.w - 2 : 1;
        size_t fits = text.n < (size_t)width ? text.n : (size_t)width;
        size_t cut = fits;
        while (fits < text.n && cut > 0 && text.p[cut - 1] != ' ') {
            cut--;
        }
        cut = cut ? cut : fits;
        screen_text(reason, y++, 2, -1, STYLE_WARNING, (struct sl_str){ text.p, cut });
        text.p += cut;
        text.n -= cut;
    }
    screen_text(reason, y + 1, 0, -1, STYLE_DIM, SL_STR("it begins"));
    screen_text(reason, y + 2, 2, -1, STYLE_NORMAL, sl_str(row->reject.excerpt));
}

static void build(struct app *app, struct data_view *view, const struct sl_row *row, const char *title, int width)
{
    char gone[160] = "";
    if (row->dropped_by >= 0) {
        struct sl_session *session = app_session(app);
        for (size_t i = 0; i < sl_session_stages(session); i++) {
            const struct sl_stage_view *stage = sl_session_stage(session, i);
            if (stage->bound == row->dropped_by) {
                snprintf(gone, sizeof gone, "x dropped by stage %zu: %s", i + 1, stage->text);
            }
        }
    }
    struct record_pair pair = { .title = title,
                                .before = row->raw_chunk,
                                .after = row->after_chunk,
                                .before_name = "raw",
                                .after_name = "clean",
                                .gone = gone[0] ? gone : NULL };
    record_pane_build(&view->pane, &pair, width);
    view->pane_record = row->record;
    view->pane_width = width;
    view->pane_valid = true;
}

void data_record_draw(struct app *app, struct data_view *view, struct area area)
{
    const struct sl_row *row = data_selected(view);
    char title[400], record[32], line[32], byte[32];
    struct area inside = { area.y, area.x + 1, area.h, area.w - 2 };
    if (!row) {
        screen_text(inside, 0, 0, -1, STYLE_DIM, SL_STR("no record"));
        return;
    }
    const char *dot = screen_glyph("·", "-");
    snprintf(title, sizeof title, "record %s %s %s:%s %s byte %s", human_count(row->record, record, sizeof record), dot,
             file_of(app, row), human_count(row->origin.line, line, sizeof line), dot,
             human_count(row->origin.byte, byte, sizeof byte));
    if (!file_of(app, row)[0]) { /* a folder's: its path is a column */
        snprintf(title, sizeof title, "record %s", record);
    }
    if (row->rejected) {
        draw_rejected(row, title, inside);
        view->pane_valid = false;
        return;
    }
    if (!view->pane_valid || view->pane_record != row->record || view->pane_width != inside.w ||
        view->pane_rows != inside.h) {
        if (view->pane_record != row->record) {
            view->pane.top = 0;
        }
        view->pane.rows = view->pane_rows = inside.h;
        build(app, view, row, title, inside.w);
    }
    record_pane_draw(&view->pane, inside);
}
