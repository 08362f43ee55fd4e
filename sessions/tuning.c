/* tuning.c: see tuning.h. */
#include "tuning.h"

#include <math.h>
#include <stdlib.h>

static int add(struct tunings *list, const struct sl_event *event, struct sl_error *err)
{
    struct sl_str parameter, value;
    if (!event_value(event->json, "parameter", &parameter) || !event_value(event->json, "value", &value))
        return sl_fail(err, SL_EFORMAT, "the session's event of a tuned parameter at step %llu is damaged",
                       (unsigned long long)event->step);
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 8;
        struct tuning *p = realloc(list->at, capacity * sizeof *p);
        if (!p)
            return sl_fail_memory(err, "the tuned parameters");
        list->at = p;
        list->capacity = capacity;
    }
    struct tuning *t = &list->at[list->n];
    *t = (struct tuning){ event->step, strndup(parameter.p, parameter.n), strndup(value.p, value.n) };
    list->n++;
    return t->parameter && t->value ? SL_OK : sl_fail_memory(err, "the tuned parameters");
}

int tunings_read(struct tunings *out, struct book *book, int64_t run, uint64_t from, struct sl_error *err)
{
    struct event_list events = { 0 };
    book_hold(book);
    int status = event_list_load(&events, book, run, 0, err);
    book_release(book);
    for (size_t i = 0; i < events.n && !status; i++)
        if (strcmp(events.at[i].kind, "tuned") == 0 && events.at[i].step >= from)
            status = add(out, &events.at[i], err);
    event_list_release(&events);
    return status;
}

int tunings_apply(struct tunings *tunings, uint64_t step, struct sl_learner *learner, struct sl_error *err)
{
    int status = SL_OK;
    for (; tunings->next < tunings->n && tunings->at[tunings->next].step <= step && !status; tunings->next++) {
        const struct tuning *t = &tunings->at[tunings->next];
        status = learner->class->tune(learner, t->parameter, t->value, err);
    }
    return status;
}

void tunings_release(struct tunings *tunings)
{
    for (size_t i = 0; i < tunings->n; i++) {
        free(tunings->at[i].parameter);
        free(tunings->at[i].value);
    }
    free(tunings->at);
    *tunings = (struct tunings){ 0 };
}

double tuning_setting(struct sl_pipeline *pipeline, const char *parameter)
{
    const struct sl_stage_class *class = NULL;
    const char *params = sl_learner_settings(pipeline, &class);
    const struct sl_param *row = params && class ? sl_param_find(class->params, sl_str(parameter)) : NULL;
    if (row && row->kind == SL_PARAM_INT)
        return (double)*(const int64_t *)(const void *)(params + row->offset);
    return row && row->kind == SL_PARAM_REAL ? *(const double *)(const void *)(params + row->offset) : (double)NAN;
}

/* May it change while it trains? Only such a parameter is followed. */
static bool followed(const struct sl_stage *stage, const struct sl_learner_class *class, const char *parameter)
{
    return class && class->tunable && class->tunable(stage, parameter, NULL, NULL) == SL_OK;
}

double tuning_value(const struct event_list *events, struct sl_pipeline *pipeline, const char *parameter, uint64_t step,
                    uint64_t last, uint64_t total)
{
    const struct sl_stage *stage = sl_pipeline_find(pipeline, SL_LEARNER);
    const struct sl_learner_class *class = sl_learner_find(stage);
    if (!followed(stage, class, parameter))
        return (double)NAN;
    double value = tuning_setting(pipeline, parameter);
    for (size_t i = events->n; i-- > 0;) {
        const struct sl_event *e = &events->at[i];
        struct sl_str name;
        if (strcmp(e->kind, "tuned") == 0 && e->step <= step && event_value(e->json, "parameter", &name) &&
            sl_str_equal(name, sl_str(parameter))) {
            value = event_number(e->json, "value");
            break;
        }
    }
    return class->scheduled ? class->scheduled(pipeline, parameter, value, step < last ? step : last, total) : value;
}
