/* buf.c: growable byte buffers, and the little-endian numbers of saved blobs.
 *
 * The capacity doubles, so that n appends cost O(n). A failed allocation sticks in buf->failed: what was in the buffer
 * stays, later appends do nothing. A blob that ends early sticks likewise and reads as zeros. */
#include "sluice/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CAPACITY_MIN = 64 };

void sl_buf_release(struct sl_buf *buf)
{
    if (!buf) {
        return;
    }
    free(buf->p);
    *buf = (struct sl_buf){ 0 };
}

bool sl_buf_reserve(struct sl_buf *buf, size_t more)
{
    if (buf->failed) {
        return false;
    }
    size_t need;
    if (!sl_add(buf->n, more, &need) || !sl_add(need, 1, &need) || need > PTRDIFF_MAX) {
        buf->failed = true;
        return false;
    }
    if (need <= buf->capacity) {
        return true;
    }
    size_t capacity = buf->capacity < CAPACITY_MIN ? CAPACITY_MIN : buf->capacity;
    if (!sl_mul(capacity, 2, &capacity) || capacity < need) {
        capacity = need;
    }
    char *p = realloc(buf->p, capacity);
    if (!p) {
        buf->failed = true;
        return false;
    }
    buf->p = p;
    buf->capacity = capacity;
    buf->p[buf->n] = '\0';
    return true;
}

void sl_buf_add(struct sl_buf *buf, const void *p, size_t n)
{
    if (n && sl_buf_reserve(buf, n)) {
        memcpy(buf->p + buf->n, p, n);
        buf->n += n;
        buf->p[buf->n] = '\0';
    }
}

void sl_buf_puts(struct sl_buf *buf, const char *z)
{
    sl_buf_add(buf, z, strlen(z));
}

void sl_buf_putc(struct sl_buf *buf, char c)
{
    sl_buf_add(buf, &c, 1);
}

void sl_buf_printf(struct sl_buf *buf, const char *format, ...)
{
    if (!sl_buf_reserve(buf, 0)) {
        return;
    }
    size_t room = buf->capacity - buf->n;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(buf->p + buf->n, room, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n >= room) {
        buf->p[buf->n] = '\0';
        if (!sl_buf_reserve(buf, (size_t)n)) {
            return;
        }
        va_start(args, format);
        n = vsnprintf(buf->p + buf->n, (size_t)n + 1, format, args);
        va_end(args);
    }
    if (n < 0) {
        buf->p[buf->n] = '\0';
        buf->failed = true;
        return;
    }
    buf->n += (size_t)n;
}

void sl_buf_u32(struct sl_buf *buf, uint32_t x)
{
    unsigned char bytes[4];
    for (int i = 0; i < 4; i++) {
        bytes[i] = (unsigned char)(x >> (8 * i));
    }
    sl_buf_add(buf, bytes, sizeof bytes);
}

void sl_buf_u64(struct sl_buf *buf, uint64_t x)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(x >> (8 * i));
    }
    sl_buf_add(buf, bytes, sizeof bytes);
}

void sl_buf_f64(struct sl_buf *buf, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    sl_buf_u64(buf, bits);
}

void sl_buf_blob(struct sl_buf *buf, const void *p, size_t n)
{
    sl_buf_u64(buf, n);
    sl_buf_add(buf, p, n);
}

static uint64_t read_bytes(struct sl_blob *blob, size_t n)
{
    if (blob->failed || (size_t)(blob->end - blob->p) < n) {
        blob->failed = true;
        return 0;
    }
    uint64_t x = 0;
    for (size_t i = 0; i < n; i++) {
        x |= (uint64_t)(unsigned char)blob->p[i] << (8 * i);
    }
    blob->p += n;
    return x;
}

uint32_t sl_blob_u32(struct sl_blob *blob)
{
    return (uint32_t)read_bytes(blob, 4);
}

uint64_t sl_blob_u64(struct sl_blob *blob)
{
    return read_bytes(blob, 8);
}

double sl_blob_f64(struct sl_blob *blob)
{
    uint64_t bits = read_bytes(blob, 8);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

struct sl_str sl_blob_bytes(struct sl_blob *blob)
{
    uint64_t n = read_bytes(blob, 8);
    if (blob->failed || n > (uint64_t)(blob->end - blob->p)) {
        blob->failed = true;
        return (struct sl_str){ NULL, 0 };
    }
    struct sl_str bytes = { blob->p, (size_t)n };
    blob->p += n;
    return bytes;
}
