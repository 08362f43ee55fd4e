/* job_ask.h: what is asked of a training under way, carried out in order at the next iteration's end. */
#ifndef SL_SESSIONS_JOB_ASK_H
#define SL_SESSIONS_JOB_ASK_H

#include <stddef.h>
#include <stdint.h>

enum job_asked { ASK_PAUSE, ASK_RESUME, ASK_STOP, ASK_ONCE, ASK_TUNE };

struct job_ask {
    enum job_asked what;
    int64_t journal;         /* its row, whose step is filled in when it takes effect; 0: none */
    char *parameter, *value; /* ASK_TUNE; owned */
    uint64_t earliest;       /* ASK_TUNE: iterations shown before stay as they were */
};

struct job_asks {
    struct job_ask *at;
    size_t n, capacity;
};

#endif
