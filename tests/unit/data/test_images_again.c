/* test_images_again.c: pictures read again: single records, seeking, several sources as one, by several threads; and
 * which are the same. */
#include "tests/unit/data/images_try.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MANY = 40 };

/* MANY pictures in two classes; the third is broken. */
static void make_many(const char *folder)
{
    for (unsigned i = 0; i < MANY; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s/%c/%02u.%s", folder, i < 15 ? 'a' : 'b', i, i % 2 ? "jpg" : "png");
        if (i == 2) {
            images_store(name, "xx", 2);
        } else if (i % 2) {
            images_jpeg(name, 8 + i, 8, 3 * i);
        } else {
            images_png(name, 1 + i, 2, 3 * i);
        }
    }
}

static struct sl_buf whole(struct sl_reader *reader)
{
    struct sl_buf out = { 0 };
    images_rest(reader, &out);
    return out;
}

/* One record and its reject as text. */
static int show_record(const struct sl_reader *reader, uint64_t number, struct sl_buf *out, struct sl_error *err)
{
    struct sl_arena arena;
    struct sl_chunk chunk;
    struct sl_quarantine rejects = { 0 };
    sl_arena_init(&arena);
    int status = sl_reader_record(reader, number, &arena, &chunk, &rejects, err);
    if (!status) {
        images_show(&chunk, out);
        images_show_rejects(&rejects, out);
    }
    sl_quarantine_release(&rejects);
    sl_arena_release(&arena);
    return status;
}

static void every_record_is_had_again_by_its_number(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf good = { 0 }, bad = { 0 };
    make_many("p");
    struct sl_reader *reader = images_open("p", NULL);
    struct sl_buf all = whole(reader);
    for (uint64_t i = 0; i < MANY; i++) {
        assert_int_equal(show_record(reader, i, i == 2 ? &bad : &good, &err), SL_OK);
    }
    sl_buf_puts(&good, bad.p);
    assert_string_equal(good.p, all.p);
    assert_int_equal(show_record(reader, MANY, &good, &err), SL_EPARAM);
    assert_non_null(strstr(err.what, "no picture 41"));
    sl_reader_close(reader);
    sl_buf_release(&all);
    sl_buf_release(&good);
    sl_buf_release(&bad);
}

static void a_record_can_be_had_before_reading_came_to_it(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf out = { 0 };
    images_png("p/a/1.png", 1, 1, 1);
    images_png("p/b/2.png", 1, 1, 2);
    struct sl_reader *reader = images_open("p", NULL);
    assert_int_equal(show_record(reader, 1, &out, &err), SL_OK);
    assert_string_equal(out.p, "1:2 b/2.png 1×1×3 mean 2 b\n");
    out.n = 0;
    images_rest(reader, &out);
    assert_string_equal(out.p, "0:1 a/1.png 1×1×3 mean 1 a\n1:2 b/2.png 1×1×3 mean 2 b\n");
    sl_reader_close(reader);
    sl_buf_release(&out);
}

static void a_file_that_has_changed_since_is_no_longer_the_record(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf out = { 0 };
    images_png("p/a/1.png", 1, 1, 1);
    struct sl_reader *reader = images_open("p", NULL);
    struct sl_buf all = whole(reader);
    images_png("p/a/1.png", 1, 1, 2);
    assert_int_equal(show_record(reader, 0, &out, &err), SL_OK);
    assert_string_equal(out.p, "bad 0:1 'a/1.png' has changed since it was first read; read the pictures anew\n");
    sl_reader_close(reader);
    sl_buf_release(&all);
    sl_buf_release(&out);
}

static void other_readers_say_that_they_only_go_forward(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_reader *reader = NULL;
    struct sl_buf out = { 0 };
    images_store("x.csv", "a,b\n1,2\n", 8);
    const char *path = images_path("x.csv");
    assert_int_equal(sl_csv_open(&reader, NULL, &path, 1, &(struct sl_csv_options){ .header = -1 }, &err), SL_OK);
    assert_int_equal(show_record(reader, 0, &out, &err), SL_ESTATE);
    assert_non_null(strstr(err.what, "x.csv"));
    assert_int_equal(sl_images_hash(reader, 0), 0);
    sl_reader_close(reader);
}

/* From each block of a first reading on, a second reader must go on with the same. */
static void seek_each(const char *paths)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_block block = { 0 };
    struct sl_mark marks[2 * MANY];
    size_t n = 0;
    struct sl_reader *first = images_open(paths, NULL), *again = images_open(paths, NULL);
    first->block_bytes = again->block_bytes = 300;
    while (sl_reader_next(first, &block, &err) == SL_OK && n < 2 * MANY) {
        marks[n++] = block.mark;
    }
    assert_true(n > 4);
    for (size_t k = n; k-- > 0;) {
        assert_int_equal(sl_reader_seek(again, &marks[k], &err), SL_OK);
        for (size_t i = k; i < n; i++) {
            assert_int_equal(sl_reader_next(again, &block, &err), SL_OK);
            assert_int_equal(block.mark.sequence, marks[i].sequence);
            assert_int_equal(block.mark.record, marks[i].record);
            assert_int_equal(block.mark.line, marks[i].line);
            assert_int_equal(block.mark.file, marks[i].file);
        }
        assert_int_equal(sl_reader_next(again, &block, &err), SL_EEND);
    }
    sl_block_release(&block);
    sl_reader_close(first);
    sl_reader_close(again);
}

