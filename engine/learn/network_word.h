/* network_word.h: words of a list that are numbers. */
#ifndef SL_NETWORK_WORD_H
#define SL_NETWORK_WORD_H

#include "sluice/error.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A decimal number, the whole word, nothing else strtod knows. */
static inline bool word_number(const char *word, double *out)
{
    char *end = NULL;
    if (!word[0] || strspn(word, "0123456789.eE+-") != strlen(word))
        return false;
    *out = strtod(word, &end);
    return !*end && isfinite(*out);
}

static inline void word_blame(struct sl_error *err, const char *parameter)
{
    if (err)
        snprintf(err->param, sizeof err->param, "%s", parameter);
}

#endif
