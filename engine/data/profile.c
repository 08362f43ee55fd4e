/* profile.c: what is in each column.
 *
 * Text is hashed once (XXH3), its code points are counted 16 bytes at a time, and the rest works on those two numbers;
 * so a profile runs at the speed of memory. Lengths are numbers like any others. Of pictures of their own
 * size the numbers of pixels are. Of vectors and tokens only records and missing ones are counted.
 *
 * Counts, distinct values, minimum, maximum and histogram are the same however the records were spread over partial
 * profiles. Mean and deviation agree but for their last bits, and so do the most frequent values once marked
 * approximate. The deviation is that of a sample (divided by n - 1), as pandas' describe() has it. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "engine/data/profile_private.h"
#include "engine/data/reader_private.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { CATEGORY_MAX = 50 }; /* distinct values */
/* Worst case for the sets of one profile; shared among its columns. */
#define SET_BYTES ((size_t)64 << 20)

struct column {
    uint64_t n, missing, empty;
    struct sl_distinct distinct;
    struct sl_top top;
    struct sl_numbers numbers; /* values, or lengths */
};

struct sl_profile {
    struct sl_schema schema;
    struct column *columns;
};

/* The largest power of two that is at most x, within low..high (powers of two). */
static uint32_t power_within(size_t x, uint32_t low, uint32_t high)
{
    uint32_t p = low;
    while (p < high && 2 * (size_t)p <= x) {
        p *= 2;
    }
    return p;
}

int sl_profile_new(struct sl_profile **out, const struct sl_schema *schema, struct sl_error *err)
{
    struct sl_profile *profile = calloc(1, sizeof *profile);
    if (!profile) {
        return sl_fail_memory(err, "making a profile");
    }
    int status = sl_schema_copy(&profile->schema, schema, err);
    if (status == SL_OK) {
        profile->columns = calloc(schema->n ? schema->n : 1, sizeof *profile->columns);
        status = profile->columns ? SL_OK : sl_fail_memory(err, "making a profile");
    }
    if (status) {
        sl_profile_free(profile);
        return status;
    }
    size_t share = SET_BYTES / (schema->n ? schema->n : 1) / 2;
    for (size_t c = 0; c < schema->n; c++) {
        profile->columns[c].distinct.limit = power_within(share / (4 * sizeof(uint64_t)), 256, 65536);
        profile->columns[c].top.room = power_within(share / (2 * sizeof(struct sl_top_value)), 64, 4096);
        profile->columns[c].top.numbers = schema->fields[c].type == SL_NUMBER;
    }
    *out = profile;
    return SL_OK;
}

void sl_profile_free(struct sl_profile *profile)
{
    if (!profile) {
        return;
    }
    for (size_t c = 0; profile->columns && c < profile->schema.n; c++) {
        sl_distinct_release(&profile->columns[c].distinct);
        sl_top_release(&profile->columns[c].top);
    }
    free(profile->columns);
    sl_schema_release(&profile->schema);
    free(profile);
}

size_t sl_profile_columns(const struct sl_profile *profile)
{
    return profile->schema.n;
}

/* ---- Records in ---- */

typedef unsigned char bytes16 __attribute__((vector_size(16)));

/* Code points in valid UTF-8: bytes that are no continuation, counted in 16 lanes of at most 255. */
static size_t code_points(const char *p, size_t n)
{
    size_t count = 0, i = 0;
    while (n - i >= 16) {
        bytes16 sums = { 0 };
        size_t rounds = (n - i) / 16 < 255 ? (n - i) / 16 : 255;
        for (size_t k = 0; k < rounds; k++, i += 16) {
            bytes16 word;
            memcpy(&word, p + i, sizeof word);
            sums -= (bytes16)((word & 0xc0) != 0x80);
        }
        for (int k = 0; k < 16; k++) {
            count += sums[k];
        }
    }
    for (; i < n; i++) {
        count += ((unsigned char)p[i] & 0xc0) != 0x80;
    }
    return count;
}

static bool add_value(struct column *column, uint64_t hash, struct sl_str value)
{
    return sl_distinct_add(&column->distinct, hash) && sl_top_add(&column->top, hash, value, 1);
}

static bool add_text(struct column *column, const struct sl_column *cells, uint32_t n, double *lengths)
{
    size_t present = 0;
    bool ok = true;
    for (uint32_t i = 0; i < n && ok; i++) {
        if (!sl_valid(cells, i)) {
            column->missing++;
            continue;
        }
        struct sl_str text = cells->text[i];
        column->empty += text.n == 0;
        lengths[present++] = (double)code_points(text.p, text.n);
        ok = add_value(column, XXH3_64bits(text.n ? text.p : "", text.n), text);
    }
    sl_numbers_add(&column->numbers, lengths, present);
    return ok;
}

static bool add_numbers(struct column *column, const struct sl_column *cells, uint32_t n, double *values)
{
    size_t present = 0;
    bool ok = true;
    for (uint32_t i = 0; i < n && ok; i++) {
        double x = cells->number[i];
        if (!sl_valid(cells, i) || isnan(x)) {
            column->missing++;
            continue;
        }
        x += 0.0; /* -0 is 0 */
        values[present++] = x;
        ok = add_value(column, XXH3_64bits(&x, sizeof x), (struct sl_str){ (const char *)&x, sizeof x });
    }
    sl_numbers_add(&column->numbers, values, present);
    return ok;
}

