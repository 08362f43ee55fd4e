/* cell.c: comparing and printing one cell.
 *
 * A number that is NaN counts as missing, whatever its bit says. Floats are printed with the fewest digits (6 to 9)
 * that read back as the same float. */
#include "sluice/chunk.h"
#include "sluice/vocab.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool has_value(const struct sl_column *column, enum sl_type type, uint32_t i)
{
    return sl_valid(column, i) && !(type == SL_NUMBER && isnan(column->number[i]));
}

static bool floats_equal(const float *a, const float *b, size_t n)
{
    if (a == b || n == 0 || memcmp(a, b, n * sizeof *a) == 0) {
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        if (!(a[i] <= b[i] && a[i] >= b[i]) && !(isnan(a[i]) && isnan(b[i]))) {
            return false;
        }
    }
    return true;
}

/* Element k of all those of a vector column. */
static float element(const struct sl_field *field, const struct sl_column *column, size_t k)
{
    return field->bytes ? (float)column->bytes[k] * field->scale + field->offset : column->vector[k];
}

static bool vectors_equal(const struct sl_field *fx, const struct sl_column *x, uint32_t i, const struct sl_field *fy,
                          const struct sl_column *y, uint32_t j)
{
    size_t n = fx->width, a = (size_t)i * n, b = (size_t)j * n;
    if (n != fy->width) {
        return false;
    }
    if (!fx->bytes && !fy->bytes) {
        return floats_equal(x->vector + a, y->vector + b, n);
    }
    if (sl_field_alike(fx, fy) && n && (x->bytes + a == y->bytes + b || memcmp(x->bytes + a, y->bytes + b, n) == 0)) {
        return true;
    }
    for (size_t k = 0; k < n; k++) {
        float p = element(fx, x, a + k), q = element(fy, y, b + k);
        if (!(p <= q && p >= q) && !(isnan(p) && isnan(q))) {
            return false;
        }
    }
    return true;
}

void sl_cell_vector(const struct sl_chunk *chunk, size_t column, uint32_t i, float *out)
{
    const struct sl_field *field = &chunk->schema->fields[column];
    const struct sl_column *col = &chunk->columns[column];
    size_t n = field->width, first = (size_t)i * n;
    if (!field->bytes) {
        if (n) {
            memcpy(out, col->vector + first, n * sizeof *out);
        }
        return;
    }
    const uint8_t *bytes = col->bytes + first;
    float scale = field->scale, offset = field->offset;
    for (size_t k = 0; k < n; k++) {
        out[k] = (float)bytes[k] * scale + offset;
    }
}

static size_t picture_bytes(const struct sl_field *field, const struct sl_picture *picture)
{
    return (size_t)picture->height * picture->width * field->channels;
}

static bool pictures_equal(const struct sl_field *fx, const struct sl_picture *x, const struct sl_field *fy,
                           const struct sl_picture *y)
{
    size_t n = picture_bytes(fx, x);
    return fx->channels == fy->channels && x->height == y->height && x->width == y->width &&
           (n == 0 || x->pixels == y->pixels || memcmp(x->pixels, y->pixels, n) == 0);
}

static bool sparse_equal(const struct sl_sparse *a, uint32_t i, const struct sl_sparse *b, uint32_t j)
{
    uint64_t n = a->start[i + 1] - a->start[i];
    if (n != b->start[j + 1] - b->start[j]) {
        return false;
    }
    const uint32_t *x = a->index + a->start[i], *y = b->index + b->start[j];
    return n == 0 || ((x == y || memcmp(x, y, n * sizeof *x) == 0) &&
                      floats_equal(a->value + a->start[i], b->value + b->start[j], n));
}

static bool tokens_equal(const struct sl_tokens *a, uint32_t i, const struct sl_tokens *b, uint32_t j)
{
    uint64_t n = a->start[i + 1] - a->start[i];
    if (n != b->start[j + 1] - b->start[j]) {
        return false;
    }
    for (uint64_t k = 0; k < n; k++) {
        uint32_t x = a->id[a->start[i] + k], y = b->id[b->start[j] + k];
        if (a->vocab == b->vocab ? x != y : !sl_str_equal(sl_vocab_term(a->vocab, x), sl_vocab_term(b->vocab, y))) {
            return false;
        }
    }
    return true;
}

bool sl_cell_equal(const struct sl_chunk *a, size_t ca, uint32_t i, const struct sl_chunk *b, size_t cb, uint32_t j)
{
    const struct sl_column *x = &a->columns[ca], *y = &b->columns[cb];
    const struct sl_field *fx = &a->schema->fields[ca], *fy = &b->schema->fields[cb];
    bool there = has_value(x, fx->type, i);
    if (there != has_value(y, fy->type, j)) {
        return false;
    }
    if (!there) {
        return true;
    }
    if (fx->type != fy->type) {
        return false;
    }
    switch (fx->type) {
    case SL_TEXT: return sl_str_equal(x->text[i], y->text[j]);
    case SL_NUMBER: return x->number[i] <= y->number[j] && x->number[i] >= y->number[j];
    case SL_VECTOR: return vectors_equal(fx, x, i, fy, y, j);
    case SL_IMAGE: return pictures_equal(fx, &x->picture[i], fy, &y->picture[j]);
    case SL_SPARSE: return sparse_equal(&x->sparse, i, &y->sparse, j);
    case SL_TOKENS: return tokens_equal(&x->tokens, i, &y->tokens, j);
    default: return false;
    }
}

