/* augment_text.c: what a random change does, in words and numbers, for the stepper. */
#include "engine/image/ops_private.h"

#include <stdarg.h>
#include <stdio.h>

void sl_text_add(char *out, size_t size, size_t *used, const char *format, ...)
{
    for (const char *comma = *used ? ", " : ""; *comma && *used + 1 < size; comma++) {
        out[(*used)++] = *comma;
    }
    if (*used >= size) {
        return;
    }
    va_list args;
    va_start(args, format);
    int n = vsnprintf(out + *used, size - *used, format, args);
    va_end(args);
    size_t left = size - *used - 1;
    *used += n < 0 ? 0 : (size_t)n < left ? (size_t)n : left;
}

/* Of a number that is shown with a sign of its own: a typographic minus, as everywhere on the screen. */
static const char *sign(double v)
{
    return v < 0 ? "−" : "+";
}

static double size_of(double v)
{
    return v < 0 ? -v : v;
}

char *sl_image_transform_text(const struct sl_image_transform *t, char *out, size_t size)
{
    size_t used = 0;
    if (size) {
        out[0] = '\0';
    }
    if (t->theta != 0) {
        sl_text_add(out, size, &used, "rotate %s%.1f°", sign(t->theta), size_of(t->theta));
    }
    if (t->tx != 0) {
        sl_text_add(out, size, &used, "shift x %s%.1f px", sign(t->tx), size_of(t->tx));
    }
    if (t->ty != 0) {
        sl_text_add(out, size, &used, "shift y %s%.1f px", sign(t->ty), size_of(t->ty));
    }
    if (t->shear != 0) {
        sl_text_add(out, size, &used, "shear %s%.1f°", sign(t->shear), size_of(t->shear));
    }
    if (t->zx != 1 || t->zy != 1) {
        sl_text_add(out, size, &used, "zoom x %.3f y %.3f", t->zx, t->zy);
    }
    if (t->has_channel_shift) {
        sl_text_add(out, size, &used, "channels %s%.1f", sign(t->channel_shift), size_of(t->channel_shift));
    }
    if (t->flip_horizontal) {
        sl_text_add(out, size, &used, "flip left-right");
    }
    if (t->flip_vertical) {
        sl_text_add(out, size, &used, "flip top-bottom");
    }
    if (t->has_brightness) {
        sl_text_add(out, size, &used, "brightness %.3f", t->brightness);
    }
    if (!used) {
        sl_text_add(out, size, &used, "unchanged");
    }
    return out;
}

static void add_op(const struct sl_rand_op *op, char *out, size_t size, size_t *used)
{
    static const char *const names[SL_RAND_KINDS] = {
        [SL_RAND_SHEAR_X] = "shear x",     [SL_RAND_SHEAR_Y] = "shear y",
        [SL_RAND_TRANSLATE_X] = "move x",  [SL_RAND_TRANSLATE_Y] = "move y",
        [SL_RAND_ROTATE] = "rotate",       [SL_RAND_BRIGHTNESS] = "brightness",
        [SL_RAND_COLOUR] = "colour",       [SL_RAND_CONTRAST] = "contrast",
        [SL_RAND_SHARPNESS] = "sharpness", [SL_RAND_AUTOCONTRAST] = "autocontrast",
        [SL_RAND_EQUALIZE] = "equalize",   [SL_RAND_IDENTITY] = "nothing",
    };
    const char *name = names[op->kind];
    double m = op->magnitude;
    switch (op->kind) {
    case SL_RAND_SHEAR_X:
    case SL_RAND_SHEAR_Y: sl_text_add(out, size, used, "%s %s%.3f", name, sign(m), size_of(m)); break;
    case SL_RAND_TRANSLATE_X:
    case SL_RAND_TRANSLATE_Y: sl_text_add(out, size, used, "%s %s%.0f px", name, sign(m), size_of(m)); break;
    case SL_RAND_ROTATE: sl_text_add(out, size, used, "%s %s%.1f°", name, sign(m), size_of(m)); break;
    case SL_RAND_BRIGHTNESS:
    case SL_RAND_COLOUR:
    case SL_RAND_CONTRAST:
    case SL_RAND_SHARPNESS: sl_text_add(out, size, used, "%s × %.2f", name, 1 + m); break;
    case SL_RAND_POSTERIZE: sl_text_add(out, size, used, "posterize to %.0f bits", m); break;
    case SL_RAND_SOLARIZE: sl_text_add(out, size, used, "solarize from %.1f", m); break;
    default: sl_text_add(out, size, used, "%s", name); break;
    }
}

char *sl_rand_ops_text(const struct sl_rand_ops *ops, char *out, size_t size)
{
    size_t used = 0;
    if (size) {
        out[0] = '\0';
    }
    for (uint32_t i = 0; i < ops->n; i++) {
        add_op(&ops->op[i], out, size, &used);
    }
    if (!used) {
        sl_text_add(out, size, &used, "unchanged");
    }
    return out;
}
