/* substeps_learnt.c: what the stages on single values have learned, told for one record: the mean and scale of a
 * column, what a missing value becomes, the category a value is. They have no sub-operations. */
#include "engine/stages/impute.h"
#include "engine/stages/onehot.h"
#include "engine/stages/substeps.h"

static void add_cell(const struct sl_chunk *chunk, size_t column, struct sl_buf *to)
{
    struct sl_buf cell = { 0 };
    sl_cell_format(chunk, column, 0, &cell);
    sl_buf_printf(to, "%.*s", (int)(cell.n < 80 ? cell.n : 80), cell.n ? cell.p : "missing");
    sl_buf_release(&cell);
}

/* ---- standardize, minmax ---- */

static void explain_scale(const struct sl_stage *stage, const struct sl_chunk *before, const struct sl_chunk *after,
                          size_t column, uint64_t n_train, struct sl_buf *to)
{
    const struct sl_scale_state *state = stage->state;
    const struct sl_scale *model = stage->model;
    const struct sl_pair *range = sl_substeps_param(stage, stage->params, "feature_range");
    (void)n_train;
    for (size_t c = 0; model && c < state->n; c++) {
        if (state->columns[c] != column) {
            continue;
        }
        struct sl_scale m = model[state->first[c]];
        size_t n = state->first[c + 1] - state->first[c];
        sl_buf_printf(to, "%s: ", stage->out.fields[column].name);
        for (size_t k = 0; n > 1 && n <= 4 && k < n; k++) {
            const struct sl_scale *channel = &model[state->first[c] + k];
            sl_buf_printf(to, "channel %zu: mean %.9g, scale %.9g; ", k, channel->a, channel->b);
        }
        if (n > 1) {
            sl_buf_puts(to, n > 4 ? "each place has a mean and a scale of its own; " : "");
        } else if (range) {
            double low = ((double)range->low - m.b) / m.a, high = ((double)range->high - m.b) / m.a;
            sl_buf_printf(to, "training values from %.9g to %.9g; ", low, high);
        } else {
            sl_buf_printf(to, "mean %.9g, scale %.9g; ", m.a, m.b);
        }
        add_cell(before, column, to);
        sl_buf_puts(to, " becomes ");
        add_cell(after, column, to);
        sl_buf_putc(to, '\n');
    }
}

const struct sl_stage_substeps sl_substeps_scale = { .explain = explain_scale };

/* ---- impute ---- */

static void explain_impute(const struct sl_stage *stage, const struct sl_chunk *before, const struct sl_chunk *after,
                           size_t column, uint64_t n_train, struct sl_buf *to)
{
    const struct sl_impute_state *state = stage->state;
    const struct sl_impute_fill *fills = state->constant ? state->constant : stage->model;
    (void)after;
    (void)n_train;
    for (size_t c = 0; fills && c < state->n; c++) {
        if (state->columns[c] != column) {
            continue;
        }
        const struct sl_column *cell = &before->columns[column];
        bool there = fills[c].is_number ? sl_number_there(cell, 0) : sl_valid(cell, 0);
        sl_buf_printf(to, "%s: a missing value becomes ", stage->out.fields[column].name);
        if (fills[c].is_number) {
            sl_buf_number(to, fills[c].number);
        } else {
            sl_buf_json(to, (struct sl_str){ fills[c].text, fills[c].n });
        }
        sl_buf_puts(to, there ? "; here there is one\n" : "; so it is here\n");
    }
}

const struct sl_stage_substeps sl_substeps_impute = { .explain = explain_impute };

/* ---- onehot ---- */

static void explain_onehot(const struct sl_stage *stage, const struct sl_chunk *before, const struct sl_chunk *after,
                           size_t column, uint64_t n_train, struct sl_buf *to)
{
    const struct sl_onehot_state *state = stage->state;
    const struct sl_onehot_categories *model = stage->model;
    (void)after;
    (void)n_train;
    for (size_t c = 0; model && c < state->n; c++) {
        if (state->columns[c] != column) {
            continue;
        }
        uint32_t n = sl_values_count(&model[c].values) + model[c].missing;
        uint32_t category = sl_onehot_category(&model[c], &before->columns[column], 0);
        sl_buf_printf(to, "%s: %u categories; ", stage->out.fields[column].name, n);
        add_cell(before, column, to);
        if (category == SL_NO_TERM) {
            sl_buf_puts(to, " is none of them\n");
        } else if (category < model[c].dropped) {
            sl_buf_puts(to, " is the first, which has no feature\n");
        } else {
            sl_buf_printf(to, " is feature %u\n", category - model[c].dropped);
        }
    }
}

const struct sl_stage_substeps sl_substeps_onehot = { .explain = explain_onehot };

/* ---- label ---- */

static void explain_label(const struct sl_stage *stage, const struct sl_chunk *before, const struct sl_chunk *after,
                          size_t column, uint64_t n_train, struct sl_buf *to)
{
    (void)before;
    (void)n_train;
    if (column != sl_label_column(stage) || !sl_label_classes(stage)) {
        return;
    }
    uint32_t k = sl_label_index(stage, after, 0);
    sl_buf_printf(to, "%s: ", stage->out.fields[column].name);
    if (k == UINT32_MAX) {
        sl_buf_puts(to, "no class known from training\n");
    } else {
        sl_buf_printf(to, "class %u of %u\n", k, sl_label_classes(stage));
    }
}

const struct sl_stage_substeps sl_substeps_label = { .explain = explain_label };
