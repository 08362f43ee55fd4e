/* vector_math.h: exp, erf, tanh and the logistic function of vectors of floats.
 *
 * Polynomials by weighted least squares with Lawson's reweighting towards the least maximal error (Lawson 1961), in
 * arithmetic of 40 digits. Errors in units of the last place (ulp) against the true value, as the tests find and
 * check them: exp 1.5 (results below 1.2e-38: within the smallest float), erf 1.5, tanh 1.5, logistic 2.5.
 * Not a number stays so; infinities give the limits. */
#ifndef SLUICE_DEVICE_VECTOR_MATH_H
#define SLUICE_DEVICE_VECTOR_MATH_H

#if !defined(V_READY)
#include "engine/device/vector_portable.h"
#endif

V_INLINE vf v_abs(vf x)
{
    return v_float(v_bits(x) & v_words(0x7fffffffu));
}

/* |x| with the sign of `sign`. */
V_INLINE vf v_signed(vf x, vf sign)
{
    return v_float(v_bits(x) | (v_bits(sign) & v_words(0x80000000u)));
}

/* 2^n for a whole n in −126..127. */
V_INLINE vf v_power(vu n)
{
    return v_float((n + v_words(127)) << 23);
}

/* e^x = 2^n·e^r, |r| ≤ ln 2 / 2. ln 2 is taken off in two parts, the first of which has few bits: n times it is exact.
 * 2^n is multiplied on in two halves, so that results at both ends of the range come out right. */
V_INLINE vf v_exp(vf x)
{
    const vf round = v_set(0x1.8p23f);
    x = v_max(v_set(-104), x); /* this way round not a number stays */
    x = v_min(v_set(89), x);
    vf shifted = v_fma(x, v_set(1.442695041f), round);
    vf n = shifted - round;
    vf r = v_fma(n, v_set(-0.693359375f), x);
    r = v_fma(n, v_set(2.12194440e-4f), r);
    vf p = v_fma(v_set(1.381314439e-03f), r, v_set(8.369418846e-03f));
    p = v_fma(p, r, v_set(4.166845679e-02f));
    p = v_fma(p, r, v_set(1.666651479e-01f));
    p = v_fma(p, r, v_set(4.999999305e-01f));
    p = v_fma(r * r, p, r) + v_set(1);
    vu whole = v_bits(shifted) - v_bits(round);
    vu half = ((whole + v_words(256)) >> 1) - v_words(128); /* lifted above 0, so that a shift halves it */
    return p * v_power(half) * v_power(whole - half);
}

/* Q(t) for erfc(t) = e^−Q, 1 ≤ t ≤ 10. */
V_INLINE vf v_erf_tail(vf t)
{
    vf q = v_fma(v_set(-1.961201617e-09f), t, v_set(1.222301821e-07f));
    q = v_fma(q, t, v_set(-3.394415720e-06f));
    q = v_fma(q, t, v_set(5.563456334e-05f));
    q = v_fma(q, t, v_set(-6.020626931e-04f));
    q = v_fma(q, t, v_set(4.573856379e-03f));
    q = v_fma(q, t, v_set(-2.544476833e-02f));
    q = v_fma(q, t, v_set(1.077070454e-01f));
    q = v_fma(q, t, v_set(6.349391712e-01f));
    q = v_fma(q, t, v_set(1.128117835e+00f));
    return v_exp(v_set(0) - v_fma(q, t, v_set(2.622340814e-04f)));
}

/* erf(x)/x − 1 for |x| ≤ 1, of x². */
V_INLINE vf v_erf_ratio(vf square)
{
    vf p = v_fma(v_set(7.889122790e-05f), square, v_set(-8.020842253e-04f));
    p = v_fma(p, square, v_set(5.189535448e-03f));
    p = v_fma(p, square, v_set(-2.685444465e-02f));
    p = v_fma(p, square, v_set(1.128360018e-01f));
    p = v_fma(p, square, v_set(-3.761262714e-01f));
    return v_fma(p, square, v_set(1.283791661e-01f));
}

V_INLINE vf v_erf(vf x)
{
    vf t = v_abs(x);
    vf large = v_set(1) - v_erf_tail(v_min(v_set(10), v_max(v_set(1), t)));
    vf small = v_fma(t, v_erf_ratio(t * t), t);
    return v_signed(v_select(v_less(t, v_set(1)), small, large), x);
}

/* The normal distribution's share below x: (1 + erf(x/√2))/2, without cancelling for x < 0. */
V_INLINE vf v_below(vf x)
{
    vf s = x * v_set(0.7071067812f), t = v_abs(s);
    vf tail = v_set(0.5f) * v_erf_tail(v_min(v_set(10), v_max(v_set(1), t)));
    vf middle = v_fma(v_set(0.5f), v_fma(s, v_erf_ratio(s * s), s), v_set(0.5f));
    vf outside = v_select(v_less(s, v_set(0)), tail, v_set(1) - tail);
    return v_select(v_less(t, v_set(1)), middle, outside);
}

/* tanh x = 1 − 2/(e^2x + 1), and a polynomial where that would cancel. */
V_INLINE vf v_tanh(vf x)
{
    vf t = v_abs(x), square = t * t;
    vf large = v_set(1) - v_set(2) / (v_exp(t + t) + v_set(1));
    vf p = v_fma(v_set(-5.717044512e-03f), square, v_set(2.065058678e-02f));
    p = v_fma(p, square, v_set(-5.374349792e-02f));
    p = v_fma(p, square, v_set(1.333149128e-01f));
    p = v_fma(p, square, v_set(-3.333328393e-01f));
    vf small = v_fma(p * square, t, t);
    return v_signed(v_select(v_less(t, v_set(0.625f)), small, large), x);
}

/* 1/(1 + e^−x), by e^−|x| so that nothing overflows. */
V_INLINE vf v_logistic(vf x)
{
    vf e = v_exp(v_set(0) - v_abs(x));
    return v_select(v_less(x, v_set(0)), e, v_set(1)) / (v_set(1) + e);
}

#endif
