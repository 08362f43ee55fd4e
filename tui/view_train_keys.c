/* view_train_keys.c: the keys of the Train view. Those of a chart go to the chart that has the focus. */
#include "view_step.h"
#include "view_train.h"

const struct key_row train_keys[] = {
    { "t", "train", "train", true },
    { "Space", "pause, go on", "pause, resume", true },
    { ".", "one iteration (network: batch), then hold", "once", false },
    { "i", "look into the network: batch, layers, weights", NULL, false },
    { "e", "tune: another learning rate, from here on", "tune PARAMETER=VALUE", false },
    { "K", "stop; the model is kept", "stop", false },
    { "Tab", "next chart", NULL, true },
    { "Enter z", "whole pane, and back", NULL, false },
    { "+ - _", "zoom in, out, fit", NULL, true },
    { "Left Right h l", "move the view, or the cursor", NULL, false },
    { "m", "cursor with the values of a step", NULL, true },
    { "< >", "to the lowest, the highest value", NULL, false },
    { "n N", "next, previous mark", NULL, false },
    { "G", "follow the newest point", NULL, false },
    { "y", "linear or logarithmic y", NULL, false },
    { "x", "x = step, epoch, time", NULL, false },
    { "s S", "more, less smoothing", NULL, false },
    { "g", "draw with Braille, blocks, ASCII", NULL, false },
    { "Up Down j k", "scroll the figures", NULL, false },
    { "arrows, Enter", "on the figures: choose a cell, its records", "records cell TRUE PREDICTED", false },
    { 0 },
};

static void toggle_run(struct app *app)
{
    struct sl_train_state state = { .job = SL_JOB_NONE };
    if (app_session(app))
        sl_session_train_state(app_session(app), &state);
    switch (state.job) {
    case SL_JOB_PREPARING:
    case SL_JOB_TRAINING: app_command(app, "pause"); break;
    case SL_JOB_PAUSED:
    case SL_JOB_STOPPED:
    case SL_JOB_INTERRUPTED: app_command(app, "resume"); break;
    default: app_message(app, STYLE_HINT, "nothing to pause or resume; t trains"); break;
    }
}

static struct chart *focused(struct train_view *view)
{
    return &view->chart[view->focus < TRAIN_CHARTS ? view->focus : TRAIN_LOSS];
}

static void next_focus(struct train_view *view, int by)
{
    int stops = view->shown + view->result_shown;
    int at = view->focus == TRAIN_RESULT ? view->shown : view->focus;
    if (stops < 1)
        return;
    at = ((at + by) % stops + stops) % stops;
    view->focus = at == view->shown ? TRAIN_RESULT : at;
}

static void smooth(struct app *app, struct chart *chart, int by)
{
    struct sl_error err = SL_ERROR_INIT;
    if (chart_smooth(chart, chart->smoothing + by, &err) != SL_OK)
        app_message(app, STYLE_ERROR, "%s", err.what);
    else if (chart->smoothing)
        app_message(app, STYLE_HINT, "smoothing %g: each point counts for %.3g of the average",
                    chart_smoothing_weight(chart->smoothing), 1 - chart_smoothing_weight(chart->smoothing));
    else
        app_message(app, STYLE_HINT, "no smoothing");
}

static void next_axis(struct app *app, struct train_view *view)
{
    static const char *const names[CHART_AXES] = { "step", "epoch", "time" };
    enum chart_axis axis = (enum chart_axis)((focused(view)->axis + 1) % CHART_AXES);
    chart_axis(focused(view), axis);
    app_message(app, STYLE_HINT, "x = %s", names[axis]);
}

static void next_glyphs(struct app *app, struct train_view *view)
{
    static const char *const names[GLYPHS_N] = { "Braille", "blocks", "ASCII" };
    view->glyphs = (enum glyphs)((view->glyphs + 1) % GLYPHS_N);
    app_message(app, STYLE_HINT, screen_ascii() ? "this screen shows ASCII only" : "curves drawn with %s",
                names[view->glyphs]);
}

