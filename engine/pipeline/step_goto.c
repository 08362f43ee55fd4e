/* step_goto.c: to a record by its number, or by the line of the file that it covers. */
#include "step_private.h"

#include <ctype.h>
#include <stdlib.h>

/* Is this line of this file before the mark? */
static bool before_mark(const struct sl_mark *mark, uint32_t file, uint64_t line)
{
    return mark->file > file || (mark->file == file && mark->line > line);
}

/* The last block known to begin at or before the line. */
static size_t block_of_line(struct sl_browser *b, uint32_t file, uint64_t line)
{
    struct atlas *atlas = &b->atlas;
    pthread_mutex_lock(&atlas->lock);
    size_t low = 0, high = atlas->n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (before_mark(&atlas->marks[middle], file, line))
            high = middle;
        else
            low = middle;
    }
    pthread_mutex_unlock(&atlas->lock);
    return low;
}

struct found {
    bool any;
    uint64_t record, line;
    uint64_t last; /* line of the blocks searched */
};

static void consider(const struct sl_origin *origin, uint32_t file, uint64_t line, struct found *found)
{
    if (origin->file != file || origin->line > line || (found->any && origin->record < found->record))
        return;
    found->any = true;
    found->record = origin->record;
    found->line = origin->line;
}

static uint64_t last_line(const struct sl_block *block)
{
    uint64_t line = block->mark.line;
    for (size_t i = 0; i + 1 < block->data.n; i++)
        line += block->data.p[i] == '\n';
    return line;
}

static void search_block(const struct held_block *held, uint32_t file, uint64_t line, struct found *found)
{
    if (held->block.mark.file == file)
        found->last = last_line(&held->block);
    for (uint32_t i = 0; i < held->chunk.n; i++)
        consider(&held->chunk.origin[i], file, line, found);
    for (size_t i = 0; i < held->rejects.n; i++)
        consider(&held->rejects.entries[i].origin, file, line, found);
}

static int refuse_line(const struct sl_stepper *st, uint32_t file, uint64_t line, struct sl_error *err)
{
    const struct sl_reader *reader = st->pipeline->reader;
    sl_fail(err, SL_EPARAM, "line %llu of \"%.120s\" is not part of any record", (unsigned long long)line,
            file < reader->n_paths ? reader->paths[file] : "");
    return sl_fix(err, "give a line between the first record and the end of the file"), SL_EPARAM;
}

int sl_stepper_goto_line(struct sl_stepper *st, uint32_t file, uint64_t line, struct sl_error *err)
{
    struct found found = { 0 };
    size_t k = block_of_line(st->browser, file, line);
    bool past = false, inside = false; /* behind the line; in the same file */
    /* The record that covers the line begins in this block or, where later ones are not known yet, in one behind it. */
    while (!past) {
        struct held_block *held = NULL;
        int status = sl_browser_block(st->browser, k++, &held, err);
        if (status == SL_EEND)
            break;
        if (status)
            return status;
        past = before_mark(&held->block.mark, file, line);
        inside = past && held->block.mark.file == file;
        if (!past)
            search_block(held, file, line, &found);
        sl_held_block_drop(held);
    }
    if (!found.any || (!inside && line > found.last))
        return refuse_line(st, file, line, err);
    struct sl_place to = { found.record, 0, 0 };
    return sl_stepper_goto(st, &to, err);
}

static bool read_number(const char *p, uint64_t *out)
{
    uint64_t n = 0;
    const char *start = p;
    for (; isdigit((unsigned char)*p); p++)
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
            return false;
    *out = n;
    return p > start && !*p;
}

/* Index of a file by its path or the last part of it; SIZE_MAX: none. */
static size_t find_file(const struct sl_reader *reader, struct sl_str name)
{
    for (size_t i = 0; i < reader->n_paths; i++)
        if (sl_str_equal(name, sl_str(reader->paths[i])))
            return i;
    for (size_t i = 0; i < reader->n_paths; i++) {
        const char *slash = strrchr(reader->paths[i], '/');
        if (sl_str_equal(name, sl_str(slash ? slash + 1 : reader->paths[i])))
            return i;
    }
    return SIZE_MAX;
}

int sl_stepper_goto_text(struct sl_stepper *st, const char *where, struct sl_error *err)
{
    const struct sl_reader *reader = st->pipeline->reader;
    const char *colon = strrchr(where, ':');
    uint64_t number;
    if (!read_number(colon ? colon + 1 : where, &number)) {
        sl_fail(err, SL_EPARAM, "\"%.80s\" is no place", where);
        return sl_fix(err, "give a record's number, FILE:LINE, or :LINE");
    }
    if (!colon) {
        struct sl_place to = { number, 0, 0 };
        int status = sl_stepper_goto(st, &to, err);
        if (status != SL_EEND)
            return status;
        sl_fail(err, SL_EPARAM, "there is no record %llu", (unsigned long long)number);
        return sl_fix(err, "records are counted from 0"), SL_EPARAM;
    }
    struct sl_str name = { where, (size_t)(colon - where) };
    size_t file = name.n ? find_file(reader, name) : st->walk.origin.file;
    if (file == SIZE_MAX) {
        sl_fail(err, SL_EPARAM, "\"%.*s\" is none of the files read", (int)(name.n < 80 ? name.n : 80), name.p);
        return sl_fix(err, "the first of them is \"%.120s\"", reader->paths[0]);
    }
    return sl_stepper_goto_line(st, (uint32_t)file, number, err);
}
