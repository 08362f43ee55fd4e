/* test_csv_scan.c: the masks of every kernel, and records, against readers that look at one byte after the other. */
#include "test_csv_try.h"

#include "engine/data/csv.h"

enum { LENGTH = 5000 };

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 40);
}

/* Text of the bytes that matter, `plain` others for each. */
static void random_text(char *p, size_t n, unsigned plain, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++) {
        p[i] = next_random(seed) % (plain + 1) ? (char)('a' + next_random(seed) % 3)
                                               : "\"\"\"\n\r\n,, \""[next_random(seed) % 10];
    }
}

static bool ends_line(const char *p, size_t n, size_t i)
{
    return p[i] == '\n' || (p[i] == '\r' && (i + 1 == n || p[i + 1] != '\n'));
}

static void test_all_kernels_fill_the_same_masks(void **state)
{
    (void)state;
    sl_csv_kernel *kernels[3];
    size_t n = sl_csv_kernels(kernels);
    static struct sl_csv_masks masks;
    char text[64 * 8 + 1];
    uint64_t seed = 3;
    assert_ptr_equal(kernels[n - 1], sl_csv_kernel_plain);
    for (int round = 0; round < 300; round++) {
        for (size_t i = 0; i < sizeof text; i++) {
            text[i] = round % 3 ? "\",\n\rxy\x80\xff"[next_random(&seed) % 8] : (char)next_random(&seed);
        }
        for (size_t k = 0; k < n; k++) {
            uint64_t lines = kernels[k](text, 8, '"', ',', text[512] == '\n', 5, &masks), expected = 5;
            for (size_t i = 0; i < 512; i++) {
                uint64_t bit = UINT64_C(1) << (i & 63);
                bool end = ends_line(text, 513, i);
                if (i % 64 == 0) {
                    assert_int_equal(masks.lines[i >> 6], expected);
                }
                expected += end;
                assert_int_equal((masks.quotes[i >> 6] & bit) != 0, text[i] == '"');
                assert_int_equal((masks.ends[i >> 6] & bit) != 0, end);
                assert_int_equal((masks.stops[i >> 6] & bit) != 0, end || text[i] == ',');
            }
            assert_int_equal(lines, expected);
        }
    }
}

static void test_finding_and_counting_work_from_every_place(void **state)
{
    (void)state;
    static char text[LENGTH];
    uint64_t seed = 4;
    const struct sl_csv_dialect dialect = { .delimiter = ',', .quote = '"' };
    static struct sl_csv_scan scan;
    random_text(text, LENGTH, 40, &seed);
    for (size_t start = 0; start < LENGTH; start += 1 + next_random(&seed) % 50) {
        size_t n = start + next_random(&seed) % (LENGTH - start + 1), at = start, found;
        uint64_t lines = 0;
        sl_csv_scan_init(&scan, &dialect, text, n, start, 0);
        for (; at < n; at = found + 1) {
            found = sl_csv_find(&scan, SL_CSV_QUOTE_OR_END, at);
            for (size_t i = at; i < found; i++) {
                assert_true(text[i] != '"' && !ends_line(text, n, i));
            }
            if (found < n) {
                lines += ends_line(text, n, found);
                assert_true(text[found] == '"' || ends_line(text, n, found));
                assert_int_equal(sl_csv_lines_through(&scan, found), lines);
            }
        }
        assert_int_equal(sl_csv_lines(text + start, n - start, 0), lines);
    }
}

/* ---- A reader that is slow and plain ---- */

struct slow {
    const char *p;
    size_t n;
    struct sl_buf *out, *rejects;
};

static uint64_t line_of(const struct slow *slow, size_t at)
{
    uint64_t line = 1;
    for (size_t i = 0; i < at; i++) {
        line += ends_line(slow->p, slow->n, i);
    }
    return line;
}

/* The record at `at` into `cells`; returns its end. *bad says what is wrong: 'q' a quote never closed, with *resume
 * behind its line; 'a' text after a quote. */
