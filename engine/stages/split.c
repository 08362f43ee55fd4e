/* split.c: which records are trained on and which are kept back for testing.
 *
 * The very rows, in the very order, of scikit-learn's train_test_split: a permutation by numpy's RandomState(seed),
 * test records from its front, training records behind them; without shuffling, training records first. Sizes round as
 * there: a share of test records up, a share of training records down.
 *
 * One difference: there is no unseeded split. random_state is 0 unless given, so that a recipe says what it does. */
#include "engine/stages/split.h"

struct params {
    struct sl_amount test_size, train_size, validation_size; /* value NaN: not given */
    int64_t random_state;
    bool shuffle, stratify;
};

static const struct params defaults = {
    .test_size = { .value = NAN },
    .train_size = { .value = NAN },
    .validation_size = { .value = NAN },
    .shuffle = true,
};

static const struct sl_param params[] = {
    SL_AMOUNT(struct params, test_size, .none_ok = true, .unit = "records",
              .help = "records for testing: a number (1000) or a share (0.2); none: what train_size leaves, or 0.25"),
    SL_AMOUNT(struct params, train_size, .none_ok = true, .unit = "records",
              .help = "records for training: a number or a share; none: what test_size leaves"),
    SL_AMOUNT(struct params, validation_size, .none_ok = true, .unit = "records",
              .help = "of the records then left for training, for validation: a number or a share"),
    SL_INT(struct params, random_state, .min = 0, .max = UINT32_MAX, .help = "seed of the permutation"),
    SL_BOOL(struct params, shuffle, .help = "permute the records first; else the last ones are for testing"),
    SL_BOOL(struct params, stratify, .help = "give both sides each class of the label in its share"),
    { 0 },
};

static int check_size(const struct sl_amount *size, const char *name, struct sl_error *err)
{
    if (isnan(size->value) || (size->value > 0 && (!size->share || size->value < 1))) {
        return SL_OK;
    }
    sl_fail(err, SL_EPARAM, "%s cannot be %g", name, size->value);
    sl_fix(err, "give a number of records, at least 1, or a share between 0.0 and 1.0, both excluded");
    return sl_blame(err, SL_EPARAM, name);
}

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)in;
    (void)out;
    const struct params *p = stage->params;
    int status = check_size(&p->test_size, "test_size", err);
    status = status == SL_OK ? check_size(&p->train_size, "train_size", err) : status;
    status = status == SL_OK ? check_size(&p->validation_size, "validation_size", err) : status;
    if (status != SL_OK) {
        return status;
    }
    if (p->test_size.share && p->train_size.share && p->test_size.value + p->train_size.value > 1) {
        sl_fail(err, SL_EPARAM, "test_size and train_size add up to %g", p->test_size.value + p->train_size.value);
        sl_fix(err, "make them add up to 1.0 at most");
        return sl_blame(err, SL_EPARAM, "train_size");
    }
    if (p->stratify && !p->shuffle) {
        sl_fail(err, SL_EPARAM, "a split cannot be stratified without shuffling");
        sl_fix(err, "leave out shuffle=false or stratify=true");
        return sl_blame(err, SL_EPARAM, "stratify");
    }
    if (p->stratify && !stage->target) {
        sl_fail(err, SL_ESCHEMA, "stratify needs classes, and there is no 'label' in the recipe");
        sl_fix(err, "put 'label COLUMN' before the split, or leave out stratify=true");
        return sl_blame(err, SL_ESCHEMA, "stratify");
    }
    return SL_OK;
}

/* Neither share nor count may be more than there is. */
static int count_of(const struct sl_amount *size, uint32_t n, bool up, const char *name, double *count,
                    struct sl_error *err)
{
    double exact = size->value * n;
    *count = !size->share ? size->value : up ? ceil(exact) : floor(exact);
    if (size->share || *count < n) {
        return SL_OK;
    }
    sl_fail(err, SL_EPARAM, "%s is %.0f, of %u records", name, *count, n);
    sl_fix(err, "leave records for both sides, or give a share such as 0.2");
    return sl_blame(err, SL_EPARAM, name);
}

/* scikit-learn's _validate_shuffle_split. */
static int settle_sizes(const struct params *p, uint32_t n, uint32_t *n_train, uint32_t *n_test, struct sl_error *err)
{
    struct sl_amount test = p->test_size, train = p->train_size;
    if (isnan(test.value) && isnan(train.value)) {
        test = (struct sl_amount){ .value = 0.25, .share = true };
    }
    double for_test = 0, for_train = 0;
    int status = isnan(test.value) ? SL_OK : count_of(&test, n, true, "test_size", &for_test, err);
    if (status == SL_OK && !isnan(train.value)) {
        status = count_of(&train, n, false, "train_size", &for_train, err);
    }
    if (status != SL_OK) {
        return status;
    }
    for_train = isnan(train.value) ? n - for_test : for_train;
    for_test = isnan(test.value) ? n - for_train : for_test;
    if (for_train + for_test > n) {
        sl_fail(err, SL_EPARAM, "test_size and train_size take %.0f of %u records", for_train + for_test, n);
        sl_fix(err, "reduce one of them");
        return sl_blame(err, SL_EPARAM, "train_size");
    }
    if (for_train < 1 || for_test < 1) {
        sl_fail(err, SL_EDATA, "of %u records, none would be left for %s", n, for_train < 1 ? "training" : "testing");
        sl_fix(err, "bring more records, or change test_size");
        return sl_blame(err, SL_EDATA, isnan(p->train_size.value) ? "test_size" : "train_size");
    }
    *n_train = (uint32_t)for_train;
    *n_test = (uint32_t)for_test;
    return SL_OK;
}

