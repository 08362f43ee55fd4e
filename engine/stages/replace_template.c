/* replace_template.c: Python's replacement strings.
 *
 * Source  CPython's Lib/re/_parser.py, parse_template(): \g<name>, \g<number>, \1 to \99, octal escapes, and the
 * escapes of string literals; any other escaped ASCII letter is refused. A group that took no part gives nothing. */
#include "engine/stages/replace_private.h"

#include <stdlib.h>

enum { NAME_LONGEST = 128, GROUP_LARGEST = 65535 };

struct reader {
    const char *text, *p;
    const pcre2_code *code;
    struct sl_template *to;
    char *put;     /* next free byte of to->bytes */
    char *literal; /* where the run of literal bytes began */
    struct sl_error *err;
};

static int refuse(struct reader *r, const char *at, const char *what, const char *fix)
{
    sl_fail(r->err, SL_EPARAM, "the replacement '%.80s' has %s at byte %zu", r->text, what, (size_t)(at - r->text) + 1);
    sl_fix(r->err, "%s", fix);
    return SL_EPARAM;
}

static void end_part(struct reader *r, int group)
{
    struct sl_str literal = { r->literal, (size_t)(r->put - r->literal) };
    r->to->parts[r->to->n++] = (struct sl_template_part){ literal, group };
    r->literal = r->put;
}

static int add_group(struct reader *r, const char *at, long group)
{
    uint32_t groups = 0;
    pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (group > (long)groups) {
        return refuse(r, at, "a reference to a group that the pattern lacks", "count the pattern's round brackets");
    }
    end_part(r, (int)group);
    return SL_OK;
}

/* Digits from p on as a number, -1 when too large. */
static long number(const char *p, size_t n)
{
    long value = 0;
    for (size_t i = 0; i < n && value >= 0; i++) {
        value = value * 10 + (p[i] - '0');
        value = value > GROUP_LARGEST ? -1 : value;
    }
    return value;
}

/* Behind "\g": <name> or <number>. */
static int read_group(struct reader *r, const char *at)
{
    const char *close = r->p[0] == '<' ? strchr(r->p, '>') : NULL;
    size_t n = close ? (size_t)(close - r->p) - 1 : 0;
    if (!n || n > NAME_LONGEST) {
        return refuse(r, at, "\\g without a group", "write \\g<name> or \\g<1>");
    }
    const char *name = r->p + 1;
    r->p = close + 1;
    if (strspn(name, "0123456789") >= n) {
        long group = number(name, n);
        return add_group(r, at, group < 0 ? GROUP_LARGEST : group);
    }
    char copy[NAME_LONGEST + 1];
    memcpy(copy, name, n);
    copy[n] = '\0';
    int group = pcre2_substring_number_from_name(r->code, (PCRE2_SPTR)copy);
    if (group < 0) {
        return refuse(r, at, "a group name that the pattern lacks", "name groups in the pattern with (?P<name>...)");
    }
    return add_group(r, at, group);
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Code points below 512 as UTF-8. */
static void put_code(struct reader *r, unsigned code)
{
    if (code < 0x80) {
        *r->put++ = (char)code;
    } else {
        *r->put++ = (char)(0xc0 | code >> 6);
        *r->put++ = (char)(0x80 | (code & 63));
    }
}

/* At a digit behind a backslash: \0oo and three octal digits are a character, else one or two digits are a group. */
static int read_digits(struct reader *r, const char *at)
{
    const char *p = r->p;
    if (p[0] == '0' || (is_octal(p[0]) && is_octal(p[1]) && is_octal(p[2]))) {
        unsigned code = 0, n = 0;
        for (; n < 3 && is_octal(p[n]); n++) {
            code = code * 8 + (unsigned)(p[n] - '0');
        }
        if (code > 0377) {
            return refuse(r, at, "an octal escape outside of 0-0o377", "write the character itself");
        }
        r->p += n;
        put_code(r, code);
        return SL_OK;
    }
    size_t n = is_digit(p[1]) ? 2 : 1;
    r->p += n;
    return add_group(r, at, number(p, n));
}

static int read_escape(struct reader *r)
{
    static const char letters[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";
    const char *at = r->p++;
    char c = *r->p;
    if (!c) {
        return refuse(r, at, "a backslash with nothing behind it", "write \\\\ for a backslash");
    }
    if (is_digit(c)) {
        return read_digits(r, at);
    }
    r->p++;
    if (c == 'g') {
        return read_group(r, at);
    }
    const char *known = strchr(letters, c);
    if (known) {
        *r->put++ = values[known - letters];
        return SL_OK;
    }
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
        return refuse(r, at, "an unknown escape", "write \\\\ for a backslash, or use regex=false");
    }
    *r->put++ = '\\';
    *r->put++ = c;
    return SL_OK;
}

int sl_template_compile(struct sl_template *out, const char *text, bool literal, const pcre2_code *code,
                        struct sl_error *err)
{
    size_t n = strlen(text);
    *out = (struct sl_template){ .parts = calloc(n / 2 + 1, sizeof *out->parts), .bytes = malloc(n + 1) };
    if (!out->parts || !out->bytes) {
        return sl_fail_memory(err, "reading a replacement");
    }
    struct reader r = { text, text, code, out, out->bytes, out->bytes, err };
    while (*r.p) {
        if (*r.p == '\\' && !literal) {
            int status = read_escape(&r);
            if (status) {
                return status;
            }
        } else {
            *r.put++ = *r.p++;
        }
    }
    end_part(&r, -1);
    return SL_OK;
}

void sl_template_release(struct sl_template *template)
{
    free(template->parts);
    free(template->bytes);
    *template = (struct sl_template){ 0 };
}

void sl_template_expand(const struct sl_template *template, const char *subject, const PCRE2_SIZE *ovector,
                        uint32_t pairs, struct sl_buf *out)
{
    for (size_t i = 0; i < template->n; i++) {
        const struct sl_template_part *part = &template->parts[i];
        sl_buf_add(out, part->literal.p, part->literal.n);
        if (part->group < 0 || (uint32_t)part->group >= pairs) {
            continue;
        }
        PCRE2_SIZE start = ovector[2 * part->group], end = ovector[2 * part->group + 1];
        if (start != PCRE2_UNSET && end > start) {
            sl_buf_add(out, subject + start, end - start);
        }
    }
}
