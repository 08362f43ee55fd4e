/* human.h: figures as people read them. Each writes into out[size], always terminated, and returns out. */
#ifndef SL_TUI_HUMAN_H
#define SL_TUI_HUMAN_H

#include <stddef.h>
#include <stdint.h>

/* 1234567 → "1,234,567" */
char *human_count(uint64_t n, char *out, size_t size);
/* 1234567 → "1.23M": at most five columns. */
char *human_short(double x, char *out, size_t size);
/* 83 → "1:23"; 3700 → "1:01:40"; NaN → "–:––" left to the caller as "". */
char *human_time(double seconds, char *out, size_t size);
/* A number of at most `digits` significant digits, without a tail of zeros; NaN is "". */
char *human_number(double x, int digits, char *out, size_t size);

#endif
