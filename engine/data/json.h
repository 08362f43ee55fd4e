/* json.h: strict JSON (RFC 8259) over one span of bytes: scan a value, undo escapes, read a number.
 *
 * The span is valid UTF-8; that is checked elsewhere, faster. Scanning finds where a value ends and whether it is well
 * formed, and copies nothing. */
#ifndef SLUICE_ENGINE_DATA_JSON_H
#define SLUICE_ENGINE_DATA_JSON_H

#include "sluice/mem.h"

#define SL_JSON_DEPTH 512u /* deeper nesting is refused */

enum sl_json_kind {
    SL_JSON_NULL = 1,
    SL_JSON_BOOL = 2,
    SL_JSON_NUMBER = 4,
    SL_JSON_STRING = 8,
    SL_JSON_ARRAY = 16,
    SL_JSON_OBJECT = 32,
};

struct sl_json_value {
    enum sl_json_kind kind;
    struct sl_str raw; /* as written; of a string, what stands between the quotes */
    bool escaped;      /* a string with escapes: raw is not the value */
    bool whole;        /* a number without fraction and exponent */
};

struct sl_json {
    const char *start, *at, *end;
    const char *why; /* after a failure: what is wrong at `at` */
};

static inline void sl_json_init(struct sl_json *json, struct sl_str s)
{
    *json = (struct sl_json){ .start = s.p, .at = s.p, .end = s.n ? s.p + s.n : s.p };
}

/* Skip blanks; the next byte, or 0 at the end (a byte 0 in the text is no beginning of anything either). */
char sl_json_peek(struct sl_json *json);
/* Scan one value of any kind, nested ones whole. false: json->why and json->at say what is wrong where. */
bool sl_json_scan(struct sl_json *json, struct sl_json_value *value);
/* Take this byte, or fail with `why`. Blanks before it are skipped. */
bool sl_json_expect(struct sl_json *json, char c, const char *why);
bool sl_json_fail(struct sl_json *json, const char *at, const char *why);

/* The parts of sl_json_scan(): json->at is at the opening quote; at '-' or a digit. */
bool sl_json_scan_string(struct sl_json *json, struct sl_json_value *value);
bool sl_json_scan_number(struct sl_json *json, struct sl_json_value *value);

/* Undo the escapes of a scanned string into `to`, which has room for raw.n bytes; returns the length. */
size_t sl_json_unescape(struct sl_str raw, char *to);
/* A scanned number as a double; the byte after it must be readable. Infinite when too large. */
double sl_json_number(struct sl_str raw);
/* Can a double hold this whole number exactly (|x| ≤ 2^53)? */
bool sl_json_exact(struct sl_str raw);

#endif
