/* predict.h: a prediction under way, shared by its two files. */
#ifndef SL_SESSIONS_PREDICT_H
#define SL_SESSIONS_PREDICT_H

#include "live.h"
#include "output.h"

#include <stdatomic.h>

/* What one worker has in hand. */
struct hand {
    struct sl_block block;
    struct sl_arena arena;
    struct sl_scratch *scratch;
    struct sl_quarantine rejects; /* of the present block */
    struct sl_buf text;
    int16_t *dropped_by; /* per record of the block: the stage, -1: none */
    double *probabilities;
    size_t room;
};

struct predicting {
    const struct sl_predict_options *options;
    struct trained trained;
    struct sl_reader *reader;
    const struct sl_stage *label;
    struct sl_progress *progress;
    struct output output;
    pthread_mutex_t input;
    bool ended;
    _Atomic bool failed;
    int status; /* under input */
    struct sl_error error;
    struct sl_quarantine *rejects;
    struct hand *hands;
};

/* predict_block.c: the block in hand through parsing, stages and model, and its lines into the output. */
int predict_block(struct predicting *p, struct hand *h, struct sl_error *err);
void predict_header(const struct predicting *p, struct sl_buf *out);

#endif
