/* strip_html_clean.c: text as a browser would show it, from a piece of HTML.
 *
 * A scanner in the spirit of the HTML standard's tokenizer (section 13.2.5): tags with quoted attribute values,
 * comments, raw text of script and style; then html.unescape() over what is left. No tree is built, and no layout: a
 * block element does not become a line end.
 *
 * The cost is linear. When the quotes of a tag run to the end of the text without closing it, quotes are not trusted
 * for the rest of that text, so no part is scanned again and again. */
#include "engine/stages/strip_html_private.h"
#include "sluice/text.h"

#include <strings.h>

struct scan {
    const char *end;
    bool plain_tags; /* quotes do not hide '>' any more */
    bool no_close;   /* no '>' follows */
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *find(const char *p, const char *end, char c)
{
    return p < end ? memchr(p, c, (size_t)(end - p)) : NULL;
}

/* Does p begin with the tag name, in either case, and does the name end there? */
static bool is_name(const char *p, const char *end, const char *name)
{
    size_t n = strlen(name);
    if ((size_t)(end - p) < n || strncasecmp(p, name, n) != 0) {
        return false;
    }
    return p + n == end || strchr(" \t\r\n\f/>", p[n]) != NULL;
}

/* Behind the '>' of a tag whose '<' is at p, or NULL when the tag never ends. */
static const char *tag_end(struct scan *scan, const char *p)
{
    const char *at = p + 1;
    while (!scan->plain_tags && at < scan->end && *at != '>') {
        if ((*at == '"' || *at == '\'') && at[-1] == '=') {
            at = find(at + 1, scan->end, *at);
            if (!at) {
                break;
            }
        }
        at++;
    }
    if (!scan->plain_tags && at && at < scan->end) {
        return at + 1;
    }
    scan->plain_tags = true;
    const char *close = find(p, scan->end, '>');
    scan->no_close = !close;
    return close ? close + 1 : NULL;
}

/* Behind the comment that opens at p ("<!--"), or the text's end. */
static const char *comment_end(const char *p, const char *end)
{
    for (const char *at = p + 2; (at = find(at, end, '>')) != NULL; at++) {
        bool dashes = at - p >= 5 && at[-1] == '-' && at[-2] == '-';
        bool bang = at - p >= 7 && at[-1] == '!' && at[-2] == '-' && at[-3] == '-';
        if (dashes || bang || at - p == 4 || (at - p == 5 && at[-1] == '-')) {
            return at + 1;
        }
    }
    return end;
}

/* Behind the end tag of a raw-text element, searched from p; or the text's end. */
static const char *raw_end(struct scan *scan, const char *p, const char *name)
{
    for (const char *at = p; (at = find(at, scan->end, '<')) != NULL; at++) {
        if (scan->end - at > 2 && at[1] == '/' && is_name(at + 2, scan->end, name)) {
            const char *close = find(at, scan->end, '>');
            return close ? close + 1 : scan->end;
        }
    }
    return scan->end;
}

/* Behind the markup that begins at the '<' at p; NULL when it is text. */
static const char *markup_end(struct scan *scan, const char *p)
{
    if (scan->end - p < 2 || !(is_letter(p[1]) || p[1] == '/' || p[1] == '!' || p[1] == '?')) {
        return NULL;
    }
    if (scan->end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
        return comment_end(p, scan->end);
    }
    const char *after = tag_end(scan, p);
    if (after && is_name(p + 1, scan->end, "script")) {
        return raw_end(scan, after, "script");
    }
    if (after && is_name(p + 1, scan->end, "style")) {
        return raw_end(scan, after, "style");
    }
    return after;
}

/* The next markup at or behind *at: *at moves to its '<', *after behind its end. False when there is none. */
static bool next_markup(struct scan *scan, const char **at, const char **after)
{
    while (!scan->no_close && (*at = find(*at, scan->end, '<')) != NULL) {
        *after = markup_end(scan, *at);
        if (*after) {
            return true;
        }
        ++*at;
    }
    return false;
}

bool sl_strip_next_markup(struct sl_markup_scan *state, struct sl_str text, size_t *from, size_t *to)
{
    struct scan scan = { text.p + text.n, state->plain_tags, state->no_close };
    const char *at = text.p + *from, *after = NULL;
    bool found = next_markup(&scan, &at, &after);
    *state = (struct sl_markup_scan){ scan.plain_tags, scan.no_close };
    if (found) {
        *from = (size_t)(at - text.p);
        *to = (size_t)(after - text.p);
    }
    return found;
}

/* Text without markup into out; true when something was taken out. */
static bool take_out(struct sl_str text, struct sl_str replacement, struct sl_buf *out)
{
    struct scan scan = { .end = text.p + text.n };
    const char *done = text.p, *at = text.p, *after = NULL;
    bool changed = false;
    while (next_markup(&scan, &at, &after)) {
        sl_buf_add(out, done, (size_t)(at - done));
        sl_buf_add(out, replacement.p, replacement.n);
        done = at = after;
        changed = true;
    }
    sl_buf_add(out, done, (size_t)(scan.end - done));
    return changed;
}

int sl_strip_clean(struct sl_str replacement, struct sl_arena *arena, struct sl_str *cell, struct sl_error *err)
{
    if (!cell->n || (!memchr(cell->p, '<', cell->n) && !memchr(cell->p, '&', cell->n))) {
        return SL_OK;
    }
    struct sl_buf bare = { 0 };
    bool changed = take_out(*cell, replacement, &bare);
    size_t room;
    char *to = NULL;
    if (!bare.failed && sl_mul(bare.n, 2, &room) && sl_add(room, 16, &room)) {
        to = sl_arena_take(arena, room, 1);
    }
    if (!to) {
        sl_buf_release(&bare);
        return sl_fail_memory(err, "cleaning HTML");
    }
    struct sl_str clean = { to, sl_html_unescape(bare.n ? bare.p : "", bare.n, to) };
    sl_buf_release(&bare);
    if (!changed && sl_str_equal(clean, *cell)) {
        sl_arena_trim(arena, to);
        return SL_OK;
    }
    sl_arena_trim(arena, to + clean.n);
    *cell = clean;
    return SL_OK;
}
