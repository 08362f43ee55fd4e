/* theme.c: palettes for 256, 16, 8 and no colours.
 *
 * Hues are those of Okabe and Ito's set (blue, orange, bluish green, reddish purple), which stay apart for the common
 * kinds of colour blindness; red and green are never the only difference. Foregrounds are of middle lightness, to be
 * read on dark and on light backgrounds alike. What a colour says, an attribute or a sign in the text says too. */
#include "theme.h"

#define B LOOK_BOLD
#define D LOOK_DIM
#define U LOOK_UNDERLINE
#define R LOOK_REVERSE

static const struct look looks_256[STYLE_N] = {
    [STYLE_NORMAL] = { -1, -1, 0 },   [STYLE_DIM] = { 244, -1, 0 },      [STYLE_STRONG] = { -1, -1, B },
    [STYLE_TITLE] = { 32, -1, B },    [STYLE_SELECTED] = { 231, 25, 0 }, [STYLE_HEADER] = { 244, -1, U },
    [STYLE_HINT] = { 244, -1, 0 },    [STYLE_KEY] = { 32, -1, 0 },       [STYLE_ADDED] = { 32, -1, U },
    [STYLE_REMOVED] = { 172, -1, U }, [STYLE_WARNING] = { 172, -1, 0 },  [STYLE_ERROR] = { 167, -1, B },
    [STYLE_GOOD] = { 36, -1, 0 },     [STYLE_SERIES_0] = { 32, -1, 0 },  [STYLE_SERIES_1] = { 172, -1, 0 },
    [STYLE_SERIES_2] = { 36, -1, 0 }, [STYLE_SERIES_3] = { 175, -1, 0 }, [STYLE_SERIES_FAINT] = { 242, -1, 0 },
    [STYLE_TAG] = { 139, -1, 0 },
};

static const struct look looks_16[STYLE_N] = {
    [STYLE_NORMAL] = { -1, -1, 0 },  [STYLE_DIM] = { 8, -1, 0 },       [STYLE_STRONG] = { -1, -1, B },
    [STYLE_TITLE] = { 6, -1, B },    [STYLE_SELECTED] = { -1, -1, R }, [STYLE_HEADER] = { 8, -1, U },
    [STYLE_HINT] = { 8, -1, 0 },     [STYLE_KEY] = { 6, -1, 0 },       [STYLE_ADDED] = { 6, -1, U },
    [STYLE_REMOVED] = { 3, -1, U },  [STYLE_WARNING] = { 3, -1, 0 },   [STYLE_ERROR] = { 1, -1, B },
    [STYLE_GOOD] = { 2, -1, 0 },     [STYLE_SERIES_0] = { 6, -1, 0 },  [STYLE_SERIES_1] = { 3, -1, 0 },
    [STYLE_SERIES_2] = { 2, -1, B }, [STYLE_SERIES_3] = { 5, -1, 0 },  [STYLE_SERIES_FAINT] = { 8, -1, 0 },
    [STYLE_TAG] = { 5, -1, 0 },
};

static const struct look looks_8[STYLE_N] = {
    [STYLE_NORMAL] = { -1, -1, 0 },  [STYLE_DIM] = { -1, -1, D },      [STYLE_STRONG] = { -1, -1, B },
    [STYLE_TITLE] = { 6, -1, B },    [STYLE_SELECTED] = { -1, -1, R }, [STYLE_HEADER] = { -1, -1, D | U },
    [STYLE_HINT] = { -1, -1, D },    [STYLE_KEY] = { 6, -1, 0 },       [STYLE_ADDED] = { 6, -1, U },
    [STYLE_REMOVED] = { 3, -1, U },  [STYLE_WARNING] = { 3, -1, 0 },   [STYLE_ERROR] = { 1, -1, B },
    [STYLE_GOOD] = { 2, -1, 0 },     [STYLE_SERIES_0] = { 6, -1, 0 },  [STYLE_SERIES_1] = { 3, -1, 0 },
    [STYLE_SERIES_2] = { 2, -1, B }, [STYLE_SERIES_3] = { 5, -1, 0 },  [STYLE_SERIES_FAINT] = { -1, -1, D },
    [STYLE_TAG] = { 5, -1, 0 },
};

static const struct look looks_none[STYLE_N] = {
    [STYLE_NORMAL] = { -1, -1, 0 },   [STYLE_DIM] = { -1, -1, D },          [STYLE_STRONG] = { -1, -1, B },
    [STYLE_TITLE] = { -1, -1, B },    [STYLE_SELECTED] = { -1, -1, R },     [STYLE_HEADER] = { -1, -1, U },
    [STYLE_HINT] = { -1, -1, D },     [STYLE_KEY] = { -1, -1, B },          [STYLE_ADDED] = { -1, -1, B | U },
    [STYLE_REMOVED] = { -1, -1, U },  [STYLE_WARNING] = { -1, -1, B },      [STYLE_ERROR] = { -1, -1, B | R },
    [STYLE_GOOD] = { -1, -1, 0 },     [STYLE_SERIES_0] = { -1, -1, B },     [STYLE_SERIES_1] = { -1, -1, 0 },
    [STYLE_SERIES_2] = { -1, -1, U }, [STYLE_SERIES_3] = { -1, -1, B | U }, [STYLE_SERIES_FAINT] = { -1, -1, D },
    [STYLE_TAG] = { -1, -1, D },
};

const struct look *theme_looks(int colours)
{
    return colours >= 256 ? looks_256 : colours >= 16 ? looks_16 : colours >= 8 ? looks_8 : looks_none;
}
