/* browse_private.h: a browser's parts: what the scan found, and what pages are made from. */
#ifndef SL_BROWSE_PRIVATE_H
#define SL_BROWSE_PRIVATE_H

#include "pipeline_private.h"

#include "sluice/browse.h"

#include <pthread.h>

/* What is known of the input; shared with the scan, under `lock`. */
struct atlas {
    pthread_mutex_t lock;
    struct sl_mark *marks; /* of blocks 0..n-1, without gaps */
    size_t n, capacity;
    bool complete;    /* every block is known */
    uint64_t records; /* in the blocks known */
    struct sl_quarantine rejects;
    bool adopted; /* rejects are those of a whole run: the scan adds none */
    struct sl_profile *profile;
    uint64_t consumed, size;
    struct sl_error error;
};

struct scan {
    pthread_t thread;
    bool started;
    _Atomic bool running, cancel;
    int threads;
    void (*wake)(void *ctx);
    void *ctx;
    struct sl_reader *reader; /* of its own */
    uint64_t next;            /* block to go on from */
};

/* A block read and parsed. Pages hold blocks they show; the browser keeps the last few. */
struct held_block {
    _Atomic int users;
    struct sl_block block;
    struct sl_arena arena;
    struct sl_chunk chunk; /* as the stages see it */
    struct sl_quarantine rejects;
};

#define CACHED_BLOCKS 4

struct sl_browser {
    struct sl_pipeline *pipeline; /* borrowed */
    struct sl_scratch *scratch;
    struct sl_reader *reader;
    struct atlas atlas;
    struct scan scan;
    struct held_block *cache[CACHED_BLOCKS]; /* newest first */
};

int sl_browser_open_reader(struct sl_browser *browser, struct sl_reader **out, struct sl_error *err);
/* Note block `mark` when it is the next unknown one. */
int sl_atlas_learn(struct atlas *atlas, const struct sl_block *block, struct sl_error *err);
/* Block k, from the cache or the file, with a use of it taken. SL_EEND: there is no such block. */
int sl_browser_block(struct sl_browser *browser, size_t k, struct held_block **out, struct sl_error *err);
void sl_held_block_drop(struct held_block *held);
/* Number of the block that holds this record, as far as known; the last known block when it is beyond. */
size_t sl_browser_block_of(struct sl_browser *browser, uint64_t record);

#endif
