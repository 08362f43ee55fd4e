/* job_network.c: what only networks have: epochs and what they came to, early stopping, a device, a look inside.
 *
 * An epoch is an event, written with the points of its batches. The best one's state is kept, and those of the last
 * few. What is shown of the inside (job->inspection) and of the device is taken twice a second while somebody wants it:
 * each taking costs about a batch. */
#include "job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#define LOOK_NS UINT64_C(500000000)

static uint64_t setting(const struct job *job, const char *name)
{
    double x = job->class->setting(job->learner, name);
    return x >= 0 && x < 9e15 ? (uint64_t)x : 0;
}

uint64_t job_steps(const struct job *job)
{
    return setting(job, "max_iter");
}

void job_facts(struct job *job, struct sl_buf *json)
{
    if (!job->class->epoch)
        return;
    job->look.wait_share = (double)NAN;
    const char *device = job->class->device ? job->class->device(job->learner, NULL) : NULL;
    pthread_mutex_lock(&job->lock);
    snprintf(job->look.device, sizeof job->look.device, "%s", device ? device : "");
    job->look.whole = setting(job, "steps_per_epoch") == 1;
    pthread_mutex_unlock(&job->lock);
    sl_buf_puts(json, ",\"device\":");
    sl_buf_json(json, sl_str(job->look.device));
    sl_buf_printf(json, ",\"epochs\":%llu,\"batches\":%llu,\"steps\":%llu", (unsigned long long)setting(job, "epochs"),
                  (unsigned long long)setting(job, "steps_per_epoch"), (unsigned long long)job_steps(job));
}

void job_say(struct job *job, const char *text)
{
    pthread_mutex_lock(&job->lock);
    sl_buf_puts(&job->notices, text);
    if (*text && text[strlen(text) - 1] != '\n')
        sl_buf_putc(&job->notices, '\n');
    pthread_mutex_unlock(&job->lock);
    eventfd_write(job->wake_fd, 1);
}

void job_notice(struct job *job)
{
    const char *notice = job->class->notice ? job->class->notice(job->learner) : NULL;
    if (notice)
        job_say(job, notice);
}

/* --- epochs --- */

static void put_real(struct sl_buf *json, const char *key, double x)
{
    sl_buf_printf(json, ",\"%s\":", key);
    sl_buf_number(json, x);
}

static int note_epoch(struct job *job, const struct sl_epoch *e, struct sl_error *err)
{
    struct sl_buf json = { 0 };
    sl_buf_printf(&json, "{\"step\":%llu,\"epoch\":%llu", (unsigned long long)e->step, (unsigned long long)e->epoch);
    put_real(&json, "loss", e->loss);
    put_real(&json, "accuracy", e->accuracy);
    put_real(&json, "val_loss", e->val_loss);
    put_real(&json, "val_accuracy", e->val_accuracy);
    put_real(&json, "learning_rate", e->learning_rate);
    put_real(&json, "seconds", e->seconds);
    put_real(&json, "rows_per_second", e->rows_per_second);
    put_real(&json, "wait_share", e->wait_share);
    sl_buf_printf(&json, ",\"best\":%s}", e->best ? "true" : "false");
    return job_add_event(job, "epoch", &json, err);
}

int job_epoch(struct job *job, bool seen, struct sl_error *err)
{
    struct sl_epoch e = { 0 };
    if (!job->class->epoch || !job->class->epoch(job->learner, &e))
        return SL_OK;
    job->epochs = e.epoch;
    pthread_mutex_lock(&job->lock);
    job->look.waited += isfinite(e.wait_share) ? e.wait_share * e.seconds : 0;
    job->look.seconds += e.seconds;
    job->look.wait_share = (double)NAN;
    pthread_mutex_unlock(&job->lock);
    if (e.best)
        job->best_epoch = e.epoch;
    int status = seen ? SL_OK : note_epoch(job, &e, err);
    if (!status && e.best)
        status = job_save(job, true, e.epoch, err);
    if (!status && job->keep_epochs > 0)
        status = job_save(job, false, e.epoch, err);
    return status;
}

