/* check_losses.c: softmax, cross-entropy and squared error.
 *
 * Limits: probabilities 24, gradients 24 of (p + t)·weight/rows, losses 16 of 1 + |logits|; squared error 6 + √columns;
 * the number of right rows none. */
#include <math.h>
#include <string.h>

#include "tests/unit/device/kernels_check.h"
#include "tests/unit/device/reference.h"

static const size_t tables[][2] = { { 1, 1 },  { 1, 7 },   { 7, 2 },    { 64, 10 },  { 63, 16 },  { 65, 17 },
                                    { 9, 65 }, { 64, 64 }, { 3, 1000 }, { 2000, 9 }, { 300, 129 } };
enum { TABLES = sizeof tables / sizeof *tables };

static void softmax(struct check *c, size_t rows, size_t columns, double reach)
{
    check_begin(c, "softmax, %zu × %zu, x in ±%g", rows, columns, reach);
    struct array *x = check_random(c, rows * columns, -reach, reach), *y = check_random(c, rows * columns, -1, 1);
    double *want = check_doubles(c, rows * columns);
    c->k->softmax(c->d, rows, columns, x->at, y->at);
    for (size_t r = 0; r < rows; r++) {
        ref_softmax(columns, x->before + r * columns, want + r * columns);
    }
    check_near(c, "y", y, want, NULL, 24 + reach);
    check_end(c);
}

struct entropy_case {
    bool soft, weights, no_gradient;
    float smoothing;
};

/* Each row of targets adds up to one. */
static struct array *soft_targets(struct check *c, size_t rows, size_t classes)
{
    struct array *draft = check_random(c, rows * classes, 0.1, 1);
    for (size_t r = 0; r < rows; r++) {
        double sum = 0;
        for (size_t j = 0; j < classes; j++) {
            sum += (double)draft->before[r * classes + j];
        }
        for (size_t j = 0; j < classes; j++) {
            draft->got[r * classes + j] = (float)((double)draft->before[r * classes + j] / sum);
        }
    }
    return check_numbers(c, rows * classes, draft->got);
}

static void cross_entropy(struct check *c, size_t rows, size_t classes, struct entropy_case e)
{
    size_t all = rows * classes;
    check_begin(c, "cross_entropy, %zu × %zu%s%s, smoothing %g", rows, classes, e.soft ? ", soft" : "",
                e.weights ? ", weights" : "", (double)e.smoothing);
    struct array *z = check_random(c, all, -6, 6), *labels = check_words(c, rows, (uint32_t)classes);
    struct array *soft = soft_targets(c, rows, classes), *weights = check_random(c, classes, 0.5, 2);
    struct array *p = check_random(c, all, -1, 1), *gradient = check_random(c, all, -1, 1);
    struct array *figures = check_random(c, 2, -1, 1), *row_loss = check_random(c, rows, -1, 1);
    struct sl_cross_entropy what = { z->at,
                                     e.soft ? NULL : check_as_words(labels),
                                     e.soft ? soft->at : NULL,
                                     e.weights ? weights->at : NULL,
                                     e.smoothing,
                                     p->at,
                                     e.no_gradient ? NULL : gradient->at,
                                     figures->at,
                                     row_loss->at };
    c->k->cross_entropy(c->d, rows, classes, &what);
    what.logits = z->before;
    what.labels = e.soft ? NULL : (const uint32_t *)(const void *)labels->before;
    what.soft = e.soft ? soft->before : NULL;
    what.weights = e.weights ? weights->before : NULL;
    struct ref_entropy want = { .probabilities = check_doubles(c, all),
                                .gradient = check_doubles(c, all),
                                .gradient_size = check_doubles(c, all),
                                .row_loss = check_doubles(c, rows),
                                .row_size = check_doubles(c, rows) };
    if (c->compare) {
        ref_cross_entropy(rows, classes, &what, &want);
    }
    const double figures_size[2] = { want.loss_size, 0 };
    check_near(c, "probabilities", p, want.probabilities, NULL, 24);
    if (!e.no_gradient) {
        check_near(c, "gradient", gradient, want.gradient, want.gradient_size, 24);
    }
    check_near(c, "row_loss", row_loss, want.row_loss, want.row_size, 16);
    check_near(c, "figures", figures, want.figures, figures_size, 16);
    check_end(c);
}

/* Far logits neither overflow nor lose their loss; not a number in one row stays in that row, as does a label that is
 * no class; of equal ones the first is the highest. */
