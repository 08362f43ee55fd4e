/* view_train.c: the Train view's model: the session's points as curves, and the clock of each phase.
 *
 * Points are taken over as they are committed, once each. A new run is known by its points: when the last one taken
 * over is no longer where it was, all are taken over anew; what the user set on the charts stays. */
#include "view_train.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { NETWORK_SMOOTHING = 5 };

enum {
    CURVE_LOSS,
    CURVE_TEST_LOSS,
    CURVE_ACCURACY,
    CURVE_TEST_ACCURACY,
    CURVE_GRADIENT,
    CURVE_SPEED,
    CURVE_RATE,
    CURVES
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void forget_times(struct train_view *view)
{
    for (int i = 0; i <= SL_PHASE_DONE; i++)
        view->spent[i] = NAN;
    view->phase = SL_PHASE_IDLE;
}

static bool busy(enum sl_job job)
{
    return job == SL_JOB_PREPARING || job == SL_JOB_TRAINING;
}

void train_watch(struct train_view *view, const struct sl_train_state *state)
{
    if (state->job == SL_JOB_PREPARING && view->job != SL_JOB_PREPARING)
        forget_times(view);
    enum sl_phase phase = state->job == SL_JOB_TRAINING ? SL_PHASE_TRAIN : state->phase;
    bool valid = (int)phase > SL_PHASE_IDLE && phase < SL_PHASE_DONE;
    if (busy(state->job) && valid && phase != view->phase) {
        view->phase = phase;
        view->since = now();
        view->spent[phase] = 0;
    } else if (busy(state->job) && valid) {
        view->spent[phase] = now() - view->since;
    }
    view->job = state->job;
}

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* Is the i-th point that was taken over still what the session holds there? */
static bool still(const struct train_view *view, const struct sl_point *points, size_t i)
{
    return same(view->data.x[CHART_STEP][i], (double)points[i].step) &&
           same(view->data.x[CHART_TIME][i], points[i].seconds) &&
           same(view->data.curve[CURVE_LOSS].value[i], points[i].loss);
}

/* Show what was taken over and still holds; what came back in a replay was taken over long ago. */
static bool goes_on(struct train_view *view, const struct sl_point *points, size_t n)
{
    size_t known = view->data.kept < n ? view->data.kept : n;
    if (known && !still(view, points, known - 1)) {
        known = view->data.n < n ? view->data.n : n;
        if (known && !still(view, points, known - 1))
            return false;
    }
    if (known != view->data.n)
        chart_data_show(&view->data, known);
    return known > 0 || n == 0 || !view->data.kept;
}

static int take_point(struct train_view *view, const struct sl_point *points, size_t i, struct sl_error *err)
{
    const struct sl_point *p = &points[i];
    uint64_t rows = p->rows - (i ? points[i - 1].rows : 0), pass = points[0].rows;
    double seconds = p->seconds - (i ? points[i - 1].seconds : 0);
    double epoch = view->batches ? (double)p->step / (double)view->batches
                   : pass        ? (double)p->rows / (double)pass
                                 : (double)p->step;
    double x[CHART_AXES] = { (double)p->step, epoch, p->seconds };
    double values[CURVES] = {
        [CURVE_LOSS] = p->loss,
        [CURVE_TEST_LOSS] = p->test_loss,
        [CURVE_ACCURACY] = p->train_accuracy,
        [CURVE_TEST_ACCURACY] = p->test_accuracy,
        [CURVE_GRADIENT] = p->gradient_norm,
        [CURVE_SPEED] = seconds > 0 ? (double)rows / seconds : NAN,
        [CURVE_RATE] = p->learning_rate,
    };
    return chart_data_add(&view->data, x, values, err);
}

/* A point of a network is a batch, which jumps about: smoothed from the start. What is measured once an epoch is not.
 */
static void be_network(struct app *app, struct train_view *view, const struct sl_train_state *train)
{
    bool network = train->epochs > 0;
    view->batches = network ? train->batches : 0;
    if (network == view->network)
        return;
    struct sl_error err = SL_ERROR_INIT;
    view->network = network;
    view->data.curve[CURVE_TEST_LOSS].even = view->data.curve[CURVE_TEST_ACCURACY].even = network;
    view->data.curve[CURVE_RATE].even = true;
    for (int i = 0; i < TRAIN_CHARTS; i++)
        if (chart_smooth(&view->chart[i], network && i != TRAIN_RATE ? NETWORK_SMOOTHING : 0, &err) != SL_OK)
            app_message(app, STYLE_ERROR, "%s", err.what);
}

static void changed(struct app *app, void *state)
{
    struct train_view *view = state;
    struct sl_session *session = app_session(app);
    const struct sl_point *points = NULL;
    struct sl_train_state train = { .job = SL_JOB_NONE };
    struct sl_error err = SL_ERROR_INIT;
    size_t n = 0;
    if (session) {
        sl_session_train_state(session, &train);
        n = sl_session_points(session, &points);
    }
    train_watch(view, &train);
    be_network(app, view, &train);
    if (!goes_on(view, points, n)) {
        chart_data_clear(&view->data);
        view->marked = 0;
        for (int i = 0; i < TRAIN_CHARTS; i++)
            chart_reset(&view->chart[i]);
        view->scroll = 0;
    }
    while (view->data.n < n)
        if (take_point(view, points, view->data.n, &err) != SL_OK) {
            app_message(app, STYLE_ERROR, "%s", err.what);
            break;
        }
    if (train_mark(view, session, &err) != SL_OK)
        app_message(app, STYLE_ERROR, "%s", err.what);
}

static void close_train(void *state)
{
    struct train_view *view = state;
    if (!view)
        return;
    chart_data_release(&view->data);
    train_wrong_release(&view->inside);
    free(view);
}

static void add_chart(struct train_view *view, enum train_chart which, const char *name, size_t line, size_t second)
{
    chart_init(&view->chart[which], name, &view->data);
    chart_add_line(&view->chart[which], line);
    if (second != line)
        chart_add_line(&view->chart[which], second);
}

static int open_train(struct app *app, void **state, struct sl_error *err)
{
    struct train_view *view = calloc(1, sizeof *view);
    if (!view)
        return sl_fail_memory(err, "the Train view");
    chart_data_curve(&view->data, "train", false, false);
    chart_data_curve(&view->data, "test", true, false);
    chart_data_curve(&view->data, "train", true, true);
    chart_data_curve(&view->data, "test", true, true);
    chart_data_curve(&view->data, "gradient norm", false, false);
    chart_data_curve(&view->data, "rows/s", true, true);
    chart_data_curve(&view->data, "learning rate", true, false);
    add_chart(view, TRAIN_LOSS, "loss", CURVE_LOSS, CURVE_TEST_LOSS);
    add_chart(view, TRAIN_ACCURACY, "accuracy", CURVE_ACCURACY, CURVE_TEST_ACCURACY);
    add_chart(view, TRAIN_GRADIENT, "gradient norm", CURVE_GRADIENT, CURVE_GRADIENT);
    add_chart(view, TRAIN_SPEED, "rows/s", CURVE_SPEED, CURVE_SPEED);
    add_chart(view, TRAIN_RATE, "learning rate", CURVE_RATE, CURVE_RATE);
    view->chart[TRAIN_GRADIENT].log_y = true;
    forget_times(view);
    *state = view;
    changed(app, view);
    return SL_OK;
}

static const struct inner_keys *inner(size_t i)
{
    return i == 0 ? &train_inside_keys : NULL;
}

static const struct inner_keys *inside(void *state)
{
    const struct train_view *view = state;
    return view->inside.open ? &train_inside_keys : NULL;
}

const struct view view_train = {
    .name = "Train",
    .keys = train_keys,
    .inner = inner,
    .inside = inside,
    .open = open_train,
    .close = close_train,
    .draw = train_draw,
    .key = train_key,
    .changed = changed,
};
