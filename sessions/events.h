/* events.h: what happened in a run, beside its points: rows of table event, in order, shown once committed. */
#ifndef SL_SESSIONS_EVENTS_H
#define SL_SESSIONS_EVENTS_H

#include "book.h"

#include "sluice/session.h"

struct event_list {
    struct sl_event *at; /* kind and json are owned */
    size_t n, capacity;
};

/* json NULL: no facts. */
int event_list_add(struct event_list *list, double time, const char *kind, const char *json, struct sl_error *err);
/* Put those of `from` behind those of `to`; `from` is empty then. */
int event_list_move(struct event_list *to, struct event_list *from, struct sl_error *err);
void event_list_clear(struct event_list *list);
void event_list_release(struct event_list *list);

/* Those of a run from the file, but for the first `skip`; the book is held by the caller. */
int event_list_load(struct event_list *list, struct book *book, int64_t run, size_t skip, struct sl_error *err);

/* A value in the JSON of an event, as it stands there, without quotes; false: it has none. */
bool event_value(const char *json, const char *key, struct sl_str *value);
/* The same as a number; NaN: none. */
double event_number(const char *json, const char *key);
/* The last event of a kind, or NULL. */
const struct sl_event *event_last(const struct event_list *list, const char *kind);

#endif
