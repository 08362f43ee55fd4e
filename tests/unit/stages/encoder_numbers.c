/* encoder_numbers.c: stages on number columns against tests/golden: see encoder_numbers.h. */
#include "encoder_numbers.h"

#include "tests/unit/base/text_golden.h"

#include <math.h>

static const char columns[] = "a:number b:number c:number d:number e:number f:number g:number h:number";
enum { COLUMNS = 8 };

static double number_at(struct sl_str field, size_t k)
{
    const char *p = field.p;
    char *end;
    double x = strtod(p, &end);
    for (size_t i = 0; i < k; i++) {
        p = end;
        x = strtod(p, &end);
    }
    assert_true(end > p);
    return x;
}

/* The input rows: those to fit on as one chunk each, then the others as one. Returns how many to fit on. */
static uint32_t read_input(struct encoder *e, const char *path)
{
    struct golden golden = golden_open(path);
    struct sl_chunk unseen = encoder_chunk(e, 3);
    uint32_t fit = 0, others = 0;
    while (golden_next(&golden)) {
        if (!sl_str_equal(golden.field[0], SL_STR("input"))) {
            continue;
        }
        bool fitted = sl_str_equal(golden.field[1], SL_STR("fit"));
        assert_true(fit < TRY_CHUNKS - 1 && others < 3 + (uint32_t)fitted);
        struct sl_chunk *chunk = fitted ? &e->chunk[fit++] : &unseen;
        uint32_t i = fitted ? 0 : others++;
        *chunk = fitted ? encoder_chunk(e, 1) : unseen;
        for (size_t c = 0; c < COLUMNS; c++) {
            encoder_set_number(e, chunk, c, i, number_at(golden.field[3], c));
        }
    }
    golden_close(&golden);
    e->chunk[fit] = unseen;
    e->chunks = fit + 1;
    return fit;
}

static void check_row(const struct sl_chunk *chunk, uint32_t i, struct sl_str expected, double tolerance,
                      const char *statement)
{
    for (size_t c = 0; c < COLUMNS; c++) {
        double want = number_at(expected, c), got = chunk->columns[c].number[i];
        bool same = isnan(want) ? isnan(got) : fabs(got - want) <= tolerance * fmax(1e-300, fabs(want));
        if (!same || sl_valid(&chunk->columns[c], i) == isnan(want)) {
            fail_msg("%s: row %u, column %zu is %.17g, not %.17g", statement, i, c, got, want);
        }
    }
}

/* Open, read, fit on the rows that are for it, apply. */
static void run(struct encoder *e, const char *statement, const char *path)
{
    uint64_t bits[TRY_CHUNKS] = { 0 }, *rows[TRY_CHUNKS];
    encoder_must_open(e, statement, columns);
    uint32_t fit = read_input(e, path);
    for (size_t k = 0; k < TRY_CHUNKS; k++) {
        bits[k] = k < fit;
        rows[k] = &bits[k];
    }
    bool learns = !e->stage.class->needs_fit || e->stage.class->needs_fit(e->stage.params);
    int status = learns ? encoder_fit(e, 2, rows) : SL_OK;
    status = status == SL_OK ? encoder_apply(e, 2) : status;
    if (status != SL_OK) {
        fail_msg("%s: %s", statement, e->err.what);
    }
}

static void check_setting(const char *stage, const char *path, struct sl_str params, double tolerance)
{
    char statement[160], name[64];
    struct encoder e;
    size_t seen = 0;
    snprintf(name, sizeof name, "%.*s", (int)params.n, params.p);
    encoder_statement(statement, sizeof statement, stage, params);
    run(&e, statement, path);
    struct golden golden = golden_open(path);
    while (golden_next(&golden)) {
        bool fitted = sl_str_equal(golden.field[0], SL_STR("fit"));
        if (!sl_str_equal(golden.field[1], sl_str(name)) ||
            (!fitted && !sl_str_equal(golden.field[0], SL_STR("unseen")))) {
            continue;
        }
        uint32_t row = (uint32_t)golden_number(&golden, 2, 10);
        check_row(fitted ? &e.chunk[row] : &e.chunk[e.chunks - 1], fitted ? 0 : row, golden.field[3], tolerance,
                  statement);
        seen++;
    }
    golden_close(&golden);
    assert_int_equal(seen, e.chunks - 1 + 3);
    struct sl_buf blob = encoder_save(&e);
    encoder_check_damage(statement, columns, (struct sl_str){ blob.p, blob.n });
    sl_buf_release(&blob);
    encoder_close(&e);
}

void assert_numbers_golden(const char *stage, const char *path, double tolerance)
{
    struct golden golden = golden_open(path);
    size_t settings = 0;
    while (golden_next(&golden)) {
        if (sl_str_equal(golden.field[0], SL_STR("unseen")) && sl_str_equal(golden.field[2], SL_STR("0"))) {
            check_setting(stage, path, golden.field[1], tolerance);
            settings++;
        }
    }
    golden_close(&golden);
    assert_true(settings >= 4);
}
