/* normalize.c: one spelling for text that looks the same: Unicode normalisation forms, and accents taken off.
 *
 * Source  Unicode Standard Annex 15; the reference is Python's unicodedata.normalize and scikit-learn's
 * strip_accents_unicode. ASCII is in every form already, and is passed over. */
#include "engine/stages/substeps.h"
#include "engine/stages/text_stage.h"
#include "sluice/text.h"

struct params {
    struct sl_names columns;
    int form;
    bool strip_accents;
};

/* In the order of enum sl_normal_form. */
static const char *const forms[] = { "nfc", "nfd", "nfkc", "nfkd", NULL };

static const struct params defaults = { .form = SL_NFKC };

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_TEXT,
               .help = "text columns to change; without any, all text columns but the target"),
    SL_CHOICE(struct params, form, .choices = forms,
              .help = "c: composed, d: decomposed, k: compatibility forms (ligatures, full width) replaced"),
    SL_BOOL(struct params, strip_accents, .help = "then take accents off: é becomes e"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "normalize name", .in = "name\nﬁne ²\n１２３ abc\n", .out = "name\nfine 2\n123 abc\n" },
    { "normalize strip_accents=true", .in = "name,city\nZoë,Łódź\n", .out = "name,city\nZoe,Łodz\n",
      .note = "Ł is a letter of its own, without an accent to take off" },
    { "normalize name form=nfc", .in = "name,n\ne\xcc\x81t\xc3\xa9 ²,1\n", .out = "name,n\nété ²,1\n",
      .note = "letter and accent become one character; compatibility forms stay" },
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct params *p = stage->params;
    return sl_bind_columns(stage, &p->columns, SL_TEXT, in, err);
}

static int normalize_cell(const void *ctx, struct sl_arena *arena, struct sl_str *cell, struct sl_error *err)
{
    const struct params *p = ctx;
    if (sl_is_ascii(*cell)) {
        return SL_OK;
    }
    struct sl_str normal;
    int status = sl_text_normalize(*cell, (enum sl_normal_form)p->form, p->strip_accents, arena, &normal, err);
    if (status == SL_OK && !sl_str_equal(normal, *cell)) {
        *cell = normal;
    }
    return status;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    const struct sl_bound_columns *bound = stage->state;
    int status = SL_OK;
    for (size_t k = 0; k < bound->n && status == SL_OK; k++) {
        status = sl_map_text(chunk, bound->column[k], normalize_cell, stage->params, err);
    }
    return status;
}

const struct sl_stage_class sl_stage_normalize = {
    .name = "normalize",
    .summary = "give text one Unicode form, and take accents off",
    .details = "The same character can be written in several ways: é as one code point, or as e and an accent. The "
               "forms nfc and nfd compose or decompose; nfkc and nfkd also replace characters that are only another "
               "look of others: ligatures, full-width letters, superscripts. With strip_accents, text is decomposed "
               "(nfkd) and all combining marks are removed, as scikit-learn's strip_accents='unicode' does.",
    .kind = SL_RECORD,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = sl_unbind_columns,
    .apply = apply,
    .substeps = &sl_substeps_normalize,
};
