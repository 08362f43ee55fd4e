/* mem.h: arenas, growable buffers, byte spans and checked sizes.
 *
 * A span borrows bytes from someone else and is not zero-terminated. An arena frees everything at once; memory handed
 * out stays put until sl_arena_reset(). Nothing here is safe for use by two threads at once. */
#ifndef SLUICE_MEM_H
#define SLUICE_MEM_H

#include "sluice/error.h"

#include <stdbool.h>
#include <string.h>

struct sl_str {
    const char *p; /* borrowed; may be NULL only when n == 0 */
    size_t n;      /* bytes */
};

#define SL_STR(literal) ((struct sl_str){ (literal), sizeof(literal) - 1 })

static inline struct sl_str sl_str(const char *z)
{
    return (struct sl_str){ z, z ? strlen(z) : 0 };
}

static inline bool sl_str_equal(struct sl_str a, struct sl_str b)
{
    return a.n == b.n && (a.p == b.p || a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Byte order, as strcmp on spans. */
static inline int sl_str_compare(struct sl_str a, struct sl_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* a*b and a+b with overflow reported: true when the result fits. */
static inline bool sl_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}
static inline bool sl_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

struct sl_arena_block;

struct sl_arena {
    struct sl_arena_block *blocks; /* newest first */
    char *next, *end;              /* free space in the newest block */
    size_t bytes;                  /* held from the system */
};

void sl_arena_init(struct sl_arena *arena);
void sl_arena_release(struct sl_arena *arena);
/* Forget everything handed out but keep up to `keep` bytes for the next use. */
void sl_arena_reset(struct sl_arena *arena, size_t keep);

void *sl_arena_slow(struct sl_arena *arena, size_t size, size_t align);

/* size bytes aligned to align (a power of two ≤ 64), uninitialised; NULL when out of memory. */
static inline void *sl_arena_take(struct sl_arena *arena, size_t size, size_t align)
{
    uintptr_t at = ((uintptr_t)arena->next + align - 1) & ~(uintptr_t)(align - 1);
    if (arena->next && at + size <= (uintptr_t)arena->end && size <= (uintptr_t)arena->end) {
        arena->next = (char *)(at + size);
        return (void *)at;
    }
    return sl_arena_slow(arena, size, align);
}

/* n zeroed elements of size bytes; NULL when out of memory or n * size overflows. */
void *sl_arena_zero(struct sl_arena *arena, size_t n, size_t size);
/* n uninitialised elements, 16-byte aligned. */
void *sl_arena_array(struct sl_arena *arena, size_t n, size_t size);
/* A zero-terminated copy. */
char *sl_arena_strndup(struct sl_arena *arena, const char *p, size_t n);
char *sl_arena_printf(struct sl_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Give back the unused tail of the newest allocation: `end` is its new end. */
static inline void sl_arena_trim(struct sl_arena *arena, void *end)
{
    arena->next = end;
}

/* A growable array of bytes, always zero-terminated once not empty. An allocation that fails sets `failed`, and later
 * calls do nothing, so that a chain of appends is checked once at its end. */
struct sl_buf {
    char *p;
    size_t n, capacity;
    bool failed;
};

void sl_buf_release(struct sl_buf *buf);
bool sl_buf_reserve(struct sl_buf *buf, size_t more);
void sl_buf_add(struct sl_buf *buf, const void *p, size_t n);
void sl_buf_puts(struct sl_buf *buf, const char *z);
void sl_buf_putc(struct sl_buf *buf, char c);
void sl_buf_printf(struct sl_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A JSON string with its quotes; invalid UTF-8 becomes U+FFFD. */
void sl_buf_json(struct sl_buf *buf, struct sl_str s);
/* A double that reads back as the same bits: shortest of %.15g, %.16g, %.17g; NaN and infinities as JSON strings. */
void sl_buf_number(struct sl_buf *buf, double x);
/* One CSV field, quoted when it must be (RFC 4180). */
void sl_buf_csv(struct sl_buf *buf, struct sl_str s);

/* Little-endian numbers for saved blobs, and their reading. A read past the end sets `failed` and yields 0. */
void sl_buf_u32(struct sl_buf *buf, uint32_t x);
void sl_buf_u64(struct sl_buf *buf, uint64_t x);
void sl_buf_f64(struct sl_buf *buf, double x);
void sl_buf_blob(struct sl_buf *buf, const void *p, size_t n); /* u64 length, then bytes */

struct sl_blob {
    const char *p, *end;
    bool failed;
};
uint32_t sl_blob_u32(struct sl_blob *blob);
uint64_t sl_blob_u64(struct sl_blob *blob);
double sl_blob_f64(struct sl_blob *blob);
struct sl_str sl_blob_bytes(struct sl_blob *blob); /* borrowed from the blob */

#endif
