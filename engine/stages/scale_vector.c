/* scale_vector.c: moments of the places or channels of a vector column, and such a column mapped by their figures.
 *
 * Bytes are counted exactly, sums and squares as whole numbers a chunk, and become what they stand for afterwards;
 * floats are summed as scale_moments.c sums numbers. The results are floats, each rounded once from double. */
#include "engine/stages/scale.h"

#include "engine/stages/text_stage.h"

enum { LEVELS = 256, CHANNELS_MOST = 4 };

/* n values of bytes, as moments of byte × scale + offset. Whole numbers below 2^64: a chunk has fewer than 2^32 values
 * of a place, and their squares are below 2^16. */
static struct sl_moments moments_of(uint64_t n, uint64_t sum, uint64_t squares, const struct sl_field *field)
{
    double scale = (double)field->scale, offset = (double)field->offset;
    unsigned __int128 spread = (unsigned __int128)n * squares - (unsigned __int128)sum * sum;
    struct sl_moments m = SL_MOMENTS_NONE;
    m.n = n;
    m.sum = (double)sum * scale + (double)n * offset;
    m.squares = (double)spread / (double)n * (scale * scale);
    return m;
}

static int add_bytes(struct sl_moments *moments, size_t n, const struct sl_chunk *chunk, const struct sl_column *column,
                     const struct sl_field *field, const uint64_t *rows, struct sl_error *err)
{
    uint64_t *sum = sl_zalloc(2 * n, sizeof *sum), *squares = sum + n, taken = 0;
    if (!sum) {
        return sl_fail_memory(err, "learning from vectors");
    }
    for (uint32_t i = 0; i < chunk->n; i++) {
        if (!sl_row_taken(rows, i) || !sl_valid(column, i)) {
            continue;
        }
        const uint8_t *cell = column->bytes + (size_t)i * field->width;
        for (size_t j = 0; j < field->width; j += n) {
            for (size_t k = 0; k < n; k++) {
                uint32_t byte = cell[j + k];
                sum[k] += byte;
                squares[k] += byte * byte;
            }
        }
        taken += field->width / n;
    }
    for (size_t k = 0; taken && k < n; k++) {
        struct sl_moments m = moments_of(taken, sum[k], squares[k], field);
        sl_moments_merge(&moments[k], &m);
    }
    free(sum);
    return SL_OK;
}

static int refuse_infinite(const struct sl_chunk *chunk, uint32_t i, const struct sl_field *field, struct sl_error *err)
{
    sl_fail(err, SL_EDATA, "column '%.80s' holds a value that is no number, or infinite", field->name);
    sl_fix(err, "mend the file that the vectors come from");
    return sl_error_record(err, SL_EDATA, &chunk->origin[i]);
}

/* Place k of all taken cells: the sum, then deviations from the chunk's own mean. */
static int add_place(struct sl_moments *moments, size_t k, size_t n, const struct sl_chunk *chunk,
                     const struct sl_column *column, const struct sl_field *field, const uint64_t *rows,
                     struct sl_error *err)
{
    struct sl_moments m = SL_MOMENTS_NONE;
    double mean = 0, off = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < chunk->n; i++) {
            const float *cell = column->vector + (size_t)i * field->width;
            for (size_t j = k; sl_row_taken(rows, i) && sl_valid(column, i) && j < field->width; j += n) {
                double x = (double)cell[j];
                if (!isfinite(x)) {
                    return refuse_infinite(chunk, i, field, err);
                }
                m.n += pass == 0;
                m.sum += pass == 0 ? x : 0;
                m.squares += pass ? (x - mean) * (x - mean) : 0;
                off += pass ? x - mean : 0;
            }
        }
        mean = m.n ? m.sum / (double)m.n : 0;
    }
    if (m.n) {
        m.squares -= off * off / (double)m.n;
        m.squares = m.squares > 0 ? m.squares : 0;
        m.rest = off;
        sl_moments_merge(moments, &m);
    }
    return SL_OK;
}

int sl_moments_add_vector(struct sl_moments *moments, size_t n, const struct sl_chunk *chunk, size_t column,
                          const struct sl_field *field, const uint64_t *rows, struct sl_error *err)
{
    const struct sl_column *cells = &chunk->columns[column];
    if (field->bytes) {
        return add_bytes(moments, n, chunk, cells, field, rows, err);
    }
    int status = SL_OK;
    for (size_t k = 0; status == SL_OK && k < n; k++) {
        status = add_place(&moments[k], k, n, chunk, cells, field, rows, err);
    }
    return status;
}

/* What a byte stands for, as sl_cell_vector() has it. */
static double value_of(const struct sl_field *field, uint32_t byte)
{
    float scaled = (float)byte * field->scale;
    return (double)(scaled + field->offset);
}

static void map_levels(const struct sl_stage *stage, const struct sl_field *field, struct sl_scale figures,
                       sl_scale_map *map, float *levels)
{
    double from[LEVELS], to[LEVELS];
    for (uint32_t byte = 0; byte < LEVELS; byte++) {
        from[byte] = value_of(field, byte);
    }
    map(stage->params, figures, from, to, LEVELS);
    for (uint32_t byte = 0; byte < LEVELS; byte++) {
        levels[byte] = (float)to[byte];
    }
}

/* Few channels: each byte of each is looked up. */
static void map_channels(const struct sl_stage *stage, const struct sl_field *field, const struct sl_scale *figures,
                         size_t n, sl_scale_map *map, const uint8_t *from, size_t values, float *to)
{
    float levels[CHANNELS_MOST][LEVELS];
    for (size_t k = 0; k < n; k++) {
        map_levels(stage, field, figures[k], map, levels[k]);
    }
    for (size_t j = 0; j < values; j += n) {
        for (size_t k = 0; k < n; k++) {
            to[j + k] = levels[k][from[j + k]];
        }
    }
}

static void map_places(const struct sl_stage *stage, const struct sl_field *field, const struct sl_scale *figures,
                       size_t n, sl_scale_map *map, const struct sl_column *column, size_t values, float *to)
{
    for (size_t j = 0; j < values; j++) {
        double x = field->bytes ? value_of(field, column->bytes[j]) : (double)column->vector[j], y;
        map(stage->params, figures[j % n], &x, &y, 1);
        to[j] = (float)y;
    }
}

int sl_scale_apply_vector(const struct sl_stage *stage, struct sl_chunk *chunk, size_t column,
                          const struct sl_scale *figures, size_t n, sl_scale_map *map, struct sl_error *err)
{
    const struct sl_field *field = &stage->in->fields[column];
    struct sl_column *cells = &chunk->columns[column];
    size_t values;
    float *to = sl_mul(chunk->n, field->width, &values) ? sl_arena_array(chunk->arena, values, sizeof *to) : NULL;
    if (!to) {
        return sl_fail_memory(err, "scaling vectors");
    }
    if (field->bytes && n <= CHANNELS_MOST) {
        map_channels(stage, field, figures, n, map, cells->bytes, values, to);
    } else {
        map_places(stage, field, figures, n, map, cells, values, to);
    }
    *cells = (struct sl_column){ .valid = cells->valid, .vector = to };
    return SL_OK;
}
