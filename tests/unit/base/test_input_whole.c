/* test_input_whole.c: large gzip files, which are unpacked at once: the same bytes, places and failures as streamed. */
#include "folder_try.h"

#include "sluice/input.h"

#include <stdbool.h>
#include <zlib.h>

enum { N = 3 << 20, LINE = 37 };

static char *content; /* half noise, half one byte, so that it packs a little */

static int set_up(void **state)
{
    content = noise(N);
    for (size_t i = 0; i < N; i += 2) {
        content[i] = 'x';
    }
    return make_folder(state);
}

static int tear_down(void **state)
{
    free(content);
    return remove_folder(state);
}

static void add_member(struct sl_buf *to, const char *p, size_t n)
{
    z_stream z = { 0 };
    assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, n) + 64;
    assert_true(sl_buf_reserve(to, room));
    z.next_in = (unsigned char *)(uintptr_t)p;
    z.avail_in = (uInt)n;
    z.next_out = (unsigned char *)to->p + to->n;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    to->n += room - z.avail_out;
    deflateEnd(&z);
}

/* Store what was packed (released), and open it. */
static struct sl_input *open_packed(struct sl_buf *packed)
{
    struct sl_input *input = NULL;
    struct sl_error err = SL_ERROR_INIT;
    assert_true(packed->n > 512 << 10);
    store(in_folder("x.gz"), packed->p, packed->n);
    sl_buf_release(packed);
    if (sl_input_open(&input, in_folder("x.gz"), &err)) {
        fail_msg("%s", err.what);
    }
    return input;
}

/* Read on from `from` in pieces to the end or a failure; what was read must be the content. */
static size_t read_on(struct sl_input *input, size_t from, size_t piece, int *status, struct sl_error *err)
{
    char *buffer = malloc(piece);
    size_t at = from, got = 1;
    assert_non_null(buffer);
    *status = SL_OK;
    while (!*status && got) {
        *status = sl_input_read(input, buffer, piece, &got, err);
        assert_true(at + got <= N && memcmp(buffer, content + at, got) == 0);
        at += got;
        assert_in_range(sl_input_consumed(input), 0, sl_input_size(input));
    }
    free(buffer);
    return at;
}

static void every_byte_comes_whatever_the_pieces_and_the_end_stays(void **state)
{
    (void)state;
    static const size_t pieces[] = { 4093, 100000, (1 << 20) + 1, N, 2 * N };
    for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
        struct sl_buf packed = { 0 };
        struct sl_error err = SL_ERROR_INIT;
        int status;
        add_member(&packed, content, N);
        struct sl_input *input = open_packed(&packed);
        assert_int_equal(read_on(input, 0, pieces[k], &status, &err), N);
        assert_int_equal(status, SL_OK);
        assert_int_equal(read_on(input, N, 100, &status, &err), N);
        assert_int_equal(sl_input_consumed(input), sl_input_size(input));
        assert_int_equal(sl_input_seek(input, LINE, &err), SL_OK); /* and from the beginning again */
        assert_int_equal(read_on(input, LINE, pieces[k], &status, &err), N);
        sl_input_close(input);
    }
}

static void seeks_go_to_any_byte_both_ways(void **state)
{
    (void)state;
    static const size_t places[] = { 0, (1 << 20) + 5, 2 << 20, 7, N - 1, N / 2, N, 100, (2 << 20) + 1, 2 << 20, 3 };
    struct sl_buf packed = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    add_member(&packed, content, N);
    struct sl_input *input = open_packed(&packed);
    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        char piece[1000];
        size_t got = 0, left = N - places[k];
        assert_int_equal(sl_input_seek(input, places[k], &err), SL_OK);
        assert_int_equal(sl_input_read(input, piece, sizeof piece, &got, &err), SL_OK);
        assert_in_range(got, left > 0, left < sizeof piece ? left : sizeof piece);
        assert_memory_equal(piece, content + places[k], got);
    }
    assert_int_equal(sl_input_seek(input, N + 1000, &err), SL_OK);
    int status;
    assert_int_equal(read_on(input, N, 10, &status, &err), N);
    sl_input_close(input);
}

static void several_members_are_read_to_the_last(void **state)
{
    (void)state;
    struct sl_buf packed = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    int status;
    add_member(&packed, content, N / 2);
    add_member(&packed, content + N / 2, N - N / 2);
    sl_buf_add(&packed, "\0\0\0", 3);
    struct sl_input *input = open_packed(&packed);
    assert_int_equal(read_on(input, 0, 50000, &status, &err), N);
    assert_int_equal(status, SL_OK);
    sl_input_close(input);
}

/* Where a copy of the file is damaged, and what is said then. */
static void check_damage(size_t cut, size_t turned, const char *behind, const char *words)
{
    struct sl_buf packed = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    int status;
    add_member(&packed, content, N);
    packed.n -= cut;
    if (turned) {
        packed.p[packed.n - turned] ^= 0x10;
    }
    sl_buf_puts(&packed, behind);
    struct sl_input *input = open_packed(&packed);
    size_t read = read_on(input, 0, 50000, &status, &err);
    assert_int_equal(status, SL_EDATA);
    assert_non_null(strstr(err.what, words));
    assert_true(read > (1 << 20));
    assert_int_equal(read_on(input, read, 10, &status, &err), read);
    assert_int_equal(status, SL_EDATA);
    sl_input_close(input);
}

static void damage_is_told_behind_what_comes_before_it(void **state)
{
    (void)state;
    check_damage(100000, 0, "", "is cut off");
    check_damage(4, 0, "", "is cut off");
    check_damage(0, 7, "", "incorrect data check");
    check_damage(0, 2, "", "incorrect length check");
    check_damage(0, 0, "rest", "something else follows");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_comes_whatever_the_pieces_and_the_end_stays),
        cmocka_unit_test(seeks_go_to_any_byte_both_ways),
        cmocka_unit_test(several_members_are_read_to_the_last),
        cmocka_unit_test(damage_is_told_behind_what_comes_before_it),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
