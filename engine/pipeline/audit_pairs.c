/* audit_pairs.c: records whose texts are equal or alike: label conflicts, and test records that training has seen.
 *
 * Near duplicates: fingerprints that differ in at most d bits agree in at least one of d + 1 bands (pigeonhole), so
 * only those that share a band are compared: sorted by one band after the other (Manku, Jain and Das Sarma 2007,
 * section 3, with the bands themselves for tables). Records of one fingerprint are compared as one. */
#include "audit_private.h"

#include <stdlib.h>

void sl_first_pairs_add(struct sl_first_pairs *first, struct sl_record_pair pair)
{
    size_t at = first->kept;
    if (at == first->most && (!at || first->pair[at - 1].a < pair.a))
        return;
    if (at == first->most)
        at--;
    else
        first->kept++;
    for (; at && first->pair[at - 1].a > pair.a; at--)
        first->pair[at] = first->pair[at - 1];
    first->pair[at] = pair;
}

static int begin_pairs(const struct sl_pairing *p, struct sl_first_pairs *first, struct sl_error *err)
{
    *first = (struct sl_first_pairs){ sl_arena_array(p->arena, p->most, sizeof *first->pair), 0, p->most };
    return first->pair ? SL_OK : sl_fail_memory(err, "comparing texts");
}

static void end_pairs(const struct sl_first_pairs *first, struct sl_pairs *out)
{
    out->pair = first->pair;
    out->kept = first->kept;
}

static int by_text(const void *a, const void *b)
{
    const struct sl_text_key *x = a, *y = b;
    if (x->text != y->text)
        return x->text < y->text ? -1 : 1;
    return (x->record > y->record) - (x->record < y->record);
}

static int by_print(const void *a, const void *b)
{
    const struct sl_text_key *x = a, *y = b;
    if (x->print != y->print)
        return x->print < y->print ? -1 : 1;
    return (x->record > y->record) - (x->record < y->record);
}

/* Keys i..end-1 have equal texts. */
static size_t group_end(const struct sl_pairing *p, size_t i)
{
    size_t end = i + 1;
    while (end < p->n && p->keys[end].text == p->keys[i].text)
        end++;
    return end;
}

int sl_find_conflicts(struct sl_pairing *p, struct sl_pairs *out, struct sl_error *err)
{
    struct sl_first_pairs first;
    int status = begin_pairs(p, &first, err);
    if (status)
        return status;
    qsort(p->keys, p->n, sizeof *p->keys, by_text);
    for (size_t i = 0, end; i < p->n; i = end) {
        const struct sl_text_key *one = NULL, *other = NULL;
        uint64_t labelled = 0;
        end = group_end(p, i);
        for (size_t k = i; k < end; k++) {
            const struct sl_text_key *key = &p->keys[k];
            labelled += key->label != 0;
            if (key->label && !one)
                one = key;
            else if (key->label && !other && key->label != one->label)
                other = key;
        }
        if (!other)
            continue;
        out->groups++;
        out->records += labelled;
        sl_first_pairs_add(&first, (struct sl_record_pair){ one->record, other->record, 0 });
    }
    end_pairs(&first, out);
    return SL_OK;
}

int sl_find_exact(struct sl_pairing *p, struct sl_pairs *out, struct sl_error *err)
{
    struct sl_first_pairs first;
    int status = begin_pairs(p, &first, err);
    if (status)
        return status;
    qsort(p->keys, p->n, sizeof *p->keys, by_text);
    for (size_t i = 0, end; i < p->n; i = end) {
        end = group_end(p, i);
        uint64_t train = UINT64_MAX, found = 0;
        for (size_t k = i; k < end && train == UINT64_MAX; k++)
            if (sl_role_of(p->roles, p->n_roles, p->keys[k].record) == SL_TRAIN)
                train = p->keys[k].record;
        for (size_t k = i; k < end && train != UINT64_MAX; k++) {
            if (sl_role_of(p->roles, p->n_roles, p->keys[k].record) <= SL_TRAIN) /* what validates may not leak, too */
                continue;
            found++;
            sl_first_pairs_add(&first, (struct sl_record_pair){ p->keys[k].record, train, 0 });
        }
        out->records += found;
        out->groups += found > 0;
    }
    end_pairs(&first, out);
    return SL_OK;
}

