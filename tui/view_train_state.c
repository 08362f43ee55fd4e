/* view_train_state.c: the lines over the curves: what runs, how far it is, what it costs, what went wrong. */
#include "bars.h"
#include "human.h"
#include "view_train.h"

#include <math.h>
#include <stdio.h>

/* What the user may want to do now. */
static const char *job_hint(enum sl_job job)
{
    switch (job) {
    case SL_JOB_PAUSED: return "Space goes on, K stops";
    case SL_JOB_STOPPED: return "Space goes on, t starts anew";
    case SL_JOB_INTERRUPTED: return "Space goes on where it was, t starts anew";
    case SL_JOB_FAILED: return "t tries again";
    case SL_JOB_DONE: return "t trains again";
    default: return "";
    }
}

static const char *job_mark(enum sl_job job)
{
    switch (job) {
    case SL_JOB_PREPARING:
    case SL_JOB_TRAINING: return screen_glyph("●", "*");
    case SL_JOB_PAUSED: return screen_glyph("‖", "=");
    case SL_JOB_DONE: return screen_glyph("✓", "+");
    case SL_JOB_FAILED: return "!";
    default: return screen_glyph("○", "o");
    }
}

static enum style job_style(enum sl_job job)
{
    return job == SL_JOB_FAILED                                ? STYLE_ERROR
           : job == SL_JOB_DONE                                ? STYLE_GOOD
           : job == SL_JOB_INTERRUPTED || job == SL_JOB_PAUSED ? STYLE_WARNING
                                                               : STYLE_STRONG;
}

/* A figure and its name, when there is room for both. Returns where the next one starts. */
static int put_figure(struct area area, int y, int x, const char *name, const char *value)
{
    int width = screen_width(sl_str(name)) + 1 + screen_width(sl_str(value));
    if (!value[0] || x + width > area.w)
        return x;
    if (name[0])
        x += screen_text(area, y, x, -1, STYLE_DIM, sl_str(name)) + 1;
    return x + screen_text(area, y, x, -1, STYLE_NORMAL, sl_str(value)) + 3;
}

static bool is_busy(enum sl_job job)
{
    return job == SL_JOB_PREPARING || job == SL_JOB_TRAINING || job == SL_JOB_PAUSED;
}

int train_draw_status(struct area area, int y, const struct sl_train_state *state)
{
    char text[64];
    int x = screen_printf(area, y, 0, job_style(state->job), "%s %s", job_mark(state->job), sl_job_name(state->job)) +
            3;
    if (state->step) {
        human_count(state->step, text, sizeof text);
        x = put_figure(area, y, x, "step", text);
    }
    if (is_busy(state->job)) {
        snprintf(text, sizeof text, "%3.0f%%", fmin(fmax(state->fraction, 0), 1) * 100);
        x = put_figure(area, y, x, "", text);
        int width = area.w - x < 24 ? area.w - x : 24;
        if (width >= 6) {
            screen_fill(area, y, x, width, STYLE_DIM, screen_glyph("·", "."));
            screen_bar(area, y, x, width, STYLE_SERIES_0, state->fraction);
            x += width + 3;
        }
        human_time(state->eta, text, sizeof text);
        x = put_figure(area, y, x, "ETA", text);
    }
    const char *hint = job_hint(state->job);
    if (x + (int)strlen(hint) <= area.w)
        screen_text(area, y, area.w - (int)strlen(hint), -1, STYLE_HINT, sl_str(hint));
    return 1;
}

int train_draw_figures(struct area area, int y, const struct sl_train_state *state, const struct sl_point *point)
{
    char text[64];
    int x = 0;
    if (!is_busy(state->job)) /* the curves' titles and the result say it all */
        return 0;
    if (point) {
        chart_number(point->loss, text);
        x = put_figure(area, y, x, "loss", text);
        if (!isnan(point->test_accuracy) || !isnan(point->train_accuracy)) {
            chart_number(isnan(point->test_accuracy) ? point->train_accuracy : point->test_accuracy, text);
            x = put_figure(area, y, x, "accuracy", text);
        }
        chart_number(point->gradient_norm, text);
        x = put_figure(area, y, x, "gradient", text);
    }
    if (state->learning_rate > 0) {
        snprintf(text, sizeof text, "%.4g", state->learning_rate);
        x = put_figure(area, y, x, "rate", text);
    }
    if (state->rows_per_second > 0)
        x = put_figure(area, y, x, state->job == SL_JOB_PREPARING ? "records/s" : "rows/s",
                       human_short(state->rows_per_second, text, sizeof text));
    if (state->wait_share >= 0 && state->wait_share <= 1) {
        snprintf(text, sizeof text, "%.0f%%", state->wait_share * 100);
        x = put_figure(area, y, x, "wait", text);
    }
    return x > 0;
}

static int put_share(struct area area, int y, int x, const char *name, double share)
{
    char text[16];
    snprintf(text, sizeof text, "%.0f%%", share * 100);
    return share >= 0 && share <= 1 ? put_figure(area, y, x, name, text) : x;
}

