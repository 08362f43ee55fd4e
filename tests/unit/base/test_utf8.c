/* test_utf8.c: UTF-8 against a plain reading of its definition. */
#include "engine/base/text_private.h"
#include "tests/unit/base/text_golden.h"

/* Bytes of the well-formed sequence at p, or 0: compute the code point, then ask if it was rightly spelled. */
static size_t reference_sequence(const unsigned char *p, size_t n)
{
    static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t length = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
    if (length < 2)
        return length;
    uint32_t code = p[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if (i >= n || p[i] >> 6 != 2)
            return 0;
        code = code << 6 | (p[i] & 63u);
    }
    return code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : length;
}

static size_t reference_invalid(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t length = reference_sequence(p + i, n - i);
        if (length == 0)
            return i;
        i += length;
    }
    return n;
}

/* Both validators agree with the reference on these bytes, in a block of just this size. */
static void check_bytes(const unsigned char *p, size_t n)
{
    size_t wanted = reference_invalid(p, n);
    size_t fast = sl_utf8_invalid((const char *)p, n), plain = sl_utf8_invalid_plain((const char *)p, n);
    if (fast == wanted && plain == wanted)
        return;
    size_t from = wanted < 4 ? 0 : wanted - 4;
    fail_msg("%zu bytes, %02x %02x %02x %02x %02x at %zu: reference %zu, fast %zu, plain %zu", n, p[from],
             p[(from + 1) % n], p[(from + 2) % n], p[(from + 3) % n], p[(from + 4) % n], from, wanted, fast, plain);
}

/* Put `count` bytes at several places of ASCII text, before more text and at its end. */
static void check_everywhere(const unsigned char *bytes, size_t count)
{
    static const size_t places[] = { 0, 28, 29, 30, 31, 32, 61, 62, 63, 64, 93, 127 };
    unsigned char text[160];
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        memset(text, 'a', sizeof text);
        memcpy(text + places[i], bytes, count);
        check_bytes(text, places[i] + count);
        check_bytes(text, sizeof text);
    }
}

static void every_one_and_two_bytes_are_judged_as_by_the_definition(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        unsigned char bytes[2] = { (unsigned char)a, 'a' };
        check_everywhere(bytes, 1);
        check_bytes(bytes, 1);
        for (unsigned b = 0; b < 256; b++) {
            bytes[1] = (unsigned char)b;
            check_bytes(bytes, 2);
            if (a >= 0x78)
                check_everywhere(bytes, 2);
        }
    }
}

static const unsigned char edges[] = { 0x00, 0x7f, 0x80, 0x81, 0x8f, 0x90, 0x9f, 0xa0, 0xaf, 0xb0, 0xbf, 0xc0, 0xff };
enum { EDGES = sizeof edges };

static void three_bytes_at_every_edge_are_judged_as_by_the_definition(void **state)
{
    (void)state;
    for (unsigned a = 0xc0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            for (unsigned c = 0; c < EDGES; c++) {
                unsigned char text[96];
                memset(text, 'a', sizeof text);
                text[30] = (unsigned char)a;
                text[31] = (unsigned char)b;
                text[32] = edges[c];
                check_bytes(text + 30, 3);
                check_bytes(text, 33);
                check_bytes(text, sizeof text);
            }
        }
    }
}

static void four_bytes_at_every_edge_are_judged_as_by_the_definition(void **state)
{
    (void)state;
    for (unsigned a = 0xdf; a < 256; a++) {
        for (unsigned i = 0; i < EDGES * EDGES * EDGES; i++) {
            unsigned char bytes[4] = { (unsigned char)a, edges[i % EDGES], edges[i / EDGES % EDGES],
                                       edges[i / EDGES / EDGES] };
            unsigned char text[96];
            for (size_t at = 28; at <= 32; at++) {
                memset(text, 'a', sizeof text);
                memcpy(text + at, bytes, 4);
                check_bytes(text, at + 4);
                check_bytes(text + at, sizeof text - at);
            }
        }
    }
}

static void random_damage_is_found_at_the_byte_where_the_reference_finds_it(void **state)
{
    (void)state;
    static const char *pieces[] = { "a", "plain ascii words ", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\n" };
    uint64_t random = 20240229;
    for (int round = 0; round < 20000; round++) {
        unsigned char *text = malloc(400);
        assert_non_null(text);
        size_t n = 0, wanted = golden_random(&random, 300);
        while (n < wanted) {
            const char *piece = pieces[golden_random(&random, round % 2 ? 6 : 3)];
            memcpy(text + n, piece, strlen(piece));
            n += strlen(piece);
        }
        if (n > 0 && round % 5 != 0)
            text[golden_random(&random, (uint32_t)n)] = (unsigned char)golden_random(&random, 256);
        if (n > 0 && round % 3 == 0)
            n -= golden_random(&random, n < 4 ? (uint32_t)n : 4);
        unsigned char *exact = realloc(text, n ? n : 1); /* so that a read past the end is seen */
        assert_non_null(exact);
        check_bytes(exact, n);
        free(exact);
    }
}

static void a_character_cut_off_at_the_end_is_reported_at_its_first_byte(void **state)
{
    (void)state;
    for (size_t n = 0; n < 140; n++) {
        char *text = malloc(n + 3);
        assert_non_null(text);
        memset(text, 'x', n);
        memcpy(text + n, "\xf0\x9f\x98", 3);
        for (size_t kept = 1; kept <= 3; kept++)
            assert_int_equal(sl_utf8_invalid(text, n + kept), n);
        assert_int_equal(sl_utf8_invalid(text, n), n);
        free(text);
    }
}

static void every_code_point_comes_back_from_its_encoding(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char bytes[4];
        size_t n = sl_utf8_encode(code, bytes), length = 99;
        bool surrogate = code >= 0xd800 && code <= 0xdfff;
        assert_int_equal(n, code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);
        assert_int_equal(sl_utf8_decode(bytes, n, &length), surrogate ? 0xfffd : code);
        assert_int_equal(length, n);
        assert_int_equal(sl_utf8_invalid(bytes, n), n);
        if (n > 1) {
            assert_int_equal(sl_utf8_decode(bytes, n - 1, &length), 0xfffd);
            assert_int_equal(length, 1);
        }
    }
    char bytes[4];
    assert_int_equal(sl_utf8_encode(0x110000, bytes), 3);
    assert_memory_equal(bytes, "\xef\xbf\xbd", 3);
}

