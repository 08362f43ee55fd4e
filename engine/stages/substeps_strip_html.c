/* substeps_strip_html.c: strip_html one tag at a time, and in mode clean then one entity at a time.
 *
 * Tags are found by the scanner of the mode; the text after k of them is what lies before the k-th tag's end without
 * tags, and the rest as it was. After the last one it is the stage's result, which the tests compare. */
#include "engine/stages/strip_html_private.h"
#include "engine/stages/substeps.h"
#include "sluice/text.h"

#include <stdlib.h>

enum { CLEAN = 1 };

struct job {
    struct sl_str replacement;
    bool clean;
    uint32_t wanted; /* sub-operation to show; 0: none */
    uint32_t seen;   /* sub-operations so far */
    struct sl_arena *arena;
    struct sl_substep *out;
    struct sl_error *err;
};

static const char *find(const char *p, const char *end, char c)
{
    return p < end ? memchr(p, c, (size_t)(end - p)) : NULL;
}

/* The next tag at or behind *from; *from moves to its '<', *to behind its end. */
static bool next_tag(const struct job *job, struct sl_markup_scan *scan, struct sl_str text, size_t *from, size_t *to)
{
    if (job->clean) {
        return sl_strip_next_markup(scan, text, from, to);
    }
    const char *end = text.p + text.n;
    const char *open = find(text.p + *from, end, '<'), *close = open ? find(open, end, '>') : NULL;
    if (!close) {
        return false;
    }
    *from = (size_t)(open - text.p);
    *to = (size_t)(close - text.p) + 1;
    return true;
}

/* Every tag of the text; *bare gets the text without them. */
static int take_tags(struct job *job, struct sl_str text, struct sl_str *bare)
{
    struct sl_buf done = { 0 };
    struct sl_markup_scan scan = { 0 };
    size_t from = 0, to = 0, at = 0;
    int status = SL_OK;
    while (text.n && status == SL_OK && next_tag(job, &scan, text, &from, &to)) {
        sl_buf_add(&done, text.p + at, from - at);
        size_t place = done.n;
        sl_buf_add(&done, job->replacement.p, job->replacement.n);
        if (++job->seen == job->wanted) {
            struct sl_str head = { done.p, done.n }, tail = { text.p + to, text.n - to };
            status = done.failed ? sl_fail_memory(job->err, "stepping into a stage")
                                 : sl_substeps_join(job->arena, head, tail, &job->out->text, job->err);
            job->out->what = sl_substeps_what(job->arena, "take out", (struct sl_str){ text.p + from, to - from });
            job->out->at = place;
            job->out->taken = to - from;
            job->out->put = job->replacement.n;
        }
        at = from = to;
    }
    if (text.n) {
        sl_buf_add(&done, text.p + at, text.n - at);
    }
    struct sl_str whole = { done.p, done.n };
    if (status == SL_OK) {
        status = done.failed ? sl_fail_memory(job->err, "stepping into a stage")
                             : sl_substeps_join(job->arena, whole, SL_STR(""), bare, job->err);
    }
    sl_buf_release(&done);
    return status;
}

static bool is_in(char c, const char *set)
{
    return c && strchr(set, c) != NULL;
}

/* End of what html.unescape takes for one reference at the '&' at p: digits, or up to 32 characters of a name. */
static size_t reference_end(struct sl_str text, size_t at)
{
    size_t i = at + 1;
    if (i < text.n && text.p[i] == '#') {
        bool hex = i + 1 < text.n && (text.p[i + 1] == 'x' || text.p[i + 1] == 'X');
        i += 1 + hex;
        while (i < text.n && is_in(text.p[i], hex ? "0123456789abcdefABCDEF" : "0123456789")) {
            i++;
        }
    } else {
        for (size_t n = 0; i < text.n && n < 32 && !is_in(text.p[i], "\t\n\f <&#;"); n++) {
            size_t length;
            sl_utf8_decode(text.p + i, text.n - i, &length);
            i += length;
        }
    }
    return i < text.n && text.p[i] == ';' ? i + 1 : i;
}

static int take_entities(struct job *job, struct sl_str text, struct sl_str *plain)
{
    size_t room;
    char *out = sl_mul(text.n, 2, &room) && sl_add(room, 16, &room) ? sl_arena_array(job->arena, room, 1) : NULL;
    if (!out) {
        return sl_fail_memory(job->err, "stepping into a stage");
    }
    size_t n = 0, at = 0;
    const char *amp;
    int status = SL_OK;
    while (status == SL_OK && (amp = find(text.p + at, text.p + text.n, '&')) != NULL) {
        size_t from = (size_t)(amp - text.p), to = reference_end(text, from);
        memcpy(out + n, text.p + at, from - at);
        n += from - at;
        size_t put = sl_html_unescape(amp, to - from, out + n);
        bool same = put == to - from && memcmp(out + n, amp, put) == 0;
        if (!same && ++job->seen == job->wanted) {
            job->out->what = sl_substeps_what(job->arena, "decode", (struct sl_str){ amp, to - from });
            job->out->at = n;
            job->out->taken = to - from;
            job->out->put = put;
            status = sl_substeps_join(job->arena, (struct sl_str){ out, n + put },
                                      (struct sl_str){ text.p + to, text.n - to }, &job->out->text, job->err);
        }
        n += put;
        at = to;
    }
    if (text.n) {
        memcpy(out + n, text.p + at, text.n - at);
    }
    *plain = (struct sl_str){ out, n + text.n - at };
    return status;
}

static int at(const struct sl_stage *stage, void *scratch, const struct sl_chunk *chunk, uint32_t k,
              struct sl_arena *arena, struct sl_substep *out, uint32_t *n, struct sl_error *err)
{
    (void)scratch;
    size_t *columns = NULL, n_columns = 0;
    char *const *replacement = sl_substeps_param(stage, stage->params, "replacement");
    const int *mode = sl_substeps_param(stage, stage->params, "mode");
    *out = (struct sl_substep){ 0 };
    struct job job = { .replacement = sl_str(*replacement),
                       .clean = *mode == CLEAN,
                       .wanted = k,
                       .arena = arena,
                       .out = out,
                       .err = err };
    int status = sl_substeps_columns(stage, &columns, &n_columns, err);
    for (size_t c = 0; c < n_columns && status == SL_OK; c++) {
        const struct sl_column *column = &chunk->columns[columns[c]];
        uint32_t before = job.seen;
        struct sl_str bare = SL_STR(""), plain;
        if (!sl_valid(column, 0)) {
            continue;
        }
        status = take_tags(&job, column->text[0], &bare);
        if (status == SL_OK && job.clean) {
            status = take_entities(&job, bare, &plain);
        }
        if (k > before && k <= job.seen) {
            out->column = columns[c];
        }
    }
    free(columns);
    *n = job.seen;
    return status;
}

const struct sl_stage_substeps sl_substeps_strip_html = { .at = at };