static void reading_goes_on_from_any_block(void **state)
{
    (void)state;
    make_many("p");
    make_many("q");
    seek_each("p q");
}

static struct sl_reader *chain(const char *first, const char *second)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_reader *readers[] = { images_open(first, NULL), images_open(second, NULL) }, *reader = NULL;
    if (sl_chain_new(&reader, readers, 2, &err)) {
        fail_msg("%s", err.what);
    }
    return reader;
}

static void records_of_a_chain_are_had_again_by_their_number_over_all(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf out = { 0 };
    images_png("p/a/1.png", 1, 1, 1);
    images_png("p/b/2.png", 1, 1, 2);
    images_png("q/b/3.png", 1, 1, 3);
    images_store("q/c/4.png", "", 0);
    struct sl_reader *reader = chain("p", "q");
    assert_int_equal(show_record(reader, 2, &out, &err), SL_ESTATE);
    struct sl_buf all = whole(reader);
    assert_string_equal(all.p, "0:1 a/1.png 1×1×3 mean 1 a\n1:2 b/2.png 1×1×3 mean 2 b\n"
                               "f1 2:1 b/3.png 1×1×3 mean 3 b\n"
                               "bad 3:2 'c/4.png' is empty; copy or download the file again, or leave it out\n");
    out.n = 0;
    for (uint64_t i = 0; i < 4; i++) {
        assert_int_equal(show_record(reader, i, &out, &err), SL_OK);
    }
    assert_string_equal(out.p, all.p);
    assert_true(reader->refers);
    sl_reader_close(reader);
    sl_buf_release(&all);
    sl_buf_release(&out);
}

static void a_chain_refuses_pictures_with_other_channels(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    images_png("p/a/1.png", 1, 1, 1);
    const struct sl_images_options grey = { .channels = 1 };
    struct sl_reader *readers[] = { images_open("p", NULL), images_open("p", &grey) }, *reader = NULL;
    assert_int_equal(sl_chain_new(&reader, readers, 2, &err), SL_ESCHEMA);
    assert_non_null(strstr(err.what, "pictures of 1 channels"));
    assert_non_null(strstr(err.fix, "color_mode="));
}

static void the_same_picture_in_two_roles_is_found(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    images_png("p/a/0.png", 1, 1, 1);
    images_png("p/a/1.png", 1, 1, 2);
    images_png("p/b/2.png", 1, 1, 1);
    images_store("p/b/3.png", "", 0);
    images_png("q/a/4.png", 1, 1, 2);
    images_png("q/a/5.png", 1, 1, 1);
    images_store("q/a/6.png", "", 0);
    struct sl_reader *reader = chain("p", "q");
    struct sl_buf all = whole(reader);
    static const uint64_t record[] = { 5, 4, 0, 1, 2, 3, 6 };
    static const uint8_t role[] = { 2, 2, 0, 0, 0, 0, 2 };
    struct sl_images_pair pairs[4];
    uint64_t total = 99;
    assert_true(sl_images_hash(reader, 0) != 0);
    assert_int_equal(sl_images_hash(reader, 0), sl_images_hash(reader, 5));
    assert_int_equal(sl_images_hash(reader, 3), 0);
    assert_int_equal(sl_images_duplicates(reader, record, role, 7, pairs, 4, &total, &err), SL_OK);
    assert_int_equal(total, 2);
    assert_int_equal(pairs[0].record, 4);
    assert_int_equal(pairs[0].first, 1);
    assert_int_equal(pairs[1].record, 5);
    assert_int_equal(pairs[1].first, 0);
    assert_int_equal(pairs[1].role, 2);
    assert_int_equal(pairs[1].first_role, 0);
    assert_int_equal(sl_images_duplicates(reader, record, role, 7, pairs, 0, &total, &err), SL_OK);
    assert_int_equal(total, 2);
    sl_reader_close(reader);
    sl_buf_release(&all);
}

/* ---- Threads ---- */

struct shared {
    struct sl_reader *reader;
    pthread_mutex_t lock;
    _Atomic unsigned good, bad, again, wrong;
};

static void parse_one(struct shared *s, struct sl_block *block, struct sl_arena *arena)
{
    struct sl_chunk chunk;
    struct sl_quarantine rejects = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    if (sl_reader_parse(s->reader, block, arena, &chunk, &rejects, &err)) {
        s->wrong++;
        return;
    }
    s->good += chunk.n;
    s->bad += (unsigned)rejects.total;
    sl_quarantine_release(&rejects);
    for (uint32_t i = 0; i < chunk.n; i++) {
        struct sl_chunk one;
        struct sl_quarantine none = { 0 };
        bool same = sl_reader_record(s->reader, chunk.origin[i].record, arena, &one, &none, &err) == SL_OK &&
                    one.n == 1 && sl_cell_equal(&chunk, 0, i, &one, 0, 0) && sl_cell_equal(&chunk, 1, i, &one, 1, 0) &&
                    sl_cell_equal(&chunk, 2, i, &one, 2, 0);
        s->again += same;
        sl_quarantine_release(&none);
    }
}