/* ---- Near duplicates ---- */

/* All records of one fingerprint. */
struct print {
    uint64_t bits;
    uint64_t train, test; /* the first of each; UINT64_MAX: none */
    uint64_t n_test;
    uint64_t near; /* best training record so far, and how far it is; UINT32_MAX: none */
    uint32_t distance;
};

struct banded {
    uint64_t band;
    struct print *print;
};

static int by_band(const void *a, const void *b)
{
    const struct banded *x = a, *y = b;
    if (x->band != y->band)
        return x->band < y->band ? -1 : 1;
    return (x->print > y->print) - (x->print < y->print);
}

static size_t collect_prints(struct sl_pairing *p, struct print *prints)
{
    size_t n = 0;
    qsort(p->keys, p->n, sizeof *p->keys, by_print);
    for (size_t i = 0; i < p->n; i++) {
        int role = sl_role_of(p->roles, p->n_roles, p->keys[i].record);
        if (role < 0)
            continue;
        if (!n || prints[n - 1].bits != p->keys[i].print)
            prints[n++] = (struct print){ p->keys[i].print, UINT64_MAX, UINT64_MAX, 0, UINT64_MAX, UINT32_MAX };
        struct print *print = &prints[n - 1];
        uint64_t *place = role == SL_TRAIN ? &print->train : &print->test;
        if (*place == UINT64_MAX)
            *place = p->keys[i].record;
        print->n_test += role != SL_TRAIN;
    }
    return n;
}

static void compare(struct print *test, const struct print *train, unsigned most)
{
    if (!test->n_test || train->train == UINT64_MAX)
        return;
    uint32_t distance = (uint32_t)__builtin_popcountll(test->bits ^ train->bits);
    if (distance <= most && (distance < test->distance || (distance == test->distance && train->train < test->near))) {
        test->distance = distance;
        test->near = train->train;
    }
}

static int compare_band(const struct sl_pairing *p, struct banded *list, size_t n, struct sl_error *err)
{
    qsort(list, n, sizeof *list, by_band);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && list[end].band == list[i].band;)
            end++;
        for (size_t a = i; a < end; a++) {
            if (p->progress && p->progress->cancel)
                return sl_fail(err, SL_ECANCEL, "it was cancelled");
            for (size_t b = i; list[a].print->n_test && b < end; b++)
                compare(list[a].print, list[b].print, p->distance);
        }
    }
    return SL_OK;
}

int sl_find_near(struct sl_pairing *p, struct sl_pairs *out, struct sl_error *err)
{
    struct sl_first_pairs first;
    struct print *prints = calloc(p->n + 1, sizeof *prints);
    struct banded *list = calloc(p->n + 1, sizeof *list);
    int status = prints && list ? begin_pairs(p, &first, err) : sl_fail_memory(err, "comparing texts");
    size_t n = status ? 0 : collect_prints(p, prints);
    unsigned bands = p->distance + 1;
    for (unsigned b = 0; b < bands && !status; b++) {
        unsigned from = 64 * b / bands, width = 64 * (b + 1) / bands - from;
        uint64_t mask = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
        for (size_t i = 0; i < n; i++)
            list[i] = (struct banded){ prints[i].bits >> from & mask, &prints[i] };
        status = compare_band(p, list, n, err);
    }
    for (size_t i = 0; i < n && !status; i++) {
        if (prints[i].distance == UINT32_MAX)
            continue;
        out->records += prints[i].n_test;
        sl_first_pairs_add(&first, (struct sl_record_pair){ prints[i].test, prints[i].near, prints[i].distance });
    }
    if (!status)
        end_pairs(&first, out);
    free(prints);
    free(list);
    return status;
}
