/* vectorize_select.c: which terms become features.
 *
 * As scikit-learn: terms in too few or too many records go; of the rest, max_features keeps those that occur most often
 * in the training records. Where terms tied at the boundary would not all fit, scikit-learn keeps an unspecified choice
 * of them; here it is the last by code point. Features are then sorted by term. */
#include "engine/stages/vectorize.h"

static uint64_t occurrences(const struct sl_vectorize_params *p, const struct sl_term_count *count)
{
    return p->binary ? count->records : count->total;
}

/* Nodes that are terms, not just beginnings of longer ones: those that were counted. */
static bool in_range(const struct sl_term_count *count, double least, double most)
{
    return count->records && (double)count->records >= least && (double)count->records <= most;
}

/* The k-th largest of the numbers of the nodes: the largest x that at least k of them reach. */
static uint64_t kth_largest(const struct sl_vectorize_params *p, const struct sl_term_counts *counts,
                            const uint32_t *node, uint32_t n, uint64_t k)
{
    uint64_t low = 0, high = 1;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t x = occurrences(p, &counts->count[node[i]]);
        high = x >= high ? x + 1 : high;
    }
    while (high - low > 1) { /* k reach low; fewer reach high */
        uint64_t middle = low + (high - low) / 2, reach = 0;
        for (uint32_t i = 0; i < n; i++) {
            reach += occurrences(p, &counts->count[node[i]]) >= middle;
        }
        *(reach >= k ? &low : &high) = middle;
    }
    return low;
}

/* The words of a node with blanks between, in the arena when there are several. */
static bool term_text(const struct sl_term_counts *counts, const struct sl_vocab *words, uint32_t node,
                      struct sl_arena *arena, struct sl_str *text)
{
    struct sl_str part[32];
    size_t n = 0, bytes = 0;
    for (; node >= counts->words; node = (uint32_t)(counts->path[node - counts->words] >> 32)) {
        part[n] = sl_vocab_term(words, (uint32_t)counts->path[node - counts->words]);
        bytes += part[n++].n + 1;
    }
    part[n] = sl_vocab_term(words, node);
    bytes += part[n++].n;
    if (n == 1) {
        *text = part[0];
        return true;
    }
    char *to = sl_arena_take(arena, bytes, 1);
    *text = (struct sl_str){ to, bytes };
    for (; to && n > 0; n--) {
        memcpy(to, part[n - 1].p, part[n - 1].n);
        to += part[n - 1].n;
        if (n > 1) {
            *to++ = ' ';
        }
    }
    return text->p != NULL;
}

static uint64_t order_of(struct sl_str text)
{
    uint64_t order = 0;
    for (size_t i = 0; i < 8; i++) {
        order = order << 8 | (i < text.n ? (unsigned char)text.p[i] : 0);
    }
    return order;
}

static int compare(const void *a, const void *b)
{
    const struct sl_term *x = a, *y = b;
    return x->order != y->order ? (x->order > y->order) - (x->order < y->order) : sl_str_compare(x->text, y->text);
}

static bool fill_terms(const struct sl_term_counts *counts, const struct sl_vocab *words, const uint32_t *node,
                       uint32_t n, struct sl_arena *arena, struct sl_term *terms)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!term_text(counts, words, node[i], arena, &terms[i].text)) {
            return false;
        }
        terms[i].order = order_of(terms[i].text);
        terms[i].node = node[i];
    }
    qsort(terms, n, sizeof *terms, compare);
    return true;
}

/* Of n nodes, the `limit` that occur most often, to the front of `node`. */
static bool keep_frequent(const struct sl_vectorize_params *p, const struct sl_term_counts *counts,
                          const struct sl_vocab *words, struct sl_arena *arena, uint32_t *node, uint32_t n,
                          uint32_t limit)
{
    uint64_t boundary = kth_largest(p, counts, node, n, limit);
    uint32_t *tied = sl_zalloc(n, sizeof *tied);
    struct sl_term *terms = NULL;
    uint32_t kept = 0, ties = 0;
    for (uint32_t i = 0; tied && i < n; i++) {
        uint64_t x = occurrences(p, &counts->count[node[i]]);
        if (x > boundary) {
            node[kept++] = node[i];
        } else if (x == boundary) {
            tied[ties++] = node[i];
        }
    }
    terms = tied ? sl_zalloc(ties, sizeof *terms) : NULL;
    bool ok = terms && fill_terms(counts, words, tied, ties, arena, terms);
    for (uint32_t i = ties; ok && kept < limit; i--) {
        node[kept++] = terms[i - 1].node;
    }
    free(tied);
    free(terms);
    return ok;
}

static int refuse(const char *column, const char *why, const char *fix, const char *param, struct sl_error *err)
{
    sl_fail(err, SL_EDATA, "column '%.80s': %s", column, why);
    sl_fix(err, "%s", fix);
    return param ? sl_blame(err, SL_EDATA, param) : SL_EDATA;
}

/* Nodes within min_df and max_df. */
static int list_nodes(const struct sl_vectorize_params *p, const char *column, const struct sl_term_counts *counts,
                      uint32_t records, uint32_t *node, uint32_t *n, struct sl_error *err)
{
    double most = p->max_df.share ? p->max_df.value * records : p->max_df.value;
    double least = p->min_df.share ? p->min_df.value * records : p->min_df.value;
    bool any = false;
    *n = 0;
    for (uint32_t k = 0; k < counts->n; k++) {
        any = any || counts->count[k].records;
        if (in_range(&counts->count[k], least, most)) {
            node[(*n)++] = k;
        }
    }
    if (!any) {
        return refuse(column, "no words in the training records: the vocabulary is empty",
                      "look at what comes in; perhaps the texts hold stop words only, or token_pattern never matches",
                      NULL, err);
    }
    if (most < least) {
        return refuse(column, "max_df is fewer records than min_df", "raise max_df, or lower min_df", "max_df", err);
    }
    return *n ? SL_OK
              : refuse(column, "after pruning no terms remain", "try a lower min_df or a higher max_df", "min_df", err);
}

int sl_vectorize_select(const struct sl_vectorize_params *p, const char *column, const struct sl_term_counts *counts,
                        uint32_t records, const struct sl_vocab *words, struct sl_arena *arena, struct sl_term **terms,
                        uint32_t *n, struct sl_error *err)
{
    uint32_t *node = sl_zalloc(counts->n, sizeof *node), count = 0;
    struct sl_term *list = NULL;
    bool ok = true;
    int status = node ? list_nodes(p, column, counts, records, node, &count, err) : SL_ENOMEM;
    if (status == SL_OK && p->max_features != SL_NONE && p->max_features < count) {
        ok = keep_frequent(p, counts, words, arena, node, count, (uint32_t)p->max_features);
        count = (uint32_t)p->max_features;
    }
    if (status == SL_OK && ok) {
        list = sl_zalloc(count, sizeof *list);
        ok = list && fill_terms(counts, words, node, count, arena, list);
    }
    free(node);
    if (status == SL_OK && ok) {
        *terms = list;
        *n = count;
        return SL_OK;
    }
    free(list);
    return status == SL_OK || status == SL_ENOMEM ? sl_fail_memory(err, "choosing terms") : status;
}