static void ill_formed_bytes_decode_to_the_replacement_one_at_a_time(void **state)
{
    (void)state;
    static const char *bad[] = { "\x80",
                                 "\xc0\xaf",
                                 "\xc1\xbf",
                                 "\xe0\x9f\xbf",
                                 "\xed\xa0\x80",
                                 "\xf0\x8f\xbf\xbf",
                                 "\xf4\x90\x80\x80",
                                 "\xf5\x80\x80\x80",
                                 "\xff",
                                 "\xe2\x28\xa1",
                                 "\xc3(" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t length = 99;
        assert_int_equal(sl_utf8_decode(bad[i], strlen(bad[i]), &length), 0xfffd);
        assert_int_equal(length, 1);
    }
}

static void length_counts_code_points(void **state)
{
    (void)state;
    assert_int_equal(sl_utf8_length("", 0), 0);
    assert_int_equal(sl_utf8_length("na\xc3\xafve", 6), 5);
    char text[400];
    size_t n = 0;
    for (size_t count = 0; count <= 100; count++) {
        assert_int_equal(sl_utf8_length(text, n), count);
        n += sl_utf8_encode(count % 4 == 0 ? 'a' : count % 4 == 1 ? 0xe9 : count % 4 == 2 ? 0x20ac : 0x1f600, text + n);
    }
}

static void ascii_runs_end_at_the_first_other_byte(void **state)
{
    (void)state;
    char text[64];
    for (size_t at = 0; at < 40; at++) {
        memset(text, 'a', sizeof text);
        text[at] = '\x80';
        assert_int_equal(sl_utf8_ascii(text, sizeof text), at);
        assert_int_equal(sl_utf8_ascii(text, at), at);
    }
}

static void width_is_what_a_terminal_shows(void **state)
{
    (void)state;
    static const struct {
        uint32_t code;
        int width;
    } facts[] = {
        { 0, -1 },        { '\t', -1 },   { 0x1b, -1 },   { 0x7f, -1 },   { 0x85, -1 },   { 0x9f, -1 },
        { ' ', 1 },       { '~', 1 },     { 0xa0, 1 },    { 0xad, 1 },    { 0xe9, 1 },    { 0x300, 0 },
        { 0x36f, 0 },     { 0x416, 1 },   { 0x5d0, 1 },   { 0x5b0, 0 },   { 0x600, 1 },   { 0x627, 1 },
        { 0x64b, 0 },     { 0x93f, 1 },   { 0x94d, 0 },   { 0xe01, 1 },   { 0xe31, 0 },   { 0x1100, 2 },
        { 0x1161, 0 },    { 0x11a8, 0 },  { 0x200b, 0 },  { 0x200d, 0 },  { 0x200e, 0 },  { 0x2014, 1 },
        { 0x2028, -1 },   { 0x202e, 0 },  { 0x20ac, 1 },  { 0x20dd, 0 },  { 0x231a, 2 },  { 0x2500, 1 },
        { 0x2588, 1 },    { 0x2764, 1 },  { 0x2800, 1 },  { 0x3000, 2 },  { 0x3042, 2 },  { 0x302a, 0 },
        { 0x4e00, 2 },    { 0xac00, 2 },  { 0xd800, -1 }, { 0xe0b0, 1 },  { 0xfe0e, 0 },  { 0xfe0f, 0 },
        { 0xfeff, 0 },    { 0xff21, 2 },  { 0xff71, 1 },  { 0xfffd, 1 },  { 0x1f1e6, 1 }, { 0x1f3fb, 2 },
        { 0x1f600, 2 },   { 0x1f9d1, 2 }, { 0x20000, 2 }, { 0xe0101, 0 }, { 0xe0061, 0 }, { 0x10ffff, 1 },
        { 0x110000, -1 },
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        int width = sl_utf8_width(facts[i].code);
        if (width != facts[i].width)
            fail_msg("U+%04X: %d columns, wanted %d", (unsigned)facts[i].code, width, facts[i].width);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_one_and_two_bytes_are_judged_as_by_the_definition),
        cmocka_unit_test(three_bytes_at_every_edge_are_judged_as_by_the_definition),
        cmocka_unit_test(four_bytes_at_every_edge_are_judged_as_by_the_definition),
        cmocka_unit_test(random_damage_is_found_at_the_byte_where_the_reference_finds_it),
        cmocka_unit_test(a_character_cut_off_at_the_end_is_reported_at_its_first_byte),
        cmocka_unit_test(every_code_point_comes_back_from_its_encoding),
        cmocka_unit_test(ill_formed_bytes_decode_to_the_replacement_one_at_a_time),
        cmocka_unit_test(length_counts_code_points),
        cmocka_unit_test(ascii_runs_end_at_the_first_other_byte),
        cmocka_unit_test(width_is_what_a_terminal_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
