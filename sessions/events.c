/* events.c: see events.h. The JSON read here is that which this program writes: one flat object, its keys unescaped. */
#include "events.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int event_list_add(struct event_list *list, double time, const char *kind, const char *json, struct sl_error *err)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 32;
        struct sl_event *p = realloc(list->at, capacity * sizeof *p);
        if (!p)
            return sl_fail_memory(err, "the events");
        list->at = p;
        list->capacity = capacity;
    }
    char *own = strdup(kind), *facts = strdup(json ? json : "{}");
    if (!own || !facts) {
        free(own);
        free(facts);
        return sl_fail_memory(err, "the events");
    }
    double step = event_number(facts, "step");
    list->at[list->n++] = (struct sl_event){ time, step >= 0 ? (uint64_t)step : 0, own, facts };
    return SL_OK;
}

int event_list_move(struct event_list *to, struct event_list *from, struct sl_error *err)
{
    if (!from->n)
        return SL_OK;
    if (to->n + from->n > to->capacity) {
        size_t capacity = 2 * (to->n + from->n);
        struct sl_event *p = realloc(to->at, capacity * sizeof *p);
        if (!p)
            return sl_fail_memory(err, "the events");
        to->at = p;
        to->capacity = capacity;
    }
    memcpy(to->at + to->n, from->at, from->n * sizeof *to->at);
    to->n += from->n;
    from->n = 0;
    return SL_OK;
}

void event_list_clear(struct event_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free((char *)list->at[i].kind);
        free((char *)list->at[i].json);
    }
    list->n = 0;
}

void event_list_release(struct event_list *list)
{
    event_list_clear(list);
    free(list->at);
    *list = (struct event_list){ 0 };
}

int event_list_load(struct event_list *list, struct book *book, int64_t run, size_t skip, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(book, &query, err,
                            "SELECT time, kind, json FROM event WHERE run = ? "
                            "ORDER BY seq LIMIT -1 OFFSET ?",
                            "ii", run, (int64_t)skip);
    while (!status && !(status = book_row(book, query, err)))
        status = event_list_add(list, book_real(query, 0), book_text(query, 1), book_text(query, 2), err);
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

bool event_value(const char *json, const char *key, struct sl_str *value)
{
    char quoted[64];
    int n = snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = json && n > 0 && (size_t)n < sizeof quoted ? strstr(json, quoted) : NULL;
    if (!at)
        return false;
    at += n;
    if (*at == '"') {
        at++;
        *value = (struct sl_str){ at, strcspn(at, "\"") };
    } else if (*at == '[') {
        at++;
        *value = (struct sl_str){ at, strcspn(at, "]") };
    } else {
        *value = (struct sl_str){ at, strcspn(at, ",}") };
    }
    return true;
}

double event_number(const char *json, const char *key)
{
    struct sl_str value;
    char text[40], *end;
    if (!event_value(json, key, &value) || !value.n || value.n >= sizeof text)
        return (double)NAN;
    memcpy(text, value.p, value.n);
    text[value.n] = '\0';
    double x = strtod(text, &end);
    return *end ? (double)NAN : x;
}

const struct sl_event *event_last(const struct event_list *list, const char *kind)
{
    for (size_t i = list->n; i-- > 0;)
        if (strcmp(list->at[i].kind, kind) == 0)
            return &list->at[i];
    return NULL;
}
