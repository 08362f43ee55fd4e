/* colour.h: any colour as one of those a terminal has. Knows no terminal. */
#ifndef SL_TUI_COLOUR_H
#define SL_TUI_COLOUR_H

#include <stdint.h>

/* The nearest of the 6 × 6 × 6 cube and the 24 greys that terminals of 256 colours have at 16 to 255. */
int colour_of_256(const uint8_t rgb[3]);
/* The nearest of the sixteen as xterm has them (its dark grey a little darker, as most have it). */
int colour_of_16(const uint8_t rgb[3]);
/* Colour 0 to 255 as xterm has it. */
void colour_rgb(int index, uint8_t rgb[3]);
/* Lighter or darker by up to half of `spread`, after where it stands: what few colours cannot show, the mean of
 * neighbours does. Source: ordered dither, Bayer 1973, 4 × 4. */
void colour_dither(const uint8_t rgb[3], int y, int x, int spread, uint8_t out[3]);

#endif
