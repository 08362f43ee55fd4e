/* param_private.h: what the files of param.h share. */
#ifndef SLUICE_STAGES_PARAM_PRIVATE_H
#define SLUICE_STAGES_PARAM_PRIVATE_H

#include "sluice/param.h"
#include "sluice/schema.h"

/* Is there a lower limit; an upper one? A max below min stands for "no upper limit". */
bool sl_param_has_range(const struct sl_param *row);
bool sl_param_has_max(const struct sl_param *row);

/* A decimal integer with an optional sign, other than SL_NONE; a finite decimal number. NULL when s is one, else why
 * not. */
const char *sl_param_read_integer(struct sl_str s, int64_t *out);
const char *sl_param_read_number(struct sl_str s, double *out);
/* A number, or a fraction of two: "1/255"; and how it is written. */
const char *sl_param_read_real(struct sl_str s, double *out);
void sl_param_write_real(double x, struct sl_buf *out);

/* "a,b\,c" into the names "a" and "b,c". SL_EPARAM sets *why. */
int sl_param_split_names(struct sl_str value, struct sl_arena *arena, struct sl_names *out, const char **why);
/* One name as it stands in a list. */
void sl_param_escape_name(const char *name, struct sl_buf *out);
/* A value as a word of a recipe line: quoted when it is empty or holds a blank, a quote, '#', '=' or a backslash; or a
 * comma, where the word stands in a list of words. */
void sl_param_quote(struct sl_str value, bool in_list, struct sl_buf *out);

#endif
