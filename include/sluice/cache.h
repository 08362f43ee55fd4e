/* cache.h: records kept between runs, where a recipe says `cache`.
 *
 * What is kept is known by a key: the input (path, size, times, first and last bytes of every file), the statements
 * before the cache with their versions and parameters, and the version of this library. A run that finds its key goes
 * on from there; anything else is a miss, never an error. */
#ifndef SLUICE_CACHE_H
#define SLUICE_CACHE_H

#include "sluice/stage.h"

enum sl_cache_where { SL_CACHE_MEMORY, SL_CACHE_DISK };

/* Parameters of the stage `cache`. */
struct sl_cache_params {
    int where;     /* enum sl_cache_where */
    char *path;    /* folder for the files; NULL: $XDG_CACHE_HOME/sluice */
    int64_t limit; /* MiB: in memory for one point, on disk for the whole folder; 0: as said below */
};
extern const struct sl_stage_class sl_stage_cache;

#define SL_CACHE_DISK_LIMIT (UINT64_C(8) << 30) /* of a folder, when nothing is said */

/* What runs of one owner keep in memory. Used by any number of runs at once; each holds what it found, so that freeing
 * is safe once the runs have ended. */
struct sl_cache;
/* limit: bytes; the kept part used longest ago goes first. */
int sl_cache_new(struct sl_cache **out, uint64_t limit, struct sl_error *err);
void sl_cache_free(struct sl_cache *cache);
/* Bytes it holds, and how many points. */
uint64_t sl_cache_bytes(struct sl_cache *cache, size_t *n);
/* Forget everything kept. */
void sl_cache_clear(struct sl_cache *cache);

#endif
