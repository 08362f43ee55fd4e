/* statistics.c: see statistics.h.
 *
 * The incomplete beta and gamma functions by their continued fractions, evaluated as Lentz 1976 does (as in
 * DLMF 8.17.22 and 8.9.2), and the power series (DLMF 8.11.4) where that converges faster. Wilcoxon's distribution is
 * counted out over doubled ranks, which are whole numbers also with ties. */
#include "statistics.h"

#include <math.h>
#include <stdlib.h>

enum { ITERATIONS = 1000, EXACT_PAIRS = 100 };
#define TINY     1e-300
#define ACCURATE 1e-16

/* lgamma() without its global sign. */
static double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

/* Numerator m of the beta function's continued fraction. */
static double beta_term(double a, double b, double x, int m)
{
    double k = m / 2;
    if (m % 2 == 0)
        return k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
    return -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
}

static double beta_fraction(double a, double b, double x)
{
    double f = 1, c = 1, d = 0;
    for (int m = 1; m < ITERATIONS; m++) {
        double term = beta_term(a, b, x, m);
        d = 1 + term * d;
        d = 1 / (fabs(d) < TINY ? TINY : d);
        c = 1 + term / c;
        c = fabs(c) < TINY ? TINY : c;
        f *= c * d;
        if (fabs(c * d - 1) < ACCURATE)
            break;
    }
    return 1 / f;
}

/* The regularised incomplete beta function I_x(a, b). */
static double beta(double a, double b, double x)
{
    if (!(x > 0))
        return 0;
    if (x >= 1)
        return 1;
    double front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double student_p(double t, double df)
{
    if (isnan(t) || !(df > 0))
        return (double)NAN;
    return isinf(t) ? 0 : beta(df / 2, 0.5, df / (df + t * t));
}

/* The regularised upper incomplete gamma function Q(a, x). */
static double gamma_upper(double a, double x)
{
    double front = exp(a * log(x) - x - log_gamma(a));
    if (x < a + 1) {
        double term = 1 / a, sum = term;
        for (int k = 1; k < ITERATIONS && term > sum * ACCURATE; k++) {
            term *= x / (a + k);
            sum += term;
        }
        return 1 - front * sum;
    }
    double b = x + 1 - a, c = 1 / TINY, d = 1 / b, f = d;
    for (int k = 1; k < ITERATIONS; k++) {
        double term = -k * (k - a);
        b += 2;
        d = term * d + b;
        d = 1 / (fabs(d) < TINY ? TINY : d);
        c = b + term / c;
        c = fabs(c) < TINY ? TINY : c;
        f *= c * d;
        if (fabs(c * d - 1) < ACCURATE)
            break;
    }
    return front * f;
}

double chi_square_p(double x, double df)
{
    if (isnan(x) || !(df > 0))
        return (double)NAN;
    return x > 0 ? gamma_upper(df / 2, x / 2) : 1;
}

static void moments(const double *d, size_t n, struct paired_test *out)
{
    double squares = 0;
    *out = (struct paired_test){ .n = n, .p = (double)NAN, .statistic = (double)NAN, .sd = (double)NAN };
    for (size_t i = 0; i < n; i++)
        out->mean += d[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (d[i] - out->mean) * (d[i] - out->mean);
    if (n > 1)
        out->sd = sqrt(squares / (double)(n - 1));
}

void paired_t(const double *d, size_t n, double share, struct paired_test *out)
{
    moments(d, n, out);
    if (n < 2)
        return;
    /* Differences that are equal but for rounding have no spread. */
    if (out->sd <= 1e-12 * fabs(out->mean)) {
        out->statistic = out->mean == 0 ? 0 : (double)NAN;
        out->p = out->mean == 0 ? 1 : (double)NAN;
        return;
    }
    out->statistic = out->mean / (out->sd * sqrt(1 / (double)n + share));
    out->p = student_p(out->statistic, (double)n - 1);
}

static int by_size(const void *a, const void *b)
{
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

/* Share of the sign patterns whose positive ranks add up to at most `limit`; ranks doubled. */
static double count_out(const uint32_t *rank, size_t n, uint32_t limit)
{
    double *share = calloc((size_t)limit + 1, sizeof *share);
    double sum = 0;
    if (!share)
        return (double)NAN;
    share[0] = 1;
    for (size_t i = 0; i < n; i++)
        for (size_t s = (size_t)limit + 1; s-- > 0;)
            share[s] = (share[s] + (s >= rank[i] ? share[s - rank[i]] : 0)) / 2;
    for (size_t s = 0; s <= limit; s++)
        sum += share[s];
    free(share);
    return sum;
}

/* Doubled ranks of sorted differences; returns the sum of t³ - t over ties. */
static double give_ranks(const double *sorted, size_t n, uint32_t *rank)
{
    double ties = 0;
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && fabs(sorted[end]) == fabs(sorted[i]))
            end++;
        double size = (double)(end - i);
        ties += size * size * size - size;
        for (size_t k = i; k < end; k++)
            rank[k] = (uint32_t)(i + end + 1);
        i = end;
    }
    return ties;
}

void wilcoxon(const double *d, size_t n, struct paired_test *out)
{
    double *sorted = malloc((n + 1) * sizeof *sorted);
    uint32_t *rank = malloc((n + 1) * sizeof *rank);
    size_t m = 0;
    moments(d, n, out);
    for (size_t i = 0; sorted && i < n; i++)
        if (d[i] != 0)
            sorted[m++] = d[i];
    out->n = m;
    if (sorted && rank && m == 0) {
        out->statistic = 0;
        out->p = n ? 1 : (double)NAN;
    } else if (sorted && rank) {
        double plus = 0, minus = 0;
        qsort(sorted, m, sizeof *sorted, by_size);
        double ties = give_ranks(sorted, m, rank), size = (double)m;
        for (size_t i = 0; i < m; i++)
            *(sorted[i] > 0 ? &plus : &minus) += rank[i];
        double least = plus < minus ? plus : minus;
        out->statistic = least / 2;
        if (m <= EXACT_PAIRS) {
            out->p = fmin(1, 2 * count_out(rank, m, (uint32_t)least));
        } else {
            double sd = sqrt(size * (size + 1) * (2 * size + 1) / 24 - ties / 48);
            out->p = erfc(fabs(least / 2 - size * (size + 1) / 4) / sd / sqrt(2));
        }
    }
    free(sorted);
    free(rank);
}

double mcnemar_p(uint64_t b, uint64_t c)
{
    uint64_t least = b < c ? b : c;
    double n = (double)b + (double)c;
    /* P(X ≤ k) of the fair coin thrown n times is I_1/2(n - k, k + 1). */
    if (b + c == 0)
        return 1;
    return fmin(1, 2 * beta(n - (double)least, (double)least + 1, 0.5));
}

double homogeneity_p(const double *a, const double *b, size_t k, double *statistic, double *df)
{
    double in_a = 0, in_b = 0, used = 0, sum = 0;
    for (size_t i = 0; i < k; i++) {
        in_a += a[i];
        in_b += b[i];
        used += a[i] + b[i] > 0;
    }
    *df = used - 1;
    *statistic = (double)NAN;
    if (!(in_a > 0) || !(in_b > 0) || used < 2)
        return (double)NAN;
    for (size_t i = 0; i < k; i++) {
        double both = a[i] + b[i];
        double ea = both * in_a / (in_a + in_b), eb = both * in_b / (in_a + in_b);
        if (both > 0)
            sum += (a[i] - ea) * (a[i] - ea) / ea + (b[i] - eb) * (b[i] - eb) / eb;
    }
    *statistic = sum;
    return chi_square_p(sum, *df);
}
