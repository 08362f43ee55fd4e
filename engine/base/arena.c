/* arena.c: memory that is freed all at once.
 *
 * Blocks grow with the arena, from 64 KB to 8 MB, so that small arenas stay small and large ones ask the system seldom.
 * A request larger than a quarter of the next block gets a block of its own, and the space left in the block before it
 * is remembered there and used again afterwards. sl_arena_trim() relies on the newest allocation lying below
 * arena->next, which is why such a block becomes the current one for the moment.
 *
 * Under AddressSanitizer every allocation is a block of exactly its size, so that an overrun or a use after a reset is
 * seen. Build with -DSL_ARENA_EXACT=0 to run the real layout there. */
#include "sluice/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef SL_ARENA_EXACT
#if defined(__SANITIZE_ADDRESS__)
#define SL_ARENA_EXACT 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SL_ARENA_EXACT 1
#endif
#endif
#endif
#ifndef SL_ARENA_EXACT
#define SL_ARENA_EXACT 0
#endif

#define BLOCK_MIN ((size_t)64 << 10)
#define BLOCK_MAX ((size_t)8 << 20)
enum { ALIGN = 64, DEFAULT_ALIGN = 16 };

struct sl_arena_block {
    _Alignas(ALIGN) struct sl_arena_block *older;
    size_t size;                    /* with this header */
    char *resume_next, *resume_end; /* free space set aside when this block was opened */
    bool spare;                     /* kept by a reset, nothing handed out */
};

static char *block_data(struct sl_arena_block *block)
{
    return (char *)(block + 1);
}

static char *block_end(struct sl_arena_block *block)
{
    return (char *)block + block->size;
}

void sl_arena_init(struct sl_arena *arena)
{
    *arena = (struct sl_arena){ 0 };
}

void sl_arena_release(struct sl_arena *arena)
{
    if (!arena) {
        return;
    }
    for (struct sl_arena_block *block = arena->blocks, *older; block; block = older) {
        older = block->older;
        free(block);
    }
    sl_arena_init(arena);
}

static void open_block(struct sl_arena *arena, struct sl_arena_block *block)
{
    block->spare = false;
    block->resume_next = block->resume_end = NULL;
    arena->next = block_data(block);
    arena->end = block_end(block);
}

void sl_arena_reset(struct sl_arena *arena, size_t keep)
{
    if (SL_ARENA_EXACT) {
        sl_arena_release(arena);
        return;
    }
    size_t kept = 0;
    for (struct sl_arena_block **link = &arena->blocks, *block; (block = *link) != NULL;) {
        if (block->size > keep - kept) {
            *link = block->older;
            free(block);
            continue;
        }
        kept += block->size;
        block->spare = true;
        link = &block->older;
    }
    arena->bytes = kept;
    arena->next = arena->end = NULL;
    if (arena->blocks) {
        open_block(arena, arena->blocks);
    }
}

static struct sl_arena_block *take_spare(struct sl_arena *arena, size_t size)
{
    for (struct sl_arena_block **link = &arena->blocks, *block; (block = *link) != NULL; link = &block->older) {
        if (block->spare && block->size >= size) {
            *link = block->older;
            return block;
        }
    }
    return NULL;
}

static size_t next_block_size(const struct sl_arena *arena)
{
    size_t size = arena->bytes < BLOCK_MIN ? BLOCK_MIN : arena->bytes;
    return size > BLOCK_MAX ? BLOCK_MAX : size;
}

static struct sl_arena_block *new_block(struct sl_arena *arena, size_t size)
{
    void *memory = NULL;
    if (posix_memalign(&memory, ALIGN, size) != 0) {
        return NULL;
    }
    struct sl_arena_block *block = memory;
    block->size = size;
    arena->bytes += size;
    return block;
}

/* Leave a block that was opened for one large request: go back to the space set aside for it when that is larger than
 * what is left here. */
static void resume_older(struct sl_arena *arena)
{
    struct sl_arena_block *block = arena->blocks;
    if (!block || !block->resume_next) {
        return;
    }
    if (block->resume_end - block->resume_next > arena->end - arena->next) {
        arena->next = block->resume_next;
        arena->end = block->resume_end;
    }
    block->resume_next = block->resume_end = NULL;
}

void *sl_arena_slow(struct sl_arena *arena, size_t size, size_t align)
{
    if (arena->blocks && arena->blocks->resume_next) {
        resume_older(arena);
        uintptr_t at = ((uintptr_t)arena->next + align - 1) & ~(uintptr_t)(align - 1);
        if (at <= (uintptr_t)arena->end && size <= (uintptr_t)arena->end - at) {
            arena->next = (char *)at + size;
            return (void *)at;
        }
    }
    size_t need;
    if (!sl_add(size, sizeof(struct sl_arena_block), &need) || need > PTRDIFF_MAX) {
        return NULL;
    }
    size_t usual = next_block_size(arena);
    bool own = SL_ARENA_EXACT || need > usual / 4;
    struct sl_arena_block *block = SL_ARENA_EXACT ? NULL : take_spare(arena, need);
    if (!block) {
        block = new_block(arena, own ? need : usual);
    }
    if (!block) {
        return NULL;
    }
    char *resume_next = arena->next, *resume_end = arena->end;
    open_block(arena, block);
    if (own && resume_next < resume_end) {
        block->resume_next = resume_next;
        block->resume_end = resume_end;
    }
    block->older = arena->blocks;
    arena->blocks = block;
    void *p = arena->next; /* aligned to 64, the largest alignment allowed */
    arena->next += size;
    return p;
}

void *sl_arena_array(struct sl_arena *arena, size_t n, size_t size)
{
    size_t bytes;
    return sl_mul(n, size, &bytes) ? sl_arena_take(arena, bytes, DEFAULT_ALIGN) : NULL;
}

void *sl_arena_zero(struct sl_arena *arena, size_t n, size_t size)
{
    void *p = sl_arena_array(arena, n, size);
    return p ? memset(p, 0, n * size) : NULL;
}

char *sl_arena_strndup(struct sl_arena *arena, const char *p, size_t n)
{
    size_t size;
    char *copy = sl_add(n, 1, &size) ? sl_arena_take(arena, size, 1) : NULL;
    if (!copy) {
        return NULL;
    }
    if (n) {
        memcpy(copy, p, n);
    }
    copy[n] = '\0';
    return copy;
}

char *sl_arena_printf(struct sl_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = n < 0 ? NULL : sl_arena_take(arena, (size_t)n + 1, 1);
    if (text) {
        va_start(args, format);
        vsnprintf(text, (size_t)n + 1, format, args);
        va_end(args);
    }
    return text;
}
