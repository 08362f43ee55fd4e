/* drift_words.c: classes and words of records as the stages before the first encoder leave them.
 *
 * Words are cut by the encoders' own code, unfitted: each worker's vocabulary then holds every word, and how often it
 * came is counted beside it. */
#include "drift_inner.h"
#include "live.h"

#include <stdlib.h>

struct tally {
    uint64_t *count; /* by id */
    size_t n;
};

struct hand {
    struct sl_vocab *classes;
    struct tally class_tally;
    void *scratch[LOOK_WORDS];
    const struct sl_vocab *vocab[LOOK_WORDS];
    struct tally words[LOOK_WORDS];
};

struct cleaning {
    const struct looking *how;
    struct sl_pipeline *pipeline;            /* as far as the first encoder */
    struct sl_pipeline *encoder[LOOK_WORDS]; /* the same with one encoder */
    struct sl_stage *stage[LOOK_WORDS];
    long column[LOOK_WORDS];
    long label; /* column of the label; -1: none */
    struct hand *hands;
    int threads;
};

static bool tally_add(struct tally *t, uint32_t id)
{
    if (id >= t->n) {
        size_t n = t->n ? t->n : 256;
        while (n <= id)
            n *= 2;
        uint64_t *more = realloc(t->count, n * sizeof *more);
        if (!more)
            return false;
        memset(more + t->n, 0, (n - t->n) * sizeof *more);
        t->count = more;
        t->n = n;
    }
    t->count[id]++;
    return true;
}

static int count_classes(struct cleaning *c, struct hand *hand, const struct sl_chunk *chunk, struct sl_error *err)
{
    struct sl_buf text = { 0 };
    int status = hand->classes ? SL_OK : sl_vocab_new(&hand->classes, err);
    for (uint32_t i = 0; i < chunk->n && !status; i++) {
        if (!sl_valid(&chunk->columns[c->label], i))
            continue;
        text.n = 0;
        sl_cell_format(chunk, (size_t)c->label, i, &text);
        uint32_t id = text.failed ? SL_NO_TERM
                                  : sl_vocab_add(hand->classes, (struct sl_str){ text.n ? text.p : "", text.n });
        if (id == SL_NO_TERM || !tally_add(&hand->class_tally, id))
            status = sl_fail_memory(err, "counting classes");
    }
    sl_buf_release(&text);
    return status;
}

static int count_words(struct cleaning *c, struct hand *hand, size_t k, const struct sl_chunk *chunk,
                       struct sl_error *err)
{
    const struct sl_stage *stage = c->stage[k];
    struct sl_chunk cut;
    int status = SL_OK;
    if (!hand->scratch[k] && stage->class->scratch_new)
        status = stage->class->scratch_new(stage, &hand->scratch[k], err);
    if (!status)
        status = sl_chunk_share(&cut, chunk, err);
    if (!status)
        status = stage->class->digest(stage, hand->scratch[k], &cut, err);
    if (status)
        return status;
    const struct sl_tokens *tokens = &cut.columns[c->column[k]].tokens;
    hand->vocab[k] = tokens->vocab;
    for (uint64_t i = tokens->start[0]; i < tokens->start[cut.n]; i++)
        if (!tally_add(&hand->words[k], tokens->id[i]))
            return sl_fail_memory(err, "counting words");
    return SL_OK;
}

static int count_chunk(void *ctx, const struct sl_chunk *chunk, const uint8_t *role, int worker, struct sl_error *err)
{
    struct cleaning *c = ctx;
    struct hand *hand = &c->hands[worker];
    (void)role;
    int status = c->label >= 0 ? count_classes(c, hand, chunk, err) : SL_OK;
    for (size_t k = 0; k < c->how->n_words && !status; k++)
        status = count_words(c, hand, k, chunk, err);
    return status;
}

/* Source, label and the stages before the first encoder; with `encoder`, it and the split too. */
static int assemble(struct cleaning *c, size_t encoder, struct sl_pipeline **out, struct sl_error *err)
{
    const struct looking *how = c->how;
    const struct sl_pipeline_options options = { .base = how->base };
    struct sl_statement chosen[SL_MAX_STAGES];
    bool open = true;
    size_t n = 0;
    for (size_t i = 0; i < how->n && n < SL_MAX_STAGES; i++) {
        enum sl_stage_kind kind = how->statements[i].class->kind;
        open = open && kind != SL_ENCODER;
        if (kind == SL_SOURCE || kind == SL_TARGET || (kind == SL_RECORD && open) || i == encoder ||
            (kind == SL_SPLIT && encoder != SIZE_MAX))
            chosen[n++] = how->statements[i];
    }
    return sl_pipeline_new(out, chosen, n, &options, err);
}

