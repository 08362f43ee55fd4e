/* cache_try.h: runs with caches, and what of them has to be the same with and without. */
#ifndef SLUICE_TESTS_CACHE_TRY_H
#define SLUICE_TESTS_CACHE_TRY_H

#include "recipe_try.h"

#include "sluice/cache.h"
#include "sluice/input.h"

/* A finished run. */
struct cached {
    struct recipe recipe;
    struct sl_pipeline *pipeline;
    struct sl_dataset *data;
    struct sl_run *run;
    struct sl_pool *pool;
    struct sl_progress progress;
    uint64_t hash; /* of everything that comes out */
};

/* Run `stages` on the CSV file `path`; fails the test when it does not. cache may be NULL. */
void cached_run(struct cached *t, const char *path, const char *stages, struct sl_cache *cache, int threads);
void cached_release(struct cached *t);
/* The same, of which only the figures are wanted. */
struct outcome {
    uint64_t hash, hits, misses;
    char notices[600];
};
struct outcome outcome_of(const char *path, const char *stages, struct sl_cache *cache, int threads);

#endif