static void jump_mark(struct app *app, struct chart *chart, bool forward)
{
    if (!chart_jump_mark(chart, forward))
        app_message(app, STYLE_HINT, "no %s mark", forward ? "further" : "earlier");
}

/* Keys that change how a chart looks. */
static bool chart_key(struct app *app, struct train_view *view, int key)
{
    struct chart *chart = focused(view);
    switch (key) {
    case '+':
    case '=': chart_zoom(chart, 0.5); break;
    case '-': chart_zoom(chart, 2); break;
    case '_': chart_fit(chart); break;
    case 'h':
    case K_LEFT: chart_move(chart, -1, view->columns); break;
    case 'l':
    case K_RIGHT: chart_move(chart, 1, view->columns); break;
    case 'm': chart_cursor(chart, !chart->cursor); break;
    case '<': chart_jump_extreme(chart, false); break;
    case '>': chart_jump_extreme(chart, true); break;
    case 'n': jump_mark(app, chart, true); break;
    case 'N': jump_mark(app, chart, false); break;
    case 'G': chart_follow(chart); break;
    case 'y': chart->log_y = !chart->log_y; break;
    case 'x': next_axis(app, view); break;
    case 's': smooth(app, chart, 1); break;
    case 'S': smooth(app, chart, -1); break;
    case 'g': next_glyphs(app, view); break;
    default: return false;
    }
    return true;
}

static void scroll(struct train_view *view, int by)
{
    int to = view->scroll + by;
    view->scroll = to > view->scroll_most ? view->scroll_most : to;
    view->scroll = view->scroll < 0 ? 0 : view->scroll;
}

/* In the confusion matrix, when the figures have the focus; at its edges the figures scroll on. */
static bool cell_key(struct app *app, struct train_view *view, int key)
{
    struct train_cell *cell = &view->cell;
    const struct sl_result *result = app_session(app) ? sl_session_result(app_session(app)) : NULL;
    if (view->focus != TRAIN_RESULT || !view->result_shown || !result || !result->have_test || !cell->n)
        return false;
    uint32_t truth = cell->truth, predicted = cell->predicted;
    switch (key) {
    case K_UP:
    case 'k': cell->truth -= truth > 0; break;
    case K_DOWN:
    case 'j': cell->truth += truth + 1 < cell->n; break;
    case K_LEFT:
    case 'h': cell->predicted -= predicted > 0; return view->cell_moved = true;
    case K_RIGHT:
    case 'l': cell->predicted += predicted + 1 < cell->columns; return view->cell_moved = true;
    case K_ENTER_KEY: step_open_cell(app, truth, predicted); return true;
    default: return false;
    }
    view->cell_moved = cell->truth != truth;
    return view->cell_moved;
}

bool train_key(struct app *app, void *state, int key)
{
    struct train_view *view = state;
    if (view->inside.open ? train_inside_key(app, &view->inside, key) : cell_key(app, view, key))
        return true;
    switch (key) {
    case 'i': train_inside_open(app, &view->inside); return true;
    case 't': app_command(app, "train"); return true;
    case ' ': toggle_run(app); return true;
    case '.': app_command(app, "once"); return true;
    case 'e': train_ask_tune(app); return true;
    case 'K': app_command(app, "stop"); return true;
    case K_TAB: next_focus(view, 1); return true;
    case K_SHIFT_TAB: next_focus(view, -1); return true;
    case 'z':
    case K_ENTER_KEY: view->zoomed = !view->zoomed; return true;
    case K_UP:
    case 'k': scroll(view, -1); return true;
    case K_DOWN:
    case 'j': scroll(view, 1); return true;
    case K_PAGE_UP: scroll(view, -10); return true;
    case K_PAGE_DOWN: scroll(view, 10); return true;
    case 'q':
    case K_ESC: {
        bool was = view->zoomed;
        view->zoomed = false;
        return was;
    }
    default: return chart_key(app, view, key);
    }
}
