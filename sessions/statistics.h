/* statistics.h: the few tests by which runs and data are judged different. Pure arithmetic, private to this folder. */
#ifndef SL_SESSIONS_STATISTICS_H
#define SL_SESSIONS_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

/* Two-sided p of Student's t with `df` degrees of freedom. */
double student_p(double t, double df);
/* Upper tail of chi-square: P(X ≥ x). */
double chi_square_p(double x, double df);

struct paired_test {
    size_t n;         /* pairs; Wilcoxon: those that differ */
    double mean, sd;  /* of the differences */
    double statistic; /* t, or the smaller sum of ranks */
    double p;         /* two-sided; NaN: no test possible */
};
/* Paired t-test of the differences d[n] against 0. `share`: test records per training record when the pairs come from
 * splits of the same data that overlap, else 0: the variance of the mean is then sd² (1/n + share) (Nadeau and Bengio
 * 2003). Without spread p is NaN, unless all are 0: then 1. */
void paired_t(const double *d, size_t n, double share, struct paired_test *out);
/* Wilcoxon's signed-rank test; zeros left out, ties share ranks; exact up to 100 pairs, else the normal approximation.
 */
void wilcoxon(const double *d, size_t n, struct paired_test *out);
/* McNemar's exact test: b and c count the records that only the one, only the other got right. */
double mcnemar_p(uint64_t b, uint64_t c);
/* Chi-square test that two rows of counts (k columns) have the same shares; columns empty in both are left out. *df
 * gets the degrees of freedom; p NaN when there is nothing to compare. */
double homogeneity_p(const double *a, const double *b, size_t k, double *statistic, double *df);

#endif
