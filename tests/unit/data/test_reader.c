/* test_reader.c: what all readers share: the quarantine, excerpts, and the calls through a reader's class. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/data/reader_private.h"

static struct sl_reject reject_at(uint32_t file, uint64_t record)
{
    return (struct sl_reject){ .origin = { .file = file, .record = record }, .reason = "bad" };
}

static void the_quarantine_counts_on_when_it_is_full(void **state)
{
    (void)state;
    struct sl_quarantine quarantine = { 0 };
    struct sl_reject reject = reject_at(0, 0);
    for (uint64_t i = 0; i < SL_REJECTS_KEPT + 5; i++) {
        reject.origin.record = i;
        assert_int_equal(sl_quarantine_add(&quarantine, &reject, NULL), SL_OK);
    }
    assert_int_equal(quarantine.n, SL_REJECTS_KEPT);
    assert_int_equal(quarantine.total, SL_REJECTS_KEPT + 5);
    struct sl_quarantine more = { 0 };
    assert_int_equal(sl_quarantine_add(&more, &reject, NULL), SL_OK);
    assert_int_equal(sl_quarantine_merge(&quarantine, &more, NULL), SL_OK);
    assert_int_equal(quarantine.n, SL_REJECTS_KEPT);
    assert_int_equal(quarantine.total, SL_REJECTS_KEPT + 6);
    sl_quarantine_release(&quarantine);
    sl_quarantine_release(NULL);
}

static void merging_moves_entries_and_sorting_orders_them(void **state)
{
    (void)state;
    static const uint32_t places[][2] = { { 1, 5 }, { 0, 9 }, { 1, 2 }, { 0, 3 }, { 2, 0 } };
    struct sl_quarantine all = { 0 }, part = { 0 }, nothing = { 0 };
    for (int i = 0; i < 5; i++) {
        struct sl_reject reject = reject_at(places[i][0], places[i][1]);
        assert_int_equal(sl_quarantine_add(i < 2 ? &all : &part, &reject, NULL), SL_OK);
    }
    assert_int_equal(sl_quarantine_merge(&all, &part, NULL), SL_OK);
    assert_int_equal(sl_quarantine_merge(&all, &nothing, NULL), SL_OK);
    assert_null(part.entries);
    assert_int_equal(part.total, 0);
    assert_int_equal(all.n, 5);
    sl_quarantine_sort(&all);
    static const uint64_t sorted[] = { 3, 9, 2, 5, 0 };
    for (int i = 0; i < 5; i++) {
        assert_int_equal(all.entries[i].origin.record, sorted[i]);
    }
    sl_quarantine_release(&all);
}

static void an_excerpt_is_one_printable_line(void **state)
{
    (void)state;
    struct sl_reject reject = { 0 };
    sl_reject_excerpt(&reject, SL_STR("a\tb\r\nc\x01\xff\xc2\x80 \0 é"));
    assert_string_equal(reject.excerpt, "a b  c??? ? é");
    char longer[500];
    memset(longer, 'x', sizeof longer);
    sl_reject_excerpt(&reject, (struct sl_str){ longer, sizeof longer });
    size_t n = strlen(reject.excerpt);
    assert_true(n < sizeof reject.excerpt && n > 100);
    assert_string_equal(reject.excerpt + n - 3, "…");
    for (size_t i = 0; i + 1 < sizeof longer; i += 2) {
        memcpy(longer + i, "ä", 2);
    }
    sl_reject_excerpt(&reject, (struct sl_str){ longer, sizeof longer });
    n = strlen(reject.excerpt);
    assert_string_equal(reject.excerpt + n - 5, "ä…"); /* cut between characters */
    sl_reject_excerpt(&reject, (struct sl_str){ NULL, 0 });
    assert_string_equal(reject.excerpt, "");
}

static void a_reason_too_long_is_cut(void **state)
{
    (void)state;
    struct sl_reject reject = { 0 };
    sl_reject_reason(&reject, "field %d: %0300d", 3, 7);
    assert_memory_equal(reject.reason, "field 3: 000", 12);
    assert_true(strlen(reject.reason) < sizeof reject.reason);
    sl_reject_reason(&reject, "short");
    assert_string_equal(reject.reason, "short");
}

/* A reader of three records, the second bad, in blocks of one. */
struct toy {
    struct sl_reader base;
    uint64_t at;
    bool *closed;
};

