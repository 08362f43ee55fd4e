/* quarantine.c: the records that could not be read, and why.
 *
 * Counting never stops; entries (about 350 bytes each) stop at SL_REJECTS_KEPT, so that a file that is wrong from end
 * to end cannot fill the memory. */
#include "engine/data/reader_private.h"

#include "sluice/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void sl_quarantine_release(struct sl_quarantine *quarantine)
{
    if (!quarantine) {
        return;
    }
    free(quarantine->entries);
    *quarantine = (struct sl_quarantine){ 0 };
}

static int reserve(struct sl_quarantine *quarantine, size_t n, struct sl_error *err)
{
    if (n <= quarantine->capacity) {
        return SL_OK;
    }
    size_t capacity = quarantine->capacity ? 2 * quarantine->capacity : 16;
    capacity = capacity < n ? n : capacity;
    struct sl_reject *entries = realloc(quarantine->entries, capacity * sizeof *entries);
    if (!entries) {
        return sl_fail_memory(err, "keeping a rejected record");
    }
    quarantine->entries = entries;
    quarantine->capacity = capacity;
    return SL_OK;
}

int sl_quarantine_add(struct sl_quarantine *quarantine, const struct sl_reject *reject, struct sl_error *err)
{
    if (quarantine->n < SL_REJECTS_KEPT) {
        int status = reserve(quarantine, quarantine->n + 1, err);
        if (status) {
            return status;
        }
        quarantine->entries[quarantine->n++] = *reject;
    }
    quarantine->total++;
    return SL_OK;
}

int sl_quarantine_merge(struct sl_quarantine *to, struct sl_quarantine *from, struct sl_error *err)
{
    size_t room = SL_REJECTS_KEPT - to->n, n = from->n < room ? from->n : room;
    if (n) {
        int status = reserve(to, to->n + n, err);
        if (status) {
            return status;
        }
        memcpy(to->entries + to->n, from->entries, n * sizeof *from->entries);
    }
    to->n += n;
    to->total += from->total;
    sl_quarantine_release(from);
    return SL_OK;
}

static int by_place(const void *a, const void *b)
{
    const struct sl_origin *x = &((const struct sl_reject *)a)->origin, *y = &((const struct sl_reject *)b)->origin;
    if (x->file != y->file) {
        return x->file < y->file ? -1 : 1;
    }
    return (x->record > y->record) - (x->record < y->record);
}

void sl_quarantine_sort(struct sl_quarantine *quarantine)
{
    if (quarantine->n > 1) {
        qsort(quarantine->entries, quarantine->n, sizeof *quarantine->entries, by_place);
    }
}

char *sl_printable(char *out, size_t size, const char *p, size_t n)
{
    static const char more[] = "…";
    size_t used = 0, room = size - sizeof more;
    for (size_t at = 0, length; at < n; at += length) {
        uint32_t code = sl_utf8_decode(p + at, n - at, &length);
        bool control = code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xfffd;
        size_t width = control ? 1 : length;
        if (used + width > room) {
            memcpy(out + used, more, sizeof more);
            return out;
        }
        if (control) {
            out[used] = code == '\n' || code == '\r' || code == '\t' ? ' ' : '?';
        } else {
            memcpy(out + used, p + at, length);
        }
        used += width;
    }
    out[used] = '\0';
    return out;
}

void sl_reject_excerpt(struct sl_reject *reject, struct sl_str record)
{
    sl_printable(reject->excerpt, sizeof reject->excerpt, record.p, record.n);
}

void sl_reject_reason(struct sl_reject *reject, const char *format, ...)
{
    char text[2 * sizeof reject->reason];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sl_printable(reject->reason, sizeof reject->reason, text, n < 0 ? 0 : strnlen(text, sizeof text));
}