/* What early stopping watches, as `train` has it. */
static void put_monitor(struct job *job, struct sl_buf *json)
{
    const struct sl_stage_class *class = NULL;
    const char *params = sl_learner_settings(job->pipeline, &class);
    const struct sl_param *row = params && class ? sl_param_find(class->params, SL_STR("monitor")) : NULL;
    struct sl_buf text = { 0 };
    bool choose = row && *(const int *)(const void *)(params + row->offset) == 0; /* auto */
    if (choose)
        sl_buf_puts(&text, job->data->validation.n ? "val_loss" : "loss");
    else if (row)
        sl_param_format(row, params, &text);
    sl_buf_puts(json, ",\"monitor\":");
    sl_buf_json(json, (struct sl_str){ text.p, text.n });
    sl_buf_release(&text);
}

int job_stopped_early(struct job *job, struct sl_error *err)
{
    struct sl_buf json = { 0 };
    sl_buf_printf(&json, "{\"step\":%llu,\"epoch\":%llu,\"best_epoch\":%llu", (unsigned long long)job->last.step,
                  (unsigned long long)job->epochs, (unsigned long long)job->best_epoch);
    put_monitor(job, &json);
    sl_buf_putc(&json, '}');
    return job_add_event(job, "early_stop", &json, err);
}

/* --- a look inside --- */

int job_look_ahead(struct job *job, struct sl_error *err)
{
    bool single = job->once && job->last.step + 1 >= job->once_until;
    job->looking = job->class->inspect && (single || (job->inspect && sl_now() >= job->next_look));
    return job->looking ? job->class->inspect(job->learner, true, err) : SL_OK;
}

int job_look(struct job *job, uint64_t now, struct sl_error *err)
{
    struct sl_inspection *taken = NULL;
    if (!job->looking)
        return SL_OK;
    job->looking = false;
    job->next_look = now + LOOK_NS;
    int status = job->class->take(job->learner, &taken, err);
    if (!status)
        status = job->class->inspect(job->learner, false, err);
    if (!taken)
        return status;
    pthread_mutex_lock(&job->lock);
    struct sl_inspection *before = job->inspection;
    job->inspection = taken;
    pthread_mutex_unlock(&job->lock);
    sl_inspection_free(before);
    eventfd_write(job->wake_fd, 1);
    return status;
}

void job_look_begin(struct job *job)
{
    pthread_mutex_lock(&job->lock);
    job->look.began = job->resume ? job->last.seconds : 0;
    pthread_mutex_unlock(&job->lock);
}

double job_waited(struct job *job, double *of)
{
    pthread_mutex_lock(&job->lock);
    double spent = (double)job->last_ns * 1e-9 - job->look.began, now = spent - job->look.seconds;
    double waited = job->look.waited + (isfinite(job->look.wait_share) && now > 0 ? job->look.wait_share * now : 0);
    pthread_mutex_unlock(&job->lock);
    *of = spent > waited ? spent : waited;
    return waited;
}

bool job_on_host(struct job *job, bool *whole)
{
    pthread_mutex_lock(&job->lock);
    *whole = job->look.whole;
    bool host = !job->look.device[0] || strncmp(job->look.device, "cpu", 3) == 0;
    pthread_mutex_unlock(&job->lock);
    return host;
}

void job_look_at_device(struct job *job, uint64_t now)
{
    struct sl_device_usage usage = { .busy = (double)NAN };
    if (!job->class->epoch || now < job->next_usage)
        return;
    job->next_usage = now + LOOK_NS;
    if (job->class->device)
        job->class->device(job->learner, &usage);
    double share = job->class->setting(job->learner, "wait_share");
    pthread_mutex_lock(&job->lock);
    job->look.usage = usage;
    job->look.wait_share = share;
    pthread_mutex_unlock(&job->lock);
}
