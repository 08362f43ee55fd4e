/* lines.c: the lines of a span of bytes, ended by LF, CR LF or CR.
 *
 * The next LF and the next CR are looked for with memchr and remembered, so that a span is searched once for each,
 * however the two are mixed. */
#include "engine/data/lines.h"

static const char *find(const char *p, const char *end, char c)
{
    const char *found = p < end ? memchr(p, c, (size_t)(end - p)) : NULL;
    return found ? found : end;
}

void sl_lines_init(struct sl_lines *lines, const char *p, size_t n, bool last)
{
    const char *end = n ? p + n : p;
    *lines = (struct sl_lines){ .p = p, .end = end, .lf = find(p, end, '\n'), .cr = find(p, end, '\r'), .last = last };
}

bool sl_lines_next(struct sl_lines *lines, struct sl_str *line, size_t *total)
{
    const char *p = lines->p, *end = lines->end;
    if (p == end) {
        return false;
    }
    if (lines->lf < p) {
        lines->lf = find(p, end, '\n');
    }
    if (lines->cr < p) {
        lines->cr = find(p, end, '\r');
    }
    const char *stop = lines->lf < lines->cr ? lines->lf : lines->cr, *next = stop;
    if (stop == end) {
        if (!lines->last) {
            return false;
        }
    } else {
        next = stop + 1;
        if (*stop == '\r') {
            if (next == end && !lines->last) {
                return false; /* is an LF next? */
            }
            next += next < end && *next == '\n';
        }
    }
    *line = (struct sl_str){ p, (size_t)(stop - p) };
    *total = (size_t)(next - p);
    lines->p = next;
    return true;
}

bool sl_line_blank(struct sl_str line)
{
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] != ' ' && line.p[i] != '\t') {
            return false;
        }
    }
    return true;
}
