/* output.h: a file that is whole or absent, written by many threads in the order of what they read. */
#ifndef SL_SESSIONS_OUTPUT_H
#define SL_SESSIONS_OUTPUT_H

#include "sluice/mem.h"

#include <pthread.h>

struct output_piece {
    uint64_t sequence;
    struct sl_buf text;
};

struct output {
    char *target, *temporary; /* temporary NULL: written in place (a pipe, a device, standard output) */
    int fd;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    uint64_t next;               /* sequence to be written next */
    bool writing;                /* someone is */
    struct output_piece *pieces; /* waiting for their turn */
    size_t n, capacity, most;
    struct sl_buf spare[8];
    size_t n_spare;
    struct sl_error error;
    int status;
};

/* path NULL or "-": standard output. `threads` that will put. */
int output_open(struct output *output, const char *path, int threads, struct sl_error *err);
/* Piece `sequence` (from 0, without gaps); the buffer comes back empty. A piece far ahead of its turn waits a while. */
int output_put(struct output *output, uint64_t sequence, struct sl_buf *text, struct sl_error *err);
/* Make the file appear when status is SL_OK, else as if nothing had been; returns status or what went wrong. */
int output_close(struct output *output, int status, struct sl_error *err);

/* csv_put.c: one cell, quoted when it must be; an empty text is "" and a missing one nothing. */
void csv_put_text(struct sl_buf *out, struct sl_str text);
struct sl_chunk;
void csv_put_cell(struct sl_buf *out, const struct sl_chunk *chunk, size_t column, uint32_t i);

#endif
