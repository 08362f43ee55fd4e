/* chart_data.c: keeping curves as they grow.
 *
 * Source  debiased exponential average: Kingma and Ba 2015, section 3, written as a running mean whose weight falls
 * from 1 to 1 - weight, so that equal values give that very value. */
#include "chart_data.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static const double weights[CHART_SMOOTHINGS] = { 0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999 };

size_t chart_data_curve(struct chart_data *data, const char *name, bool gaps, bool rising)
{
    assert(data->n == 0 && data->n_curves < CHART_CURVES);
    data->curve[data->n_curves] = (struct curve){
        .name = name,
        .gaps = gaps,
        .rising = rising,
        .extents.gaps = gaps,
        .smooth_extents.gaps = gaps,
        .lowest = SIZE_MAX,
        .highest = SIZE_MAX,
        .last = SIZE_MAX,
    };
    return data->n_curves++;
}

static bool grow(double **array, size_t capacity)
{
    size_t bytes;
    double *more = sl_mul(capacity, sizeof **array, &bytes) ? realloc(*array, bytes) : NULL;
    if (more)
        *array = more;
    return more != NULL;
}

static int reserve(struct chart_data *data, struct sl_error *err)
{
    if (data->n < data->capacity)
        return SL_OK;
    size_t capacity = data->capacity ? data->capacity * 2 : 256;
    bool ok = true;
    for (int axis = 0; axis < CHART_AXES; axis++)
        ok = ok && grow(&data->x[axis], capacity);
    for (size_t i = 0; i < data->n_curves; i++) {
        ok = ok && grow(&data->curve[i].value, capacity);
        if (data->curve[i].smooth)
            ok = ok && grow(&data->curve[i].smooth, capacity);
    }
    if (!ok)
        return sl_fail_memory(err, "keeping a curve");
    data->capacity = capacity;
    return SL_OK;
}

/* The next smoothed value, of point i. */
static int smooth_add(struct curve *curve, size_t i, struct sl_error *err)
{
    double value = curve->value[i];
    if (isfinite(value)) {
        double past = weights[curve->smoothing];
        double part = past > 0 ? (1 - past) / -expm1((double)++curve->averaged * log(past)) : 1;
        double step = value - curve->average;
        if (curve->averaged <= 1 || part >= 1)
            curve->average = value;
        else if (isfinite(step))
            curve->average += part * step;
        else /* the two are further apart than a double can say */
            curve->average = (1 - part) * curve->average + part * value;
        value = curve->average;
    }
    curve->smooth[i] = value;
    return pyramid_add(&curve->smooth_extents, curve->smooth, err);
}

static int curve_add(struct curve *curve, size_t i, double value, struct sl_error *err)
{
    curve->value[i] = value;
    int status = pyramid_add(&curve->extents, curve->value, err);
    if (status != SL_OK)
        return status;
    if (isfinite(value)) {
        curve->last = i;
        if (curve->lowest == SIZE_MAX || value < curve->value[curve->lowest])
            curve->lowest = i;
        if (curve->highest == SIZE_MAX || value > curve->value[curve->highest])
            curve->highest = i;
    }
    return curve->smooth ? smooth_add(curve, i, err) : SL_OK;
}

int chart_data_add(struct chart_data *data, const double x[CHART_AXES], const double *values, struct sl_error *err)
{
    int status = reserve(data, err);
    for (size_t i = 0; status == SL_OK && i < data->n_curves; i++)
        status = curve_add(&data->curve[i], data->n, values[i], err);
    if (status != SL_OK) { /* half a point would set the curves against each other */
        chart_data_clear(data);
        return status;
    }
    for (int axis = 0; axis < CHART_AXES; axis++) {
        double before = data->n ? data->x[axis][data->n - 1] : 0;
        double here = isfinite(x[axis]) ? x[axis] : before;
        data->x[axis][data->n] = data->n && here < before ? before : here;
    }
    data->kept = ++data->n;
    return SL_OK;
}

