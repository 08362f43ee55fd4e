/* replay_load.c: a session's whole past read out of its file, once, in one read transaction.
 *
 * Rows that name a training there is none of are left out: a damaged file replays as far as it makes sense. */
#include "points.h"
#include "replay.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int replay_room(void *array, size_t *capacity, size_t n, size_t size, struct sl_error *err)
{
    if (n <= *capacity)
        return SL_OK;
    size_t more = *capacity ? *capacity * 2 : 64, bytes;
    void *p;
    memcpy(&p, array, sizeof p); /* whatever it points to */
    more = more < n ? n : more;
    p = sl_mul(more, size, &bytes) ? realloc(p, bytes) : NULL;
    if (!p)
        return sl_fail_memory(err, "a session's past");
    memcpy(array, &p, sizeof p);
    *capacity = more;
    return SL_OK;
}

double replay_fact(const char *json, const char *key)
{
    char quoted[48];
    int n = snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = json ? strstr(json, quoted) : NULL;
    char *end = NULL;
    double x = at ? strtod(at + n, &end) : 0;
    return at && end != at + n ? x : (double)NAN;
}

uint32_t replay_find_run(const struct replay *replay, int64_t id)
{
    size_t low = 0, high = replay->n_runs;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (replay->runs[middle].row.id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < replay->n_runs && replay->runs[low].row.id == id ? (uint32_t)low + 1 : 0;
}

char *replay_keep(struct replay *replay, const char *text)
{
    return sl_arena_strndup(&replay->arena, text, strlen(text));
}

int replay_end_query(sqlite3_stmt *query, int status)
{
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

/* --- events, openings --- */

static enum replay_act act_of(const char *kind, enum sl_job *job)
{
    static const struct {
        const char *kind;
        enum replay_act act;
    } acts[] = {
        { "prepared", ACT_PREPARED }, { "training", ACT_TRAINING }, { "resumed", ACT_RESUMED }, { "paused", ACT_PAUSED }
    };
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (strcmp(kind, acts[i].kind) == 0)
            return acts[i].act;
    *job = record_state_read(kind);
    bool end = *job == SL_JOB_DONE || *job == SL_JOB_STOPPED || *job == SL_JOB_FAILED || *job == SL_JOB_INTERRUPTED;
    return end ? ACT_END : ACT_NONE;
}

static int add_past(struct replay *replay, const struct past *past, struct sl_error *err)
{
    int status = replay->n_past < UINT32_MAX - 1
                     ? replay_room(&replay->past, &replay->past_capacity, replay->n_past + 1, sizeof *past, err)
                     : sl_fail(err, SL_ELIMIT, "the session's past is too long to be replayed");
    if (!status)
        replay->past[replay->n_past++] = *past;
    return status;
}

/* Clocks are set back at times; a row never comes before the one it followed. */
static double later(double *last, double time)
{
    if (isfinite(time) && time > *last)
        *last = time;
    return *last;
}

static int note_event(struct past_run *run, const struct past *past, struct sl_error *err)
{
    struct event_list *list = &run->events;
    int status = replay_room(&list->at, &list->capacity, list->n + 1, sizeof *list->at, err);
    if (status)
        return status;
    list->at[list->n++] = (struct sl_event){ past->time, past->step, past->name, past->text[0] ? past->text : "{}" };
    run->says_training |= past->act == ACT_TRAINING;
    if (past->act == ACT_END)
        run->last_end = past->id;
    return SL_OK;
}

static int load_events(struct replay *replay, struct book *book, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    double last = 0;
    int status = book_query(book, &query, err, "SELECT run, seq, time, kind, json FROM event ORDER BY run, seq", "");
    while (!status && !(status = book_row(book, query, err))) {
        uint32_t run = replay_find_run(replay, sqlite3_column_int64(query, 0));
        enum sl_job job = SL_JOB_NONE;
        const char *kind = book_text(query, 3), *json = book_text(query, 4);
        double step = replay_fact(json, "step");
        if (!run)
            continue;
        struct past past = { .id = sqlite3_column_int64(query, 1),
                             .time = later(&last, sqlite3_column_double(query, 2)),
                             .run = run,
                             .kind = SL_MOMENT_EVENT,
                             .act = (uint8_t)act_of(kind, &job),
                             .has_step = step >= 0 && step < 9e15,
                             .marker = true,
                             .name = replay_keep(replay, kind),
                             .text = replay_keep(replay, json) };
        past.step = past.has_step ? (uint64_t)step : 0;
        double shown = replay_fact(json, "shown");
        past.shown = shown >= 0 && shown < 9e15 ? (uint64_t)shown : UINT64_MAX;
        past.job = (uint8_t)job;
        status = past.name && past.text ? note_event(&replay->runs[run - 1], &past, err)
                                        : sl_fail_memory(err, "a session's past");
        status = status ? status : add_past(replay, &past, err);
    }
    return replay_end_query(query, status);
}

static int load_openings(struct replay *replay, struct book *book, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    double last = 0;
    int status = book_query(book, &query, err, "SELECT id, time, version FROM environment ORDER BY id", "");
    while (!status && !(status = book_row(book, query, err))) {
        struct past past = { .id = sqlite3_column_int64(query, 0),
                             .time = later(&last, sqlite3_column_double(query, 1)),
                             .kind = SL_MOMENT_OPENED,
                             .act = ACT_OPENED,
                             .name = "opened",
                             .text = replay_keep(replay, book_text(query, 2)) };
        status = past.text ? add_past(replay, &past, err) : sl_fail_memory(err, "a session's past");
    }
    return replay_end_query(query, status);
}

/* --- journal --- */

static bool begins_with(const char *line, const char *word)
{
    size_t n = strlen(word);
    return strncmp(line, word, n) == 0 && (!line[n] || line[n] == ' ');
}

static int load_lines(struct replay *replay, struct book *book, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    double last = 0;
    int status = book_query(book, &query, err, "SELECT id, time, line, run, step FROM journal ORDER BY id", "");
    while (!status && !(status = book_row(book, query, err))) {
        const char *line = replay_keep(replay, book_text(query, 2));
        struct past past = { .id = sqlite3_column_int64(query, 0),
                             .time = later(&last, sqlite3_column_double(query, 1)),
                             .run = replay_find_run(replay, sqlite3_column_int64(query, 3)),
                             .step = (uint64_t)sqlite3_column_int64(query, 4),
                             .has_step = sqlite3_column_type(query, 4) != SQLITE_NULL,
                             .kind = SL_MOMENT_LINE,
                             .marker = true,
                             .text = line };
        if (!line || !(past.name = sl_arena_strndup(&replay->arena, line, strcspn(line, " "))))
            status = sl_fail_memory(err, "a session's past");
        past.has_step = past.has_step && past.run;
        if (!status && past.run && begins_with(line, "train"))
            past.act = ACT_TRAIN;
        else if (!status && past.run && begins_with(line, "resume"))
            past.act = ACT_RESUME;
        status = status ? status : add_past(replay, &past, err);
    }
    return replay_end_query(query, status);
}

/* --- points --- */

static void judge_best(struct replay *replay, struct past_run *run)
{
    const struct sl_point *p = replay->points + run->first;
    bool tested = false;
    for (size_t i = 0; i < run->n && !tested; i++)
        tested = isfinite(p[i].test_accuracy);
    for (size_t i = 0; i < run->n; i++) {
        double x = tested ? p[i].test_accuracy : -p[i].loss;
        double best = run->best == SIZE_MAX ? -INFINITY : tested ? p[run->best].test_accuracy : -p[run->best].loss;
        if (isfinite(x) && x > best)
            run->best = i;
    }
}

static int load_points(struct replay *replay, struct book *book, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    char sql[POINT_SQL];
    point_select(book, "ORDER BY run, step", sql);
    int status = book_query(book, &query, err, sql, "");
    int64_t id = 0;
    uint32_t run = 0;
    while (!status && !(status = book_row(book, query, err))) {
        if (!run || id != sqlite3_column_int64(query, 0)) {
            id = sqlite3_column_int64(query, 0);
            run = replay_find_run(replay, id);
            if (run)
                replay->runs[run - 1].first = replay->n_points;
        }
        if (!run)
            continue;
        status =
            replay_room(&replay->points, &replay->points_capacity, replay->n_points + 1, sizeof *replay->points, err);
        if (status)
            break;
        replay->points[replay->n_points++] = point_read(query);
        replay->runs[run - 1].n++;
    }
    status = replay_end_query(query, status);
    for (size_t i = 0; i < replay->n_runs && !status; i++)
        judge_best(replay, &replay->runs[i]);
    return status;
}

int replay_load(struct sl_session *session, struct replay *replay, struct sl_error *err)
{
    int (*const parts[])(struct replay *, struct book *,
                         struct sl_error *) = { replay_load_runs, load_lines, load_events, load_openings, load_points };
    struct book *book = session->book;
    book_hold(book);
    int status = book_run(book, err, "BEGIN", "");
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !status; i++)
        status = parts[i](replay, book, err);
    sqlite3_exec(book->db, "ROLLBACK", NULL, NULL, NULL); /* it only read */
    book_release(book);
    return status;
}
