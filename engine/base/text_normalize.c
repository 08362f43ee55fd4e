/* text_normalize.c: Unicode normal forms, and accents taken off.
 *
 * Most characters are stable: the same in the form and never joined to what comes before them (a flag in the table),
 * and most text is copied as it is. Where it is not, a piece from the last stable character before to the next one
 * after is decomposed, sorted and composed on its own. Marks are sorted here in linear time; utf8proc_decompose() needs
 * time in the square of their number.
 *
 * Taking off accents ends in NFKD, which the form asked for does not change: NFKD(form(s)) is NFKD(s) for all four.
 * Invalid bytes become U+FFFD.
 *
 * Source  Unicode Standard Annex 15, with utf8proc's data; scikit-learn's strip_accents_unicode. */
#include "engine/base/text_private.h"

#include <stdlib.h>
#include <utf8proc.h>

enum { SPELLED = 32 }; /* room for one decomposition; the longest has 18 code points */

struct piece {
    int32_t *codes; /* `first` or heap */
    size_t n, capacity;
    int32_t first[128];
};

static void piece_release(struct piece *piece)
{
    if (piece->codes != piece->first)
        free(piece->codes);
}

/* Room for one more decomposition; false when out of memory. */
static bool piece_reserve(struct piece *piece)
{
    if (piece->capacity - piece->n >= SPELLED)
        return true;
    size_t capacity, bytes;
    if (!sl_mul(piece->capacity, 2, &capacity) || !sl_mul(capacity, sizeof *piece->codes, &bytes))
        return false;
    bool heap = piece->codes != piece->first;
    int32_t *codes = realloc(heap ? piece->codes : NULL, bytes);
    if (!codes)
        return false;
    if (!heap)
        memcpy(codes, piece->first, sizeof piece->first);
    piece->codes = codes;
    piece->capacity = capacity;
    return true;
}

static unsigned combining_class(int32_t code)
{
    return (unsigned)utf8proc_get_property(code)->combining_class & 255;
}

/* Sort marks by class, equal ones staying in order. False when out of memory. */
static bool sort_marks(int32_t *codes, size_t n)
{
    if (n <= 16) {
        for (size_t i = 1; i < n; i++) {
            int32_t code = codes[i];
            unsigned rank = combining_class(code);
            size_t j = i;
            for (; j > 0 && combining_class(codes[j - 1]) > rank; j--)
                codes[j] = codes[j - 1];
            codes[j] = code;
        }
        return true;
    }
    size_t place[256] = { 0 }, sum = 0;
    int32_t *copy = malloc(n * sizeof *copy); /* n is below what codes itself holds */
    if (!copy)
        return false;
    memcpy(copy, codes, n * sizeof *copy);
    for (size_t i = 0; i < n; i++)
        place[combining_class(copy[i])]++;
    for (size_t rank = 0; rank < 256; rank++) {
        size_t count = place[rank];
        place[rank] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        codes[place[combining_class(copy[i])]++] = copy[i];
    free(copy);
    return true;
}

/* Canonical ordering: sort every run of combining marks. */
static bool piece_order(struct piece *piece)
{
    for (size_t i = 0; i < piece->n;) {
        size_t start = i;
        while (i < piece->n && combining_class(piece->codes[i]) != 0)
            i++;
        if (i - start > 1 && !sort_marks(piece->codes + start, i - start))
            return false;
        i += i == start;
    }
    return true;
}

/* Spell out the text in base characters and marks. */
static bool piece_decompose(struct piece *piece, const char *p, size_t n, utf8proc_option_t options)
{
    piece->n = 0;
    for (size_t i = 0, length; i < n; i += length) {
        uint32_t code = sl_utf8_decode(p + i, n - i, &length);
        if (!piece_reserve(piece))
            return false;
        int boundary = 0;
        piece->n += (size_t)utf8proc_decompose_char((utf8proc_int32_t)code, piece->codes + piece->n, SPELLED, options,
                                                    &boundary);
    }
    return piece_order(piece);
}

struct normalizer {
    utf8proc_option_t options;
    unsigned stable; /* the form's flag in the table */
    bool compose, strip_accents;
    struct piece piece;
    struct sl_buf out;
};

/* Bytes of the stable character at p; 0 when it is another, or invalid. */
static size_t stable_character(const char *p, size_t n, unsigned stable)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t length = sl_utf8_sequence(u, n);
    return length && (sl_text_record(sl_utf8_code(u, length))->flags & stable) ? length : 0;
}

