/* vectorize_save.c: a fitted text encoder as bytes, and back.
 *
 * Format (little-endian): u32 version; the options as text; u32 columns; per column its name, u32 terms, u32 weighted?,
 * the terms in rising order, their idf. Loading checks every count against the bytes there are before it takes memory.
 */
#include "engine/stages/vectorize.h"

enum { FORMAT = 1 };

/* What must be as it was when the model was made. */
static void describe(const struct sl_stage *stage, struct sl_buf *to)
{
    const struct sl_vectorize_params *p = stage->params;
    sl_buf_printf(to, "%s %d lowercase=%d strip_accents=%d stop_words=%d ngram_range=%lld,%lld ", stage->class->name,
                  stage->class->version, p->lowercase, p->strip_accents, p->stop_words, (long long)p->ngram_range.low,
                  (long long)p->ngram_range.high);
    sl_buf_printf(to, "binary=%d norm=%d use_idf=%d sublinear_tf=%d token_pattern=%s", p->binary, p->norm, p->use_idf,
                  p->sublinear_tf, p->token_pattern);
}

int sl_vectorize_save(const struct sl_stage *stage, struct sl_buf *to, struct sl_error *err)
{
    const struct sl_vectorize_state *state = stage->state;
    const struct sl_vectorize_model *model = stage->model;
    if (!model) {
        return sl_fail(err, SL_ESTATE, "there is nothing to save: the encoder is not fitted");
    }
    struct sl_buf options = { 0 };
    describe(stage, &options);
    sl_buf_u32(to, FORMAT);
    sl_buf_blob(to, options.p, options.n);
    sl_buf_u32(to, (uint32_t)model->n_columns);
    for (size_t c = 0; c < model->n_columns; c++) {
        const struct sl_features *features = &model->columns[c];
        const char *name = stage->out.fields[state->columns[c]].name;
        sl_buf_blob(to, name, strlen(name));
        sl_buf_u32(to, features->n);
        sl_buf_u32(to, features->idf != NULL);
        for (uint32_t j = 0; j < features->n; j++) {
            sl_buf_blob(to, features->term[j].p, features->term[j].n);
        }
        for (uint32_t j = 0; features->idf && j < features->n; j++) {
            sl_buf_f64(to, features->idf[j]);
        }
    }
    bool failed = options.failed || to->failed;
    sl_buf_release(&options);
    return failed ? sl_fail_memory(err, "saving a model of terms") : SL_OK;
}

static int damaged(struct sl_error *err, const char *what)
{
    sl_fail(err, SL_EFORMAT, "the saved terms are damaged: %s", what);
    return sl_fix(err, "fit the pipeline again"), SL_EFORMAT;
}

static int check_head(const struct sl_stage *stage, struct sl_blob *blob, struct sl_error *err)
{
    const struct sl_vectorize_state *state = stage->state;
    uint32_t format = sl_blob_u32(blob);
    struct sl_str options = sl_blob_bytes(blob);
    if (blob->failed || format != FORMAT) {
        return damaged(err, "their version is unknown");
    }
    struct sl_buf now = { 0 };
    describe(stage, &now);
    bool failed = now.failed, same = sl_str_equal(options, (struct sl_str){ now.p, now.n });
    sl_buf_release(&now);
    if (failed) {
        return sl_fail_memory(err, "loading terms");
    }
    if (!same) {
        sl_fail(err, SL_EFORMAT, "the saved terms were made with other options");
        return sl_fix(err, "use the recipe they were fitted with, or fit again"), SL_EFORMAT;
    }
    return sl_blob_u32(blob) == state->n_columns && !blob->failed ? SL_OK : damaged(err, "other columns");
}

/* How many words a term may have. */
static bool term_fits(const struct sl_stage *stage, struct sl_str term)
{
    const struct sl_vectorize_params *p = stage->params;
    int64_t words = 1;
    for (size_t i = 0; p->ngram_range.high > 1 && i < term.n; i++) {
        words += term.p[i] == ' ';
    }
    return words <= p->ngram_range.high && term.n < UINT32_MAX;
}

static int load_terms(const struct sl_stage *stage, struct sl_vectorize_model *model, struct sl_features *features,
                      struct sl_blob *blob, struct sl_error *err)
{
    for (uint32_t j = 0; j < features->n; j++) {
        struct sl_str term = sl_blob_bytes(blob);
        if (blob->failed || !term_fits(stage, term) || (j > 0 && sl_str_compare(features->term[j - 1], term) >= 0)) {
            return damaged(err, "a term is out of order");
        }
        char *copy = sl_arena_strndup(&model->arena, term.n ? term.p : "", term.n);
        if (!copy) {
            return sl_fail_memory(err, "loading terms");
        }
        features->term[j] = (struct sl_str){ copy, term.n };
    }
    for (uint32_t j = 0; features->idf && j < features->n; j++) {
        features->idf[j] = sl_blob_f64(blob);
        if (blob->failed || !isfinite(features->idf[j])) {
            return damaged(err, "a weight is not a number");
        }
    }
    return SL_OK;
}

static int load_column(const struct sl_stage *stage, struct sl_vectorize_model *model, size_t c, struct sl_blob *blob,
                       struct sl_error *err)
{
    const struct sl_vectorize_params *p = stage->params;
    const struct sl_vectorize_state *state = stage->state;
    struct sl_str name = sl_blob_bytes(blob);
    uint32_t n = sl_blob_u32(blob), weighted = sl_blob_u32(blob);
    if (blob->failed || !sl_str_equal(name, sl_str(stage->out.fields[state->columns[c]].name))) {
        return damaged(err, "other columns");
    }
    if (n == 0 || n > (size_t)(blob->end - blob->p) / 8 || n > INT32_MAX || weighted != p->use_idf) {
        return damaged(err, "their number is impossible");
    }
    int status = sl_features_alloc(model, c, n, weighted != 0, err);
    return status == SL_OK ? load_terms(stage, model, &model->columns[c], blob, err) : status;
}

int sl_vectorize_load(struct sl_stage *stage, struct sl_str from, struct sl_error *err)
{
    const struct sl_vectorize_params *p = stage->params;
    const struct sl_vectorize_state *state = stage->state;
    struct sl_blob blob = { from.p, from.n ? from.p + from.n : from.p, false };
    struct sl_vectorize_model *model = NULL;
    int status = check_head(stage, &blob, err);
    status = status == SL_OK ? sl_vectorize_model_new(&model, state->n_columns, p->stop_words, err) : status;
    for (size_t c = 0; status == SL_OK && c < state->n_columns; c++) {
        status = load_column(stage, model, c, &blob, err);
    }
    if (status == SL_OK && blob.p != blob.end) {
        status = damaged(err, "there is more than there should be");
    }
    status = status == SL_OK ? sl_vectorize_model_finish(stage, model, err) : status;
    if (status != SL_OK) {
        sl_vectorize_model_free(model);
    }
    return status;
}
