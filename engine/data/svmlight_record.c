/* svmlight_record.c: one line of an svmlight file: label [qid:N] index:value … [# comment].
 *
 * Source  Joachims' SVMlight and LIBSVM's FAQ; what is refused is what scikit-learn's load_svmlight_file refuses:
 * several labels, indices that do not rise, index 0 where counting begins at 1. In addition a value must be finite and
 * fit a float. */
#include "engine/data/csv.h"
#include "engine/data/svmlight_private.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool sl_svmlight_blank(struct sl_str line)
{
    size_t i = 0;
    while (i < line.n && is_space(line.p[i])) {
        i++;
    }
    return i == line.n || line.p[i] == '#';
}

/* The next word before a comment. */
static bool take_word(const char **p, const char *end, struct sl_str *word)
{
    const char *q = *p;
    while (q < end && is_space(*q)) {
        q++;
    }
    const char *start = q;
    while (q < end && !is_space(*q)) {
        q++;
    }
    *word = (struct sl_str){ start, (size_t)(q - start) };
    *p = q;
    return word->n > 0;
}

/* A whole number up to `most`; 1 more than that when it is larger. false: it is none. */
static bool read_whole(struct sl_str s, uint64_t most, uint64_t *out)
{
    uint64_t x = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';
        if (digit > 9) {
            return false;
        }
        x = x > most ? x : x * 10 + digit;
    }
    *out = x > most ? most + 1 : x;
    return s.n > 0;
}

static bool read_label(struct sl_str word, double *label, struct sl_reject *reject)
{
    char shown[48];
    if (sl_csv_number(word.p, word.n, label) && isfinite(*label)) {
        return true;
    }
    sl_printable(shown, sizeof shown, word.p, word.n);
    if (memchr(word.p, ',', word.n)) {
        sl_reject_reason(reject, "'%s' are several labels; a record must have one", shown);
    } else if (memchr(word.p, ':', word.n)) {
        sl_reject_reason(reject, "the line begins with '%s', not with a label", shown);
    } else {
        sl_reject_reason(reject, "the label '%s' is not a number", shown);
    }
    return false;
}

static bool reject_word(struct sl_reject *reject, struct sl_str word, const char *what)
{
    char shown[48];
    sl_reject_reason(reject, "'%s' %s", sl_printable(shown, sizeof shown, word.p, word.n), what);
    return false;
}

static bool read_query(struct sl_str word, struct sl_svmlight_record *record, struct sl_reject *reject)
{
    uint64_t query = 0;
    const uint64_t most = UINT64_C(1) << 53;
    if (!read_whole((struct sl_str){ word.p + 4, word.n - 4 }, most, &query) || query > most) {
        return reject_word(reject, word, "is not qid: and a whole number up to 2^53");
    }
    record->query = (double)query;
    return true;
}

static bool check_index(const struct sl_svmlight *svm, uint64_t index, const struct sl_svmlight_record *record,
                        struct sl_reject *reject)
{
    if (index > SL_SVMLIGHT_INDEX_MAX) {
        sl_reject_reason(reject, "an index is above %" PRIu32 ", the highest there can be", SL_SVMLIGHT_INDEX_MAX);
        return false;
    }
    if (index == 0 && !svm->zero_based) {
        sl_reject_reason(reject, "index 0, but indices count from 1; give zero_based=true if they do not");
        return false;
    }
    if (record->n && index <= record->index[record->n - 1]) {
        sl_reject_reason(reject, "index %" PRIu64 " stands behind index %" PRIu32 "; they must rise", index,
                         record->index[record->n - 1]);
        return false;
    }
    return true;
}

static bool read_pair(const struct sl_svmlight *svm, struct sl_str word, struct sl_svmlight_record *record,
                      struct sl_reject *reject)
{
    const char *colon = memchr(word.p, ':', word.n);
    uint64_t index = 0;
    double x = 0;
    if (!colon || !read_whole((struct sl_str){ word.p, (size_t)(colon - word.p) }, SL_SVMLIGHT_INDEX_MAX, &index)) {
        return reject_word(reject, word, "is no index:value");
    }
    if (!check_index(svm, index, record, reject)) {
        return false;
    }
    size_t length = word.n - (size_t)(colon + 1 - word.p);
    if (!length || !sl_csv_number(colon + 1, length, &x) || isnan(x)) {
        return reject_word(reject, word, "has a value that is not a number");
    }
    if (fabs(x) > (double)FLT_MAX) {
        return reject_word(reject, word, "has a value too large for a float (at most 3.4e38)");
    }
    record->index[record->n] = (uint32_t)index;
    record->value[record->n++] = (float)x;
    return true;
}

bool sl_svmlight_record(const struct sl_svmlight *svm, struct sl_str line, struct sl_svmlight_record *record,
                        struct sl_reject *reject)
{
    const char *p = line.p, *comment = memchr(line.p, '#', line.n), *end = comment ? comment : line.p + line.n;
    struct sl_str word;
    record->n = 0;
    record->query = (double)NAN;
    if (!take_word(&p, end, &word) || !read_label(word, &record->label, reject)) {
        return false;
    }
    for (bool first = true; take_word(&p, end, &word); first = false) {
        bool query = first && word.n >= 4 && memcmp(word.p, "qid:", 4) == 0;
        if (!(query ? read_query(word, record, reject) : read_pair(svm, word, record, reject))) {
            return false;
        }
    }
    uint32_t last = record->n ? record->index[record->n - 1] : 0;
    if (last > svm->max_index) {
        sl_reject_reason(reject, "index %" PRIu32 " is above %" PRIu64 ", the highest of n_features; raise it", last,
                         svm->max_index);
        return false;
    }
    return true;
}