static size_t slow_record(const struct slow *slow, size_t at, struct sl_buf *cells, size_t *fields, char *bad,
                          size_t *resume)
{
    const char *p = slow->p;
    size_t n = slow->n;
    for (*fields = 0;;) {
        struct sl_buf cell = { 0 };
        ++*fields;
        if (at < n && p[at] == '"') {
            size_t open = at++;
            while (at < n && (p[at] != '"' || (at + 1 < n && p[at + 1] == '"'))) {
                sl_buf_putc(&cell, p[at]);
                at += p[at] == '"' ? 2 : 1;
            }
            if (at >= n) {
                *bad = 'q';
                for (*resume = open; *resume < n && !ends_line(p, n, *resume); ++*resume) {}
                *resume += *resume < n;
                sl_buf_release(&cell);
                return n;
            }
            at++;
            if (at < n && p[at] != ',' && p[at] != '\n' && p[at] != '\r') {
                *bad = *bad ? *bad : 'a';
            }
        }
        while (at < n && p[at] != ',' && p[at] != '\n' && p[at] != '\r') {
            sl_buf_putc(&cell, p[at++]);
        }
        sl_buf_puts(cells, *fields > 1 ? "|" : "");
        if (cell.n) {
            sl_buf_json(cells, (struct sl_str){ cell.p, cell.n });
        } else {
            sl_buf_puts(cells, "~");
        }
        sl_buf_release(&cell);
        if (at == n || p[at] != ',') {
            return at;
        }
        at++;
    }
}

static bool all_blank(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] != ' ' && p[i] != '\t') {
            return false;
        }
    }
    return true;
}

static void slow_read(struct slow *slow, size_t at)
{
    for (size_t next; at < slow->n; at = next) {
        struct sl_buf cells = { 0 };
        size_t fields, resume = 0;
        char bad = 0;
        size_t end = slow_record(slow, at, &cells, &fields, &bad, &resume);
        next = end + (end < slow->n) + (end + 1 < slow->n && slow->p[end] == '\r' && slow->p[end + 1] == '\n');
        next = bad == 'q' ? resume : next;
        if (bad || fields != 2) {
            if (bad || !all_blank(slow->p + at, end - at)) {
                sl_buf_printf(slow->rejects, "! %" PRIu64 "@%zu: %s\n", line_of(slow, at), at,
                              bad == 'q'   ? "quote"
                              : bad == 'a' ? "text"
                                           : "field");
            }
        } else {
            sl_buf_printf(slow->out, "%" PRIu64 "@%zu: %s\n", line_of(slow, at), at, cells.p);
        }
        sl_buf_release(&cells);
    }
}

/* Reasons down to one word each. */
static void shorten(struct sl_buf *out)
{
    struct sl_buf shorter = { 0 };
    char *save = NULL;
    for (char *line = strtok_r(out->p, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        const char *word = strstr(line, ": quote opened") ? "quote" : strstr(line, ": text after") ? "text" : "field";
        if (line[0] == '!') {
            sl_buf_add(&shorter, line, (size_t)(strstr(line, ": ") - line) + 2);
            sl_buf_puts(&shorter, word);
        } else {
            sl_buf_puts(&shorter, line);
        }
        sl_buf_putc(&shorter, '\n');
    }
    sl_buf_release(out);
    *out = shorter;
}

/* Read `text` below a header and a few good records, both ways. */
static void compare_with_slow(const char *text, size_t n, uint64_t block_bytes)
{
    static const char *const na[] = { "", NULL };
    static const char *const as_text[] = { "a", "b", NULL };
    struct sl_csv_options options = { .delimiter = ',', .quote = '"', .header = 1, .na = na, .text = as_text };
    struct sl_buf out = { 0 }, expected = { 0 }, rejects = { 0 }, whole = { 0 };
    sl_buf_puts(&whole, "a,b\nx,y\n");
    sl_buf_add(&whole, text, n);
    struct slow slow = { .p = whole.p, .n = whole.n, .out = &expected, .rejects = &rejects };
    slow_read(&slow, strlen("a,b\n"));
    sl_buf_add(&expected, rejects.p, rejects.n);
    try_read(whole.p, whole.n, &options, block_bytes, &out);
    shorten(&out);
    assert_string_equal(out.p, expected.p);
    sl_buf_release(&out);
    sl_buf_release(&expected);
    sl_buf_release(&rejects);
    sl_buf_release(&whole);
}

static void test_records_are_those_of_a_slow_reader_for_every_block_size(void **state)
{
    (void)state;
    static char text[LENGTH];
    uint64_t seed = 5;
    for (int round = 0; round < 1500; round++) {
        size_t n = next_random(&seed) % (round % 10 ? 120 : LENGTH);
        random_text(text, n, round % 4 ? 3 : 30, &seed);
        compare_with_slow(text, n, 0);
        compare_with_slow(text, n, 1 + (uint64_t)(round % 64));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_kernels_fill_the_same_masks),
        cmocka_unit_test(test_finding_and_counting_work_from_every_place),
        cmocka_unit_test(test_records_are_those_of_a_slow_reader_for_every_block_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
