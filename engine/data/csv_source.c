/* csv_source.c: the bytes of a file as UTF-8, read in large pieces straight to where they are wanted.
 *
 * Text in UTF-8 is not looked at here, so that what is wrong with it stays with its record. Anything else is converted,
 * and the way back, from a place in the converted text to one in the file, is computed from the text alone. Bytes can
 * be given back: the tail of a block that begins the next one, or all that followed a quote that was never closed. They
 * are handed out again from where they lie, so that a large tail is not moved once for every block. */
#include "engine/data/csv.h"

enum { PIECE = 64 * 1024, LEAST = 16 * 1024 };

void sl_csv_source_close(struct sl_csv_source *source)
{
    sl_input_close(source->input);
    sl_buf_release(&source->raw);
    sl_buf_release(&source->ahead);
    *source = (struct sl_csv_source){ 0 };
}

static int read_into(struct sl_csv_source *source, struct sl_buf *to, size_t n, struct sl_error *err)
{
    size_t got = 0;
    if (!sl_buf_reserve(to, n)) {
        return sl_fail_memory(err, "reading a block");
    }
    int status = sl_input_read(source->input, to->p + to->n, n, &got, err);
    if (status) {
        return status;
    }
    to->n += got;
    source->ended = got == 0;
    return SL_OK;
}

static void drop_first(struct sl_buf *buf, size_t n)
{
    if (n && n < buf->n) {
        memmove(buf->p, buf->p + n, buf->n - n);
    }
    buf->n -= n;
}

/* What is in `raw`, converted; at the end of the file also what makes no whole character. */
static int convert(struct sl_csv_source *source, struct sl_buf *to, struct sl_error *err)
{
    if (source->encoding == SL_UTF8) {
        sl_buf_add(to, source->raw.p, source->raw.n);
        source->raw.n = 0;
    } else {
        size_t used = 0;
        sl_encoding_convert(source->encoding, source->raw.p, source->raw.n, to, &used, NULL);
        drop_first(&source->raw, used);
        if (source->ended && source->raw.n) {
            sl_buf_puts(to, "\xef\xbf\xbd");
            source->raw.n = 0;
        }
    }
    return to->failed ? sl_fail_memory(err, "reading a block") : SL_OK;
}

int sl_csv_fill(struct sl_csv_source *source, struct sl_buf *to, size_t want, size_t *fresh, bool *whole,
                struct sl_error *err)
{
    struct sl_buf *ahead = &source->ahead;
    size_t kept = ahead->n - source->ahead_from;
    if (kept && to->n < want) {
        size_t n = want - to->n < kept ? want - to->n : kept;
        sl_buf_add(to, ahead->p + source->ahead_from, n);
        if (to->failed) {
            return sl_fail_memory(err, "reading a block");
        }
        source->ahead_from += n;
        kept -= n;
    }
    size_t before = to->n;
    int status = SL_OK;
    while (status == SL_OK && to->n < want && (!source->ended || source->raw.n)) {
        if (source->encoding == SL_UTF8 && source->raw.n == 0) {
            size_t n = want - to->n;
            status = read_into(source, to, n < LEAST ? LEAST : n, err);
            continue;
        }
        if (!source->ended && source->raw.n < PIECE) {
            status = read_into(source, &source->raw, PIECE, err);
        }
        if (status == SL_OK || source->raw.n) {
            int converted = convert(source, to, err);
            status = status ? status : converted;
        }
    }
    *fresh += to->n - before;
    *whole = kept == 0 && source->ended && source->raw.n == 0;
    return status;
}

int sl_csv_unread(struct sl_csv_source *source, struct sl_buf *buf, size_t keep, size_t fresh, struct sl_error *err)
{
    struct sl_buf *ahead = &source->ahead;
    size_t n = buf->n - keep;
    fresh = fresh < n ? fresh : n;
    source->ahead_from -= n - fresh;
    if (source->ahead_from == ahead->n || source->ahead_from > PIECE + ahead->n / 2) {
        drop_first(ahead, source->ahead_from);
        source->ahead_from = 0;
    }
    sl_buf_add(ahead, buf->p + buf->n - fresh, fresh);
    buf->n = keep;
    return ahead->failed ? sl_fail_memory(err, "reading a block") : SL_OK;
}

uint64_t sl_csv_source_bytes(enum sl_encoding encoding, const char *p, size_t n)
{
    if (encoding == SL_UTF8) {
        return n;
    }
    uint64_t characters = sl_utf8_length(p, n), pairs = 0;
    if (encoding == SL_LATIN1) {
        return characters;
    }
    for (size_t i = 0; i < n; i++) {
        pairs += (unsigned char)p[i] >= 0xf0;
    }
    return 2 * (characters + pairs);
}
