/* bars.c: horizontal bars on a common scale. */
#include "bars.h"

#include "human.h"

#include <math.h>
#include <stdio.h>

char *bars_seconds(double seconds, char *out, size_t size)
{
    if (isnan(seconds))
        out[0] = '\0';
    else if (seconds < 0.00995)
        snprintf(out, size, "%.1f ms", seconds * 1000);
    else if (seconds < 0.9995)
        snprintf(out, size, "%.0f ms", seconds * 1000);
    else if (seconds < 99.995)
        snprintf(out, size, "%.2f s", seconds);
    else
        human_time(seconds, out, size);
    return out;
}

/* A thin line: bars of neighbouring rows stay apart. What is more than nothing shows. */
static void draw_line(struct area area, int y, int x, double length)
{
    int whole = (int)length;
    bool half = length - whole >= 0.5 || whole == 0;
    screen_fill(area, y, x, whole, STYLE_SERIES_0, screen_glyph("━", "="));
    if (half)
        screen_fill(area, y, x + whole, 1, STYLE_SERIES_0, screen_glyph("╸", "-"));
}

int bars_draw(struct area area, int y, const struct bar *bars, size_t n)
{
    double most = 0;
    int names = 0, texts = 0;
    for (size_t i = 0; i < n; i++) {
        int name = screen_width(sl_str(bars[i].name)), text = screen_width(sl_str(bars[i].text));
        names = name > names ? name : names;
        texts = text > texts ? text : texts;
        most = bars[i].value > most ? bars[i].value : most;
    }
    int room = area.w - names - texts - 2;
    for (size_t i = 0; i < n; i++) {
        int row = y + (int)i;
        screen_text(area, row, 0, -1, bars[i].style, sl_str(bars[i].name));
        screen_text(area, row, names + 1 + texts - screen_width(sl_str(bars[i].text)), -1, STYLE_NORMAL,
                    sl_str(bars[i].text));
        if (room > 0 && most > 0 && bars[i].value > 0)
            draw_line(area, row, names + texts + 2, bars[i].value / most * room);
    }
    return (int)n;
}
