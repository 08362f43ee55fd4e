/* bottleneck.c: see bottleneck.h. The verdict has a line of its own; the rest is wrapped, and cut where rows run out.
 */
#include "bottleneck.h"

#include "overlay.h"

#include <math.h>
#include <stdio.h>

struct lines {
    struct area area;
    int y, most, used;
    enum style style;
    bool draw;
};

static void put_line(void *ctx, size_t line, struct sl_str span)
{
    struct lines *lines = ctx;
    (void)line;
    if (lines->used >= lines->most)
        return;
    if (lines->draw)
        screen_text(lines->area, lines->y + lines->used, 0, -1, lines->style, span);
    lines->used++;
}

static void put_text(struct lines *lines, enum style style, const char *text)
{
    lines->style = style;
    overlay_wrap(sl_str(text), lines->area.w - 1, put_line, lines);
}

static void say_verdict(const struct sl_bottleneck *b, char *out, size_t size)
{
    static const char *const levels[] = { "", ", warning", ", critical" };
    if (b->kind == SL_FLOW_UNKNOWN)
        snprintf(out, size, "Bottleneck: too early to say");
    else
        snprintf(out, size, "%s: waits for data %.0f %%%s", sl_verdict_name(b->kind), b->wait_share * 100,
                 levels[b->level]);
}

static void say_blame(const struct sl_bottleneck *b, char *out, size_t size)
{
    if (b->stage == SIZE_MAX)
        snprintf(out, size, "no stage stands out");
    else if (isfinite(b->gain))
        snprintf(out, size, "%s (%zu) costs most: free, at most %.2f times as fast", b->name, b->stage + 1, b->gain);
    else
        snprintf(out, size, "%s (%zu) is all there is", b->name, b->stage + 1);
}

static int put_all(struct lines *lines, const struct sl_bottleneck *b)
{
    static const enum style styles[] = { STYLE_GOOD, STYLE_WARNING, STYLE_ERROR };
    char text[160];
    say_verdict(b, text, sizeof text);
    put_text(lines, b->kind == SL_FLOW_UNKNOWN ? STYLE_DIM : styles[b->level], text);
    if (b->kind == SL_FLOW_UNKNOWN)
        return lines->used;
    say_blame(b, text, sizeof text);
    put_text(lines, STYLE_NORMAL, text);
    put_text(lines, STYLE_DIM, b->todo);
    return lines->used;
}

/* Of a training that took no time worth saving nothing is said. */
static bool worth_saying(const struct sl_bottleneck *b)
{
    return b->total >= 0.25;
}

int bottleneck_rows(const struct sl_bottleneck *b, int width, int most)
{
    if (!worth_saying(b))
        return 0;
    struct lines lines = { .area = { .w = width }, .most = most };
    return put_all(&lines, b);
}

/* In few columns: verdict and blame on one row, what to do on the next. */
static int draw_short(struct area area, int y, int most, const struct sl_bottleneck *b)
{
    static const char *const levels[] = { "", ", warning", ", critical" };
    static const enum style styles[] = { STYLE_GOOD, STYLE_WARNING, STYLE_ERROR };
    char text[160] = "";
    int x = 0;
    snprintf(text, sizeof text, "%s: %.0f %% waiting%s", sl_verdict_name(b->kind), b->wait_share * 100,
             levels[b->level]);
    x = screen_text(area, y, 0, -1, styles[b->level], sl_str(text)) + 2;
    if (b->stage != SIZE_MAX && isfinite(b->gain))
        snprintf(text, sizeof text, "%s (%zu) free: at most %.2f times as fast", b->name, b->stage + 1, b->gain);
    else
        text[0] = '\0';
    if (area.w - x > 20)
        overlay_text(area, y, x, area.w - x, STYLE_NORMAL, sl_str(text));
    if (most > 1)
        overlay_text(area, y + 1, 0, area.w, STYLE_DIM, sl_str(b->todo));
    return most > 1 ? 2 : 1;
}

int bottleneck_draw(struct area area, int y, int most, const struct sl_bottleneck *b)
{
    if (most <= 0 || !worth_saying(b))
        return 0;
    if (most <= 2 && b->kind != SL_FLOW_UNKNOWN)
        return draw_short(area, y, most, b);
    struct lines lines = { .area = area, .y = y, .most = most, .draw = true };
    return put_all(&lines, b);
}
