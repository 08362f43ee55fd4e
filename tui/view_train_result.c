/* view_train_result.c: the figures of a finished run: how good, on whom, at what cost, and what it learned.
 *
 * One column of text, or two side by side when there is width. Classes beyond what fits are reached by scrolling. */
#include "bars.h"
#include "human.h"
#include "view_train.h"

#include <math.h>
#include <stdio.h>

#define TWO_COLUMNS 76
#define GAP         3
#define WORDS       12 /* strongest features asked for, at most */

static int new_row(struct page *page)
{
    return page->next++;
}

static void heading(struct page *page, const char *text)
{
    screen_text(page->area, new_row(page), 0, -1, STYLE_STRONG, sl_str(text));
}

static void put_right(struct page *page, int row, int right, enum style style, const char *text)
{
    int width = screen_width(sl_str(text));
    screen_text(page->area, row, right - width > 0 ? right - width : 0, -1, style, sl_str(text));
}

static void put_value(struct page *page, int row, int right, double value)
{
    char text[24] = "-";
    if (!isnan(value))
        chart_number(value, text);
    put_right(page, row, right, STYLE_NORMAL, text);
}

static void figure_row(struct page *page, const char *name, double test, double train, bool have_test)
{
    int row = new_row(page);
    screen_text(page->area, row, 0, -1, STYLE_NORMAL, sl_str(name));
    if (have_test)
        put_value(page, row, 19, test);
    put_value(page, row, have_test ? 29 : 19, train);
}

static void draw_by_class(struct page *page, const struct sl_result *result)
{
    figure_row(page, "accuracy", result->test.accuracy, result->train.accuracy, result->have_test);
    figure_row(page, "log loss", result->test.log_loss, result->train.log_loss, result->have_test);
    figure_row(page, "ROC AUC", result->test.roc_auc, result->train.roc_auc, result->have_test);
}

static void draw_figures(struct page *page, const struct sl_result *result)
{
    char n[32];
    int row = new_row(page);
    screen_text(page->area, row, 0, -1, STYLE_STRONG, SL_STR("Result"));
    if (result->have_test)
        put_right(page, row, 19, STYLE_DIM, "test");
    put_right(page, row, result->have_test ? 29 : 19, STYLE_DIM, "train");
    if (result->regression) {
        const struct sl_fit_figures *test = &result->fit_test, *train = &result->fit_train;
        figure_row(page, "R2", test->r2, train->r2, result->have_test);
        figure_row(page, "RMSE", sqrt(test->mse), sqrt(train->mse), result->have_test);
        figure_row(page, "MAE", test->mae, train->mae, result->have_test);
    } else {
        draw_by_class(page, result);
    }
    row = new_row(page);
    screen_text(page->area, row, 0, -1, STYLE_NORMAL, SL_STR("records"));
    if (result->have_test)
        put_right(page, row, 19, STYLE_NORMAL, human_count(result->n_test, n, sizeof n));
    put_right(page, row, result->have_test ? 29 : 19, STYLE_NORMAL, human_count(result->n_train, n, sizeof n));
}

static const struct sl_metrics *shown_metrics(const struct sl_result *result)
{
    return result->have_test ? &result->test : &result->train;
}

static int name_width(const struct sl_result *result, uint32_t n)
{
    int width = 5;
    for (uint32_t k = 0; k < n; k++) {
        int name = screen_width(sl_str(result->classes[k]));
        width = name > width ? name : width;
    }
    return width < 14 ? width : 14;
}

static void draw_classes(struct page *page, const struct sl_result *result)
{
    const struct sl_metrics *metrics = shown_metrics(result);
    if (!metrics->precision || !metrics->recall || !metrics->f1)
        return;
    int row = new_row(page), width = name_width(result, metrics->n_classes);
    screen_text(page->area, row, 0, -1, STYLE_STRONG, SL_STR("class"));
    put_right(page, row, width + 10, STYLE_DIM, "precision");
    put_right(page, row, width + 18, STYLE_DIM, "recall");
    put_right(page, row, width + 26, STYLE_DIM, "F1");
    for (uint32_t k = 0; k < metrics->n_classes; k++) {
        row = new_row(page);
        screen_text(page->area, row, 0, width, STYLE_NORMAL, sl_str(result->classes[k]));
        put_value(page, row, width + 10, metrics->precision[k]);
        put_value(page, row, width + 18, metrics->recall[k]);
        put_value(page, row, width + 26, metrics->f1[k]);
    }
}

