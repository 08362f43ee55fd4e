/* param_names.c: lists of names and shell-like quotes, the two spellings of a value that have to read back as written.
 *
 * In a list a backslash takes the special meaning from the comma or backslash after it; before any other byte it stands
 * for itself. Blanks belong to a name: headers such as "a, b" name a column " b". Quotes: '…' is verbatim; "…", used
 * when the value holds a ' or a line end, knows \" \\ \n \t. */
#include "engine/stages/param_private.h"

static bool is_escape(struct sl_str s, size_t i)
{
    return s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == ',' || s.p[i + 1] == '\\');
}

/* End of the name that begins at i: the next bare comma, or the end. */
static size_t name_end(struct sl_str s, size_t i)
{
    while (i < s.n && s.p[i] != ',') {
        i += is_escape(s, i) ? 2 : 1;
    }
    return i;
}

static char *copy_name(struct sl_str s, struct sl_arena *arena)
{
    char *name = sl_arena_take(arena, s.n + 1, 1);
    if (!name) {
        return NULL;
    }
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        i += is_escape(s, i);
        name[n++] = s.p[i];
    }
    name[n] = '\0';
    return name;
}

int sl_param_split_names(struct sl_str value, struct sl_arena *arena, struct sl_names *out, const char **why)
{
    if (value.n && memchr(value.p, '\0', value.n)) {
        *why = "it holds a zero byte";
        return SL_EPARAM;
    }
    size_t n = 1;
    for (size_t i = name_end(value, 0); i < value.n; i = name_end(value, i + 1)) {
        n++;
    }
    char **names = sl_arena_array(arena, n, sizeof *names);
    if (!names) {
        return SL_ENOMEM;
    }
    size_t at = 0;
    for (size_t k = 0; k < n; k++) {
        size_t end = name_end(value, at);
        names[k] = copy_name((struct sl_str){ value.n ? value.p + at : "", end - at }, arena);
        if (!names[k]) {
            return SL_ENOMEM;
        }
        if (!names[k][0]) {
            *why = n == 1 ? "it is empty" : "a name between the commas is empty";
            return SL_EPARAM;
        }
        at = end + 1;
    }
    *out = (struct sl_names){ names, n };
    return SL_OK;
}

void sl_param_escape_name(const char *name, struct sl_buf *out)
{
    for (const char *c = name; *c; c++) {
        if (*c == ',' || (*c == '\\' && (c[1] == ',' || c[1] == '\\' || !c[1]))) {
            sl_buf_putc(out, '\\');
        }
        sl_buf_putc(out, *c);
    }
}

static bool needs_quotes(struct sl_str s, bool in_list)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c == 0x7f || c == '"' || c == '\'' || c == '#' || c == '=' || c == '\\' ||
            (in_list && c == ',')) {
            return true;
        }
    }
    return s.n == 0;
}

void sl_param_quote(struct sl_str value, bool in_list, struct sl_buf *out)
{
    if (!needs_quotes(value, in_list)) {
        sl_buf_add(out, value.p, value.n);
        return;
    }
    if (value.n && !memchr(value.p, '\'', value.n) && !memchr(value.p, '\n', value.n)) {
        sl_buf_putc(out, '\'');
        sl_buf_add(out, value.p, value.n);
        sl_buf_putc(out, '\'');
        return;
    }
    sl_buf_putc(out, '"');
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '"' || c == '\\') {
            sl_buf_putc(out, '\\');
            sl_buf_putc(out, c);
        } else if (c == '\n' || c == '\t') {
            sl_buf_puts(out, c == '\n' ? "\\n" : "\\t");
        } else {
            sl_buf_putc(out, c);
        }
    }
    sl_buf_putc(out, '"');
}
