/* bench_command.c: sluice bench: the user's own recipe trained with and without each help, side by side.
 *
 * Each round trains once in every way, one after the other, so that what else the machine does falls on all of them; of
 * the rounds' times the median counts. All ways must come to the same figures: a time of something else is none. Caches
 * of the recipe are off, but for the one that is tried: in memory, right before the learner. */
#include "batch.h"

#include "sluice/pool.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>

enum { ROUNDS = 3, ROUNDS_MOST = 1000, WAYS = 5, TICK_MS = 100, PREFETCH = 4 };

struct way {
    const char *name, *says; /* for JSON; in the table */
    int threads;
    size_t prefetch;                 /* blocks, or SL_PREFETCH_… */
    bool cached, again;              /* again: with what the way before has kept */
    double *total, *prepare, *train; /* one a round */
};

struct bench {
    const struct options *options;
    struct way ways[WAYS];
    size_t n;
    int rounds;
    bool known; /* the figures below are of the first training */
    double accuracy, loss;
    uint64_t fingerprint;
    struct sl_bottleneck verdict; /* of all threads without a cache */
    bool judged;
};

/* ---- One training ---- */

static int wait_training(struct sl_session *session, struct sl_error *err)
{
    struct sl_train_state state;
    while (!sl_session_wait(session, 0)) {
        struct pollfd fds[] = { { .fd = sl_session_fd(session), .events = POLLIN },
                                { .fd = batch_signal_fd(), .events = POLLIN } };
        poll(fds, 2, TICK_MS);
        if (batch_signal())
            return sl_fail(err, SL_ECANCEL, "interrupted");
    }
    sl_session_train_state(session, &state);
    if (state.job == SL_JOB_DONE)
        return SL_OK;
    *err = state.error;
    return err->status ? err->status : sl_fail(err, SL_ESTATE, "the training was not finished");
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static int check_same(struct bench *b, const struct way *way, const struct sl_result *r, struct sl_error *err)
{
    double accuracy = r->have_test ? r->test.accuracy : r->train.accuracy;
    double loss = r->have_test ? r->test.log_loss : r->train.log_loss;
    if (!b->known) {
        b->known = true;
        b->accuracy = accuracy;
        b->loss = loss;
        b->fingerprint = r->fingerprint;
    }
    if (same_bits(b->accuracy, accuracy) && same_bits(b->loss, loss) && b->fingerprint == r->fingerprint)
        return SL_OK;
    sl_fail(err, SL_EDATA, "the training with \"%s\" came to other figures (log loss %.17g, not %.17g)", way->says,
            loss, b->loss);
    return sl_fix(err, "measure again when nothing writes to the data");
}

static int train(struct bench *b, struct way *way, struct sl_session *session, int round, struct sl_error *err)
{
    uint64_t began = sl_now();
    int status = sl_session_command(session, "train", NULL, err);
    if (!status)
        status = wait_training(session, err);
    const struct sl_result *r = status ? NULL : sl_session_result(session);
    if (!r)
        return status ? status : sl_fail(err, SL_ESTATE, "the training left no figures");
    way->total[round] = (double)(sl_now() - began) * 1e-9;
    way->train[round] = r->seconds[SL_PHASE_TRAIN];
    way->prepare[round] = r->seconds[SL_PHASE_READ] + r->seconds[SL_PHASE_SPLIT] + r->seconds[SL_PHASE_FIT] +
                          r->seconds[SL_PHASE_ENCODE];
    if (way->again && !r->cache_hits) {
        sl_fail(err, SL_ESTATE, "the features were not kept: they are too large for the cache");
        return sl_fix(err, "give more --memory");
    }
    if (!way->cached && way->prefetch == SL_PREFETCH_NONE)
        b->judged = sl_session_bottleneck(session, &b->verdict);
    return check_same(b, way, r, err);
}

/* ---- The recipe, with and without a cache ---- */

/* Number of the learner's stage; 0: there is none. *behind: of the last one whose records a cache can keep, plus one.
 */
static size_t find_learner(struct sl_session *session, size_t *behind)
{
    *behind = 0;
    for (size_t i = 0; i < sl_session_stages(session); i++) {
        const struct sl_stage_view *stage = sl_session_stage(session, i);
        enum sl_stage_kind kind = stage->class->kind;
        if (!stage->off && !*behind && (kind == SL_BATCH || kind == SL_LEARNER))
            *behind = i + 1;
        if (!stage->off && kind == SL_LEARNER)
            return i + 1;
    }
    return 0;
}

/* "off 3", "insert 7 cache" */
static int command(struct sl_session *session, const char *verb, size_t number, const char *rest, struct sl_error *err)
{
    struct sl_buf line = { 0 };
    sl_buf_printf(&line, "%s %zu%s", verb, number, rest);
    int status = line.failed ? sl_fail_memory(err, "a command") : sl_session_command(session, line.p, NULL, err);
    sl_buf_release(&line);
    return status;
}

static int set_up(struct sl_session *session, bool cached, const struct options *options, struct sl_error *err)
{
    int status = sl_session_recipe(session, options->operands.word[0], false, err);
    for (size_t i = 0; i < sl_session_stages(session) && !status; i++) {
        const struct sl_stage_view *stage = sl_session_stage(session, i);
        if (!stage->off && strcmp(stage->class->name, "cache") == 0)
            status = command(session, "off", i + 1, "", err);
    }
    size_t before = 0, learner = status ? 0 : find_learner(session, &before);
    if (!status && !learner) {
        sl_fail(err, SL_ESCHEMA, "\"%s\" has no learner, so there is no training to measure",
                options->operands.word[0]);
        return sl_fix(err, "add one, such as: logistic");
    }
    return !status && cached ? command(session, "insert", before, " cache", err) : status;
}

static int open_session(struct sl_session **out, const struct bench *b, const struct way *way, struct sl_error *err)
{
    const struct sl_session_options options = { .threads = way->threads,
                                                .memory = b->options->memory,
                                                .prefetch = way->prefetch };
    int status = sl_session_open(out, &options, err);
    if (!status)
        status = set_up(*out, way->cached, b->options, err);
    return status;
}

static int one_round(struct bench *b, int round, struct sl_error *err)
{
    struct sl_session *session = NULL;
    int status = SL_OK;
    for (size_t i = 0; i < b->n && !status; i++) {
        struct way *way = &b->ways[i];
        if (!way->again) {
            sl_session_close(session);
            session = NULL;
            status = open_session(&session, b, way, err);
        }
        if (!status)
            status = train(b, way, session, round, err);
    }
    sl_session_close(session);
    return status;
}

/* ---- What comes of it ---- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts. */
static double median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, by_value);
    return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

