/* test_loader_mix.c: batches whose rows are mixed: shares, boxes and labels by the definition, whoever makes them; and
 * networks that learn from them. */
#include "sluice/image_ops.h"
#include "sluice/loader.h"
#include "tests/unit/pipeline/recipe_try.h"

#include <math.h>

enum { ROWS = 23, SIZE = 6, HEIGHT = 4, BREADTH = 5, WIDTH = HEIGHT * BREADTH, CLASSES = 3 };

struct data {
    float x[ROWS * WIDTH], target[ROWS];
    uint32_t y[ROWS];
    uint64_t record[ROWS];
    struct sl_rows rows;
    struct sl_matrix matrix;
};

/* Every value of row i is i + 1. */
static void make(struct data *d)
{
    memset(d, 0, sizeof *d);
    for (uint32_t i = 0; i < ROWS; i++) {
        for (uint32_t j = 0; j < WIDTH; j++)
            d->x[i * WIDTH + j] = (float)i + 1;
        d->target[i] = (float)i + 1;
        d->y[i] = i % CLASSES;
        d->record[i] = 100 + i;
    }
    d->rows = (struct sl_rows){ .n = ROWS, .dense = d->x, .y = d->y, .record = d->record };
    d->matrix = (struct sl_matrix){
        .blocks = &d->rows, .n_blocks = 1, .n = ROWS, .width = WIDTH, .layout = SL_LAYOUT_DENSE, .scale = 1
    };
}

static const struct sl_mixer blends = { .n = 1,
                                        .mix = { { SL_MIX_BLEND, 0.7, 5, 0 } },
                                        .place = { 2 },
                                        .classes = CLASSES,
                                        .width = WIDTH,
                                        .height = HEIGHT,
                                        .breadth = BREADTH,
                                        .channels = 1 };

struct given {
    float x[SIZE * WIDTH], soft[SIZE * CLASSES], target[SIZE];
    uint32_t labels[SIZE];
    uint64_t record[SIZE];
    struct sl_batch batch;
};

static struct sl_loader *open_loader(struct data *d, const struct sl_mixer *mixer, int workers,
                                     struct sl_row_source *source)
{
    struct sl_loader *loader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    const struct sl_loader_options options = {
        .size = SIZE, .shuffle = true, .seed = 9, .workers = workers, .prefetch = workers, .mixer = mixer
    };
    assert_int_equal(sl_row_source_matrix(source, &d->matrix, mixer->classes, &err), SL_OK);
    if (sl_loader_new(&loader, source, &options, &err))
        fail_msg("%s", err.what);
    return loader;
}

static void next(struct sl_loader *loader, struct given *g, bool classes)
{
    struct sl_error err = SL_ERROR_INIT;
    memset(g, 0, sizeof *g);
    g->batch = (struct sl_batch){ .x = g->x, .record = g->record };
    if (classes)
        g->batch.soft = g->soft;
    else
        g->batch.target = g->target;
    if (sl_loader_next(loader, &g->batch, &err))
        fail_msg("%s", err.what);
}

static double share(const struct sl_mixer *m, uint64_t record, uint32_t pass, struct sl_image_box *box)
{
    const struct sl_image_key key = { .seed = m->mix[0].seed, .epoch = pass, .record = record, .place = m->place[0] };
    double lambda = sl_mix_lambda(&key, m->mix[0].alpha);
    return m->mix[0].kind == SL_MIX_BLEND ? lambda : sl_cutmix_draw(&key, lambda, BREADTH, HEIGHT, box);
}

static void near(float got, double wanted)
{
    if (!(fabs((double)got - wanted) < 1e-5))
        fail_msg("%g is not %g", (double)got, wanted);
}

/* Batches of two passes, each row with the one behind it. */
static void check(const struct sl_mixer *mixer, bool classes)
{
    struct data d;
    struct sl_row_source source;
    struct given g;
    make(&d);
    d.rows.y = classes ? d.y : NULL;
    d.rows.target = classes ? NULL : d.target;
    struct sl_loader *loader = open_loader(&d, mixer, 0, &source);
    uint64_t batches = sl_loader_batches(loader);
    for (uint64_t k = 0; k < 2 * batches; k++) {
        next(loader, &g, classes);
        for (uint32_t i = 0; i < g.batch.n; i++) {
            struct sl_image_box box = { 0 };
            uint64_t a = g.record[i] - 100, b = g.record[(i + 1) % g.batch.n] - 100;
            double lambda = share(mixer, g.record[i], (uint32_t)(k / batches), &box), sum = 0;
            double mean = lambda * ((double)a + 1) + (1 - lambda) * ((double)b + 1);
            for (uint32_t j = 0; j < WIDTH; j++)
                sum += (double)g.x[i * WIDTH + j];
            near((float)(sum / WIDTH), mean);
            if (!classes)
                near(g.target[i], mean);
            for (uint32_t c = 0; c < CLASSES && classes; c++)
                near(g.soft[i * CLASSES + c], lambda * (a % CLASSES == c) + (1 - lambda) * (b % CLASSES == c));
            if (mixer->mix[0].kind == SL_MIX_PASTE && box.width && box.height) {
                near(g.x[i * WIDTH + box.y * BREADTH + box.x], (double)b + 1);
                near(g.x[i * WIDTH], box.x || box.y ? (double)a + 1 : (double)b + 1);
            }
        }
    }
    sl_loader_free(loader);
    sl_row_source_release(&source);
}

static void mixup_blends_each_row_with_the_next_and_their_classes_alike(void **state)
{
    (void)state;
    check(&blends, true);
}

static void mixup_blends_numbers_to_predict(void **state)
{
    (void)state;
    struct sl_mixer m = blends;
    m.classes = 0;
    check(&m, false);
}

static void cutmix_pastes_a_box_and_shares_the_classes_by_area(void **state)
{
    (void)state;
    struct sl_mixer m = blends;
    m.mix[0].kind = SL_MIX_PASTE;
    check(&m, true);
}

static void batches_are_the_same_whoever_makes_them_and_wherever_one_begins(void **state)
{
    (void)state;
    struct data d;
    struct sl_row_source source, again;
    struct given a, b;
    struct sl_mixer m = blends;
    m.n = 2;
    m.mix[1] = (struct sl_mix){ SL_MIX_PASTE, 1, 3, 0 };
    m.place[1] = 4;
    make(&d);
    struct sl_loader *here = open_loader(&d, &m, 0, &source), *ahead = open_loader(&d, &m, 3, &again);
    for (unsigned k = 0; k < 3 * ROWS; k++) {
        next(here, &a, true);
        if (k % 11 == 7)
            sl_loader_seek(ahead, k);
        next(ahead, &b, true);
        assert_int_equal(a.batch.n, b.batch.n);
        assert_memory_equal(a.x, b.x, sizeof a.x);
        assert_memory_equal(a.soft, b.soft, sizeof a.soft);
        assert_memory_equal(a.record, b.record, sizeof a.record);
        for (uint32_t i = 0; i < a.batch.n; i++)
            near(a.soft[i * CLASSES] + a.soft[i * CLASSES + 1] + a.soft[i * CLASSES + 2], 1);
    }
    sl_loader_free(here);
    sl_loader_free(ahead);
    sl_row_source_release(&source);
    sl_row_source_release(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mixup_blends_each_row_with_the_next_and_their_classes_alike),
        cmocka_unit_test(mixup_blends_numbers_to_predict),
        cmocka_unit_test(cutmix_pastes_a_box_and_shares_the_classes_by_area),
        cmocka_unit_test(batches_are_the_same_whoever_makes_them_and_wherever_one_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
