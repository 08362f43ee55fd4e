/* view_train_layers.c: each layer in figures, and the one under the cursor as histograms: what comes out of it, its
 * weights, and the gradients of both. */
#include "human.h"
#include "view_train_inside.h"

#include <math.h>
#include <stdio.h>

#define WITH_WEIGHTS 93 /* columns from which on a row has room for what is said of its weights */

static const char *const eighths[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const stand_ins[] = { " ", ".", ":", "-", "=", "+", "*", "#", "@" };

/* One row of bars, as wide as there are bins or fewer. */
static void draw_line(struct area area, int y, int x, int width, const struct sl_spread *spread)
{
    uint32_t most = 1;
    for (int b = 0; b < SL_HISTOGRAM_BINS; b++)
        most = spread->bins[b] > most ? spread->bins[b] : most;
    width = width > SL_HISTOGRAM_BINS ? SL_HISTOGRAM_BINS : width;
    for (int i = 0; i < width; i++) {
        uint32_t n = 0;
        for (int b = i * SL_HISTOGRAM_BINS / width; b < (i + 1) * SL_HISTOGRAM_BINS / width; b++)
            n = spread->bins[b] > n ? spread->bins[b] : n;
        int level = n ? 1 + (int)((uint64_t)n * 7 / most) : 0; /* something is not nothing */
        screen_text(area, y, x + i, 1, STYLE_SERIES_0, sl_str(screen_glyph(eighths[level], stand_ins[level])));
    }
}

/* Name, mean and deviation; the share of zeros where there is room for it. */
static void draw_caption(struct area area, const char *name, const struct sl_spread *spread)
{
    char text[96];
    int x = screen_text(area, 0, 0, -1, STYLE_STRONG, sl_str(name)) + 1;
    if (spread->nonfinite) {
        screen_printf(area, 0, x, STYLE_ERROR, "! %llu not finite", (unsigned long long)spread->nonfinite);
        return;
    }
    int n =
        snprintf(text, sizeof text, "mean %.2g  sd %.2g  zeros %.0f%%", spread->mean, spread->sd, spread->zeros * 100);
    if (x + n > area.w)
        n = snprintf(text, sizeof text, "mean %.2g  sd %.2g", spread->mean, spread->sd);
    if (x + n > area.w)
        snprintf(text, sizeof text, "sd %.2g", spread->sd);
    screen_text(area, 0, x, -1, STYLE_DIM, sl_str(text));
}

/* Several rows of bars with the ends of the axis, the mean and the deviation. */
static void draw_histogram(struct area area, const char *name, const struct sl_spread *spread)
{
    int rows = area.h - 2, wide = area.w / SL_HISTOGRAM_BINS < 1 ? 1 : area.w / SL_HISTOGRAM_BINS;
    uint32_t most = 1;
    for (int b = 0; b < SL_HISTOGRAM_BINS; b++)
        most = spread->bins[b] > most ? spread->bins[b] : most;
    draw_caption(area, name, spread);
    for (int b = 0; b < SL_HISTOGRAM_BINS && b * wide < area.w; b++) {
        int eighth = (int)((uint64_t)spread->bins[b] * 8 * (unsigned)(rows > 0 ? rows : 0) / most);
        eighth = spread->bins[b] && !eighth ? 1 : eighth;
        for (int r = 0; r < rows; r++, eighth -= 8) {
            int level = eighth > 8 ? 8 : eighth;
            if (level > 0)
                screen_fill(area, rows - r, b * wide, wide, STYLE_SERIES_0,
                            screen_glyph(eighths[level], stand_ins[level]));
        }
    }
    int end = SL_HISTOGRAM_BINS * wide < area.w ? SL_HISTOGRAM_BINS * wide : area.w;
    char low[24], high[24];
    snprintf(low, sizeof low, "%.3g", spread->min);
    snprintf(high, sizeof high, "%.3g", spread->max);
    screen_text(area, area.h - 1, 0, -1, STYLE_DIM, sl_str(low));
    screen_text(area, area.h - 1, end - (int)strlen(high), -1, STYLE_DIM, sl_str(high));
}

static void draw_row(struct area area, int y, const struct sl_layer_view *layer, bool chosen)
{
    char units[24], parameters[24];
    enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;
    human_count(layer->units, units, sizeof units);
    human_count(layer->parameters, parameters, sizeof parameters);
    screen_text(area, y, 0, 12, style, sl_str(layer->name));
    screen_text(area, y, 13, 12, STYLE_DIM, sl_str(layer->kind));
    screen_printf(area, y, 26, STYLE_NORMAL, "%6s %9s", units, parameters);
    screen_printf(area, y, 43, STYLE_NORMAL, "%8.3g %8.3g %4.0f%%", layer->output.mean, layer->output.sd,
                  layer->output.zeros * 100);
    screen_printf(area, y, 67, layer->output_gradient.nonfinite ? STYLE_ERROR : STYLE_NORMAL, "%8.2g",
                  layer->output_gradient.sd);
    if (area.w < WITH_WEIGHTS)
        return;
    if (layer->parameters)
        screen_printf(area, y, 76, STYLE_NORMAL, "%8.3g %8.2g", layer->weight.sd, layer->weight_gradient.sd);
    draw_line(area, y, 95, area.w - 95, &layer->output);
}

void train_layers_draw(struct train_inside *inside, const struct sl_inspection *seen, struct area area)
{
    if (!seen->n_layers)
        return;
    int n = (int)seen->n_layers, at = inside->at[INSIDE_LAYERS];
    int most = area.h - 2 - 8 > area.h / 3 ? area.h - 2 - 8 : area.h / 3, rows = n < most ? n : most;
    struct area list = { area.y + 1, area.x, rows, area.w };
    int first = train_tiles(inside, list, list.w < 1 ? 1 : list.w, 1, n, at);
    screen_printf(area, 0, 0, STYLE_HEADER, "%-12s %-12s %6s %9s %8s %8s %5s %9s", "layer", "kind", "units", "weights",
                  "mean", "sd", "zeros", "gradient");
    if (area.w >= WITH_WEIGHTS)
        screen_printf(area, 0, 76, STYLE_HEADER, "%8s %8s", "weight", "gradient");
    for (int i = first; i < n && i - first < rows; i++)
        draw_row(list, i - first, &seen->layers[i], i == at);
    const struct sl_layer_view *layer = &seen->layers[at];
    struct area below = { area.y + rows + 2, area.x, area.h - rows - 2, area.w };
    bool four = layer->parameters > 0 && below.h >= 12;
    int h = four ? below.h / 2 : below.h, w = below.w / 2 - 1;
    draw_histogram((struct area){ below.y, below.x, h - four, w }, "outputs", &layer->output);
    if (!four && layer->parameters) {
        draw_histogram((struct area){ below.y, below.x + w + 2, h, w }, "weights", &layer->weight);
        return;
    }
    draw_histogram((struct area){ below.y, below.x + w + 2, h - four, w }, "output gradients", &layer->output_gradient);
    if (four) {
        draw_histogram((struct area){ below.y + h, below.x, below.h - h, w }, "weights", &layer->weight);
        draw_histogram((struct area){ below.y + h, below.x + w + 2, below.h - h, w }, "weight gradients",
                       &layer->weight_gradient);
    }
}
