/* job_ask.c: what is asked of a training under way, and how its thread carries it out.
 *
 * Asked for in one order and done in that order, at the end of the iteration at hand; pausing and stopping also within
 * a long one. A tuned parameter waits for the end of the iteration, and for the last iteration that was shown before
 * the training was taken up again: what was shown stays true. Each thing done is an event with the step at which it was
 * done, and its journal row gets the same step in the same transaction. */
#include "job.h"

#include <math.h>
#include <stdlib.h>

#define HALT_NS UINT64_C(50000000)

static void release(struct job_ask *ask)
{
    free(ask->parameter);
    free(ask->value);
}

void job_asks_release(struct job_asks *asks)
{
    for (size_t i = 0; i < asks->n; i++)
        release(&asks->at[i]);
    free(asks->at);
    *asks = (struct job_asks){ 0 };
}

enum job_wish job_wished(struct job *job)
{
    pthread_mutex_lock(&job->lock);
    enum job_wish wish = job->wish;
    pthread_mutex_unlock(&job->lock);
    return wish;
}

static int append(struct job *job, const struct job_ask *ask, struct sl_error *err)
{
    struct job_asks *asks = &job->asks;
    if (asks->n == asks->capacity) {
        size_t capacity = asks->capacity ? 2 * asks->capacity : 8;
        struct job_ask *p = realloc(asks->at, capacity * sizeof *p);
        if (!p)
            return sl_fail_memory(err, "a command");
        asks->at = p;
        asks->capacity = capacity;
    }
    asks->at[asks->n++] = *ask;
    return SL_OK;
}

/* An iteration that will end by itself in no time is let end: then what is tuned while held counts at once. */
static void halt_soon(struct job *job)
{
    if (!job->halt)
        job->halt = sl_now() + HALT_NS;
}

int job_ask(struct job *job, enum job_asked what, int64_t journal, const char *parameter, const char *value,
            struct sl_error *err)
{
    static const enum job_wish wishes[] = {
        [ASK_PAUSE] = JOB_PAUSE, [ASK_RESUME] = JOB_GO, [ASK_STOP] = JOB_STOP, [ASK_ONCE] = JOB_PAUSE
    };
    struct job_ask ask = { what, journal, NULL, NULL, job->shown };
    if (what == ASK_TUNE) {
        ask.parameter = strdup(parameter);
        ask.value = strdup(value);
        if (!ask.parameter || !ask.value) {
            release(&ask);
            return sl_fail_memory(err, "a command");
        }
    }
    pthread_mutex_lock(&job->lock);
    int status = append(job, &ask, err);
    if (!status && what != ASK_TUNE && job->wish != JOB_CLOSE)
        job->wish = wishes[what];
    if (!status && what == ASK_STOP)
        job->progress.cancel = true;
    if (!status && (what == ASK_STOP || what == ASK_PAUSE))
        halt_soon(job);
    pthread_cond_broadcast(&job->moved);
    pthread_mutex_unlock(&job->lock);
    if (status)
        release(&ask);
    return status;
}

void job_close(struct job *job)
{
    pthread_mutex_lock(&job->lock);
    job->wish = JOB_CLOSE;
    job->progress.cancel = true;
    halt_soon(job);
    pthread_cond_broadcast(&job->moved);
    pthread_mutex_unlock(&job->lock);
}

/* --- carried out --- */

/* Can it be done here? Within an iteration, and before the one that `once` asked for, only some things can. */
static bool fits(const struct job *job, const struct job_ask *ask, bool within)
{
    if (ask->what == ASK_STOP || ask->what == ASK_PAUSE)
        return true;
    if (job->once)
        return false;
    return ask->what != ASK_TUNE || (!within && ask->earliest <= job->last.step);
}

/* First thing that can be done here; asks->n: none. */
static size_t next_ask(const struct job *job, bool within)
{
    size_t i = 0;
    while (i < job->asks.n && !fits(job, &job->asks.at[i], within))
        i++;
    return i;
}

/* First thing for which a long iteration is halted. */
static size_t next_stop(const struct job *job)
{
    size_t i = 0;
    while (i < job->asks.n && job->asks.at[i].what != ASK_STOP && job->asks.at[i].what != ASK_PAUSE)
        i++;
    return i;
}

/* Take the next thing to do, waiting for one while held. False: there is none, go on; or close. */
static bool take(struct job *job, struct job_ask *out, bool *close)
{
    bool within = job->class->within(job->learner);
    uint64_t began = sl_now();
    pthread_mutex_lock(&job->lock);
    size_t i;
    while ((i = next_ask(job, within)) == job->asks.n && job->held && job->wish != JOB_CLOSE)
        pthread_cond_wait(&job->moved, &job->lock);
    *close = job->wish == JOB_CLOSE;
    bool found = !*close && i < job->asks.n;
    if (found) {
        *out = job->asks.at[i];
        memmove(&job->asks.at[i], &job->asks.at[i + 1], (job->asks.n - i - 1) * sizeof *out);
        job->asks.n--;
    }
    if (!*close && next_stop(job) == job->asks.n)
        job->halt = 0;
    pthread_mutex_unlock(&job->lock);
    if (job->held)
        job->paused_ns += sl_now() - began;
    return found;
}