/* Keep the cell in the matrix, and note the row it will stand in. */
static void place_cell(struct train_cell *cell, const struct page *page, uint32_t n, uint32_t shown)
{
    if (!cell || !n || !shown)
        return;
    cell->n = n;
    cell->columns = shown;
    cell->truth = cell->truth < n ? cell->truth : n - 1;
    cell->predicted = cell->predicted < shown ? cell->predicted : shown - 1;
    cell->row = page->next + 1 + (int)cell->truth;
}

/* Brackets, so that it is seen without colour. */
static void mark_cell(struct page *page, int row, int right, const char *count)
{
    screen_text(page->area, row, right - (int)strlen(count) - 1, 1, STYLE_KEY, SL_STR("["));
    screen_text(page->area, row, right, 1, STYLE_KEY, SL_STR("]"));
}

/* Rows true, columns predicted, as many as fit; the diagonal is strong, so that it is seen without colour. */
static void draw_confusion(struct page *page, const struct sl_result *result, struct train_cell *cell)
{
    const struct sl_metrics *metrics = shown_metrics(result);
    if (!metrics->confusion)
        return;
    int names = name_width(result, metrics->n_classes), column = names < 9 ? 10 : names + 1, left = names + 1;
    int fit = (page->area.w - left) / column;
    uint32_t n = metrics->n_classes, shown = fit < 0 ? 0 : (uint32_t)fit < n ? (uint32_t)fit : n;
    place_cell(cell, page, n, shown);
    int row = new_row(page);
    screen_text(page->area, row, 0, left, STYLE_STRONG, SL_STR("true"));
    for (uint32_t j = 0; j < shown; j++) {
        int name = screen_width(sl_str(result->classes[j])), most = name < column - 1 ? name : column - 1;
        screen_text(page->area, row, left + (int)(j + 1) * column - most, most, STYLE_DIM, sl_str(result->classes[j]));
    }
    if (left + (int)shown * column + 11 <= page->area.w)
        screen_text(page->area, row, left + (int)shown * column + 2, -1, STYLE_DIM, SL_STR("predicted"));
    for (uint32_t i = 0; i < n; i++) {
        row = new_row(page);
        screen_text(page->area, row, 0, names, STYLE_NORMAL, sl_str(result->classes[i]));
        for (uint32_t j = 0; j < shown; j++) {
            char count[32];
            human_count(metrics->confusion[(size_t)i * n + j], count, sizeof count);
            bool on = cell && i == cell->truth && j == cell->predicted;
            int right = left + (int)(j + 1) * column;
            put_right(page, row, right, on ? STYLE_SELECTED : i == j ? STYLE_STRONG : STYLE_NORMAL, count);
            if (on)
                mark_cell(page, row, right, count);
        }
    }
    if (shown < n)
        screen_printf(page->area, new_row(page), 0, STYLE_HINT, "%u more columns need a wider screen", n - shown);
}

static void draw_cost(struct page *page, const struct sl_result *result)
{
    char text[SL_PHASE_DONE + 1][32], total[32], count[32];
    struct bar bars[SL_PHASE_DONE + 1];
    size_t n = 0;
    int row = new_row(page);
    screen_text(page->area, row, 0, -1, STYLE_STRONG, SL_STR("Time"));
    screen_printf(page->area, row, 8, STYLE_NORMAL, "%s in all, peak %.0f MB",
                  bars_seconds(result->total_seconds, total, sizeof total), (double)result->peak_rss / 1e6);
    for (int phase = SL_PHASE_READ; phase < SL_PHASE_DONE; phase++) {
        bars_seconds(result->seconds[phase], text[phase], sizeof text[phase]);
        bars[n++] =
            (struct bar){ sl_phase_name((enum sl_phase)phase), result->seconds[phase], text[phase], STYLE_NORMAL };
    }
    page->next += bars_draw(page->area, page->next, bars, n);
    row = new_row(page);
    int x = screen_printf(page->area, row, 0, STYLE_DIM, "%s steps, %s",
                          human_count(result->steps, count, sizeof count),
                          result->converged ? "converged" : "not converged");
    human_count(result->n_features, count, sizeof count);
    if (x + (int)strlen(count) + 11 <= page->area.w)
        screen_printf(page->area, row, x, STYLE_DIM, ", %s features", count);
}

