/* strip_html.c: text without HTML tags.
 *
 * Mode `tags` is Python's re.sub(r'<[^>]*>', replacement, text) to the byte, found with memchr: the nearest '>' after a
 * '<' ends the tag, whatever stands between, and a '<' without one stays. Where no '>' follows any more the search
 * ends, so the time is linear also for a text of many '<'. Mode `clean` is in strip_html_clean.c. */
#include "engine/stages/strip_html_private.h"
#include "engine/stages/substeps.h"
#include "engine/stages/text_stage.h"

enum { TAGS, CLEAN };

struct params {
    struct sl_names columns;
    int mode;
    char *replacement;
};

static const char *const modes[] = { "tags", "clean", NULL };

static const struct params defaults = { .mode = TAGS };

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_TEXT,
               .help = "text columns to change; without any, all text columns but the target"),
    SL_CHOICE(struct params, mode, .choices = modes, .cheaper = "tags",
              .help = "tags: only what stands between < and >; clean: also scripts, styles and comments, and entities "
                      "are decoded"),
    SL_STRING(struct params, replacement, .help = "put in place of each tag"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "strip_html review", .in = "review,n\nGood.<br /><br />Very <b>good</b>.,1\n",
      .out = "review,n\nGood.Very good.,1\n" },
    { "strip_html replacement=\" \"", .in = "review\nGood.<br>So good.\n5 < 6\n",
      .out = "review\nGood. So good.\n5 < 6\n", .note = "a < that nothing closes stays" },
    { "strip_html mode=clean", .in = "review\n<p>Fish &amp; chips<script>x < 1;</script> &lt;3</p><!-- ad -->\n",
      .out = "review\nFish & chips <3\n" },
    { "strip_html mode=tags", .in = "review\nFish &amp; chips: 1 < 2 and 3 > 2\n",
      .out = "review\nFish &amp; chips: 1  2\n", .note = "whatever stands between < and > is taken out" },
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct params *p = stage->params;
    return sl_bind_columns(stage, &p->columns, SL_TEXT, in, err);
}

/* The next tag in p..end: its '<', and *after behind its '>'. NULL when there is none. */
static const char *next_tag(const char *p, const char *end, const char **after)
{
    const char *open = p < end ? memchr(p, '<', (size_t)(end - p)) : NULL;
    const char *close = open ? memchr(open, '>', (size_t)(end - open)) : NULL;
    *after = close ? close + 1 : NULL;
    return close ? open : NULL;
}

/* Bytes the result may have: exact when tags are replaced by something, else at most those of the text. */
static bool measure(struct sl_str text, struct sl_str replacement, size_t *room)
{
    size_t tags = 0, taken = 0, put;
    const char *after, *end = text.p + text.n;
    if (replacement.n) {
        for (const char *tag = next_tag(text.p, end, &after); tag; tag = next_tag(after, end, &after)) {
            tags++;
            taken += (size_t)(after - tag);
        }
    }
    return sl_mul(tags, replacement.n, &put) && sl_add(text.n - taken, put, room);
}

int sl_strip_tags(struct sl_str replacement, struct sl_arena *arena, struct sl_str *cell, struct sl_error *err)
{
    const char *after, *at = cell->p, *end = cell->p + cell->n;
    const char *tag = cell->n ? next_tag(at, end, &after) : NULL;
    if (!tag) {
        return SL_OK;
    }
    size_t room;
    char *out = measure(*cell, replacement, &room) ? sl_arena_take(arena, room, 1) : NULL;
    if (!out) {
        return sl_fail_memory(err, "taking tags out of text");
    }
    char *to = out;
    while (tag) {
        memcpy(to, at, (size_t)(tag - at));
        to += tag - at;
        if (replacement.n) {
            memcpy(to, replacement.p, replacement.n);
            to += replacement.n;
        }
        at = after;
        tag = next_tag(at, end, &after);
    }
    memcpy(to, at, (size_t)(end - at));
    to += end - at;
    sl_arena_trim(arena, to);
    *cell = (struct sl_str){ out, (size_t)(to - out) };
    return SL_OK;
}

static int strip_cell(const void *ctx, struct sl_arena *arena, struct sl_str *cell, struct sl_error *err)
{
    const struct params *p = ctx;
    struct sl_str replacement = sl_str(p->replacement);
    return p->mode == TAGS ? sl_strip_tags(replacement, arena, cell, err)
                           : sl_strip_clean(replacement, arena, cell, err);
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    const struct sl_bound_columns *bound = stage->state;
    int status = SL_OK;
    for (size_t k = 0; k < bound->n && status == SL_OK; k++) {
        status = sl_map_text(chunk, bound->column[k], strip_cell, stage->params, err);
    }
    return status;
}

const struct sl_stage_class sl_stage_strip_html = {
    .name = "strip_html",
    .summary = "take HTML tags out of text",
    .details = "Mode tags replaces whatever matches the regular expression <[^>]*> and nothing else: it also takes out "
               "the middle of '1 < 2 and 3 > 2', and leaves entities such as &amp; and the text of scripts.\n\n"
               "Mode clean reads more as a browser does: a tag begins with a letter, /, ! or ? behind the <, and a > "
               "in quotes does not end it; script and style elements go with all they hold, comments too (to the end "
               "of the text when they are never closed); then entities are decoded.\n\n"
               "Words on both sides of a tag grow together unless replacement puts a blank between them.",
    .kind = SL_RECORD,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = sl_unbind_columns,
    .apply = apply,
    .substeps = &sl_substeps_strip_html,
};
