/* check_learning.c: embeddings, the sum of squares, the optimizers' steps.
 *
 * Limits: an embedding none, its gradient 2 + √(terms of a row) of Σ|dy|; the sum of squares 16; a step 8 of |w| +
 * |step| and of the state's terms. */
#include <math.h>
#include <string.h>

#include "tests/unit/device/kernels_check.h"
#include "tests/unit/device/reference.h"

static const size_t lengths[] = { 1, 7, 15, 16, 17, 63, 64, 65, 1000, 8191, 8193, 16400, 40001 };
enum { LENGTHS = sizeof lengths / sizeof *lengths };

static void embedding(struct check *c, size_t n, size_t vocabulary, size_t width, bool add)
{
    size_t all = n * width, table_size = vocabulary * width;
    check_begin(c, "embedding, %zu of %zu × %zu%s", n, vocabulary, width, add ? ", adding" : "");
    struct array *ids = check_words(c, n, (uint32_t)vocabulary + 2); /* two beyond the vocabulary */
    struct array *table = check_random(c, table_size, -1, 1), *y = check_random(c, all, -1, 1);
    const uint32_t *here = (const uint32_t *)(const void *)ids->before;
    c->k->embedding(c->d, n, vocabulary, width, check_as_words(ids), table->at, y->at);
    double *want = check_doubles(c, all);
    ref_embedding(n, vocabulary, width, here, table->before, want);
    check_near(c, "y", y, want, NULL, 0);

    struct array *dy = check_random(c, all, -1, 1), *dtable = check_random(c, table_size, -1, 1);
    double *sums = check_doubles(c, table_size), *size = check_doubles(c, table_size);
    c->k->embedding_grad(c->d, n, vocabulary, width, check_as_words(ids), dy->at, dtable->at, add);
    ref_embedding_grad(n, vocabulary, width, here, dy->before, add ? dtable->before : NULL, table_size, sums, size);
    check_near(c, "dtable", dtable, sums, size, 2 + sqrt((double)n));
    check_end(c);
}

static void square_sum(struct check *c, size_t n, double reach)
{
    check_begin(c, "square_sum, n = %zu, g in ±%g", n, reach);
    struct array *g = check_random(c, n, -reach, reach), *out = check_random(c, 1, -1, 1);
    c->k->square_sum(c->d, n, g->at, out->at);
    double want = 0;
    for (size_t i = 0; i < n; i++) {
        want += (double)g->before[i] * (double)g->before[i];
    }
    check_near(c, "out", out, &want, NULL, 16);
    check_end(c);
}

/* One number that is none, anywhere, is seen. */
static void square_sum_ends(struct check *c, size_t n, float bad)
{
    check_begin(c, "square_sum, n = %zu with one %g", n, (double)bad);
    struct array *draft = check_random(c, n, -1, 1), *out = check_random(c, 1, -1, 1);
    memcpy(draft->got, draft->before, n * sizeof(float));
    draft->got[check_draw(c) % n] = bad;
    struct array *g = check_numbers(c, n, draft->got);
    c->k->square_sum(c->d, n, g->at, out->at);
    check_fetch(c, out);
    check_that(c, !isfinite(out->got[0]), "it is %g", (double)out->got[0]);
    check_end(c);
}

static const struct sl_update rules[] = {
    { .rule = SL_SGD, .scale = 1 },
    { .rule = SL_SGD, .momentum = 0.9f, .scale = 1 },
    { .rule = SL_SGD, .momentum = 0.9f, .nesterov = true, .scale = 0.5f, .weight_decay = 0.01f },
    { .rule = SL_ADAM, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-7f, .scale = 1 },
    { .rule = SL_ADAM, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-7f, .scale = 0.25f, .clip_norm = 1 },
    { .rule = SL_ADAMW, .beta1 = 0.8f, .beta2 = 0.99f, .epsilon = 1e-5f, .scale = 1, .weight_decay = 0.004f },
    { .rule = SL_ADAMW, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-7f, .scale = 1, .clip_value = 0.3f },
    { .rule = SL_RMSPROP, .rho = 0.9f, .epsilon = 1e-7f, .scale = 1 },
    { .rule = SL_RMSPROP, .rho = 0.9f, .epsilon = 1e-7f, .momentum = 0.5f, .scale = 1, .clip_norm = 1e6f },
    { .rule = SL_SGD, .scale = 1, .clip_norm = 0.5f, .clip_value = 0.001f },
};
enum { RULES = sizeof rules / sizeof *rules };

