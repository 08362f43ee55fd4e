/* text.h: what Python's str does, on UTF-8: lower(), \w, strip(), html.unescape(), normalisation; and encodings.
 *
 * Source  Unicode data from utf8proc; the reference is CPython's str and re, scikit-learn's strip_accents_unicode. */
#ifndef SLUICE_TEXT_H
#define SLUICE_TEXT_H

#include "sluice/mem.h"

/* Byte of the first invalid UTF-8 sequence (overlong forms and surrogates are invalid), or n when valid. */
size_t sl_utf8_invalid(const char *p, size_t n);

/* Decode one code point of valid UTF-8 at p (n ≥ 1 bytes left); *length gets its bytes. Invalid: U+FFFD, length 1. */
uint32_t sl_utf8_decode(const char *p, size_t n, size_t *length);
/* Encode; out has room for 4. Returns the length. */
size_t sl_utf8_encode(uint32_t code, char *out);
/* Code points in valid UTF-8. */
size_t sl_utf8_length(const char *p, size_t n);
/* Terminal columns of one code point: 0, 1 or 2; -1 for controls. */
int sl_utf8_width(uint32_t code);

/* str.lower(). Writes at most 3*n + 16 bytes to out (disjoint from p) and returns the length. Final sigma as in
 * CPython. */
size_t sl_text_lower(const char *p, size_t n, char *out);

/* Does re's \w accept this code point? */
bool sl_is_word(uint32_t code);
/* str.isspace() */
bool sl_is_space(uint32_t code);
/* str.strip(): a span within s. */
struct sl_str sl_text_strip(struct sl_str s);

enum sl_normal_form { SL_NFC, SL_NFD, SL_NFKC, SL_NFKD };
/* unicodedata.normalize(form, s), then, if strip_accents, NFKD with combining marks removed (scikit-learn's
 * strip_accents_unicode). Result in the arena. */
int sl_text_normalize(struct sl_str s, enum sl_normal_form form, bool strip_accents, struct sl_arena *arena,
                      struct sl_str *out, struct sl_error *err);

/* html.unescape(): writes at most 2*n + 16 bytes to out and returns the length. */
size_t sl_html_unescape(const char *p, size_t n, char *out);

enum sl_encoding { SL_ENCODING_AUTO, SL_UTF8, SL_LATIN1, SL_UTF16LE, SL_UTF16BE };
/* Guess from a file's first bytes: BOMs; NULs at even or odd places; else UTF-8 when valid (an incomplete last sequence
 * is fine), else Latin-1 (read as Windows-1252, as browsers do). *bom gets the length of the byte order mark. */
enum sl_encoding sl_encoding_guess(const char *p, size_t n, size_t *bom);
const char *sl_encoding_name(enum sl_encoding encoding);
/* Convert to UTF-8 into out. Consumes whole units only; *used says how many bytes were consumed (carry the rest over).
 * What is broken (a lone surrogate; invalid UTF-8, for SL_UTF8 and SL_ENCODING_AUTO) becomes U+FFFD and adds to *bad
 * (may be NULL). */
void sl_encoding_convert(enum sl_encoding encoding, const char *p, size_t n, struct sl_buf *out, size_t *used,
                         uint64_t *bad);

#endif