/* Bytes from p on that are stable characters; *last gets the length of the last of them. */
static size_t stable_run(const char *p, size_t n, unsigned stable, size_t *last)
{
    size_t i = 0, length = 0;
    *last = 0;
    do {
        i += length;
        size_t ascii = sl_utf8_ascii(p + i, n - i);
        i += ascii;
        *last = ascii ? 1 : length ? length : *last;
        length = i < n ? stable_character(p + i, n - i, stable) : 0;
    } while (length > 0);
    return i;
}

/* Append the normal form of p[0..n). False when out of memory. */
static bool normalize_piece(struct normalizer *z, const char *p, size_t n)
{
    struct piece *piece = &z->piece;
    if (!piece_decompose(piece, p, n, z->options))
        return false;
    size_t count = piece->n;
    if (z->strip_accents) {
        count = 0;
        for (size_t i = 0; i < piece->n; i++) {
            if (combining_class(piece->codes[i]) == 0)
                piece->codes[count++] = piece->codes[i];
        }
    } else if (z->compose) {
        count =
            (size_t)utf8proc_normalize_utf32(piece->codes, (utf8proc_ssize_t)count, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    }
    for (size_t i = 0; i < count; i++) {
        char bytes[4];
        sl_buf_add(&z->out, bytes, sl_utf8_encode((uint32_t)piece->codes[i], bytes));
    }
    return !z->out.failed;
}

/* The whole text; its first `run` bytes are stable, the last character of them has `last` bytes, and others follow. */
static bool normalize_text(struct normalizer *z, struct sl_str s, size_t run, size_t last)
{
    if (!sl_buf_reserve(&z->out, s.n))
        return false;
    for (size_t i = 0; i < s.n;) {
        size_t end = i + run;
        if (end == s.n)
            last = 0;
        sl_buf_add(&z->out, s.p + i, run - last);
        i += run - last;
        while (end < s.n && stable_character(s.p + end, s.n - end, z->stable) == 0) {
            size_t length = sl_utf8_sequence((const unsigned char *)s.p + end, s.n - end);
            end += length ? length : 1;
        }
        if (end > i && !normalize_piece(z, s.p + i, end - i))
            return false;
        i = end;
        run = stable_run(s.p + i, s.n - i, z->stable, &last);
    }
    return !z->out.failed;
}

int sl_text_normalize(struct sl_str s, enum sl_normal_form form, bool strip_accents, struct sl_arena *arena,
                      struct sl_str *out, struct sl_error *err)
{
    static const uint16_t stable[] = { SL_TEXT_NFC, SL_TEXT_NFD, SL_TEXT_NFKC, SL_TEXT_NFKD };
    if (strip_accents)
        form = SL_NFKD;
    struct normalizer z = { .strip_accents = strip_accents, .compose = form == SL_NFC || form == SL_NFKC };
    z.stable = stable[form];
    size_t last, run = stable_run(s.p, s.n, z.stable, &last);
    z.options = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE;
    if (form == SL_NFKC || form == SL_NFKD)
        z.options |= UTF8PROC_COMPAT;
    z.piece.codes = z.piece.first;
    z.piece.capacity = sizeof z.piece.first / sizeof z.piece.first[0];
    struct sl_str result = s;
    bool done = run == s.n;
    if (!done && normalize_text(&z, s, run, last)) {
        result = (struct sl_str){ z.out.p, z.out.n };
        done = true;
    }
    const char *copy = done ? sl_arena_strndup(arena, result.n ? result.p : "", result.n) : NULL;
    piece_release(&z.piece);
    sl_buf_release(&z.out);
    if (!copy)
        return sl_fail_memory(err, "normalising text");
    *out = (struct sl_str){ copy, result.n };
    return SL_OK;
}