static void curve_show(struct curve *curve, size_t n)
{
    pyramid_show(&curve->extents, n);
    struct extent all = pyramid_extent(&curve->extents, curve->value, 0, n);
    curve->last = pyramid_previous(&curve->extents, curve->value, n, PYRAMID_FINITE);
    curve->lowest = all.finite ? pyramid_find(&curve->extents, curve->value, all.min, false) : SIZE_MAX;
    curve->highest = all.finite ? pyramid_find(&curve->extents, curve->value, all.max, true) : SIZE_MAX;
    if (!curve->smooth)
        return;
    pyramid_show(&curve->smooth_extents, n);
    curve->averaged = all.finite;
    curve->average = curve->last == SIZE_MAX ? 0 : curve->smooth[curve->last];
}

void chart_data_show(struct chart_data *data, size_t n)
{
    n = n < data->kept ? n : data->kept;
    for (size_t i = 0; i < data->n_curves; i++)
        curve_show(&data->curve[i], n);
    data->n = n;
    while (data->n_marks && data->marks[data->n_marks - 1].at >= n)
        data->n_marks--;
}

int chart_data_mark(struct chart_data *data, size_t at, char kind, struct sl_error *err)
{
    if (data->n_marks == data->marks_capacity) {
        size_t capacity = data->marks_capacity ? data->marks_capacity * 2 : 16, bytes;
        void *more = sl_mul(capacity, sizeof *data->marks, &bytes) ? realloc(data->marks, bytes) : NULL;
        if (!more)
            return sl_fail_memory(err, "keeping a mark");
        data->marks = more;
        data->marks_capacity = capacity;
    }
    size_t i = data->n_marks++;
    for (; i > 0 && data->marks[i - 1].at > at; i--)
        data->marks[i] = data->marks[i - 1];
    data->marks[i] = (struct chart_mark){ at, kind };
    return SL_OK;
}

void chart_data_clear(struct chart_data *data)
{
    data->n = data->kept = data->n_marks = 0;
    for (size_t i = 0; i < data->n_curves; i++) {
        struct curve *curve = &data->curve[i];
        pyramid_clear(&curve->extents);
        pyramid_clear(&curve->smooth_extents);
        curve->averaged = 0;
        curve->lowest = curve->highest = curve->last = SIZE_MAX;
    }
}

void chart_data_release(struct chart_data *data)
{
    if (!data)
        return;
    for (int axis = 0; axis < CHART_AXES; axis++)
        free(data->x[axis]);
    for (size_t i = 0; i < data->n_curves; i++) {
        free(data->curve[i].value);
        free(data->curve[i].smooth);
        pyramid_release(&data->curve[i].extents);
        pyramid_release(&data->curve[i].smooth_extents);
    }
    free(data->marks);
    *data = (struct chart_data){ 0 };
}

double chart_smoothing_weight(int smoothing)
{
    return weights[smoothing];
}

int chart_data_smooth(struct chart_data *data, size_t which, int smoothing, struct sl_error *err)
{
    struct curve *curve = &data->curve[which];
    if (smoothing == curve->smoothing)
        return SL_OK;
    pyramid_clear(&curve->smooth_extents);
    data->kept = data->n; /* smoothed values are made of those shown only */
    curve->averaged = 0;
    curve->smoothing = smoothing;
    int status = SL_OK;
    if (smoothing > 0 && !grow(&curve->smooth, data->capacity ? data->capacity : 1))
        status = sl_fail_memory(err, "smoothing a curve");
    for (size_t i = 0; smoothing > 0 && status == SL_OK && i < data->n; i++)
        status = smooth_add(curve, i, err);
    if (smoothing == 0 || status != SL_OK) {
        free(curve->smooth);
        curve->smooth = NULL;
        curve->smoothing = 0;
        pyramid_release(&curve->smooth_extents);
    }
    return status;
}

size_t chart_data_find(const struct chart_data *data, enum chart_axis axis, double x)
{
    size_t low = 0, high = data->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (data->x[axis][middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