static void add_float(struct sl_buf *out, float x)
{
    char text[32];
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)x);
        float back = strtof(text, NULL);
        if (memcmp(&back, &x, sizeof x) == 0) {
            break;
        }
    }
    sl_buf_puts(out, text);
}

static void add_number(struct sl_buf *out, double x)
{
    if (isinf(x)) {
        sl_buf_puts(out, x < 0 ? "-inf" : "inf");
    } else {
        sl_buf_number(out, x);
    }
}

static void add_list(const struct sl_column *column, const struct sl_field *field, uint32_t i, struct sl_buf *out)
{
    uint64_t first = 0, end = 0;
    if (field->type == SL_VECTOR) {
        first = (uint64_t)i * field->width;
        end = first + field->width;
    } else {
        const uint64_t *start = field->type == SL_SPARSE ? column->sparse.start : column->tokens.start;
        first = start[i];
        end = start[i + 1];
    }
    sl_buf_putc(out, '[');
    for (uint64_t k = first; k < end; k++) {
        if (k > first) {
            sl_buf_puts(out, field->type == SL_TOKENS ? " " : ", ");
        }
        if (field->type == SL_VECTOR) {
            add_float(out, element(field, column, k));
        } else if (field->type == SL_SPARSE) {
            sl_buf_printf(out, "%u:", (unsigned)column->sparse.index[k]);
            add_float(out, column->sparse.value[k]);
        } else {
            struct sl_str term = sl_vocab_term(column->tokens.vocab, column->tokens.id[k]);
            sl_buf_add(out, term.p, term.n);
        }
    }
    sl_buf_putc(out, ']');
}

/* "28×28", "32×32×3". */
static void add_size(uint32_t height, uint32_t width, uint32_t channels, struct sl_buf *out)
{
    sl_buf_printf(out, "%u×%u", (unsigned)height, (unsigned)width);
    if (channels > 1) {
        sl_buf_printf(out, "×%u", (unsigned)channels);
    }
}

/* Size and mean of a picture of its own size: nobody reads its hundred thousands of numbers. */
static void add_picture(const struct sl_field *field, const struct sl_picture *picture, struct sl_buf *out)
{
    size_t n = picture_bytes(field, picture);
    uint64_t sum = 0;
    for (size_t k = 0; k < n; k++) {
        sum += picture->pixels[k];
    }
    add_size(picture->height, picture->width, field->channels, out);
    if (n) {
        sl_buf_printf(out, " mean %.3g", (double)sum / (double)n);
    }
}

void sl_cell_place(const struct sl_field *field, uint32_t j, struct sl_buf *out)
{
    if (!field->height || !field->breadth || !field->channels) {
        return;
    }
    uint32_t pixel = j / field->channels;
    sl_buf_printf(out, "%u,%u", (unsigned)(pixel / field->breadth), (unsigned)(pixel % field->breadth));
    if (field->channels > 1) {
        sl_buf_printf(out, ",%u", (unsigned)(j % field->channels));
    }
}

void sl_cell_brief(const struct sl_chunk *chunk, size_t column, uint32_t i, struct sl_buf *out)
{
    enum { SHORT = 8 };
    const struct sl_column *col = &chunk->columns[column];
    const struct sl_field *field = &chunk->schema->fields[column];
    if (field->type != SL_VECTOR || (field->width <= SHORT && !field->height) || !sl_valid(col, i)) {
        sl_cell_format(chunk, column, i, out);
        return;
    }
    double sum = 0;
    for (size_t k = 0; k < field->width; k++) {
        sum += (double)element(field, col, (size_t)i * field->width + k);
    }
    if (field->height) {
        add_size(field->height, field->breadth, field->channels, out);
    } else {
        sl_buf_printf(out, "%u values", (unsigned)field->width);
    }
    sl_buf_printf(out, " mean %.3g", sum / field->width);
}

void sl_cell_format(const struct sl_chunk *chunk, size_t column, uint32_t i, struct sl_buf *out)
{
    const struct sl_column *col = &chunk->columns[column];
    const struct sl_field *field = &chunk->schema->fields[column];
    if (!has_value(col, field->type, i)) {
        return;
    }
    switch (field->type) {
    case SL_TEXT: sl_buf_add(out, col->text[i].p, col->text[i].n); break;
    case SL_NUMBER: add_number(out, col->number[i]); break;
    case SL_IMAGE: add_picture(field, &col->picture[i], out); break;
    default: add_list(col, field, i, out);
    }
}
