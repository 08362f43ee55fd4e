/* training_epochs.c: the epochs of the current run, read off its events as they come. */
#include "job.h"

#include <math.h>
#include <stdlib.h>

static uint64_t count(const char *json, const char *key)
{
    double x = event_number(json, key);
    return x > 0 && x < 9e15 ? (uint64_t)x : 0;
}

static struct sl_epoch epoch_of(const struct sl_event *event)
{
    const char *json = event->json;
    struct sl_str best;
    return (struct sl_epoch){ .epoch = count(json, "epoch"),
                              .step = event->step,
                              .loss = event_number(json, "loss"),
                              .accuracy = event_number(json, "accuracy"),
                              .val_loss = event_number(json, "val_loss"),
                              .val_accuracy = event_number(json, "val_accuracy"),
                              .learning_rate = event_number(json, "learning_rate"),
                              .seconds = event_number(json, "seconds"),
                              .rows_per_second = event_number(json, "rows_per_second"),
                              .wait_share = event_number(json, "wait_share"),
                              .best = event_value(json, "best", &best) && sl_str_equal(best, SL_STR("true")) };
}

/* One made again (with other data) takes the place of what was there. False: out of memory. */
static bool add(struct epochs *list, const struct sl_epoch *epoch)
{
    while (list->n && list->at[list->n - 1].epoch >= epoch->epoch)
        list->n--;
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        struct sl_epoch *p = realloc(list->at, capacity * sizeof *p);
        if (!p)
            return false;
        list->at = p;
        list->capacity = capacity;
    }
    list->at[list->n++] = *epoch;
    return true;
}

size_t sl_session_epochs(const struct sl_session *shared, const struct sl_epoch **epochs)
{
    struct sl_session *session = (struct sl_session *)(uintptr_t)shared; /* what was read is kept */
    struct epochs *list = &session->epochs;
    const struct event_list *events = &session->events;
    if (list->run != session->run.id || list->from != events->at || list->read > events->n) {
        list->n = list->read = 0;
        list->run = session->run.id;
        list->from = events->at;
    }
    for (; list->read < events->n; list->read++) {
        struct sl_epoch epoch;
        if (strcmp(events->at[list->read].kind, "epoch") != 0)
            continue;
        epoch = epoch_of(&events->at[list->read]);
        if (!add(list, &epoch))
            break;
    }
    *epochs = list->at;
    return list->n;
}

/* --- how far a network is --- */

static void put_device(const struct sl_session *session, struct sl_train_state *out)
{
    struct sl_str name;
    for (size_t i = session->events.n; i-- > 0 && !out->device[0];) {
        const struct sl_event *e = &session->events.at[i];
        bool begins = strcmp(e->kind, "training") == 0 || strcmp(e->kind, "resumed") == 0;
        if (begins && event_value(e->json, "device", &name) && name.n < sizeof out->device) {
            memcpy(out->device, name.p, name.n);
            out->device[name.n] = '\0';
        }
    }
}

/* Rows a second over the last two seconds of training. */
static double pace(const struct sl_session *session)
{
    const struct sl_point *points = session->points, *last = &points[session->n_points - 1];
    size_t low = 0, high = session->n_points - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (points[middle].seconds < last->seconds - 2)
            low = middle + 1;
        else
            high = middle;
    }
    double seconds = last->seconds - points[low].seconds;
    if (seconds > 0)
        return (double)(last->rows - points[low].rows) / seconds;
    return last->seconds > 0 ? (double)last->rows / last->seconds : 0;
}

/* Of the training's time so far: waiting for batches, by what the epochs came to. */
static double waited(const struct sl_epoch *epochs, size_t n)
{
    double waiting = 0, seconds = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(epochs[i].wait_share)) {
            waiting += epochs[i].wait_share * epochs[i].seconds;
            seconds += epochs[i].seconds;
        }
    return seconds > 0 ? waiting / seconds : (double)NAN;
}

void training_network_state(struct sl_session *session, struct sl_train_state *out)
{
    const struct sl_epoch *epochs;
    size_t n = sl_session_epochs(session, &epochs);
    double given = training_fact(session, "epochs"), batches = training_fact(session, "batches");
    double steps = training_fact(session, "steps");
    const struct sl_point *last = session->n_points ? &session->points[session->n_points - 1] : NULL;
    out->gradient_norm = last ? last->gradient_norm : (double)NAN;
    out->steps = steps > 0 ? (uint64_t)steps : 0;
    if (!(given > 0))
        return;
    put_device(session, out);
    out->epochs = (uint64_t)given;
    out->batches = batches > 0 ? (uint64_t)batches : 0;
    out->epoch = out->batches ? out->step / out->batches : n;
    out->batch = out->batches ? out->step % out->batches : 0;
    for (size_t i = 0; i < n; i++)
        if (epochs[i].best)
            out->best_epoch = epochs[i].epoch;
    if (last && out->job == SL_JOB_TRAINING)
        out->rows_per_second = pace(session);
    double share = waited(epochs, n);
    if (session->job && session->job->last_ns) {
        double of, waiting = job_waited(session->job, &of);
        share = of > 0 ? waiting / of : share;
    }
    out->wait_share = last ? share : out->wait_share;
}