/* "review_text: boring" → "boring". */
static struct sl_str short_name(const struct sl_buf *name)
{
    const char *colon = memmem(name->p, name->n, ": ", 2);
    return colon ? (struct sl_str){ colon + 2, name->n - (size_t)(colon + 2 - name->p) }
                 : (struct sl_str){ name->p, name->n };
}

/* A row: the class, then as many of its features as fit. */
static void draw_words(struct page *page, struct sl_session *session, const char *class, int width, uint32_t k,
                       int sign)
{
    int row = new_row(page), x = width + 1;
    screen_text(page->area, row, 0, width, STYLE_DIM, sl_str(class));
    struct sl_buf name = { 0 };
    double weight;
    for (int i = 0; i < WORDS; i++) {
        name.n = 0;
        if (!sl_session_weight(session, k, sign < 0 ? -1 - i : i, &name, &weight) || !name.n || weight * sign <= 0)
            break;
        char number[24];
        snprintf(number, sizeof number, "%.2f", weight);
        struct sl_str word = short_name(&name);
        int need = screen_width(word) + 1 + (int)strlen(number);
        if (x + need > page->area.w)
            break;
        x += screen_text(page->area, row, x, -1, STYLE_NORMAL, word) + 1;
        x += screen_text(page->area, row, x, -1, STYLE_DIM, sl_str(number)) + 2;
    }
    sl_buf_release(&name);
}

/* Two classes share one set of weights: its positive end speaks for the second, its negative end for the first. */
static void draw_features(struct page *page, struct sl_session *session, const struct sl_result *result)
{
    uint32_t n = shown_metrics(result)->n_classes;
    double weight;
    struct sl_buf name = { 0 };
    bool any = n >= 2 && sl_session_weight(session, n == 2 ? 1 : 0, 0, &name, &weight);
    sl_buf_release(&name);
    if (!any)
        return;
    int width = name_width(result, n);
    heading(page, "Strongest features");
    for (uint32_t k = 0; k < n; k++)
        draw_words(page, session, result->classes[k], width, n == 2 ? 1 : k, n == 2 && k == 0 ? -1 : 1);
}

static void draw_losses(struct page *page, const struct sl_result *result)
{
    char count[32];
    if (!result->quarantined && !result->dropped)
        return;
    int row = new_row(page), x = 0;
    x += screen_printf(page->area, row, x, STYLE_DIM, "%s quarantined, ",
                       human_count(result->quarantined, count, sizeof count));
    screen_printf(page->area, row, x, STYLE_DIM, "%s dropped", human_count(result->dropped, count, sizeof count));
}

int train_draw_result(struct area area, int scroll, struct sl_session *session, const struct sl_result *result,
                      struct train_cell *cell)
{
    bool two = area.w >= TWO_COLUMNS;
    int half = (area.w - GAP) / 2, space = area.h > 16;
    struct page left = { { area.y, area.x, area.h, two ? half : area.w }, -scroll };
    struct page right = { { area.y, area.x + half + GAP, area.h, area.w - half - GAP }, -scroll };
    draw_figures(&left, result);
    draw_losses(&left, result);
    left.next += space;
    if (!result->regression) {
        draw_classes(&left, result);
        left.next += space;
        draw_confusion(&left, result, cell);
    }
    struct page *second = two ? &right : &left;
    second->next += two ? 0 : 1;
    draw_cost(second, result);
    second->next += space;
    draw_features(second, session, result);
    second->next++;
    second->next += train_draw_stages(second->area, second->next, session);
    return (right.next > left.next ? right.next : left.next) + scroll;
}
