/* breakpoint_scan.c: on through the input to the first record that a breakpoint stops at.
 *
 * Forward, workers take blocks as they come; once one has a hit, no block behind it is begun, and the earliest hit of
 * all workers is the answer: every block before it has been looked at whole, so the answer is that of a walk from
 * record to record. Backward, rounds of blocks are read from an earlier mark on and looked at in parallel, the last
 * rounds of the input first; the latest hit of the first round that has one is the answer. */
#include "step_private.h"

#include <stdlib.h>

enum { ROUND = 8 }; /* blocks a worker, going backward: a seek in compressed input is dear */

struct break_scan {
    const struct sl_breaks *breaks;
    struct sl_pass pass;
    struct sl_break_best *best; /* per worker */
    size_t n;
    bool count;
};

static int visit(void *ctx, const struct sl_pass_view *view, struct sl_error *err)
{
    struct break_scan *scan = ctx;
    struct sl_break_best *best = &scan->best[view->worker];
    int status = sl_breaks_look(scan->breaks, view, best, err);
    if (view->event == SL_PASS_END && best->found && !best->backward && !scan->count) {
        uint64_t stop = scan->pass.stop;
        while (view->sequence < stop && !atomic_compare_exchange_weak(&scan->pass.stop, &stop, view->sequence))
            ;
    }
    return status;
}

static int begin(struct break_scan *scan, struct sl_breaks *breaks, const struct sl_scan_options *options,
                 size_t workers, const struct sl_place *to, bool backward, struct sl_error *err)
{
    *scan = (struct break_scan){ .breaks = breaks, .count = options->count };
    scan->pass = (struct sl_pass){ .pipeline = breaks->pipeline,
                                   .pool = options->pool,
                                   .mark = options->mark,
                                   .last = sl_breaks_reach(breaks),
                                   .verdicts = options->verdicts,
                                   .progress = options->progress,
                                   .visit = visit,
                                   .ctx = scan };
    scan->best = calloc(workers, sizeof *scan->best);
    int status = sl_pass_init(&scan->pass, workers, err);
    if (!scan->best && !status)
        status = sl_fail_memory(err, "a scan");
    scan->n = scan->best ? workers : 0;
    for (size_t i = 0; i < scan->n; i++) {
        struct sl_break_best *best = &scan->best[i];
        sl_arena_init(&best->arena);
        best->from = options->from;
        best->to = *to;
        best->backward = backward;
        best->count = options->count;
    }
    return status;
}

static void end(struct break_scan *scan)
{
    for (size_t i = 0; i < scan->n; i++)
        sl_arena_release(&scan->best[i].arena);
    free(scan->best);
    sl_pass_release(&scan->pass);
}

/* What all workers found together, noted at the breakpoints. */
static int conclude(struct break_scan *scan, struct sl_breaks *breaks, struct sl_break_hit *hit)
{
    struct sl_break_best *all = &scan->best[0];
    uint64_t hits = 0;
    for (size_t i = 1; i < scan->n; i++)
        sl_best_merge(all, &scan->best[i]);
    for (size_t i = 0; i < breaks->n; i++) {
        uint64_t n = scan->count ? all->hits[i] : all->found && (all->which >> i & 1);
        breaks->at[i]->public.hits += n;
        hits += n;
    }
    if (scan->pass.progress)
        scan->pass.progress->hits += hits;
    if (!all->found)
        return SL_EEND;
    *hit = (struct sl_break_hit){ all->place, all->which };
    return SL_OK;
}

int sl_breaks_scan(struct sl_breaks *breaks, const struct sl_scan_options *options, struct sl_break_hit *hit,
                   struct sl_error *err)
{
    if (sl_breaks_reach(breaks) == 0)
        return SL_EEND;
    struct break_scan scan;
    static const struct sl_place everything = { UINT64_MAX, UINT32_MAX, 0 };
    size_t workers = (size_t)(options->pool ? sl_pool_threads(options->pool) : 1);
    int status = begin(&scan, breaks, options, workers, &everything, false, err);
    if (!status)
        status = sl_pass_run(&scan.pass, err);
    if (!status)
        status = conclude(&scan, breaks, hit);
    end(&scan);
    return status;
}

/* ---- Backward ---- */

struct round {
    struct break_scan *scan;
    int status[ROUND * 64];
    struct sl_error err[ROUND * 64];
};

/* Lane i is a worker of its own. */
static void round_body(void *ctx, size_t i, int worker)
{
    struct round *round = ctx;
    (void)worker;
    round->err[i] = (struct sl_error)SL_ERROR_INIT;
    round->status[i] = sl_pass_block(&round->scan->pass, (int)i, &round->err[i]);
}

/* As many blocks as there are lanes, or up to the one that begins at or behind `bound`. *more: there are others. */
static int fill_round(struct sl_pass *pass, uint64_t bound, size_t *got, bool *more, struct sl_error *err)
{
    int status = SL_OK;
    *got = 0;
    *more = true;
    while (!status && *more && *got < pass->n_workers) {
        struct sl_block *block = &pass->workers[*got].block;
        status = sl_reader_next(pass->reader, block, err);
        *more = !status && block->mark.record < bound;
        *got += *more;
    }
    return status == SL_EEND ? SL_OK : status;
}

/* The blocks from a mark on that begin before record `bound`, looked at. */
static int run_round(struct round *round, const struct sl_mark *mark, uint64_t bound, struct sl_error *err)
{
    struct sl_pass *pass = &round->scan->pass;
    bool more = true;
    int status = sl_reader_seek(pass->reader, mark, err);
    while (!status && more) {
        size_t got;
        if (pass->progress && pass->progress->cancel)
            return sl_fail(err, SL_ECANCEL, "it was cancelled");
        status = fill_round(pass, bound, &got, &more, err);
        if (!status)
            sl_pool_for(pass->pool, got, round_body, round);
        for (size_t i = 0; i < got && !status; i++) {
            status = round->status[i];
            if (status && err)
                *err = round->err[i];
        }
    }
    return status;
}

int sl_breaks_scan_back(struct sl_breaks *breaks, const struct sl_scan_options *options, const struct sl_place *to,
                        const struct sl_mark *marks, size_t n_marks, struct sl_break_hit *hit, struct sl_error *err)
{
    if (sl_breaks_reach(breaks) == 0)
        return SL_EEND;
    struct break_scan scan;
    struct round *round = calloc(1, sizeof *round);
    size_t threads = (size_t)(options->pool ? sl_pool_threads(options->pool) : 1);
    size_t lanes = ROUND * (threads < 64 ? threads : 64);
    bool found = false;
    int status = begin(&scan, breaks, options, lanes, to, true, err);
    if (!status && !round)
        status = sl_fail_memory(err, "a scan");
    if (round)
        round->scan = &scan;
    for (size_t left = n_marks; left && !status && !found;) {
        size_t n = left < lanes ? left : lanes;
        uint64_t bound = left == n_marks ? to->record + 1 : marks[left].record;
        status = run_round(round, &marks[left - n], bound, err);
        left -= n;
        for (size_t i = 0; i < lanes; i++)
            found |= scan.best[i].found;
    }
    if (!status)
        status = conclude(&scan, breaks, hit);
    end(&scan);
    free(round);
    return status;
}