static double *as_doubles(struct check *c, const struct array *a)
{
    double *p = check_doubles(c, a->n);
    for (size_t i = 0; i < a->n; i++) {
        p[i] = (double)a->before[i];
    }
    return p;
}

/* One step from a state in the middle of learning; `sumsq` not finite: nothing may change. */
static void update(struct check *c, int rule, size_t n, float sumsq)
{
    const struct sl_update *how = &rules[rule];
    const struct sl_hyper hyper = { 0.01f, 1 - 0.59049f, 1 - 0.99500999f, 5 };
    float words[sizeof hyper / sizeof(float)];
    memcpy(words, &hyper, sizeof words);
    check_begin(c, "update by rule %d, n = %zu, Σ g² = %g", rule, n, (double)sumsq);
    struct array *h = check_numbers(c, sizeof words / sizeof *words, words), *sum = check_numbers(c, 1, &sumsq);
    struct array *w = check_random(c, n, -1, 1), *g = check_random(c, n, -1, 1);
    struct array *m = check_random(c, n, -0.1, 0.1), *v = check_random(c, n, 0.001, 0.5);
    bool has_m = how->rule == SL_ADAM || how->rule == SL_ADAMW || how->momentum > 0, has_v = how->rule != SL_SGD;
    double *new_w = as_doubles(c, w), *new_m = as_doubles(c, m), *new_v = as_doubles(c, v);
    double *size = check_doubles(c, n), *m_size = check_doubles(c, n);
    c->k->update(c->d, n, how, (const struct sl_hyper *)(const void *)h->at, sum->at, w->at, g->at,
                 has_m ? m->at : NULL, has_v ? v->at : NULL);
    if (c->compare) {
        ref_update(n, how, &hyper, (double)sumsq, new_w, g->before, new_m, new_v);
    }
    for (size_t i = 0; i < n; i++) {
        size[i] = fabs((double)w->before[i]) + fabs(new_w[i] - (double)w->before[i]) + fabs((double)m->before[i]);
        m_size[i] = fabs((double)m->before[i]) + fabs((double)g->before[i]) + fabs(new_m[i]);
    }
    double limit = isfinite(sumsq) ? 8 : 0;
    check_near(c, "w", w, new_w, size, limit);
    check_near(c, "m", m, new_m, m_size, limit);
    check_near(c, "v", v, new_v, NULL, limit);
    check_fetch(c, g);
    check_that(c, memcmp(g->before, g->got, n * sizeof(float)) == 0, "the gradients were changed");
    check_end(c);
}

void check_learning(struct check *c)
{
    static const size_t tables[][3] = { { 1, 1, 1 },   { 7, 3, 5 },     { 64, 10, 16 },  { 65, 100, 17 },
                                        { 63, 1, 64 }, { 640, 50, 33 }, { 3000, 7, 20 }, { 100, 2000, 32 } };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        embedding(c, tables[i][0], tables[i][1], tables[i][2], i % 2);
    }
    for (int i = 0; i < LENGTHS; i++) {
        square_sum(c, lengths[i], i % 2 ? 1 : 1e-3);
        square_sum_ends(c, lengths[i], i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -INFINITY);
        bool long_one = lengths[i] > 5000; /* not by every rule */
        for (int r = long_one ? i % 3 : 0; r < RULES; r += long_one ? 3 : 1) {
            update(c, r, lengths[i], r % 2 ? 40 : 0.1f);
        }
    }
    for (int r = 0; r < RULES; r++) {
        update(c, r, 1000, r % 2 ? NAN : INFINITY);
    }
}
