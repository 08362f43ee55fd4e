/* test_svmlight_golden.c: files read as load_svmlight_file reads them; a file that it refuses has a rejected record. */
#include "tests/unit/base/folder_try.h"
#include "tests/unit/base/text_golden.h"

#include "sluice/reader.h"

/* A file of the golden records, read in one go. */
struct reading {
    struct sl_arena arena;
    struct sl_reader *reader;
    struct sl_block block;
    struct sl_quarantine rejects;
    struct sl_chunk chunk;
    uint32_t row;
    char name[64];
};

static void release(struct reading *r)
{
    sl_reader_close(r->reader);
    sl_block_release(&r->block);
    sl_quarantine_release(&r->rejects);
    sl_arena_release(&r->arena);
    *r = (struct reading){ 0 };
}

static void read_file(struct reading *r, const struct golden *golden)
{
    assert_int_equal(golden->n, 5);
    const struct sl_str *f = golden->field;
    bool yes = sl_str_equal(f[2], SL_STR("true")), no = sl_str_equal(f[2], SL_STR("false"));
    const struct sl_svmlight_options options = {
        .zero_based = yes  ? SL_ZERO_BASED_TRUE
                      : no ? SL_ZERO_BASED_FALSE
                           : SL_ZERO_BASED_AUTO,
        .n_features = strtoul(f[3].p, NULL, 10),
    };
    struct sl_error err = SL_ERROR_INIT;
    const char *path = in_folder("x.svm");
    store(path, f[4].p, f[4].n);
    sl_arena_init(&r->arena);
    snprintf(r->name, sizeof r->name, "%.*s, zero_based=%.*s, n_features=%.*s", (int)f[1].n, f[1].p, (int)f[2].n,
             f[2].p, (int)f[3].n, f[3].p);
    if (sl_svmlight_open(&r->reader, NULL, &path, 1, &options, &err)) {
        fail_msg("%s: %s", r->name, err.what);
    }
    assert_int_equal(sl_reader_next(r->reader, &r->block, &err), SL_OK);
    assert_int_equal(sl_reader_parse(r->reader, &r->block, &r->arena, &r->chunk, &r->rejects, &err), SL_OK);
    assert_int_equal(sl_reader_next(r->reader, &r->block, &err), SL_EEND);
}

static void check_row(struct reading *r, const struct sl_str *fields)
{
    if (r->row >= r->chunk.n) {
        fail_msg("%s: there is no record %u", r->name, r->row);
    }
    const struct sl_sparse *sparse = &r->chunk.columns[1].sparse;
    uint64_t at = sparse->start[r->row], end = sparse->start[r->row + 1];
    double label = strtod(fields[0].p, NULL);
    assert_memory_equal(&r->chunk.columns[0].number[r->row], &label, sizeof label);
    for (const char *p = fields[1].p, *stop = p + fields[1].n; p < stop; at++) {
        char *next;
        unsigned long index = strtoul(p, &next, 10);
        float value = strtof(next + 1, &next);
        if (at >= end || sparse->index[at] != index || memcmp(&sparse->value[at], &value, sizeof value) != 0) {
            fail_msg("%s: record %u differs at index %lu", r->name, r->row, index);
        }
        p = next + (next < stop);
    }
    assert_int_equal(at, end);
    r->row++;
}

static void files_are_read_as_by_the_reference(void **state)
{
    (void)state;
    struct golden golden = golden_open("tests/golden/svmlight.tsv");
    struct reading r = { 0 };
    unsigned files = 0, refused = 0;
    while (golden_next(&golden)) {
        if (sl_str_equal(golden.field[0], SL_STR("file"))) {
            assert_int_equal(r.row, r.reader && !r.rejects.total ? r.chunk.n : 0);
            release(&r);
            read_file(&r, &golden);
            files++;
        } else if (sl_str_equal(golden.field[0], SL_STR("refused"))) {
            if (!r.rejects.total) {
                fail_msg("%s: nothing is rejected", r.name);
            }
            refused++;
        } else if (sl_str_equal(golden.field[0], SL_STR("width"))) {
            if (r.rejects.total) {
                fail_msg("%s: %s", r.name, r.rejects.entries[0].reason);
            }
            assert_int_equal(r.reader->schema.fields[1].width, strtoul(golden.field[1].p, NULL, 10));
        } else {
            assert_true(golden.n == 3 && sl_str_equal(golden.field[0], SL_STR("row")));
            check_row(&r, golden.field + 1);
        }
    }
    release(&r);
    golden_close(&golden);
    assert_true(files >= 80 && refused >= 20 && refused < files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read_as_by_the_reference),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