static int prepare(struct cleaning *c, struct sl_error *err)
{
    int status = assemble(c, SIZE_MAX, &c->pipeline, err);
    if (status)
        return status;
    size_t stages = sl_pipeline_stages(c->pipeline);
    const struct sl_schema *schema = &sl_pipeline_stage(c->pipeline, stages - 1)->out;
    const struct sl_stage *label = sl_pipeline_find(c->pipeline, SL_TARGET);
    c->label = label && label->target ? sl_schema_find(schema, sl_str(label->target)) : -1;
    for (size_t k = 0; k < c->how->n_words && !status; k++) {
        status = assemble(c, c->how->words[k].statement, &c->encoder[k], err);
        c->stage[k] = status ? NULL : sl_pipeline_find(c->encoder[k], SL_ENCODER);
        c->column[k] = sl_schema_find(schema, sl_str(c->how->words[k].column));
        if (!status && (!c->stage[k] || c->column[k] < 0))
            status = sl_fail(err, SL_ESCHEMA, "there is no column \"%s\"", c->how->words[k].column);
    }
    c->threads = sl_pool_threads(c->how->pool);
    c->hands = status ? NULL : calloc((size_t)c->threads, sizeof *c->hands);
    return status || c->hands ? status : sl_fail_memory(err, "counting words");
}

static void cleaning_release(struct cleaning *c)
{
    for (int w = 0; c->hands && w < c->threads; w++) {
        struct hand *hand = &c->hands[w];
        for (size_t k = 0; k < c->how->n_words; k++) {
            if (hand->scratch[k] && c->stage[k]->class->scratch_free)
                c->stage[k]->class->scratch_free(c->stage[k], hand->scratch[k]);
            free(hand->words[k].count);
        }
        sl_vocab_free(hand->classes);
        free(hand->class_tally.count);
    }
    free(c->hands);
    for (size_t k = 0; k < c->how->n_words; k++)
        sl_pipeline_free(c->encoder[k]);
    sl_pipeline_free(c->pipeline);
}

static int sum_classes(const struct cleaning *c, struct look *out, struct sl_error *err)
{
    struct tally all = { 0 };
    int status = sl_vocab_new(&out->classes, err);
    for (int w = 0; w < c->threads && !status; w++) {
        const struct hand *hand = &c->hands[w];
        for (uint32_t id = 0; hand->classes && id < sl_vocab_size(hand->classes) && !status; id++) {
            uint32_t to = sl_vocab_add(out->classes, sl_vocab_term(hand->classes, id));
            if (to == SL_NO_TERM || !tally_add(&all, to))
                status = sl_fail_memory(err, "counting classes");
            else
                all.count[to] += hand->class_tally.count[id] - 1;
        }
    }
    out->class_count = all.count;
    out->n_classes = status ? 0 : sl_vocab_size(out->classes);
    return status;
}

static int sum_words(const struct cleaning *c, size_t k, struct look *out, struct sl_error *err)
{
    const struct sl_vocab *known = c->how->words[k].terms;
    struct sl_vocab *all = NULL;
    int status = sl_vocab_new(&all, err);
    for (int w = 0; w < c->threads && !status; w++) {
        const struct tally *t = &c->hands[w].words[k];
        const struct sl_vocab *vocab = c->hands[w].vocab[k];
        uint32_t size = vocab ? sl_vocab_size(vocab) : 0;
        for (uint32_t id = 0; id < size && id < t->n && !status; id++) {
            struct sl_str term = sl_vocab_term(vocab, id);
            bool unseen = sl_vocab_find(known, term) == SL_NO_TERM;
            uint32_t before = sl_vocab_size(all);
            if (!t->count[id])
                continue;
            out->words[k] += t->count[id];
            out->unseen[k] += unseen ? t->count[id] : 0;
            if (sl_vocab_add(all, term) == SL_NO_TERM)
                status = sl_fail_memory(err, "counting words");
            bool first = sl_vocab_size(all) > before;
            out->distinct[k] += first;
            out->distinct_unseen[k] += first && unseen;
        }
    }
    sl_vocab_free(all);
    return status;
}

int look_clean(struct look *out, const struct looking *how, struct sl_error *err)
{
    struct cleaning c = { .how = how };
    struct sl_run *run = NULL;
    int status = prepare(&c, err);
    const struct sl_run_options options = {
        .pool = how->pool, .memory = how->memory, .progress = how->progress, .sink = count_chunk, .ctx = &c
    };
    if (!status)
        status = sl_pipeline_run(&run, c.pipeline, &options, err);
    sl_run_free(run);
    if (!status)
        status = sum_classes(&c, out, err);
    for (size_t k = 0; k < how->n_words && !status; k++)
        status = sum_words(&c, k, out, err);
    cleaning_release(&c);
    return status;
}