static int hold(struct job *job, int64_t journal, struct sl_error *err)
{
    struct sl_buf json = { 0 };
    sl_buf_printf(&json, "{\"step\":%llu", (unsigned long long)job->last.step);
    flow_note(job, &json);
    sl_buf_putc(&json, '}');
    struct job_note note = { "paused", json.failed ? NULL : json.p, journal };
    job->held = true;
    job->once = false;
    int status = job_commit(job, SL_JOB_PAUSED, JOB_CHECKPOINT | JOB_FORCE, &note, err);
    sl_buf_release(&json);
    return status;
}

static int go_on(struct job *job, int64_t journal, struct sl_error *err)
{
    struct job_note note = { "resumed", NULL, journal };
    bool was = job->held;
    job->held = false;
    note.kind = was ? note.kind : NULL;
    return job_commit(job, SL_JOB_TRAINING, JOB_FORCE, &note, err);
}

static int tune(struct job *job, const struct job_ask *ask, struct sl_error *err)
{
    double before = job->class->setting(job->learner, ask->parameter);
    int status = job->class->tune(job->learner, ask->parameter, ask->value, err);
    if (status)
        return status;
    struct sl_buf json = { 0 };
    sl_buf_printf(&json, "{\"step\":%llu,\"parameter\":", (unsigned long long)job->last.step);
    sl_buf_json(&json, sl_str(ask->parameter));
    sl_buf_puts(&json, ",\"before\":");
    sl_buf_number(&json, before);
    sl_buf_puts(&json, ",\"value\":");
    sl_buf_number(&json, job->class->setting(job->learner, ask->parameter));
    sl_buf_puts(&json, "}");
    struct job_note note = { "tuned", json.p, ask->journal };
    status = json.failed ? sl_fail_memory(err, "an event")
                         : job_commit(job, job->held ? SL_JOB_PAUSED : SL_JOB_TRAINING, JOB_FORCE, &note, err);
    job->progress.total = job_steps(job);
    sl_buf_release(&json);
    return status;
}

static int carry_out(struct job *job, const struct job_ask *ask, struct sl_error *err)
{
    switch (ask->what) {
    case ASK_PAUSE: return hold(job, ask->journal, err);
    case ASK_RESUME: return go_on(job, ask->journal, err);
    case ASK_TUNE: return tune(job, ask, err);
    case ASK_ONCE:
        job->once = true;
        job->once_until = (job->last.step > job->shown ? job->last.step : job->shown) + 1;
        return go_on(job, ask->journal, err);
    case ASK_STOP: break;
    }
    job->stopping = ask->journal;
    return sl_fail(err, SL_ECANCEL, "the training was stopped");
}

int job_obey(struct job *job, struct sl_error *err)
{
    struct job_ask ask;
    bool close = false;
    int status = SL_OK;
    if (!job->class->within(job->learner)) {
        status = tunings_apply(&job->tunings, job->last.step, job->learner, err);
        if (!status && job->once && job->last.step >= job->once_until)
            status = hold(job, 0, err);
    }
    while (!status && take(job, &ask, &close)) {
        status = carry_out(job, &ask, err);
        release(&ask);
    }
    if (!status && close)
        status = sl_fail(err, SL_ECANCEL, "the training was stopped");
    return status;
}

void job_asks_end(struct job *job)
{
    for (size_t i = 0; i < job->asks.n && !job->stopping; i++)
        if (job->asks.at[i].what == ASK_STOP)
            job->stopping = job->asks.at[i].journal;
}

/* --- of an earlier life --- */

/* `tune A=1 B=2` of the journal, asked for again. */
static int ask_again(struct job *job, int64_t row, const char *line, struct sl_error *err)
{
    struct sl_arena arena;
    struct sl_line words;
    sl_arena_init(&arena);
    int status = sl_line_split(sl_str(line), &arena, &words, err);
    for (size_t i = 1; i < words.n && !status; i++) {
        char *parameter = sl_arena_strndup(&arena, words.words[i].key.p, words.words[i].key.n);
        char *value = sl_arena_strndup(&arena, words.words[i].value.p, words.words[i].value.n);
        status = parameter && value ? job_ask(job, ASK_TUNE, row, parameter, value, err)
                                    : sl_fail_memory(err, "a command");
    }
    sl_arena_release(&arena);
    return status;
}

int job_tunings_load(struct job *job, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = tunings_read(&job->tunings, job->book, job->run, job->last.step, err);
    if (status)
        return status;
    book_hold(job->book);
    status = book_query(job->book, &query, err,
                        "SELECT id, line FROM journal WHERE run = ? AND step IS "
                        "NULL AND line LIKE 'tune %' ORDER BY id",
                        "i", job->run);
    while (!status && !(status = book_row(job->book, query, err)))
        status = ask_again(job, sqlite3_column_int64(query, 0), book_text(query, 1), err);
    sqlite3_finalize(query);
    book_release(job->book);
    return status == SL_EEND ? SL_OK : status;
}
