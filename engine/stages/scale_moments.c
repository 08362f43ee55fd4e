/* scale_moments.c: count, sum, squared deviations, least and greatest of a column, chunk by chunk.
 *
 * Within a chunk: the sum, then deviations from the chunk's own mean, corrected for its rounding; chunks are then
 * merged in input order. Sums are kept to twice the precision (Neumaier 1974), so that the mean of numbers far from
 * zero is the nearest double whatever the order; deviations are merged as by Chan, Golub and LeVeque 1979. */
#include "engine/stages/scale.h"

#include "engine/stages/text_stage.h"

/* (*sum, *rest) += x, losing nothing of x. */
static inline void add_exactly(double *sum, double *rest, double x)
{
    double total = *sum + x;
    *rest += fabs(*sum) >= fabs(x) ? (*sum - total) + x : (x - total) + *sum;
    *sum = total;
}

double sl_moments_mean(const struct sl_moments *m)
{
    return (m->sum + m->rest) / (double)m->n;
}

/* What the mean lacks of the exact quotient. */
static double mean_rest(const struct sl_moments *m, double mean)
{
    return (fma(-mean, (double)m->n, m->sum) + m->rest) / (double)m->n;
}

void sl_moments_merge(struct sl_moments *into, const struct sl_moments *from)
{
    if (!from->n) {
        return;
    }
    if (!into->n) {
        *into = *from;
        return;
    }
    double mean = sl_moments_mean(from), other = sl_moments_mean(into);
    double between = (mean - other) + (mean_rest(from, mean) - mean_rest(into, other));
    double n = (double)into->n, m = (double)from->n;
    into->squares += from->squares + between * between * (n * m / (n + m));
    add_exactly(&into->sum, &into->rest, from->sum);
    into->rest += from->rest;
    into->n += from->n;
    into->min = fmin(into->min, from->min);
    into->max = fmax(into->max, from->max);
}

static int refuse_infinite(const struct sl_chunk *chunk, uint32_t i, const char *name, struct sl_error *err)
{
    sl_fail(err, SL_EDATA, "column '%.80s' holds an infinite value", name);
    sl_fix(err, "filter such records out, or name the value's spelling in the read stage's na=");
    return sl_error_record(err, SL_EDATA, &chunk->origin[i]);
}

int sl_moments_add(struct sl_moments *moments, const struct sl_chunk *chunk, size_t column, const char *name,
                   const uint64_t *rows, struct sl_error *err)
{
    const struct sl_column *cells = &chunk->columns[column];
    struct sl_moments m = SL_MOMENTS_NONE;
    for (uint32_t i = 0; i < chunk->n; i++) {
        if (!sl_row_taken(rows, i) || !sl_number_there(cells, i)) {
            continue;
        }
        double x = cells->number[i];
        if (isinf(x)) {
            return refuse_infinite(chunk, i, name, err);
        }
        add_exactly(&m.sum, &m.rest, x);
        m.min = fmin(m.min, x);
        m.max = fmax(m.max, x);
        m.n++;
    }
    double mean = m.n ? sl_moments_mean(&m) : 0, off = 0;
    for (uint32_t i = 0; i < chunk->n; i++) {
        if (sl_row_taken(rows, i) && sl_number_there(cells, i)) {
            double deviation = cells->number[i] - mean;
            m.squares += deviation * deviation;
            off += deviation;
        }
    }
    if (m.n) {
        m.squares -= off * off / (double)m.n;
        m.squares = m.squares > 0 ? m.squares : 0;
    }
    sl_moments_merge(moments, &m);
    return SL_OK;
}

int sl_moments_check(const struct sl_moments *moments, const char *name, struct sl_error *err)
{
    if (moments->n) {
        return SL_OK;
    }
    sl_fail(err, SL_EDATA, "column '%.80s' has no value in any training record", name);
    return sl_fix(err, "take the column out with 'select', or fill it with 'impute strategy=constant'"), SL_EDATA;
}