/* Test records from the front of the permutation, training records behind them. */
static int shuffle(uint32_t seed, uint32_t n, uint32_t n_train, uint32_t n_test, uint32_t *order, struct sl_error *err)
{
    struct sl_mt19937 mt;
    uint64_t *drawn = sl_zalloc(n, sizeof *drawn);
    if (!drawn) {
        return sl_fail_memory(err, "splitting the records");
    }
    sl_mt_seed(&mt, seed);
    sl_mt_permutation(&mt, n, drawn);
    for (uint32_t i = 0; i < n_train; i++) {
        order[i] = (uint32_t)drawn[n_test + i];
    }
    for (uint32_t i = 0; i < n_test; i++) {
        order[n_train + i] = (uint32_t)drawn[i];
    }
    free(drawn);
    return SL_OK;
}

static int draw(const struct params *p, uint32_t n, const uint32_t *stratum, uint32_t n_train, uint32_t n_test,
                const char *size, uint32_t *order, struct sl_error *err)
{
    uint32_t seed = (uint32_t)p->random_state;
    if (p->stratify) {
        return sl_split_stratified(n, stratum, n_train, n_test, seed, size, order, err);
    }
    if (p->shuffle) {
        return shuffle(seed, n, n_train, n_test, order, err);
    }
    for (uint32_t i = 0; i < n_train + n_test; i++) {
        order[i] = i;
    }
    return SL_OK;
}

/* Records that neither side takes leave UINT32_MAX at the end of order. */
static int assign(const struct sl_stage *stage, uint32_t n, const uint32_t *stratum, uint32_t *order, uint32_t *n_train,
                  struct sl_error *err)
{
    uint32_t for_train = 0, for_test = 0;
    int status = settle_sizes(stage->params, n, &for_train, &for_test, err);
    status = status == SL_OK ? draw(stage->params, n, stratum, for_train, for_test, "test_size", order, err) : status;
    if (status == SL_OK) {
        memset(order + for_train + for_test, 0xff, (n - for_train - for_test) * sizeof *order);
        *n_train = for_train;
    }
    return status;
}

/* As train_test_split(training, test_size=validation_size) with the same random_state. */
static int validate(const struct sl_stage *stage, uint32_t n, const uint32_t *stratum, uint32_t *order,
                    uint32_t *n_train, struct sl_error *err)
{
    const struct params *p = stage->params;
    double wanted = 0;
    int status = count_of(&p->validation_size, n, true, "validation_size", &wanted, err);
    if (status == SL_OK && wanted >= n) {
        sl_fail(err, SL_EDATA, "of %u records, none would be left for training", n);
        sl_fix(err, "bring more records, or change validation_size");
        status = sl_blame(err, SL_EDATA, "validation_size");
    }
    if (status != SL_OK) {
        return status;
    }
    *n_train = n - (uint32_t)wanted;
    return draw(p, n, stratum, *n_train, (uint32_t)wanted, "validation_size", order, err);
}

static bool validates(const void *values)
{
    const struct params *p = values;
    return !isnan(p->validation_size.value);
}

static bool stratifies(const void *values)
{
    const struct params *p = values;
    return p->stratify;
}

const struct sl_stage_class sl_stage_split = {
    .name = "split",
    .summary = "keep some records back for testing",
    .details =
        "Every stage that learns, and the learner itself, sees the training records only; test records are for measuring "
        "how good the result is. That is why stages that learn stand after the split.\n\n"
        "The records are those, in that order, that scikit-learn's train_test_split takes for the same sizes and the same "
        "random_state; a share of test records is rounded up. Unlike there, random_state is 0 when it is not given, so "
        "that the same recipe always does the same. With stratify=true both sides have each class of the label in the "
        "share it has in all. When predicting there is no split.\n\n"
        "validation_size= keeps some of the training records back once more, to watch the training by: those that a second "
        "train_test_split of them, with the same random_state, takes for its test. Records of sources with as= are not "
        "divided.",
    .kind = SL_SPLIT,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .bind = bind,
    .assign = assign,
    .stratifies = stratifies,
    .validate = validate,
    .validates = validates,
};
