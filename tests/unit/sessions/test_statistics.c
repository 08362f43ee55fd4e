/* test_statistics.c: the tests of significance against SciPy 1.17.1. The figures come from
 *
 *   2*stats.t.sf(2.5, 4)   stats.chi2.sf(3.84, 1)   stats.ttest_rel(b, a)   stats.binomtest(5, 20, .5).pvalue
 *   stats.wilcoxon(d, method='exact')   stats.wilcoxon(d, method=stats.PermutationMethod(n_resamples=10**6)) with ties
 *   stats.wilcoxon(d, method='asymptotic', correction=False) with many pairs
 *   stats.chi2_contingency([a, b], correction=False)
 *
 * and for splits that overlap, from t = mean / (sd * sqrt(1/n + 0.25)) with 2*stats.t.sf(t, n - 1). */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "sessions/statistics.h"

#include <math.h>

static void near(double got, double wanted)
{
    if (!(fabs(got - wanted) <= 1e-10 * fabs(wanted) + 1e-15))
        fail_msg("%.17g is not %.17g", got, wanted);
}

static void tails_of_student_and_chi_square_are_those_of_the_reference(void **state)
{
    (void)state;
    near(student_p(2.5, 4), 0.06676654481198814);
    near(student_p(-0.3, 9), 0.7709907037415248);
    near(student_p(12, 2), 0.00687293367715846);
    near(student_p(1e-3, 30), 0.9992087357664851);
    near(chi_square_p(3.84, 1), 0.05004352124870519);
    near(chi_square_p(0.5, 3), 0.9188914116546758);
    near(chi_square_p(40, 12), 7.190884052842894e-05);
    near(chi_square_p(900, 700), 4.227616740898035e-07);
    assert_true(student_p((double)INFINITY, 3) == 0);
    assert_true(isnan(student_p(1, 0)));
    assert_true(chi_square_p(0, 2) == 1);
}

static const double pairs[] = { 0.84 - 0.81, 0.85 - 0.83, 0.81 - 0.80, 0.89 - 0.85, 0.83 - 0.82 };

static void the_paired_t_test_is_that_of_the_reference(void **state)
{
    struct paired_test t;
    (void)state;
    paired_t(pairs, 5, 0, &t);
    near(t.statistic, 3.772968873135196);
    near(t.p, 0.0195542127203046);
    assert_int_equal(t.n, 5);
    paired_t(pairs, 5, 0.25, &t);
    near(t.statistic, 2.5153125820901305);
    near(t.p, 0.06568410650302793);
}

static void without_spread_there_is_no_t_test(void **state)
{
    const double same[] = { 0.1, 0.1, 0.1 }, none[] = { 0, 0, 0 };
    struct paired_test t;
    (void)state;
    paired_t(same, 3, 0, &t);
    assert_true(isnan(t.p));
    paired_t(none, 3, 0, &t);
    assert_true(t.p == 1);
    paired_t(same, 1, 0, &t);
    assert_true(isnan(t.p));
}

static void wilcoxon_is_that_of_the_reference(void **state)
{
    static const double exact[] = { 0.03, 0.02, -0.01, 0.05, 0.04, 0.07, -0.015, 0.011 };
    static const double ties[] = { 3, 3, -1, 2, 0, 5, -1, 4, 4 };
    double many[150];
    struct paired_test t;
    (void)state;
    wilcoxon(exact, 8, &t);
    near(t.statistic, 4);
    near(t.p, 0.0546875);
    wilcoxon(ties, 9, &t);
    assert_int_equal(t.n, 8);
    near(t.statistic, 3);
    near(t.p, 0.0390625);
    for (int i = 0; i < 150; i++)
        many[i] = (i * 37 % 101 - 45) / 10.0;
    wilcoxon(many, 150, &t);
    near(t.statistic, 4600.5);
    near(t.p, 0.0614069822325911);
    wilcoxon((const double[]){ 0, 0 }, 2, &t);
    assert_true(t.p == 1);
}

static void mcnemar_is_the_exact_binomial_test(void **state)
{
    (void)state;
    near(mcnemar_p(5, 15), 0.04138946533203125);
    near(mcnemar_p(15, 5), 0.04138946533203125);
    near(mcnemar_p(0, 3), 0.25);
    near(mcnemar_p(40, 44), 0.7436441861052041);
    near(mcnemar_p(1000, 1100), 0.03072070786424249);
    near(mcnemar_p(7, 7), 1);
    assert_true(mcnemar_p(0, 0) == 1);
}

static void shares_of_two_rows_are_compared_by_chi_square(void **state)
{
    static const double a[] = { 100, 0, 200, 50 }, b[] = { 130, 0, 160, 70 };
    double statistic, df;
    (void)state;
    near(homogeneity_p(a, b, 4, &statistic, &df), 0.003100679730018312);
    near(statistic, 11.552267847557706);
    assert_true(df == 2);
    assert_true(isnan(homogeneity_p(a, b, 1, &statistic, &df)));
    assert_true(isnan(homogeneity_p(a, (const double[]){ 0, 0, 0, 0 }, 4, &statistic, &df)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tails_of_student_and_chi_square_are_those_of_the_reference),
        cmocka_unit_test(the_paired_t_test_is_that_of_the_reference),
        cmocka_unit_test(without_spread_there_is_no_t_test),
        cmocka_unit_test(wilcoxon_is_that_of_the_reference),
        cmocka_unit_test(mcnemar_is_the_exact_binomial_test),
        cmocka_unit_test(shares_of_two_rows_are_compared_by_chi_square),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
