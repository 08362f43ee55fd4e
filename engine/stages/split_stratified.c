/* split_stratified.c: a split in which each class has its share on both sides.
 *
 * The rows are those of scikit-learn's StratifiedShuffleSplit, so the draws from numpy's RandomState come in its order:
 * one for each tie in handing out the training places, the same for the test places, a permutation per class, and one
 * of each side at the end. Places are handed out by rounding down each class's exact share and giving what is left to
 * the largest remainders, tied ones by lot. */
#include "engine/stages/split.h"

/* Counts per class, all of one array. */
struct shares {
    uint32_t n_classes;
    uint32_t *all, *train, *test, *left;
    double *exact;
    uint64_t *draw; /* a permutation */
    uint32_t *tied; /* classes with the same remainder */
};

static void release(struct shares *s)
{
    free(s->all);
    free(s->train);
    free(s->test);
    free(s->left);
    free(s->exact);
    free(s->draw);
    free(s->tied);
}

static bool prepare(struct shares *s, uint32_t n, const uint32_t *stratum)
{
    for (uint32_t i = 0; i < n; i++) {
        s->n_classes = stratum[i] + 1 > s->n_classes ? stratum[i] + 1 : s->n_classes;
    }
    size_t k = s->n_classes;
    s->all = sl_zalloc(k, sizeof *s->all);
    s->train = sl_zalloc(k, sizeof *s->train);
    s->test = sl_zalloc(k, sizeof *s->test);
    s->left = sl_zalloc(k, sizeof *s->left);
    s->exact = sl_zalloc(k, sizeof *s->exact);
    s->tied = sl_zalloc(k, sizeof *s->tied);
    s->draw = sl_zalloc(n, sizeof *s->draw);
    if (!s->all || !s->train || !s->test || !s->left || !s->exact || !s->tied || !s->draw) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        s->all[stratum[i]]++;
    }
    return true;
}

/* The largest remainder below `below`, or -1. */
static double next_remainder(const struct shares *s, double below)
{
    double best = -1;
    for (uint32_t k = 0; k < s->n_classes; k++) {
        double remainder = s->exact[k] - floor(s->exact[k]);
        if (remainder < below && remainder > best) {
            best = remainder;
        }
    }
    return best;
}

/* Hand out `places` among classes of the given sizes: scikit-learn's _approximate_mode. */
static void hand_out(struct shares *s, const uint32_t *size, uint32_t places, uint32_t *out, struct sl_mt19937 *mt)
{
    uint64_t total = 0, given = 0;
    for (uint32_t k = 0; k < s->n_classes; k++) {
        total += size[k];
    }
    for (uint32_t k = 0; k < s->n_classes; k++) {
        s->exact[k] = (double)size[k] / (double)total * places;
        out[k] = (uint32_t)s->exact[k];
        given += out[k];
    }
    double remainder = 2;
    while (given < places && (remainder = next_remainder(s, remainder)) >= 0) {
        uint32_t n = 0;
        for (uint32_t k = 0; k < s->n_classes; k++) {
            if (s->exact[k] - floor(s->exact[k]) >= remainder && s->exact[k] - floor(s->exact[k]) <= remainder) {
                s->tied[n++] = k;
            }
        }
        sl_mt_permutation(mt, n, s->draw);
        for (uint32_t i = 0; i < n && given < places; i++, given++) {
            out[s->tied[s->draw[i]]]++;
        }
    }
}

static int check(const struct shares *s, uint32_t n_train, uint32_t n_test, const char *size, struct sl_error *err)
{
    bool again = strcmp(size, "validation_size") == 0;
    uint32_t classes = 0;
    for (uint32_t k = 0; k < s->n_classes; k++) {
        classes += s->all[k] > 0;
        if (s->all[k] == 1) {
            sl_fail(err, SL_EDATA,
                    "a stratified split needs two records of each class; one class has a single record%s",
                    again ? " left for training and validation" : "");
            sl_fix(err, again ? "leave out stratify=true or validation_size=, or filter that class out"
                              : "leave out stratify=true, or filter that class out");
            return sl_blame(err, SL_EDATA, "stratify");
        }
    }
    uint32_t few = n_train < classes ? n_train : n_test;
    if (few < classes) {
        sl_fail(err, SL_EDATA, "a stratified split of %u classes cannot have only %u record%s for %s", classes, few,
                few == 1 ? "" : "s",
                n_train < classes ? "training"
                : again           ? "validation"
                                  : "testing");
        sl_fix(err, "change %s, or leave out stratify=true", size);
        return sl_blame(err, SL_EDATA, "stratify");
    }
    return SL_OK;
}

/* Put a side's records, which stand in list, into order in the sequence of one more permutation. */
static void mix(struct shares *s, struct sl_mt19937 *mt, const uint32_t *list, uint32_t n, uint32_t *order)
{
    sl_mt_permutation(mt, n, s->draw);
    for (uint32_t i = 0; i < n; i++) {
        order[i] = list[s->draw[i]];
    }
}

/* `member`: records by class; `side`: room for all records, training first. */
static void draw(struct shares *s, const uint32_t *member, uint32_t n_train, struct sl_mt19937 *mt, uint32_t *side)
{
    uint32_t train = 0, test = n_train;
    for (uint32_t k = 0; k < s->n_classes; k++) {
        sl_mt_permutation(mt, s->all[k], s->draw);
        for (uint32_t i = 0; i < s->train[k]; i++) {
            side[train++] = member[s->draw[i]];
        }
        for (uint32_t i = 0; i < s->test[k]; i++) {
            side[test++] = member[s->draw[s->train[k] + i]];
        }
        member += s->all[k];
    }
}

/* Records by class, in input order within each. */
static void sort_by_class(struct shares *s, uint32_t n, const uint32_t *stratum, uint32_t *member)
{
    uint32_t at = 0;
    for (uint32_t k = 0; k < s->n_classes; k++) {
        s->tied[k] = at;
        at += s->all[k];
    }
    for (uint32_t i = 0; i < n; i++) {
        member[s->tied[stratum[i]]++] = i;
    }
}

int sl_split_stratified(uint32_t n, const uint32_t *stratum, uint32_t n_train, uint32_t n_test, uint32_t seed,
                        const char *size, uint32_t *order, struct sl_error *err)
{
    struct shares s = { 0 };
    for (uint32_t i = 0; stratum && i < n; i++) {
        if (stratum[i] >= n) { /* classes are numbered without gaps, so there are not more of them than records */
            return sl_fail(err, SL_ESTATE, "record %u of the split has no class", i);
        }
    }
    if (!stratum) {
        return sl_fail(err, SL_ESTATE, "a stratified split needs the classes of the records");
    }
    uint32_t *member = sl_zalloc(n, sizeof *member), *side = sl_zalloc(n, sizeof *side);
    int status = member && side && prepare(&s, n, stratum) ? SL_OK : sl_fail_memory(err, "splitting the records");
    status = status == SL_OK ? check(&s, n_train, n_test, size, err) : status;
    if (status == SL_OK) {
        struct sl_mt19937 mt;
        sl_mt_seed(&mt, seed);
        hand_out(&s, s.all, n_train, s.train, &mt);
        for (uint32_t k = 0; k < s.n_classes; k++) {
            s.left[k] = s.all[k] - s.train[k];
        }
        hand_out(&s, s.left, n_test, s.test, &mt);
        sort_by_class(&s, n, stratum, member);
        draw(&s, member, n_train, &mt, side);
        mix(&s, &mt, side, n_train, order);
        mix(&s, &mt, side + n_train, n_test, order + n_train);
    }
    release(&s);
    free(member);
    free(side);
    return status;
}
