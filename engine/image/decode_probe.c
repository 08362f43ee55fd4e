/* decode_probe.c: the header alone, and how failures are told.
 *
 * The library's reason is kept as it is but for a capital at its beginning, since it stands inside a sentence. */
#include "engine/image/decode_private.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

const char *sl_decode_base(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

int sl_decode_fail(struct sl_error *err, int status, const char *name, uint64_t byte, const char *fix,
                   const char *format, ...)
{
    char text[SL_DECODE_REASON];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (name[0]) {
        sl_fail(err, status, "'%.80s' %s", sl_decode_base(name), text);
    } else {
        sl_fail(err, status, "the picture %s", text);
    }
    sl_error_at(err, name, 0, 0, byte);
    sl_fix(err, "%s", fix);
    return status;
}

int sl_decode_damage(struct sl_error *err, const struct sl_decode *job, uint64_t byte, const char *reason)
{
    char text[SL_DECODE_REASON];
    snprintf(text, sizeof text, "%s", reason);
    if (isupper((unsigned char)text[0]) && islower((unsigned char)text[1])) {
        text[0] = (char)tolower((unsigned char)text[0]);
    }
    return sl_decode_fail(err, SL_EDATA, job->name, byte, "copy or download the file again, or leave it out",
                          "is a %s that cannot be decoded: %s", sl_image_kind_name(job->info.kind), text);
}

int sl_image_probe(struct sl_str bytes, const char *name, struct sl_image_info *info, struct sl_error *err)
{
    name = name ? name : "";
    switch (sl_image_kind_of(bytes)) {
    case SL_IMAGE_PNG: return sl_png_probe(bytes, name, info, err);
    case SL_IMAGE_JPEG: return sl_jpeg_probe(bytes, name, info, err);
    default: return sl_decode_refuse_kind(bytes, name, err);
    }
}