/* Median of the rounds' own ratios: what is compared was measured side by side. */
static double ratio(const double *first, const double *x, int n)
{
    double *each = calloc((size_t)n, sizeof *each), middle = (double)NAN;
    for (int i = 0; each && i < n; i++)
        each[i] = first[i] / x[i];
    if (each)
        middle = median(each, n);
    free(each);
    return middle;
}

static void put_json(struct bench *b, const struct way *way, double times, struct sl_buf *out)
{
    sl_buf_puts(out, "{\"event\":\"bench\",\"name\":");
    sl_buf_json(out, sl_str(way->name));
    sl_buf_printf(out, ",\"threads\":%d,\"rounds\":%d,\"runs\":[", way->threads, b->rounds);
    for (int i = 0; i < b->rounds; i++) {
        sl_buf_puts(out, i ? "," : "");
        sl_buf_number(out, way->total[i]);
    }
    sl_buf_puts(out, "],\"seconds\":");
    sl_buf_number(out, median(way->total, b->rounds));
    sl_buf_puts(out, ",\"prepare\":");
    sl_buf_number(out, median(way->prepare, b->rounds));
    sl_buf_puts(out, ",\"train\":");
    sl_buf_number(out, median(way->train, b->rounds));
    sl_buf_puts(out, ",\"times_as_fast\":");
    sl_buf_number(out, times);
    sl_buf_puts(out, "}\n");
}

