/* view_step_model.c: behind the last stage: what the model says of the record, and why. */
#include "view_step_private.h"

#include "human.h"

#include <math.h>
#include <stdio.h>

#define CLASSES_MOST 40
#define TERMS_MOST   200

static int class_width(const struct sl_look *look)
{
    int width = 4;
    for (uint32_t k = 0; k < look->n_classes; k++) {
        int w = screen_width(sl_str(look->classes[k]));
        width = w > width ? w : width;
    }
    return width > 24 ? 24 : width;
}

static void put_class(struct step_lines *lines, const struct sl_look *look, uint32_t k, int names)
{
    bool said = k == look->predicted, is = k == look->truth;
    struct step_line *line = step_line_add(lines);
    int words = 22, bar = lines->width - names - 12 - words;
    bar = bar > 40 ? 40 : bar < 4 ? 4 : bar;
    step_line_text(line, 0, STYLE_KEY, said ? SL_STR("=>") : SL_STR("  "));
    step_line_printf(lines, line, 3, said ? STYLE_STRONG : STYLE_NORMAL, "%.*s", names * 4, look->classes[k]);
    step_line_printf(lines, line, 4 + names, said ? STYLE_STRONG : STYLE_NORMAL, "%.4f", look->probability[k]);
    step_line_bar(line, 12 + names, bar, said ? STYLE_SERIES_0 : STYLE_DIM, look->probability[k]);
    step_line_text(line, 13 + names + bar, is && !said ? STYLE_WARNING : STYLE_GOOD,
                   said && is ? SL_STR("predicted, true")
                   : said     ? SL_STR("predicted")
                   : is       ? SL_STR("true")
                              : SL_STR(""));
}

static void put_verdict(struct step_lines *lines, const struct sl_look *look)
{
    struct step_line *line = step_line_add(lines);
    char loss[32] = "", intercept[32], n[32];
    bool known = look->truth < look->n_classes, right = look->truth == look->predicted;
    const char *name = look->predicted < look->n_classes ? look->classes[look->predicted] : "?";
    int x = step_line_printf(lines, line, 0, STYLE_STRONG, "predicted %s", name);
    if (known && right) {
        x = step_line_printf(lines, line, x + 2, STYLE_GOOD, "%s right", screen_glyph("✓", "+"));
    } else if (known) {
        x = step_line_printf(lines, line, x + 2, STYLE_WARNING, "! wrong: it is %s", look->classes[look->truth]);
    } else {
        x = step_line_printf(lines, line, x + 2, STYLE_DIM, "the truth is not known");
    }
    if (!isnan(look->loss)) {
        snprintf(loss, sizeof loss, "loss %s", human_number(look->loss, 4, n, sizeof n));
    }
    step_line_printf(lines, line, x + 3, STYLE_NORMAL, "%s", loss);
    line = step_line_add(lines);
    x = step_line_printf(lines, line, 0, STYLE_DIM, "%s features are not 0", human_count(look->nonzeros, n, sizeof n));
    if (look->linear) {
        human_number(look->intercept, 4, intercept, sizeof intercept);
        step_line_printf(lines, line, x, STYLE_DIM, ", intercept %s", intercept);
    }
}

/* +0.601, +1.192e+37 */
static const char *push_text(double push, char *out, size_t size)
{
    snprintf(out, size, fabs(push) < 1000 ? "%+.3f" : "%+.1e", push);
    return out;
}

static void put_push(struct step_lines *lines, struct step_line *line, int x, int width, double most,
                     const struct sl_push *push)
{
    char name[120], value[24], weight[24], number[24];
    struct sl_str text = push->name;
    const char *colon = text.n ? memmem(text.p, text.n, ": ", 2) : NULL;
    if (colon) {
        text = (struct sl_str){ colon + 2, text.n - (size_t)(colon + 2 - text.p) };
    }
    bool sum = width >= 58;
    int names = width - 7 - 11 - (sum ? 22 : 0);
    names = names < 6 ? 6 : names > 30 ? 30 : names;
    snprintf(name, sizeof name, "%.*s", (int)(text.n < 100 ? text.n : 100), text.p);
    size_t n = strlen(name);
    while (n && screen_width((struct sl_str){ name, n }) > names) {
        n--;
        while (n && ((unsigned char)name[n] & 0xc0) == 0x80) {
            n--;
        }
    }
    step_line_printf(lines, line, x, STYLE_NORMAL, "%.*s%*s %9s%s", (int)n, name,
                     names - screen_width((struct sl_str){ name, n }), "", push_text(push->push, number, sizeof number),
                     sum ? "  = " : "");
    int bar = x + names + 11;
    if (sum) {
        step_line_printf(lines, line, bar + 3, STYLE_DIM, "%s %s %s", human_number(push->value, 4, value, sizeof value),
                         screen_glyph("×", "x"), human_number(push->weight, 4, weight, sizeof weight));
        bar += 22;
    }
    step_line_bar(line, bar, 6, push->push > 0 ? STYLE_SERIES_0 : STYLE_SERIES_1, fabs(push->push) / most);
}

/* The strongest of either sign, side by side. */
static void put_pushes(struct step_lines *lines, const struct sl_look *look)
{
    const char *name = look->predicted < look->n_classes ? look->classes[look->predicted] : "?";
    char sum[24];
    int half = (lines->width - 3) / 2;
    struct step_line *line = step_line_add(lines);
    double most = look->n_push ? fabs(look->push[0].push) : 0, pro = 0, con = 0;
    most = most > 0 ? most : 1;
    for (size_t i = 0; i < look->n_push; i++) {
        *(look->push[i].push > 0 ? &pro : &con) += look->push[i].push;
    }
    step_line_printf(lines, line, 0, STYLE_STRONG, "for %s  %s", name, push_text(pro, sum, sizeof sum));
    step_line_printf(lines, line, half + 3, STYLE_STRONG, "against it  %s", push_text(con, sum, sizeof sum));
    for (size_t i = 0, j = 0, row = 0; row < TERMS_MOST; row++, i++, j++) {
        while (i < look->n_push && !(look->push[i].push > 0)) {
            i++;
        }
        while (j < look->n_push && !(look->push[j].push < 0)) {
            j++;
        }
        if (i >= look->n_push && j >= look->n_push) {
            break;
        }
        line = step_line_add(lines);
        if (i < look->n_push) {
            put_push(lines, line, 0, half, most, &look->push[i]);
        }
        if (j < look->n_push) {
            put_push(lines, line, half + 3, half, most, &look->push[j]);
        }
    }
}

void step_model_lines(struct step_lines *lines, const struct sl_look *look)
{
    int names = class_width(look);
    put_verdict(lines, look);
    for (uint32_t k = 0; k < look->n_classes && k < CLASSES_MOST; k++) {
        put_class(lines, look, k, names);
    }
    if (look->n_classes > CLASSES_MOST) {
        step_lines_printf(lines, 3, STYLE_DIM, "and %u more classes", look->n_classes - CLASSES_MOST);
    }
    step_line_add(lines);
    if (look->linear && look->n_push) {
        put_pushes(lines, look);
    } else if (look->linear) {
        step_lines_printf(lines, 0, STYLE_DIM,
                          "no feature of this record is known to the model: only the intercept speaks");
    }
}
