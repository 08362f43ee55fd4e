/* regex_private.h: PCRE2 as the stages use it: UTF-8, Unicode classes, JIT, and limits that end a runaway match. */
#ifndef SLUICE_STAGES_REGEX_PRIVATE_H
#define SLUICE_STAGES_REGEX_PRIVATE_H

#ifndef PCRE2_CODE_UNIT_WIDTH
#define PCRE2_CODE_UNIT_WIDTH 8
#endif
#include <pcre2.h>

#include "sluice/mem.h"

enum { SL_REGEX_IGNORE_CASE = 1, SL_REGEX_LITERAL = 2 };

/* Errors: SL_EPARAM with PCRE2's message and the place in the pattern. */
int sl_regex_compile(pcre2_code **out, struct sl_str pattern, int flags, struct sl_error *err);

/* What one thread needs to match. */
struct sl_regex_scratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack; /* NULL: the JIT's own 32 KB */
    bool jit;
};
int sl_regex_scratch_init(struct sl_regex_scratch *scratch, const pcre2_code *code, bool large_stack,
                          struct sl_error *err);
void sl_regex_scratch_release(struct sl_regex_scratch *scratch);

/* First match at or after `from` in valid UTF-8: *found, and its groups in scratch->data. `options`: PCRE2's for a
 * match. Errors: SL_ELIMIT the match ran away; SL_EDATA anything else PCRE2 reports. */
int sl_regex_match(const pcre2_code *code, struct sl_str subject, size_t from, uint32_t options,
                   struct sl_regex_scratch *scratch, bool *found, struct sl_error *err);

#endif
