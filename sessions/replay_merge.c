/* replay_merge.c: rows and points made into one row of moments.
 *
 * Lines, events and openings have a time; each table is in order by itself, so they are merged by time. Points have
 * only the seconds of training behind them: their time is that of the event that began or resumed the training plus the
 * seconds since. Where they go is decided by steps, not by time: a row that says a step comes right behind the point of
 * that step; a row that finds no training under way comes behind all the points that were seen by then, which the next
 * `resume` tells. */
#include "replay.h"

#include <math.h>
#include <stdlib.h>

struct merge {
    struct replay *replay;
    struct stand stand;
    uint32_t run;        /* index + 1, of the one whose points come now */
    size_t next;         /* its next point */
    double began, spent; /* its training went on then, with so many seconds behind it */
    double last;         /* time of the last moment */
    struct sl_error *err;
};

/* Rows of the same time: openings, then lines, then events. */
static int by_time(const void *a, const void *b)
{
    static const uint8_t rank[] = { [SL_MOMENT_OPENED] = 0, [SL_MOMENT_LINE] = 1, [SL_MOMENT_EVENT] = 2 };
    const struct past *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->kind != y->kind)
        return rank[x->kind] < rank[y->kind] ? -1 : 1;
    if (x->run != y->run && x->kind == SL_MOMENT_EVENT)
        return x->run < y->run ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static int add_moment(struct merge *m, enum sl_moment_kind kind, double time, uint32_t index)
{
    struct replay *r = m->replay;
    int status = replay_room(&r->moments, &r->moments_capacity, r->n_moments + 1, sizeof *r->moments, m->err);
    if (status)
        return status;
    m->last = isfinite(time) && time > m->last ? time : m->last;
    bool best = kind == SL_MOMENT_POINT && index == r->runs[m->run - 1].best;
    r->moments[r->n_moments++] =
        (struct moment){ .time = m->last,
                         .stand = m->stand.past,
                         .index = index,
                         .kind = (uint8_t)kind,
                         .best = best,
                         .marker = best || (kind != SL_MOMENT_POINT && r->past[index].marker) };
    return SL_OK;
}

static const struct sl_point *point_at(const struct merge *m, size_t i)
{
    return &m->replay->points[m->replay->runs[m->run - 1].first + i];
}

static double point_time(const struct merge *m, size_t i)
{
    double since = point_at(m, i)->seconds - m->spent;
    return m->began + (since > 0 ? since : 0);
}

/* The points up to a step that were seen up to a time; none is put behind `before`. */
static int add_points(struct merge *m, uint64_t step, double until, double before)
{
    int status = SL_OK;
    size_t n = m->run ? m->replay->runs[m->run - 1].n : 0;
    while (!status && m->next < n && point_at(m, m->next)->step <= step && point_time(m, m->next) <= until) {
        double time = point_time(m, m->next);
        status = add_moment(m, SL_MOMENT_POINT, time < before ? time : before, (uint32_t)m->next);
        m->next++;
    }
    return status;
}

/* How far the training had come when it is taken up again next, for each row; UINT64_MAX: another one, or nothing,
 * comes first. The event says so; where it does not (older files), the line `resume` has it as its step. */
static uint64_t *find_resumes(const struct replay *replay)
{
    uint64_t *out = malloc((replay->n_past + 1) * sizeof *out), next = UINT64_MAX;
    bool said = false;
    for (size_t i = replay->n_past; out && i-- > 0;) {
        const struct past *past = &replay->past[i];
        out[i] = next;
        if (past->act == ACT_TRAIN)
            next = UINT64_MAX;
        else if ((past->act == ACT_RESUMED || past->act == ACT_TRAINING) && past->shown != UINT64_MAX)
            next = past->shown;
        else if (past->act == ACT_RESUME && past->has_step && !said)
            next = past->step;
        if (past->act == ACT_TRAIN || past->act == ACT_RESUME)
            said = false;
        else
            said |= past->kind == SL_MOMENT_EVENT && past->shown != UINT64_MAX;
    }
    return out;
}

static bool under_way(const struct stand *stand)
{
    return stand->job == SL_JOB_PREPARING || stand->job == SL_JOB_TRAINING || stand->job == SL_JOB_PAUSED;
}

static int points_before(struct merge *m, const struct past *past, uint64_t resume)
{
    bool starts = past->run > m->run;
    if (!m->run)
        return SL_OK;
    if (starts) /* the training before it is over */
        return add_points(m, UINT64_MAX, INFINITY, past->time);
    if (past->run && past->run != m->run)
        return SL_OK;
    if (past->has_step)
        return add_points(m, past->step, INFINITY, past->time);
    if (past->act == ACT_PREPARED)
        return SL_OK;
    if (past->act == ACT_END || past->act == ACT_OPENED)
        return add_points(m, resume, INFINITY, past->time);
    return under_way(&m->stand) ? add_points(m, UINT64_MAX, past->time, past->time) : SL_OK;
}

/* The training goes on from here: its clock starts again. */
static void set_clock(struct merge *m, const struct past *past)
{
    const struct past_run *run = m->run ? &m->replay->runs[m->run - 1] : NULL;
    bool goes = past->act == ACT_TRAINING || past->act == ACT_RESUMED ||
                (past->act == ACT_PREPARED && run && !run->says_training);
    if (!goes || !run)
        return;
    size_t n = m->next;
    while (n && past->has_step && point_at(m, n - 1)->step > past->step)
        n--;
    m->began = past->time;
    m->spent = n ? point_at(m, n - 1)->seconds : 0;
}

static int add_row(struct merge *m, size_t i, uint64_t resume)
{
    const struct past *past = &m->replay->past[i];
    int status = points_before(m, past, resume);
    if (!status && past->run > m->run) {
        m->run = past->run;
        m->next = 0;
        m->began = past->time;
        m->spent = 0;
    }
    if (!status)
        status = replay_stand(m->replay, &m->stand, i, m->err);
    if (status)
        return status;
    set_clock(m, past);
    m->stand.points = m->next;
    m->replay->stands[i] = m->stand;
    return add_moment(m, (enum sl_moment_kind)past->kind, past->time, (uint32_t)i);
}

int replay_merge(struct replay *replay, struct sl_error *err)
{
    struct merge m = { .replay = replay, .err = err };
    if (replay->n_past > 1)
        qsort(replay->past, replay->n_past, sizeof *replay->past, by_time);
    replay->stands = calloc(replay->n_past + 1, sizeof *replay->stands);
    uint64_t *resumes = find_resumes(replay);
    int status = replay->stands && resumes ? SL_OK : sl_fail_memory(err, "a session's past");
    for (size_t i = 0; i < replay->n_past && !status; i++)
        status = add_row(&m, i, resumes[i]);
    if (!status)
        status = add_points(&m, UINT64_MAX, INFINITY, INFINITY);
    free(resumes);
    if (!status)
        replay_clock(replay);
    return status;
}

void replay_clock(struct replay *replay)
{
    double played = 0;
    for (size_t i = 0; i < replay->n_moments; i++) {
        double passed = i ? replay->moments[i].time - replay->moments[i - 1].time : 0;
        played += passed < replay->idle ? passed : replay->idle;
        replay->moments[i].played = played;
    }
}
