/* label_values.c: distinct values and their order.
 *
 * Numbers are equal when they compare equal: -0 is 0, and NaN is no value at all. Text is compared by bytes, which for
 * UTF-8 is by code point, as Python compares it. */
#include "engine/stages/label_values.h"

int sl_values_init(struct sl_values *values, bool number, struct sl_error *err)
{
    *values = (struct sl_values){ .number = number };
    return sl_vocab_new(&values->seen, err);
}

void sl_values_release(struct sl_values *values)
{
    if (values) {
        sl_vocab_free(values->seen);
        free(values->rank);
        free(values->id);
        *values = (struct sl_values){ 0 };
    }
}

bool sl_values_there(const struct sl_values *values, const struct sl_column *column, uint32_t i)
{
    return values->number ? sl_number_there(column, i) : sl_valid(column, i);
}

/* The cell as a term; a number's bytes go to *bytes. */
static struct sl_str term_of(const struct sl_values *values, const struct sl_column *column, uint32_t i, double *bytes)
{
    if (!values->number) {
        return column->text[i];
    }
    *bytes = sl_plain_zero(column->number[i]);
    return (struct sl_str){ (const char *)bytes, sizeof *bytes };
}

uint32_t sl_values_add(struct sl_values *values, const struct sl_column *column, uint32_t i)
{
    double bytes;
    return sl_vocab_add(values->seen, term_of(values, column, i, &bytes));
}

uint32_t sl_values_carry(struct sl_values *into, const struct sl_values *from, uint32_t id)
{
    return sl_vocab_add(into->seen, sl_vocab_term(from->seen, id));
}

static double number_of(struct sl_str term)
{
    double x;
    memcpy(&x, term.p, sizeof x);
    return x;
}

struct value {
    struct sl_str term;
    double number;
    uint32_t id;
};

static int compare_numbers(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static int compare_texts(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    return sl_str_compare(x->term, y->term);
}

int sl_values_sort(struct sl_values *values, struct sl_error *err)
{
    uint32_t n = sl_values_count(values);
    struct value *list = sl_zalloc(n, sizeof *list);
    uint32_t *rank = sl_zalloc(n, sizeof *rank), *id = sl_zalloc(n, sizeof *id);
    if (!list || !rank || !id) {
        free(list);
        free(rank);
        free(id);
        return sl_fail_memory(err, "sorting the values of a column");
    }
    for (uint32_t k = 0; k < n; k++) {
        struct sl_str term = sl_vocab_term(values->seen, k);
        list[k] = (struct value){ term, values->number ? number_of(term) : 0, k };
    }
    qsort(list, n, sizeof *list, values->number ? compare_numbers : compare_texts);
    for (uint32_t k = 0; k < n; k++) {
        rank[list[k].id] = k;
        id[k] = list[k].id;
    }
    free(list);
    free(values->rank);
    free(values->id);
    values->rank = rank;
    values->id = id;
    return SL_OK;
}

uint32_t sl_values_rank(const struct sl_values *values, const struct sl_column *column, uint32_t i)
{
    double bytes;
    uint32_t id = sl_vocab_find(values->seen, term_of(values, column, i, &bytes));
    return id == SL_NO_TERM ? SL_NO_TERM : values->rank[id];
}

struct sl_str sl_values_text(const struct sl_values *values, uint32_t rank)
{
    return sl_vocab_term(values->seen, values->id[rank]);
}

double sl_values_number(const struct sl_values *values, uint32_t rank)
{
    return number_of(sl_values_text(values, rank));
}

void sl_values_format(const struct sl_values *values, uint32_t rank, struct sl_buf *to)
{
    struct sl_str text = sl_values_text(values, rank);
    if (!values->number) {
        sl_buf_add(to, text.p, text.n);
    } else if (isinf(number_of(text))) {
        sl_buf_puts(to, number_of(text) < 0 ? "-inf" : "inf");
    } else {
        sl_buf_number(to, number_of(text));
    }
}

void sl_values_save(const struct sl_values *values, struct sl_buf *to)
{
    uint32_t n = sl_values_count(values);
    sl_buf_u32(to, values->number);
    sl_buf_u32(to, n);
    for (uint32_t k = 0; k < n; k++) {
        if (values->number) {
            sl_buf_f64(to, sl_values_number(values, k));
        } else {
            sl_buf_blob(to, sl_values_text(values, k).p, sl_values_text(values, k).n);
        }
    }
}

static int damaged(struct sl_error *err)
{
    sl_fail(err, SL_EFORMAT, "the saved values of a column are damaged");
    return sl_fix(err, "fit the pipeline again"), SL_EFORMAT;
}

/* One value, which must come after the last one. */
static int load_value(struct sl_values *values, uint32_t k, struct sl_blob *blob, struct sl_error *err)
{
    double x = 0;
    struct sl_str term = { (const char *)&x, sizeof x };
    bool rises;
    if (values->number) {
        x = sl_blob_f64(blob);
        rises = !isnan(x) && (x != 0 || !signbit(x)) && (k == 0 || number_of(sl_vocab_term(values->seen, k - 1)) < x);
    } else {
        term = sl_blob_bytes(blob);
        rises = k == 0 || sl_str_compare(sl_vocab_term(values->seen, k - 1), term) < 0;
    }
    if (blob->failed || !rises || term.n >= UINT32_MAX) {
        return damaged(err);
    }
    return sl_vocab_add(values->seen, term) == k ? SL_OK : sl_fail_memory(err, "loading the values of a column");
}

int sl_values_load(struct sl_values *values, bool number, uint32_t limit, struct sl_blob *blob, struct sl_error *err)
{
    uint32_t was_number = sl_blob_u32(blob), n = sl_blob_u32(blob);
    if (blob->failed || was_number > 1 || n > limit || n > (size_t)(blob->end - blob->p) / 8) {
        return damaged(err);
    }
    if (was_number != number) {
        sl_fail(err, SL_EFORMAT, "a column held %s when the pipeline was fitted, and does not any more",
                was_number ? "numbers" : "text");
        return sl_fix(err, "read it as it was read then"), SL_EFORMAT;
    }
    int status = sl_values_init(values, number, err);
    for (uint32_t k = 0; status == SL_OK && k < n; k++) {
        status = load_value(values, k, blob, err);
    }
    status = status == SL_OK ? sl_values_sort(values, err) : status;
    if (status != SL_OK) {
        sl_values_release(values);
    }
    return status;
}
