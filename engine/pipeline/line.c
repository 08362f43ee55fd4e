/* line.c: one line of the recipe language into words.
 *
 * Quoting is the shell's: '…' verbatim, "…" with \" \\ \n \t, a backslash outside quotes takes the next byte as it is.
 * A word that begins with NAME= carries that key. `#` at the start of a word begins a comment. */
#include "sluice/recipe.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '#';
}

static char escaped(char c)
{
    return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

/* Bytes of "name=" at p, or 0. `==` is an operator of expressions, not an assignment. */
static size_t key_length(const char *p, const char *end)
{
    const char *at = p;
    if (at < end && ((*at >= '0' && *at <= '9') || *at == '#'))
        return 0;
    while (at < end && is_name(*at))
        at++;
    return at > p && at < end && *at == '=' && !(at + 1 < end && at[1] == '=') ? (size_t)(at - p) : 0;
}

/* Unquote from *p up to a blank into to; *p ends behind the word. */
static int take_value(struct sl_str source, const char **p, char **to, struct sl_error *err)
{
    const char *at = *p, *end = source.p + source.n;
    char *out = *to;
    while (at < end && !is_blank(*at)) {
        char c = *at++;
        if (c == '\'' || c == '"') {
            const char *open = at - 1;
            while (at < end && *at != c) {
                if (c == '"' && *at == '\\' && at + 1 < end)
                    *out++ = escaped(*++at);
                else
                    *out++ = *at;
                at++;
            }
            if (at == end) {
                sl_fail(err, SL_ESYNTAX, "the quote %c that opens here is never closed", c);
                sl_error_at(err, NULL, 0, (uint64_t)(open - source.p) + 1, UINT64_MAX);
                return sl_fix(err, "add the closing %c, or put a backslash before the quote", c);
            }
            at++;
        } else if (c == '\\' && at < end) {
            *out++ = *at++;
        } else {
            *out++ = c;
        }
    }
    *p = at;
    *to = out;
    return SL_OK;
}

int sl_line_split(struct sl_str source, struct sl_arena *arena, struct sl_line *out, struct sl_error *err)
{
    while (source.n && (is_blank(source.p[source.n - 1]) || source.p[source.n - 1] == '\n'))
        source.n--;
    *out = (struct sl_line){ .source = source };
    if (source.n == 0)
        return SL_OK;
    if (memchr(source.p, 0, source.n))
        return sl_fail(err, SL_ESYNTAX, "the line holds a NUL byte");
    out->words = sl_arena_zero(arena, source.n / 2 + 1, sizeof *out->words);
    char *bytes = sl_arena_take(arena, source.n + 1, 1);
    if (!out->words || !bytes)
        return sl_fail_memory(err, "a line of the recipe");
    const char *p = source.p, *end = source.p + source.n;
    for (;;) {
        while (p < end && is_blank(*p))
            p++;
        if (p == end)
            break;
        if (*p == '#') {
            out->source.n = (size_t)(p - source.p);
            break;
        }
        struct sl_word *word = &out->words[out->n++];
        word->raw = p;
        word->column = (uint32_t)(p - source.p) + 1;
        size_t key = key_length(p, end);
        if (key) {
            word->key = (struct sl_str){ p, key };
            p += key + 1;
        }
        char *from = bytes;
        int status = take_value(source, &p, &bytes, err);
        if (status)
            return status;
        word->value = (struct sl_str){ from, (size_t)(bytes - from) };
    }
    while (out->source.n && is_blank(out->source.p[out->source.n - 1]))
        out->source.n--;
    return SL_OK;
}
