/* safetensors_type.c: the kinds of elements of the format, and those that can become float32.
 *
 * F16 is IEEE 754's binary16, BF16 the upper half of a float32; both are exact in float32. F64 is rounded to nearest.
 * Bytes are put together one by one, so that the order of the machine's bytes does not matter. */
#include "engine/nn/safetensors_private.h"

static uint32_t u16_at(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32_at(const unsigned char *p)
{
    return u16_at(p) | u16_at(p + 2) << 16;
}

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static float float_of_half(uint32_t half)
{
    uint32_t sign = (half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 0x3ff;
    if (exponent == 31) { /* infinity, NaN */
        return float_of(sign | 0x7f800000 | fraction << 13);
    }
    if (exponent == 0) { /* zero, subnormal: fraction · 2^-24 */
        float x = (float)fraction * 0x1p-24f;
        return sign ? -x : x;
    }
    return float_of(sign | (exponent + 112) << 23 | fraction << 13);
}

static void widen_f16(const unsigned char *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = float_of_half(u16_at(from + 2 * i));
    }
}

static void widen_bf16(const unsigned char *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = float_of(u16_at(from + 2 * i) << 16);
    }
}

static void widen_f32(const unsigned char *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = float_of(u32_at(from + 4 * i));
    }
}

static void widen_f64(const unsigned char *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = u32_at(from + 8 * i) | (uint64_t)u32_at(from + 8 * i + 4) << 32;
        double x;
        memcpy(&x, &bits, sizeof x);
        to[i] = (float)x;
    }
}

const struct sl_tensor_type *sl_tensor_type(struct sl_str name)
{
    static const struct sl_tensor_type types[] = {
        { "F32", 32, widen_f32 }, { "F16", 16, widen_f16 }, { "BF16", 16, widen_bf16 }, { "F64", 64, widen_f64 },
        { "BOOL", 8, NULL },      { "I8", 8, NULL },        { "U8", 8, NULL },          { "I16", 16, NULL },
        { "U16", 16, NULL },      { "I32", 32, NULL },      { "U32", 32, NULL },        { "I64", 64, NULL },
        { "U64", 64, NULL },      { "C64", 64, NULL },      { "F8_E5M2", 8, NULL },     { "F8_E4M3", 8, NULL },
        { "F8_E8M0", 8, NULL },   { "F6_E2M3", 6, NULL },   { "F6_E3M2", 6, NULL },     { "F4", 4, NULL },
    };
    static const struct sl_tensor_type unknown = { "", 0, NULL };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (sl_str_equal(name, sl_str(types[i].name))) {
            return &types[i];
        }
    }
    return &unknown;
}