static int put_bytes(struct area area, int y, int x, const char *name, uint64_t bytes)
{
    char text[32];
    snprintf(text, sizeof text, "%.0f MB", (double)bytes / 1e6);
    return bytes ? put_figure(area, y, x, name, text) : x;
}

int train_draw_machine(struct area area, int y, const struct sl_train_state *state, const struct sl_epoch *epoch)
{
    char text[64], number[24];
    int x = 0;
    bool busy = is_busy(state->job);
    if (state->batches && busy)
        snprintf(text, sizeof text, "%llu/%llu  batch %llu/%llu",
                 (unsigned long long)(state->epoch + (state->epoch < state->epochs)), (unsigned long long)state->epochs,
                 (unsigned long long)state->batch, (unsigned long long)state->batches);
    else
        snprintf(text, sizeof text, "%llu/%llu", (unsigned long long)state->epoch, (unsigned long long)state->epochs);
    x = put_figure(area, y, x, "epoch", text);
    if (epoch && !isnan(epoch->val_loss)) {
        chart_number(epoch->val_loss, number);
        x = put_figure(area, y, x, "test loss", number);
    }
    if (state->best_epoch) {
        snprintf(text, sizeof text, "epoch %llu", (unsigned long long)state->best_epoch);
        x = put_figure(area, y, x, "best", text);
    }
    if (busy) {
        x = put_share(area, y, x, "CPU", state->cpu_share);
        x = put_bytes(area, y, x, "memory", state->memory);
        x = put_share(area, y, x, "GPU", state->gpu_share);
        x = put_bytes(area, y, x, "of it", state->gpu_memory);
    }
    put_figure(area, y, x, "", state->device);
    return 1;
}

int train_draw_problem(struct area area, int y, const struct sl_error *error)
{
    char text[768];
    struct sl_error told = *error;
    told.fix[0] = '\0';
    struct sl_str rest = sl_str(sl_error_format(&told, text, sizeof text));
    int rows = 0;
    while (rest.n && rows < 3 && area.w > 4) { /* cut between words where there is one */
        size_t n = rest.n;
        while (n > 1 && screen_width((struct sl_str){ rest.p, n }) > area.w - 2)
            n--;
        size_t cut = n;
        while (n < rest.n && cut > 0 && rest.p[cut] != ' ')
            cut--;
        n = cut > 0 ? cut : n;
        screen_text(area, y + rows, 0, 1, STYLE_ERROR, sl_str(rows ? " " : "!"));
        screen_text(area, y + rows++, 2, -1, STYLE_ERROR, (struct sl_str){ rest.p, n });
        rest.p += n;
        rest.n -= n;
        while (rest.n && *rest.p == ' ') {
            rest.p++;
            rest.n--;
        }
    }
    if (error->fix[0])
        screen_text(area, y + rows++, 2, -1, STYLE_NORMAL, sl_str(error->fix));
    return rows;
}

int train_draw_phases(const struct train_view *view, struct area area, int y, const struct sl_train_state *state)
{
    char text[SL_PHASE_DONE + 1][32];
    struct bar bars[SL_PHASE_DONE];
    size_t n = 0;
    bool preparing = state->job == SL_JOB_PREPARING;
    if (!preparing && state->job != SL_JOB_TRAINING) /* what is held or over shows facts that are kept */
        return 0;
    for (int phase = SL_PHASE_READ; phase <= SL_PHASE_ENCODE; phase++) {
        bool current = preparing && phase == (int)state->phase;
        double seconds = preparing && phase > (int)state->phase ? (double)NAN : view->spent[phase];
        if (isnan(seconds) && !preparing)
            continue;
        bars_seconds(seconds, text[phase], sizeof text[phase]);
        bars[n++] = (struct bar){ sl_phase_name((enum sl_phase)phase), seconds, text[phase],
                                  current          ? STYLE_STRONG
                                  : isnan(seconds) ? STYLE_DIM
                                                   : STYLE_NORMAL };
    }
    if (!n)
        return 0;
    screen_text(area, y, 0, -1, STYLE_STRONG, SL_STR("Preparation"));
    return 1 + bars_draw(area, y + 1, bars, n);
}

int train_draw_stages(struct area area, int y, struct sl_session *session)
{
    char text[SL_MAX_STAGES][32];
    struct bar bars[SL_MAX_STAGES];
    size_t n = 0;
    for (size_t i = 0; i < sl_session_stages(session) && n < SL_MAX_STAGES; i++) {
        const struct sl_stage_view *stage = sl_session_stage(session, i);
        if (!stage->counted || stage->off || !(stage->seconds > 0))
            continue;
        bars_seconds(stage->seconds, text[n], sizeof text[n]);
        bars[n] = (struct bar){ stage->class->name, stage->seconds, text[n], STYLE_NORMAL };
        n++;
    }
    if (!n)
        return 0;
    screen_text(area, y, 0, -1, STYLE_STRONG, SL_STR("Busy, by stage"));
    return 1 + bars_draw(area, y + 1, bars, n);
}
