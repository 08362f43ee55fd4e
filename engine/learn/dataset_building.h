/* dataset_building.h: a dataset that is being built: parts that workers bring, in any order, and how they are kept. */
#ifndef SL_DATASET_BUILDING_H
#define SL_DATASET_BUILDING_H

#include "dataset_private.h"
#include "redraw.h"

#include <pthread.h>
#include <stdlib.h>

enum { ROLES = 3, REDRAWN = ROLES, SETS };

struct part {
    uint64_t sequence;
    bool trained;              /* it has training rows */
    struct sl_rows rows[SETS]; /* by enum sl_role; training rows before what is random, where these are others */
};

struct building {
    struct sl_dataset *shape;
    const struct sl_stage *label;
    pthread_mutex_t lock;
    struct part *parts;
    size_t n, capacity;
    bool shaped;
    struct sl_pipeline *pipeline;
    uint64_t memory, budget, held; /* of the run; bytes of rows in memory: at most, and now */
    uint64_t records;              /* that will come */
    bool bare;                     /* features are not kept */
    struct sl_digests *digests;
    int file; /* the rest; -1: none yet */
    uint64_t file_bytes;
};

/* Rows are one allocation, which begins with their record numbers. */
static inline void rows_release(struct sl_rows *rows)
{
    if (!rows->mapped_bytes)
        free(rows->record);
    *rows = (struct sl_rows){ 0 };
}

/* dataset_keep.c: a part that is complete; the temporary file, once all parts are there; the rows of a role as the
 * matrix; and those that random stages start from, before the rows of train are taken. */
int building_keep(struct building *building, struct part *part, struct sl_error *err);
int building_map(struct building *building, struct sl_error *err);
int building_assemble(struct building *building, enum sl_role role, struct sl_matrix *matrix, struct sl_error *err);
int building_assemble_redrawn(struct building *building, struct sl_error *err);

#endif
