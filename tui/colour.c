/* colour.c: see colour.h. */
#include "colour.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t steps[6] = { 0, 95, 135, 175, 215, 255 };
static const uint8_t sixteen[16][3] = { { 0, 0, 0 },       { 205, 0, 0 },   { 0, 205, 0 },   { 205, 205, 0 },
                                        { 0, 0, 238 },     { 205, 0, 205 }, { 0, 205, 205 }, { 229, 229, 229 },
                                        { 110, 110, 110 }, { 255, 0, 0 },   { 0, 255, 0 },   { 255, 255, 0 },
                                        { 92, 92, 255 },   { 255, 0, 255 }, { 0, 255, 255 }, { 255, 255, 255 } };

static int square(int x)
{
    return x * x;
}

static int distance(const uint8_t a[3], const uint8_t b[3])
{
    return square(a[0] - b[0]) + square(a[1] - b[1]) + square(a[2] - b[2]);
}

void colour_rgb(int index, uint8_t rgb[3])
{
    index = index < 0 ? 0 : index > 255 ? 255 : index;
    if (index < 16) {
        memcpy(rgb, sixteen[index], 3);
    } else if (index < 232) {
        rgb[0] = steps[(index - 16) / 36];
        rgb[1] = steps[(index - 16) / 6 % 6];
        rgb[2] = steps[(index - 16) % 6];
    } else {
        rgb[0] = rgb[1] = rgb[2] = (uint8_t)(8 + 10 * (index - 232));
    }
}

int colour_of_256(const uint8_t rgb[3])
{
    int near[3];
    for (int c = 0; c < 3; c++) {
        near[c] = 0;
        for (int i = 1; i < 6; i++)
            if (abs(rgb[c] - steps[i]) < abs(rgb[c] - steps[near[c]]))
                near[c] = i;
    }
    int cube = 16 + 36 * near[0] + 6 * near[1] + near[2];
    int grey = (rgb[0] + rgb[1] + rgb[2]) / 3, shade = grey < 8 ? 0 : (grey - 8 + 5) / 10;
    shade = 232 + (shade > 23 ? 23 : shade);
    uint8_t of_cube[3], of_shade[3];
    colour_rgb(cube, of_cube);
    colour_rgb(shade, of_shade);
    return distance(rgb, of_shade) < distance(rgb, of_cube) ? shade : cube;
}

int colour_of_16(const uint8_t rgb[3])
{
    int best = 0;
    for (int i = 1; i < 16; i++)
        if (distance(rgb, sixteen[i]) < distance(rgb, sixteen[best]))
            best = i;
    return best;
}

void colour_dither(const uint8_t rgb[3], int y, int x, int spread, uint8_t out[3])
{
    static const int8_t rank[4][4] = { { 0, 8, 2, 10 }, { 12, 4, 14, 6 }, { 3, 11, 1, 9 }, { 15, 7, 13, 5 } };
    int by = (2 * rank[y & 3][x & 3] - 15) * spread / 32;
    for (int c = 0; c < 3; c++) {
        int v = rgb[c] + by;
        out[c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
}