static void *read_part(void *ctx)
{
    struct shared *s = ctx;
    struct sl_block block = { 0 };
    struct sl_arena arena;
    struct sl_error err = SL_ERROR_INIT;
    int status = SL_OK;
    sl_arena_init(&arena);
    while (!status) {
        pthread_mutex_lock(&s->lock);
        status = sl_reader_next(s->reader, &block, &err);
        pthread_mutex_unlock(&s->lock);
        if (!status) {
            parse_one(s, &block, &arena);
        }
        sl_arena_reset(&arena, 1 << 20);
    }
    s->wrong += status != SL_EEND;
    sl_block_release(&block);
    sl_arena_release(&arena);
    return NULL;
}

static void threads_parse_and_read_records_again_while_the_list_grows(void **state)
{
    (void)state;
    make_many("p");
    make_many("q");
    pthread_t threads[4];
    struct shared s = { .reader = images_open("p q", NULL), .lock = PTHREAD_MUTEX_INITIALIZER };
    s.reader->block_bytes = 600;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_part, &s), 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(s.wrong, 0);
    assert_int_equal(s.bad, 2);
    assert_int_equal(s.good, 2 * MANY - 2);
    assert_int_equal(s.again, 2 * MANY - 2);
    sl_reader_close(s.reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, images_set_up, images_tear_down)

/* The rest is listed in the background: its number is known soon, and before it is read. */
static void how_many_there_are_is_known_while_the_first_are_read(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_block block = { 0 };
    make_many("p");
    make_many("q");
    static const char list[] = "path,label\na/00.png,x\nb/16.png,y\nb/17.jpg,y\n";
    images_store("q/list.csv", list, sizeof list - 1);
    static const char *const sources[] = { "p", "p q", "q/list.csv" };
    static const uint64_t sizes[] = { MANY, 2 * MANY, 3 };
    for (int k = 0; k < 3; k++) {
        struct sl_reader *reader = images_open(sources[k], NULL);
        reader->block_bytes = 1;
        assert_int_equal(reader->size, 0);
        assert_int_equal(sl_reader_next(reader, &block, &err), SL_OK);
        for (int wait = 0; wait < 10000 && reader->size == 0; wait++) {
            usleep(1000);
        }
        assert_int_equal(reader->consumed, 1);
        assert_int_equal(reader->size, sizes[k]);
        while (sl_reader_next(reader, &block, &err) == SL_OK) {}
        assert_int_equal(reader->consumed, sizes[k]);
        const struct sl_mark first = { .sequence = 0 };
        assert_int_equal(sl_reader_seek(reader, &first, &err), SL_OK);
        assert_int_equal(reader->consumed, 0);
        sl_reader_close(reader);
    }
    sl_block_release(&block);
}

/* In each of several sources as well, so that the share that is read is right from the start. */
static void sources_behind_the_first_are_counted_too(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_block block = { 0 };
    struct sl_reader *links[2], *chain;
    make_many("p");
    images_png("q/a/1.png", 1, 1, 1);
    links[0] = images_open("p", NULL);
    links[1] = images_open("q", NULL);
    assert_int_equal(sl_chain_new(&chain, links, 2, &err), SL_OK);
    chain->block_bytes = 1;
    for (uint64_t i = 0; i <= MANY; i++) {
        assert_int_equal(sl_reader_next(chain, &block, &err), SL_OK);
        assert_int_equal(chain->consumed, i + 1);
        assert_true(chain->size == 0 || chain->size == MANY + 1);
        for (int wait = 0; i == 0 && wait < 10000 && !links[1]->size; wait++) {
            usleep(1000);
        }
    }
    assert_int_equal(sl_reader_next(chain, &block, &err), SL_EEND);
    assert_int_equal(chain->size, MANY + 1);
    sl_block_release(&block);
    sl_reader_close(chain);
}

static void a_reader_is_closed_while_it_lists(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_block block = { 0 };
    make_many("p");
    for (int i = 0; i < 50; i++) {
        struct sl_reader *reader = images_open("p", NULL);
        assert_int_equal(sl_reader_next(reader, &block, &err), SL_OK);
        sl_reader_close(reader);
    }
    sl_block_release(&block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_record_is_had_again_by_its_number),
        TEST(a_record_can_be_had_before_reading_came_to_it),
        TEST(a_file_that_has_changed_since_is_no_longer_the_record),
        TEST(other_readers_say_that_they_only_go_forward),
        TEST(reading_goes_on_from_any_block),
        TEST(records_of_a_chain_are_had_again_by_their_number_over_all),
        TEST(a_chain_refuses_pictures_with_other_channels),
        TEST(the_same_picture_in_two_roles_is_found),
        TEST(how_many_there_are_is_known_while_the_first_are_read),
        TEST(sources_behind_the_first_are_counted_too),
        TEST(a_reader_is_closed_while_it_lists),
        TEST(threads_parse_and_read_records_again_while_the_list_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