/* Pictures are told apart by their pixels and their numbers are those of pixels; none is shown as frequent. */
static bool add_pictures(struct column *column, const struct sl_field *field, const struct sl_column *cells, uint32_t n,
                         double *sizes)
{
    size_t present = 0;
    bool ok = true;
    for (uint32_t i = 0; i < n && ok; i++) {
        if (!sl_valid(cells, i)) {
            column->missing++;
            continue;
        }
        const struct sl_picture *picture = &cells->picture[i];
        size_t pixels = (size_t)picture->height * picture->width;
        uint64_t seed = (uint64_t)picture->height << 32 | picture->width;
        sizes[present++] = (double)pixels;
        ok = sl_distinct_add(&column->distinct, XXH3_64bits_withSeed(pixels ? picture->pixels : (const uint8_t *)"",
                                                                     pixels * field->channels, seed));
    }
    sl_numbers_add(&column->numbers, sizes, present);
    return ok;
}

int sl_profile_chunk(struct sl_profile *profile, const struct sl_chunk *chunk, struct sl_error *err)
{
    assert(chunk->schema->n == profile->schema.n);
    double *scratch = calloc(chunk->n ? chunk->n : 1, sizeof *scratch);
    if (!scratch) {
        return sl_fail_memory(err, "profiling columns");
    }
    bool ok = true;
    for (size_t c = 0; c < profile->schema.n && ok; c++) {
        struct column *column = &profile->columns[c];
        const struct sl_column *cells = &chunk->columns[c];
        column->n += chunk->n;
        if (profile->schema.fields[c].type == SL_TEXT) {
            ok = add_text(column, cells, chunk->n, scratch);
        } else if (profile->schema.fields[c].type == SL_NUMBER) {
            ok = add_numbers(column, cells, chunk->n, scratch);
        } else if (profile->schema.fields[c].type == SL_IMAGE) {
            ok = add_pictures(column, &profile->schema.fields[c], cells, chunk->n, scratch);
        } else {
            for (uint32_t i = 0; i < chunk->n; i++) {
                column->missing += !sl_valid(cells, i);
            }
        }
    }
    free(scratch);
    return ok ? SL_OK : sl_fail_memory(err, "profiling columns");
}

int sl_profile_merge(struct sl_profile *into, const struct sl_profile *from, struct sl_error *err)
{
    assert(into->schema.n == from->schema.n);
    for (size_t c = 0; c < into->schema.n; c++) {
        struct column *a = &into->columns[c];
        const struct column *b = &from->columns[c];
        a->n += b->n;
        a->missing += b->missing;
        a->empty += b->empty;
        sl_numbers_merge(&a->numbers, &b->numbers);
        if (!sl_distinct_merge(&a->distinct, &b->distinct) || !sl_top_merge(&a->top, &b->top)) {
            return sl_fail_memory(err, "profiling columns");
        }
    }
    return SL_OK;
}

/* ---- Summary out ---- */

static const char *kind_of(const struct column *column, enum sl_type type, double distinct, bool exact)
{
    uint64_t present = column->n - column->missing;
    if (type != SL_TEXT && type != SL_NUMBER) {
        return sl_type_name(type);
    }
    if (present == 0) {
        return "empty";
    }
    if (exact && distinct <= 1) {
        return "constant";
    }
    if (exact && distinct <= CATEGORY_MAX && distinct * 10 < (double)present) {
        return "category";
    }
    if (type == SL_TEXT) {
        return "text";
    }
    return column->numbers.fractions ? "number" : "integer";
}

static void show_value(const struct sl_top_value *value, enum sl_type type, char *out, size_t size)
{
    if (type == SL_TEXT) {
        size_t kept = value->length < SL_TOP_PREFIX ? value->length : SL_TOP_PREFIX;
        sl_printable(out, size, value->prefix, kept);
        return;
    }
    double x;
    memcpy(&x, value->prefix, sizeof x);
    struct sl_buf text = { 0 };
    if (isinf(x)) {
        sl_buf_puts(&text, x < 0 ? "-inf" : "inf");
    } else {
        sl_buf_number(&text, x);
    }
    sl_printable(out, size, text.p, text.n);
    sl_buf_release(&text);
}

void sl_profile_column(const struct sl_profile *profile, size_t i, struct sl_column_profile *out)
{
    const struct column *column = &profile->columns[i];
    const struct sl_field *field = &profile->schema.fields[i];
    const struct sl_numbers *numbers = &column->numbers;
    *out = (struct sl_column_profile){ .name = field->name,
                                       .type = field->type,
                                       .n = column->n,
                                       .missing = column->missing,
                                       .empty = column->empty,
                                       .distinct = sl_distinct_count(&column->distinct),
                                       .distinct_exact = !column->distinct.registers,
                                       .top_exact = column->top.dropped == 0 };
    out->kind = kind_of(column, field->type, out->distinct, out->distinct_exact);
    if (numbers->any) {
        out->min = numbers->min;
        out->max = numbers->max;
        out->mean = numbers->mean;
        out->deviation = numbers->n > 1 ? sqrt(numbers->m2 / (double)(numbers->n - 1)) : 0;
    }
    sl_numbers_histogram(numbers, out);
    const struct sl_top_value *list[SL_PROFILE_TOP];
    out->n_top = sl_top_list(&column->top, list, SL_PROFILE_TOP);
    for (size_t k = 0; k < out->n_top; k++) {
        show_value(list[k], field->type, out->top[k].value, sizeof out->top[k].value);
        out->top[k].n = list[k]->n;
    }
}
