/* run_cache.h: the cache points of one run. */
#ifndef SL_RUN_CACHE_H
#define SL_RUN_CACHE_H

#include "cache_private.h"
#include "run_private.h"

/* A `cache` statement that this run can use. */
struct cache_point {
    size_t stage; /* of the statement */
    size_t at;    /* the records are kept as they come to this stage */
    bool late;    /* seen in ENCODE, else in READ */
    const struct sl_cache_params *params;
    char *folder; /* NULL: in memory */
    uint64_t limit;
    struct sl_buf key;
    struct sl_store *fill; /* NULL: not to be kept in this run */
    _Atomic uint64_t bytes;
    _Atomic int broken; /* status of what went wrong while keeping */
};

struct sl_run_cache {
    struct cache_point points[SL_MAX_STAGES];
    size_t n;
    struct sl_buf input;   /* of the key, as the run began */
    struct sl_kept *kept;  /* what this run goes on from; NULL: nothing */
    size_t hit;            /* place in points */
    struct sl_buf notices; /* lines */
};

/* cache_take.c: books of a run as they are kept, and back. */
int sl_kept_take(struct sl_kept **out, struct sl_run *run, struct cache_point *point, struct sl_error *err);
/* What the stages before had learned; any bytes. Then the books: fails only for want of memory. */
int sl_kept_models(const struct sl_kept *kept, const struct cache_point *point, struct sl_run *run,
                   struct sl_error *err);
int sl_kept_give(const struct sl_kept *kept, const struct cache_point *point, struct sl_run *run, struct sl_error *err);
/* Is it of this pipeline, as far as counts tell? */
bool sl_kept_belongs(const struct sl_kept *kept, const struct cache_point *point, const struct sl_run *run);

#endif