static int toy_next(struct sl_reader *reader, struct sl_block *block, struct sl_error *err)
{
    struct toy *toy = (struct toy *)reader;
    (void)err;
    assert_int_equal(block->data.n, 0);
    assert_int_equal(block->flags, 0);
    assert_int_equal(block->records, 0);
    if (toy->at == 3) {
        return SL_EEND;
    }
    block->mark = (struct sl_mark){ .sequence = toy->at, .record = toy->at };
    block->records = 1;
    block->flags = 7;
    sl_buf_printf(&block->data, "%d", (int)toy->at++);
    return SL_OK;
}

static int toy_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                     struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err)
{
    bool bad = block->mark.record == 1;
    int status = sl_chunk_init(chunk, &reader->schema, bad ? 0 : 1, arena, err);
    if (status == SL_OK && bad) {
        struct sl_reject reject = reject_at(0, 1);
        status = sl_quarantine_add(rejects, &reject, err);
    }
    return status;
}

static int toy_seek(struct sl_reader *reader, const struct sl_mark *mark, struct sl_error *err)
{
    (void)err;
    ((struct toy *)reader)->at = mark->record;
    return SL_OK;
}

static void toy_close(struct sl_reader *reader)
{
    *((struct toy *)reader)->closed = true;
    sl_reader_release(reader);
}

static const struct sl_reader_class toy_class = { "toy", toy_next, toy_parse, toy_seek, toy_close, NULL };

static void a_reader_is_driven_through_its_class(void **state)
{
    (void)state;
    bool closed = false;
    struct toy toy = { .at = 0, .closed = &closed };
    static const char *const paths[] = { "a.csv", "/b.csv", "-" };
    assert_int_equal(sl_reader_init(&toy.base, &toy_class, "folder", paths, 3, NULL), SL_OK);
    assert_string_equal(toy.base.paths[0], "folder/a.csv");
    assert_string_equal(toy.base.paths[1], "/b.csv");
    assert_string_equal(toy.base.paths[2], "-");
    assert_int_equal(toy.base.block_bytes, SL_BLOCK_BYTES);

    struct sl_block block = { 0 };
    struct sl_arena arena;
    struct sl_quarantine rejects = { 0 };
    uint64_t records = 0, good = 0;
    sl_arena_init(&arena);
    for (int pass = 0; pass < 2; pass++) {
        while (sl_reader_next(&toy.base, &block, NULL) == SL_OK) {
            struct sl_chunk chunk;
            assert_int_equal(sl_reader_parse(&toy.base, &block, &arena, &chunk, &rejects, NULL), SL_OK);
            assert_int_equal(chunk.sequence, block.mark.sequence);
            records += block.records;
            good += chunk.n;
        }
        assert_int_equal(sl_reader_seek(&toy.base, &(struct sl_mark){ .record = 0 }, NULL), SL_OK);
    }
    assert_int_equal(records, 6);
    assert_int_equal(good + rejects.total, records);
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_reader_seek(&toy.base, &(struct sl_mark){ .file = 3 }, &err), SL_EPARAM);
    assert_non_null(strstr(err.what, "file 4"));
    sl_reader_close(&toy.base);
    assert_true(closed);
    sl_reader_close(NULL);
    sl_block_release(&block);
    sl_block_release(NULL);
    sl_quarantine_release(&rejects);
    sl_arena_release(&arena);
}

static void a_folder_given_with_a_slash_gets_no_second_one(void **state)
{
    (void)state;
    bool closed = false;
    struct toy toy = { .closed = &closed };
    static const char *const paths[] = { "x" };
    static const char *const bases[][2] = { { "d/", "d/x" }, { "", "x" }, { NULL, "x" }, { "/", "/x" } };
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(sl_reader_init(&toy.base, &toy_class, bases[i][0], paths, 1, NULL), SL_OK);
        assert_string_equal(toy.base.paths[0], bases[i][1]);
        sl_reader_release(&toy.base);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_quarantine_counts_on_when_it_is_full),
        cmocka_unit_test(merging_moves_entries_and_sorting_orders_them),
        cmocka_unit_test(an_excerpt_is_one_printable_line),
        cmocka_unit_test(a_reason_too_long_is_cut),
        cmocka_unit_test(a_reader_is_driven_through_its_class),
        cmocka_unit_test(a_folder_given_with_a_slash_gets_no_second_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
