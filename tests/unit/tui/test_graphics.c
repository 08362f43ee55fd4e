/* test_graphics.c: pictures as bytes for terminals with pixels, read back by small decoders; what terminals answer. */
#include "tui/graphics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fill(uint8_t *rgb, int h, int w)
{
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            uint8_t *at = rgb + (y * w + x) * 3;
            at[0] = (uint8_t)(x * 255 / w);
            at[1] = (uint8_t)(y * 255 / h);
            at[2] = (uint8_t)(x / 5 % 2 ? 200 : 10);
        }
}

static int digit_of(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

static size_t decode_base64(const char *at, size_t n, uint8_t *out)
{
    size_t made = 0;
    uint32_t group = 0;
    int bits = 0;
    for (size_t i = 0; i < n && at[i] != '='; i++) {
        assert_true(digit_of(at[i]) >= 0);
        group = group << 6 | (uint32_t)digit_of(at[i]);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[made++] = (uint8_t)(group >> bits & 255);
        }
    }
    return made;
}

static void kitty_gets_every_pixel_in_parts_it_can_take(void **state)
{
    (void)state;
    enum { H = 37, W = 53 };
    static uint8_t rgb[H * W * 3], back[H * W * 3 + 16];
    struct sl_buf out = { 0 };
    fill(rgb, H, W);
    graphics_kitty(&out, rgb, H, W, 4, 9, 7);
    size_t got = 0, parts = 0;
    bool more = true;
    sl_buf_putc(&out, '\0');
    for (const char *p = out.p; *p; parts++) {
        assert_true(more);
        assert_memory_equal(p, "\033_G", 3);
        const char *data = strchr(p, ';'), *end = strstr(p, "\033\\");
        assert_true(data && end && data < end);
        const char *m = strstr(p, "m=");
        assert_true(m && m < data);
        more = m[2] == '1';
        if (p == out.p)
            assert_true(strstr(p, "a=T,f=24,s=53,v=37,c=9,r=4,i=7,q=2,C=1,m=1;") == p + 3);
        assert_true(end - data - 1 <= 4096);
        assert_true(!more || (end - data - 1) % 4 == 0);
        got += decode_base64(data + 1, (size_t)(end - data - 1), back + got);
        p = end + 2;
    }
    assert_false(more);
    assert_true(parts > 1);
    assert_int_equal(got, sizeof rgb);
    assert_memory_equal(back, rgb, sizeof rgb);
    sl_buf_release(&out);
}

/* A sixel picture into pixels; 0, 0, 0 with set[] false where none was put. */
static void decode_sixel(const char *p, int h, int w, uint8_t *rgb, bool *set)
{
    int colours[256][3] = { 0 }, colour = 0, x = 0, top = 0, width, height;
    assert_memory_equal(p, "\033P0;1q\"1;1;", 11);
    assert_int_equal(sscanf(p + 11, "%d;%d", &width, &height), 2);
    assert_int_equal(width, w);
    assert_int_equal(height, h);
    p = strchr(p, '#');
    while (*p && *p != '\033') {
        int repeat = 1, used = 0, c, r, g, b;
        if (*p == '#') {
            if (sscanf(p, "#%d;2;%d;%d;%d%n", &c, &r, &g, &b, &used) == 4) {
                colours[c][0] = r, colours[c][1] = g, colours[c][2] = b;
            } else {
                assert_int_equal(sscanf(p, "#%d%n", &c, &used), 1);
            }
            colour = c;
            p += used;
            continue;
        }
        if (*p == '$' || *p == '-') {
            top += *p == '-' ? 6 : 0;
            x = 0;
            p++;
            continue;
        }
        if (*p == '!') {
            assert_int_equal(sscanf(p, "!%d%n", &repeat, &used), 1);
            p += used;
        }
        assert_in_range(*p, 63, 126);
        for (; repeat > 0; repeat--, x++)
            for (int bit = 0; bit < 6; bit++)
                if ((*p - 63) >> bit & 1) {
                    assert_true(x < w && top + bit < h);
                    for (int k = 0; k < 3; k++)
                        rgb[((top + bit) * w + x) * 3 + k] = (uint8_t)(colours[colour][k] * 255 / 100);
                    set[(top + bit) * w + x] = true;
                }
        p++;
    }
    assert_string_equal(p, "\033\\");
}

static void sixel_covers_every_pixel_with_a_near_colour(void **state)
{
    (void)state;
    enum { H = 40, W = 61 };
    static uint8_t rgb[H * W * 3], back[H * W * 3];
    static bool set[H * W];
    struct sl_buf out = { 0 };
    fill(rgb, H, W);
    graphics_sixel(&out, rgb, H, W);
    assert_false(out.failed);
    sl_buf_putc(&out, '\0');
    decode_sixel(out.p, H, W, back, set);
    double sum = 0;
    for (int i = 0; i < H * W; i++) {
        assert_true(set[i]);
        for (int c = 0; c < 3; c++) {
            int off = abs(rgb[i * 3 + c] - back[i * 3 + c]);
            assert_true(off <= 52);
            sum += rgb[i * 3 + c] - back[i * 3 + c];
        }
    }
    assert_true(sum / (H * W * 3) > -4 && sum / (H * W * 3) < 4); /* dither keeps the mean */
    sl_buf_release(&out);
}

static struct graphics_answer read_answer(const char *text)
{
    struct graphics_answer answer;
    graphics_read_answer(text, strlen(text), &answer);
    return answer;
}

static void answers_say_what_a_terminal_can(void **state)
{
    (void)state;
    struct graphics_answer a = read_answer("\033_Gi=31;OK\033\\\033[6;20;10t\033[?62;c");
    assert_true(a.kitty && !a.sixel && a.over);
    assert_int_equal(a.cell_h, 20);
    assert_int_equal(a.cell_w, 10);
    a = read_answer("\033[?62;4;22c");
    assert_true(!a.kitty && a.sixel && a.over);
    a = read_answer("\033[?64;1;2;6;14c"); /* 14 is not 4 */
    assert_true(!a.sixel && a.over);
    a = read_answer("\033_Gi=31;ENOENT:no\033\\\033[?1;2c");
    assert_true(!a.kitty && a.over);
    a = read_answer("\033[?4c"); /* the first number is the terminal's kind */
    assert_true(!a.sixel && a.over);
    a = read_answer("\033[?62;4");
    assert_true(!a.sixel && !a.over);
    a = read_answer("x\033[A\033[99999999999999999999;1c\033[;;;c\033[");
    assert_true(!a.kitty && !a.sixel && !a.over);
}

static void what_is_typed_meanwhile_is_kept(void **state)
{
    (void)state;
    const char text[] = "a\033_Gi=31;OK\033\\b\033[6;20;10t\033[A\033[?62;4ccd";
    char kept[sizeof text];
    size_t n = graphics_typed(text, sizeof text - 1, kept);
    kept[n] = '\0';
    assert_string_equal(kept, "ab\033[Acd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kitty_gets_every_pixel_in_parts_it_can_take),
        cmocka_unit_test(sixel_covers_every_pixel_with_a_near_colour),
        cmocka_unit_test(answers_say_what_a_terminal_can),
        cmocka_unit_test(what_is_typed_meanwhile_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