static void put_row(struct bench *b, const struct way *way, double times, struct sl_buf *out)
{
    sl_buf_printf(out, "%-26s %9.3f %9.3f %9.3f %9.2f\n", way->says, median(way->total, b->rounds),
                  median(way->prepare, b->rounds), median(way->train, b->rounds), times);
}

static int report(struct bench *b, struct sl_error *err)
{
    struct sl_buf out = { 0 };
    double times[WAYS];
    for (size_t i = 0; i < b->n; i++)
        times[i] = ratio(b->ways[0].total, b->ways[i].total, b->rounds);
    if (!b->options->json)
        sl_buf_printf(&out, "%-26s %9s %9s %9s %9s\n", "seconds", "total", "prepare", "train", "× as fast");
    for (size_t i = 0; i < b->n; i++)
        (b->options->json ? put_json : put_row)(b, &b->ways[i], times[i], &out);
    if (b->judged && b->options->json) {
        sl_buf_puts(&out, "{\"event\":\"verdict\",\"of\":\"threads\",\"bottleneck\":");
        sl_bottleneck_json(&b->verdict, &out);
        sl_buf_puts(&out, "}\n");
    } else if (b->judged) {
        sl_buf_printf(&out, "\nmedian of %d round%s; the same figures in every one\n", b->rounds,
                      b->rounds == 1 ? "" : "s");
        sl_bottleneck_sentence(&b->verdict, &out);
        sl_buf_printf(&out, "\nto do: %s\n", b->verdict.todo);
    }
    int status = batch_flush(&out, err);
    sl_buf_release(&out);
    return status;
}

/* ---- The command ---- */

static void list_ways(struct bench *b, char *says, size_t size)
{
    int all = b->options->threads > 0 ? b->options->threads : sl_cores();
    struct sl_buf text = { 0 };
    sl_buf_printf(&text, "%d threads", all);
    size_t n = text.failed || text.n >= size ? 0 : text.n;
    memcpy(says, n ? text.p : "", n);
    says[n] = '\0';
    sl_buf_release(&text);
    b->ways[b->n++] =
        (struct way){ .name = "one thread", .says = "1 thread, no help", .threads = 1, .prefetch = SL_PREFETCH_NONE };
    if (all > 1)
        b->ways[b->n++] = (struct way){ .name = "threads", .says = says, .threads = all, .prefetch = SL_PREFETCH_NONE };
    b->ways[b->n++] = (struct way){ .name = "prefetch", .says = "  + prefetch", .threads = all, .prefetch = PREFETCH };
    b->ways[b->n++] = (struct way){ .name = "cache cold",
                                    .says = "  + cache, filling it",
                                    .threads = all,
                                    .prefetch = SL_PREFETCH_NONE,
                                    .cached = true };
    b->ways[b->n++] = (struct way){
        .name = "cache warm", .says = "  + cache, filled", .threads = all, .cached = true, .again = true
    };
}

static int make_room(struct bench *b, struct sl_error *err)
{
    for (size_t i = 0; i < b->n; i++) {
        struct way *way = &b->ways[i];
        way->total = calloc(3 * (size_t)b->rounds, sizeof *way->total);
        if (!way->total)
            return sl_fail_memory(err, "measuring");
        way->prepare = way->total + b->rounds;
        way->train = way->prepare + b->rounds;
    }
    return SL_OK;
}

int command_bench(const struct options *options)
{
    struct bench b = { .options = options, .rounds = options->rounds ? options->rounds : ROUNDS };
    struct sl_error err = SL_ERROR_INIT;
    char says[32];
    b.rounds = b.rounds < ROUNDS_MOST ? b.rounds : ROUNDS_MOST;
    list_ways(&b, says, sizeof says);
    int status = batch_signals_open(&err);
    if (!status)
        status = make_room(&b, &err);
    for (int round = 0; round < b.rounds && !status; round++)
        status = one_round(&b, round, &err);
    if (!status)
        status = report(&b, &err);
    for (size_t i = 0; i < b.n; i++)
        free(b.ways[i].total);
    return status ? batch_failed(&err) : EXIT_DONE;
}
