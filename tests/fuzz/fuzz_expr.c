/* Conditions of `filter`: any text is refused with a message, or gives for each record a value of the kind it
 * announced, the same one each time. */
#include "sluice/expr.h"
#include "sluice/text.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

enum { RECORDS = 4 };

/* Columns t (text), n (number), `odd name` (text), each with values, empty and missing. */
static void make_records(struct sl_arena *arena, struct sl_schema *schema, struct sl_chunk *chunk)
{
    static const char *const texts[RECORDS] = { "", "Good <b>Film</b>", "\xc3\x89t\xc3\xa9 3,5 \xe4\xb8\xad",
                                                "aaaaaaaaaaX" };
    static const double numbers[RECORDS] = { 0, -2.5, 1e300, NAN };
    static const char *const names[] = { "t", "n", "odd name" };
    for (size_t c = 0; c < 3; c++) {
        must(sl_schema_add(schema, sl_str(names[c]), c == 1 ? SL_NUMBER : SL_TEXT, NULL) == SL_OK);
    }
    must(sl_chunk_init(chunk, schema, RECORDS, arena, NULL) == SL_OK);
    for (uint32_t i = 0; i < RECORDS; i++) {
        chunk->columns[0].text[i] = sl_str(texts[i]);
        chunk->columns[1].number[i] = numbers[i];
        chunk->columns[2].text[i] = sl_str(texts[RECORDS - 1 - i]);
    }
    must(sl_chunk_set_missing(chunk, 0, 1, NULL) == SL_OK);
    must(sl_chunk_set_missing(chunk, 2, 0, NULL) == SL_OK);
}

static bool same(struct sl_value a, struct sl_value b)
{
    if (a.kind != b.kind) {
        return false;
    }
    switch (a.kind) {
    case SL_MISSING: return true;
    case SL_TEXTVALUE: return sl_str_equal(a.text, b.text);
    default: return a.number <= b.number && a.number >= b.number;
    }
}

static void check_value(const struct sl_expr *expr, const struct sl_chunk *chunk, uint32_t i, struct sl_arena *arena)
{
    struct sl_value first, again;
    struct sl_error err = SL_ERROR_INIT;
    int status = sl_expr_eval(expr, chunk, i, arena, &first, &err);
    if (status) {
        must(status == SL_ELIMIT || status == SL_EDATA || status == SL_ENOMEM);
        must(err.status == status && err.what[0]);
        return;
    }
    must(first.kind == SL_MISSING || first.kind == sl_expr_kind(expr));
    must(first.kind != SL_TEXTVALUE || sl_utf8_invalid(first.text.p, first.text.n) == first.text.n);
    must(first.kind != SL_REALVALUE || !isnan(first.number));
    must(sl_expr_eval(expr, chunk, i, arena, &again, NULL) == SL_OK);
    must(same(first, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sl_arena arena;
    struct sl_schema schema = { 0 };
    struct sl_chunk chunk;
    sl_arena_init(&arena);
    make_records(&arena, &schema, &chunk);
    char *text = sl_arena_strndup(&arena, (const char *)data, size);
    must(text != NULL);
    struct sl_expr *expr = NULL;
    struct sl_error err = SL_ERROR_INIT;
    int status = sl_expr_compile(&expr, text, &schema, &err);
    if (status) {
        must(!expr && err.status == status && err.what[0]);
        must(err.column <= strlen(text) + 1);
    } else {
        for (uint32_t i = 0; i < RECORDS; i++) {
            check_value(expr, &chunk, i, &arena);
        }
    }
    sl_expr_free(expr);
    sl_schema_release(&schema);
    sl_arena_release(&arena);
    return 0;
}
