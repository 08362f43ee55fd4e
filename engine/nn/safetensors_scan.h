/* safetensors_scan.h: reading a header word by word. Private to nn.
 *
 * Functions that read return SL_OK, or what sl_scan_fail returned: SL_EFORMAT, with the byte counted from `start`. */
#ifndef SLUICE_NN_SAFETENSORS_SCAN_H
#define SLUICE_NN_SAFETENSORS_SCAN_H

#include "engine/nn/safetensors_private.h"

struct sl_scan {
    const char *p, *end, *start; /* p: what comes next */
    struct sl_tensors *to;       /* its arena takes the strings */
    size_t capacity;             /* of to->list */
    struct sl_error *err;
};

int sl_scan_fail(struct sl_scan *scan, const char *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
void sl_scan_blanks(struct sl_scan *scan);
/* Take c, with blanks before it, if it is there. */
bool sl_scan_take(struct sl_scan *scan, char c);
/* It must be there; `where`: what it must follow. */
int sl_scan_need(struct sl_scan *scan, char c, const char *where);
int sl_scan_string(struct sl_scan *scan, const char *what, struct sl_str *out);
/* [number, …]: at most `most` of them. */
int sl_scan_numbers(struct sl_scan *scan, const char *what, uint64_t *out, uint32_t most, uint32_t *n);

#endif
