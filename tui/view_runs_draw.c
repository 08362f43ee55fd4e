/* view_runs_draw.c: the table of sessions. Columns give way from the least important on; the recipe takes what is left.
 */
#include "bars.h"
#include "chart.h"
#include "human.h"
#include "view_compare.h"
#include "view_runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct column {
    const char *name;
    int width;
    int least; /* of the area, to be shown at all */
    bool right;
};

static const struct column columns[RUNS_COLUMNS] = {
    [RUNS_NAME] = { "session", 20, 0, false },    [RUNS_WHEN] = { "when", 12, 34, false },
    [RUNS_STATE] = { "state", 11, 46, false },    [RUNS_RECORDS] = { "records", 9, 58, true },
    [RUNS_ACCURACY] = { "accuracy", 8, 0, true }, [RUNS_LOSS] = { "log loss", 8, 68, true },
    [RUNS_TIME] = { "time", 8, 77, true },
};

const char *runs_column_name(enum runs_column column)
{
    return columns[column].name;
}

bool runs_current(struct app *app, const struct sl_run_info *run)
{
    const char *path = app_session(app) ? sl_session_path(app_session(app)) : NULL;
    char *a = path ? realpath(path, NULL) : NULL, *b = a ? realpath(run->path, NULL) : NULL;
    bool same = a && b && strcmp(a, b) == 0;
    free(a);
    free(b);
    return same;
}

/* Today by the clock, earlier by the date. */
static void when_text(int64_t modified, char *out, size_t size)
{
    time_t then = (time_t)modified, now = time(NULL);
    struct tm tm, today;
    out[0] = '\0';
    if (!localtime_r(&then, &tm) || !localtime_r(&now, &today))
        return;
    bool same_day = tm.tm_year == today.tm_year && tm.tm_yday == today.tm_yday;
    strftime(out, size, same_day ? "today %H:%M" : tm.tm_year == today.tm_year ? "%d %b %H:%M" : "%d %b %Y", &tm);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void number_text(double value, char *out, size_t size)
{
    if (isnan(value))
        snprintf(out, size, "-");
    else
        snprintf(out, size, "%.4f", value);
}

static void cell_text(const struct sl_run_info *run, enum runs_column column, char *out, size_t size)
{
    switch (column) {
    case RUNS_NAME: snprintf(out, size, "%s", base_name(run->path)); break;
    case RUNS_WHEN: when_text(run->modified, out, size); break;
    case RUNS_STATE: snprintf(out, size, "%s", run->job == SL_JOB_NONE ? "not trained" : sl_job_name(run->job)); break;
    case RUNS_RECORDS:
        if (run->records)
            human_count(run->records, out, size);
        else
            snprintf(out, size, "-");
        break;
    case RUNS_ACCURACY: number_text(run->accuracy, out, size); break;
    case RUNS_LOSS: number_text(run->log_loss, out, size); break;
    case RUNS_TIME: bars_seconds(run->seconds, out, size); break;
    default: out[0] = '\0'; break;
    }
}

static int put_cell(struct area area, int y, int x, const struct column *column, enum style style, const char *text)
{
    int width = screen_width(sl_str(text)), pad = column->right && width < column->width ? column->width - width : 0;
    screen_text(area, y, x + pad, column->width - pad, style, sl_str(text));
    return x + column->width + 2;
}

static void draw_header(const struct runs_view *view, struct area area, int y)
{
    int x = 3;
    for (int i = 0; i < RUNS_COLUMNS; i++) {
        char name[32];
        if (area.w < columns[i].least)
            continue;
        const char *arrow = view->reversed ? screen_glyph("▴", "^") : screen_glyph("▾", "v");
        snprintf(name, sizeof name, "%s%s", columns[i].name, (int)view->sort == i ? arrow : "");
        x = put_cell(area, y, x, &columns[i], (int)view->sort == i ? STYLE_STRONG : STYLE_DIM, name);
    }
    if (area.w - x >= 8)
        screen_text(area, y, x, -1, STYLE_DIM, SL_STR("recipe"));
}

static void draw_run(struct app *app, const struct sl_run_info *run, struct area area, int y, bool chosen)
{
    enum style style = chosen ? STYLE_SELECTED : run->error ? STYLE_ERROR : STYLE_NORMAL;
    if (chosen)
        screen_fill(area, y, 0, area.w, STYLE_SELECTED, " ");
    const char *mark = run->error ? "!" : runs_current(app, run) ? "=>" : "  ";
    screen_text(area, y, 0, 2, style, sl_str(mark));
    int x = 3;
    for (int i = 0; i < RUNS_COLUMNS; i++) {
        char text[256];
        if (area.w < columns[i].least)
            continue;
        if (run->error && i == RUNS_STATE) {
            screen_text(area, y, x, -1, style, sl_str(run->error));
            return;
        }
        cell_text(run, (enum runs_column)i, text, sizeof text);
        if (!(run->error && i > RUNS_STATE))
            x = put_cell(area, y, x, &columns[i], style, text);
    }
    if (area.w - x >= 8 && run->recipe_head)
        screen_text(area, y, x, -1, chosen ? style : STYLE_DIM, sl_str(run->recipe_head));
}

static void draw_empty(const struct runs_view *view, struct area area)
{
    int y = area.h > 8 ? 2 : 0;
    char folder[512], text[600];
    if (view->error.status) {
        screen_text(area, y, 0, -1, STYLE_ERROR, sl_str(sl_error_format(&view->error, text, sizeof text)));
        return;
    }
    screen_text(area, y++, 2, -1, STYLE_STRONG, SL_STR("No session in this folder yet."));
    if (getcwd(folder, sizeof folder))
        screen_text(area, y++, 2, -1, STYLE_DIM, sl_str(folder));
    y++;
    screen_text(area, y++, 2, -1, STYLE_NORMAL, SL_STR("A session begins when you open data or a recipe:"));
    screen_text(area, y, 2, -1, STYLE_KEY, SL_STR(":open FILE"));
}

void runs_draw(struct app *app, void *state, struct area area)
{
    struct runs_view *view = state;
    struct area inner = { area.y, area.x + 1, area.h, area.w - 2 };
    if (view->compare) {
        compare_view_draw(view->compare, area);
        return;
    }
    if (!view->n) {
        draw_empty(view, inner);
        return;
    }
    draw_header(view, inner, 0);
    view->page = inner.h - 1;
    size_t rows = view->page > 0 ? (size_t)view->page : 1;
    if (view->chosen < view->top)
        view->top = view->chosen;
    if (view->chosen >= view->top + rows)
        view->top = view->chosen - rows + 1;
    if (view->top + rows > view->n)
        view->top = view->n > rows ? view->n - rows : 0;
    for (size_t i = 0; i < rows && view->top + i < view->n; i++) {
        const struct sl_run_info *run = &view->runs[view->order[view->top + i]];
        bool chosen = view->top + i == view->chosen;
        draw_run(app, run, inner, 1 + (int)i, chosen);
        if (runs_marked(view, run->path))
            screen_text(inner, 1 + (int)i, 2, 1, chosen ? STYLE_SELECTED : STYLE_KEY, sl_str(screen_glyph("●", "*")));
    }
}
