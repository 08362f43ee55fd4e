/* regex.c: regular expressions of parameters and conditions, compiled and matched by PCRE2.
 *
 * `.` and `$` know \n alone as a line's end, as Python's do. A match that backtracks more than MATCH_LIMIT times from
 * one place ends with an error instead of running for years. Where the JIT's stack does not suffice, the interpreter,
 * whose memory is on the heap, tries again. */
#include "engine/stages/regex_private.h"

enum { MATCH_LIMIT = 5000000, HEAP_KIB = 65536, STACK_FIRST = 32 * 1024, STACK_LARGEST = 16 * 1024 * 1024 };

int sl_regex_compile(pcre2_code **out, struct sl_str pattern, int flags, struct sl_error *err)
{
    uint32_t options = PCRE2_UTF | (flags & SL_REGEX_LITERAL ? PCRE2_LITERAL : PCRE2_UCP);
    options |= flags & SL_REGEX_IGNORE_CASE ? PCRE2_CASELESS : 0;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context) {
        return sl_fail_memory(err, "compiling a regular expression");
    }
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    int number;
    PCRE2_SIZE at;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)(pattern.n ? pattern.p : ""), pattern.n, options, &number, &at, context);
    pcre2_compile_context_free(context);
    if (!code) {
        char message[128];
        if (number == PCRE2_ERROR_NOMEMORY ||
            pcre2_get_error_message(number, (PCRE2_UCHAR *)message, sizeof message) < 0) {
            return sl_fail_memory(err, "compiling a regular expression");
        }
        int shown = (int)(pattern.n < 80 ? pattern.n : 80);
        sl_fail(err, SL_EPARAM, "the pattern '%.*s' is wrong at byte %zu: %s", shown, pattern.n ? pattern.p : "",
                (size_t)at + 1, message);
        sl_fix(err, "put a backslash before a character that stands for itself");
        return SL_EPARAM;
    }
    /* Without JIT (not built in, no executable memory) the interpreter does the same, slower. */
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    *out = code;
    return SL_OK;
}

int sl_regex_scratch_init(struct sl_regex_scratch *scratch, const pcre2_code *code, bool large_stack,
                          struct sl_error *err)
{
    *scratch = (struct sl_regex_scratch){ 0 };
    scratch->data = pcre2_match_data_create_from_pattern(code, NULL);
    scratch->context = pcre2_match_context_create(NULL);
    if (!scratch->data || !scratch->context) {
        sl_regex_scratch_release(scratch);
        return sl_fail_memory(err, "matching a regular expression");
    }
    size_t jit_size = 0;
    scratch->jit = pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &jit_size) == 0 && jit_size > 0;
    pcre2_set_match_limit(scratch->context, MATCH_LIMIT);
    pcre2_set_heap_limit(scratch->context, HEAP_KIB);
    if (large_stack) {
        scratch->stack = pcre2_jit_stack_create(STACK_FIRST, STACK_LARGEST, NULL);
        if (scratch->stack) {
            pcre2_jit_stack_assign(scratch->context, NULL, scratch->stack);
        }
    }
    return SL_OK;
}

void sl_regex_scratch_release(struct sl_regex_scratch *scratch)
{
    pcre2_match_data_free(scratch->data);
    pcre2_match_context_free(scratch->context);
    pcre2_jit_stack_free(scratch->stack);
    *scratch = (struct sl_regex_scratch){ 0 };
}

int sl_regex_match(const pcre2_code *code, struct sl_str subject, size_t from, uint32_t options,
                   struct sl_regex_scratch *scratch, bool *found, struct sl_error *err)
{
    PCRE2_SPTR text = (PCRE2_SPTR)(subject.n ? subject.p : "");
    int rc = scratch->jit ? pcre2_jit_match(code, text, subject.n, from, options, scratch->data, scratch->context)
                          : pcre2_match(code, text, subject.n, from, options | PCRE2_NO_UTF_CHECK, scratch->data,
                                        scratch->context);
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT) {
        rc = pcre2_match(code, text, subject.n, from, options | PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, scratch->data,
                         scratch->context);
    }
    *found = rc > 0;
    if (rc > 0 || rc == PCRE2_ERROR_NOMATCH) {
        return SL_OK;
    }
    char message[128];
    switch (rc) {
    case PCRE2_ERROR_NOMEMORY: return sl_fail_memory(err, "matching a regular expression");
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
        sl_fail(err, SL_ELIMIT, "the pattern tries too many ways to match this text, and was stopped");
        sl_fix(err, "avoid repeats within repeats, such as (a+)+, and make alternatives begin differently");
        return SL_ELIMIT;
    default:
        if (pcre2_get_error_message(rc, (PCRE2_UCHAR *)message, sizeof message) < 0) {
            message[0] = '\0';
        }
        sl_fail(err, SL_EDATA, "the pattern cannot be matched against this text: %s", message);
        sl_fix(err, "try a simpler pattern");
        return SL_EDATA;
    }
}
