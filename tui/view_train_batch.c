/* view_train_batch.c: the batch as the network saw it: little pictures with what they are and what they were taken for;
 * records that are no pictures as rows of figures. */
#include "chart.h"
#include "human.h"
#include "picture.h"
#include "view_train_inside.h"

#include <math.h>
#include <stdio.h>

enum { NAME = 12 };

/* The highest output of a record. */
static uint32_t best_of(const float *output, uint32_t n)
{
    uint32_t best = 0;
    for (uint32_t k = 1; k < n; k++)
        best = output[k] > output[best] ? k : best;
    return best;
}

static const char *class_name(const struct sl_inspection *seen, uint32_t k, char out[NAME])
{
    if (k == UINT32_MAX)
        return "?";
    if (k < seen->n_classes)
        return seen->classes[k];
    snprintf(out, NAME, "%u", k);
    return out;
}

/* "boot → bag 0.83", or "boot 0.99" when it is right. */
static void describe(const struct sl_inspection *seen, uint32_t i, char *out, size_t size)
{
    char a[NAME], b[NAME];
    if (!seen->y) {
        snprintf(out, size, "%.4g %s %.4g", (double)(seen->target ? seen->target[i] : NAN), screen_glyph("→", ">"),
                 (double)seen->output[(size_t)i * seen->outputs]);
        return;
    }
    const float *output = seen->output + (size_t)i * seen->outputs;
    uint32_t best = best_of(output, seen->outputs);
    if (best == seen->y[i])
        snprintf(out, size, "%s %.2f", class_name(seen, best, a), (double)output[best]);
    else
        snprintf(out, size, "%s%s%s %.2f", class_name(seen, seen->y[i], a), screen_glyph("→", ">"),
                 class_name(seen, best, b), (double)output[best]);
}

static bool right(const struct sl_inspection *seen, uint32_t i)
{
    return !seen->y || seen->y[i] == UINT32_MAX ||
           best_of(seen->output + (size_t)i * seen->outputs, seen->outputs) == seen->y[i];
}

/* What is under the cursor, in full. */
static void draw_chosen(const struct sl_inspection *seen, uint32_t i, struct area area, int y)
{
    char text[96], record[32];
    describe(seen, i, text, sizeof text);
    human_count(seen->record[i], record, sizeof record);
    int x = screen_printf(area, y, 0, STYLE_STRONG, "record %s", record) + 2;
    x += screen_text(area, y, x, -1, right(seen, i) ? STYLE_NORMAL : STYLE_WARNING, sl_str(text)) + 2;
    x += screen_printf(area, y, x, STYLE_DIM, "loss %.4g", (double)seen->row_loss[i]) + 2;
    uint32_t wrong = 0;
    for (uint32_t k = 0; k < seen->n; k++)
        wrong += !right(seen, k);
    if (seen->y)
        screen_printf(area, y, x, STYLE_DIM, "(%u of the %u shown are wrong)", wrong, seen->n);
}

static void draw_pictures(struct train_inside *inside, const struct sl_inspection *seen, struct area area)
{
    struct picture p = { .height = seen->height, .breadth = seen->breadth, .channels = seen->channels };
    struct area tiles = { area.y, area.x, area.h - 1, area.w };
    int most_h, most_w, h, w;
    train_tile_room(tiles, &most_h, &most_w);
    picture_size(&p, most_h, most_w, &h, &w);
    int width = w < NAME ? NAME : w, at = inside->at[INSIDE_BATCH];
    int first = train_tiles(inside, tiles, width + 1, h + 1, (int)seen->n, at);
    for (int i = first; i < (int)seen->n && i < first + inside->across * inside->down; i++) {
        int y = (i - first) / inside->across * (h + 1), x = (i - first) % inside->across * (width + 1);
        char text[96];
        p.at = seen->x + (size_t)i * seen->width;
        picture_range(&p);
        picture_draw(&p, (struct area){ tiles.y + y, tiles.x + x, h, w });
        describe(seen, (uint32_t)i, text, sizeof text);
        bool good = right(seen, (uint32_t)i);
        int from = good ? 0 : screen_text(tiles, y + h, x, 1, STYLE_ERROR, SL_STR("!"));
        screen_text(tiles, y + h, x + from, width - from,
                    i == at ? STYLE_SELECTED
                    : good  ? STYLE_NORMAL
                            : STYLE_WARNING,
                    sl_str(text));
    }
    draw_chosen(seen, (uint32_t)at, area, area.h - 1);
}

/* One record a row: what it is, what it was taken for, and its first features. */
static void draw_rows(struct train_inside *inside, const struct sl_inspection *seen, struct area area)
{
    struct area list = { area.y + 1, area.x, area.h - 2, area.w };
    int at = inside->at[INSIDE_BATCH], first = train_tiles(inside, list, list.w < 1 ? 1 : list.w, 1, (int)seen->n, at);
    screen_printf(area, 0, 0, STYLE_HEADER, "%10s  %-26s %9s  %s", "record", "outcome", "loss", "features");
    for (int i = first; i < (int)seen->n && i - first < list.h; i++) {
        char text[96];
        describe(seen, (uint32_t)i, text, sizeof text);
        enum style style = i == at ? STYLE_SELECTED : right(seen, (uint32_t)i) ? STYLE_NORMAL : STYLE_WARNING;
        screen_printf(list, i - first, 0, style, "%10llu", (unsigned long long)seen->record[i]);
        screen_text(list, i - first, 12, 26, style, sl_str(text));
        screen_printf(list, i - first, 39, style, "%9.4g", (double)seen->row_loss[i]);
        for (uint32_t j = 0, x = 50; j < seen->width && (int)x < list.w; j++, x += 9)
            screen_printf(list, i - first, (int)x, STYLE_DIM, "%8.4g", (double)seen->x[(size_t)i * seen->width + j]);
    }
    draw_chosen(seen, (uint32_t)at, area, area.h - 1);
}

void train_batch_draw(struct train_inside *inside, const struct sl_inspection *seen, struct area area)
{
    if (!seen->n)
        return;
    if (seen->height)
        draw_pictures(inside, seen, area);
    else
        draw_rows(inside, seen, area);
}
