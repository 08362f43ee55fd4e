/* request.h: what both sides of a request know: see request.c. */
#ifndef SL_SESSIONS_REQUEST_H
#define SL_SESSIONS_REQUEST_H

#include "live.h"

enum { LINE_MOST = 4096 };

struct requests {
    int bell; /* -1: none */
    bool rung, serving;
    uint64_t looked;
    int64_t version;
    int64_t asked; /* of one that follows: the request not answered yet; 0: none */
};

#endif
