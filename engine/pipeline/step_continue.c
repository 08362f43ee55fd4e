/* step_continue.c: on from where a stepper stands to the next breakpoint, or back to the last one.
 *
 * The rest of the record at hand is part of the scan: places are compared, not records. */
#include "step_private.h"

#include <stdlib.h>

/* Marks of the blocks from the first to the one that holds the record; those a browser has walked past are known. */
static int copy_marks(struct sl_browser *b, uint64_t record, struct sl_mark **out, size_t *n, struct sl_error *err)
{
    struct atlas *atlas = &b->atlas;
    size_t k = sl_browser_block_of(b, record);
    pthread_mutex_lock(&atlas->lock);
    *n = k < atlas->n ? k + 1 : atlas->n;
    *out = calloc(*n + 1, sizeof **out);
    if (*out && *n)
        memcpy(*out, atlas->marks, *n * sizeof **out);
    pthread_mutex_unlock(&atlas->lock);
    return *out ? SL_OK : sl_fail_memory(err, "a scan");
}

int sl_stepper_continue(struct sl_stepper *st, struct sl_breaks *breaks, bool backward, struct sl_pool *pool,
                        struct sl_step_progress *progress, struct sl_break_hit *hit, struct sl_error *err)
{
    struct sl_place here = st->here.place;
    struct sl_mark *marks = NULL;
    size_t n = 0;
    if (breaks->pipeline != st->pipeline)
        return sl_fail(err, SL_ESTATE, "the breakpoints are of another pipeline");
    struct sl_scan_options options = { .pool = pool, .verdicts = st->verdicts, .progress = progress };
    int status = copy_marks(st->browser, here.record, &marks, &n, err);
    if (!status && backward) {
        here.substep = here.substep ? 1 : 0; /* from within a stage, its own hit lies behind */
        status = sl_breaks_scan_back(breaks, &options, &here, marks, n, hit, err);
    } else if (!status) {
        here.substep = 1;
        options.from = here;
        options.mark = n ? &marks[n - 1] : NULL;
        status = sl_breaks_scan(breaks, &options, hit, err);
    }
    free(marks);
    return status ? status : sl_stepper_goto(st, &hit->place, err);
}