static void entropy_ends(struct check *c)
{
    enum { ROWS = 6, CLASSES = 3 };
    const float logits[ROWS * CLASSES] = { 1000, -1000, 0, NAN, 0, 0, 5, 5, 5, -3e38f, 3e38f, 0, 5, 5, 5, 1, 2, 3 };
    const uint32_t classes[ROWS] = { 0, 0, 0, 0, 1, 7 };
    float words[ROWS];
    memcpy(words, classes, sizeof words);
    check_begin(c, "cross_entropy of far and of no numbers");
    struct array *z = check_numbers(c, ROWS * CLASSES, logits), *labels = check_numbers(c, ROWS, words);
    struct array *p = check_random(c, ROWS * CLASSES, -1, 1), *gradient = check_random(c, ROWS * CLASSES, -1, 1);
    struct array *figures = check_random(c, 2, -1, 1), *row_loss = check_random(c, ROWS, -1, 1);
    const struct sl_cross_entropy what = { .logits = z->at,
                                           .labels = check_as_words(labels),
                                           .probabilities = p->at,
                                           .gradient = gradient->at,
                                           .figures = figures->at,
                                           .row_loss = row_loss->at };
    c->k->cross_entropy(c->d, ROWS, CLASSES, &what);
    check_fetch(c, row_loss);
    check_fetch(c, figures);
    check_fetch(c, gradient);
    check_that(c, row_loss->got[0] == 0, "a sure row costs %g", (double)row_loss->got[0]);
    check_that(c, isnan(row_loss->got[1]), "a row with no number costs %g", (double)row_loss->got[1]);
    check_that(c, fabs((double)row_loss->got[2] - log(3)) < 1e-6, "equal logits cost %g", (double)row_loss->got[2]);
    check_that(c, row_loss->got[3] > 3e38f, "a hopeless row costs %g", (double)row_loss->got[3]);
    check_that(c, isnan(row_loss->got[5]), "a label that is no class costs %g", (double)row_loss->got[5]);
    check_that(c, figures->got[1] == 2, "%g rows are right, not 2", (double)figures->got[1]);
    check_that(c, isnan(figures->got[0]), "the mean loss is %g", (double)figures->got[0]);
    for (int i = 0; i < ROWS * CLASSES; i++) {
        bool bad = i / CLASSES == 1 || i / CLASSES == 5;
        check_that(c, (bool)isnan(gradient->got[i]) == bad, "gradient[%d] is %g", i, (double)gradient->got[i]);
    }
    check_end(c);
}

static void squared_error(struct check *c, size_t rows, size_t columns, bool gradient)
{
    size_t all = rows * columns;
    check_begin(c, "squared_error, %zu × %zu", rows, columns);
    struct array *y = check_random(c, all, -2, 2), *t = check_random(c, all, -2, 2), *dy = check_random(c, all, -1, 1);
    struct array *figures = check_random(c, 2, -1, 1), *row_loss = check_random(c, rows, -1, 1);
    c->k->squared_error(c->d, rows, columns, y->at, t->at, gradient ? dy->at : NULL, figures->at, row_loss->at);
    double *slope = check_doubles(c, all), *losses = check_doubles(c, rows), *mean = check_doubles(c, 2);
    for (size_t i = 0; i < all; i++) {
        double off = (double)y->before[i] - (double)t->before[i];
        slope[i] = 2 * off / (double)all;
        losses[i / columns] += off * off / (double)columns;
        mean[0] += off * off / (double)all;
    }
    if (gradient) {
        check_near(c, "dy", dy, slope, NULL, 4);
    }
    double limit = 6 + sqrt((double)columns);
    check_near(c, "row_loss", row_loss, losses, NULL, limit);
    check_near(c, "figures", figures, mean, NULL, limit);
    check_end(c);
}

void check_losses(struct check *c)
{
    for (int i = 0; i < TABLES; i++) {
        size_t rows = tables[i][0], columns = tables[i][1];
        softmax(c, rows, columns, i % 2 ? 5 : 60);
        for (int k = 0; k < 5; k++) {
            struct entropy_case e = { k & 1, k & 2, k == 4, (i + k) % 3 == 1 ? 0.1f : 0 };
            cross_entropy(c, rows, columns, e);
        }
        squared_error(c, rows, columns, i % 3 != 2);
    }
    entropy_ends(c);
}
