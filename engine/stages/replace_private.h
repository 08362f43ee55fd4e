/* replace_private.h: the replacement of `replace`, compiled. */
#ifndef SLUICE_STAGES_REPLACE_PRIVATE_H
#define SLUICE_STAGES_REPLACE_PRIVATE_H

#ifndef PCRE2_CODE_UNIT_WIDTH
#define PCRE2_CODE_UNIT_WIDTH 8
#endif
#include <pcre2.h>

#include "sluice/mem.h"

/* A run of literal bytes, then the text of a group. */
struct sl_template_part {
    struct sl_str literal; /* in bytes */
    int group;             /* -1: none follows */
};

struct sl_template {
    struct sl_template_part *parts;
    size_t n;
    char *bytes;
};

/* Compile Python's replacement syntax (\1, \g<name>, \g<0>, \n …) for this pattern; literal: no syntax at all.
 * Errors: SL_EPARAM with the place in the replacement. Release also after a failure. */
int sl_template_compile(struct sl_template *out, const char *text, bool literal, const pcre2_code *code,
                        struct sl_error *err);
void sl_template_release(struct sl_template *template);
/* Append the replacement for a match. */
void sl_template_expand(const struct sl_template *template, const char *subject, const PCRE2_SIZE *ovector,
                        uint32_t pairs, struct sl_buf *out);

#endif
