/* token_text.c: a text made ready for cutting: lower case, accents, masks, zeros behind it.
 *
 * ASCII texts take one pass that lowers and classifies at once. Any other goes through the exact lower-casing and
 * normalisation of whole texts, in scikit-learn's order (lower(), then strip_accents), and is classified afterwards. */
#include "engine/stages/token.h"

#include "sluice/text.h"

#include <stdlib.h>

enum { KEEP_BYTES = 1 << 22 }; /* room kept from text to text */

const char *const sl_strip_accents_choices[] = { "none", "unicode", "ascii", NULL };
const char *const sl_stop_words_choices[] = { "none", "english", NULL };

static void drop_room(struct sl_tokenizer *t)
{
    free(t->text);
    free(t->word);
    free(t->other);
    t->text = NULL;
    t->word = t->other = NULL;
    t->capacity = t->mask_capacity = 0;
}

/* Room for a text of n bytes (and the padding) and its masks. What was there is lost. */
static int make_room(struct sl_tokenizer *t, size_t n, struct sl_error *err)
{
    if (n < t->capacity && (t->capacity <= KEEP_BYTES || n > t->capacity / 8)) {
        return SL_OK;
    }
    drop_room(t);
    size_t capacity = n + n / 4 + 4096, elements = capacity / 64 + 2;
    t->text = malloc(capacity + SL_TOKEN_PAD);
    t->word = malloc(elements * sizeof *t->word);
    t->other = malloc(elements * sizeof *t->other);
    if (!t->text || !t->word || !t->other) {
        drop_room(t);
        return sl_fail_memory(err, "cutting a text into words");
    }
    t->capacity = capacity;
    t->mask_capacity = elements;
    return SL_OK;
}

/* sklearn's strip_accents_ascii after NFKD: what is not ASCII goes. */
static struct sl_str drop_others(struct sl_str s, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x80) {
            out[n++] = s.p[i];
        }
    }
    return (struct sl_str){ out, n };
}

static int strip_accents(struct sl_tokenizer *t, struct sl_str *text, struct sl_error *err)
{
    bool ascii = t->rules->strip_accents == SL_ACCENTS_ASCII;
    struct sl_str stripped;
    sl_arena_reset(&t->arena, KEEP_BYTES);
    int status = sl_text_normalize(*text, SL_NFKD, !ascii, &t->arena, &stripped, err);
    if (status != SL_OK) {
        return status;
    }
    if (ascii) {
        char *out = sl_arena_array(&t->arena, stripped.n + 1, 1);
        if (!out) {
            return sl_fail_memory(err, "taking accents off a text");
        }
        stripped = drop_others(stripped, out);
    }
    *text = stripped;
    return SL_OK;
}

/* A text that is not all ASCII. */
static int prepare_others(struct sl_tokenizer *t, struct sl_str text, struct sl_error *err)
{
    char *lower = NULL;
    int status = SL_OK;
    if (t->rules->lowercase) {
        lower = malloc(3 * text.n + 16);
        if (!lower) {
            return sl_fail_memory(err, "putting a text in lower case");
        }
        text = (struct sl_str){ lower, sl_text_lower(text.p, text.n, lower) };
    }
    if (t->rules->strip_accents != SL_ACCENTS_KEEP) {
        status = strip_accents(t, &text, err);
    }
    if (status == SL_OK) {
        status = text.n >= UINT32_MAX - SL_TOKEN_PAD
                     ? sl_fail(err, SL_ELIMIT, "a text of %zu bytes is too long", text.n)
                     : make_room(t, text.n, err);
    }
    if (status == SL_OK) {
        t->n = text.n;
        t->ascii = sl_token_mask(text.p, text.n, false, t->text, t->word, t->other);
    }
    free(lower);
    return status;
}

int sl_token_prepare(struct sl_tokenizer *t, struct sl_str text, struct sl_error *err)
{
    if (text.n >= UINT32_MAX / 4) {
        sl_fail(err, SL_ELIMIT, "a text of %zu bytes is too long to be cut into words", text.n);
        return sl_fix(err, "at most %u bytes are possible", UINT32_MAX / 4 - 1);
    }
    int status = make_room(t, text.n, err);
    if (status != SL_OK) {
        return status;
    }
    t->n = text.n;
    t->ascii = sl_token_mask(text.n ? text.p : "", text.n, t->rules->lowercase, t->text, t->word, t->other);
    if (!t->ascii && (t->rules->lowercase || t->rules->strip_accents != SL_ACCENTS_KEEP)) {
        status = prepare_others(t, text, err);
    }
    if (status == SL_OK && !t->ascii && !t->rules->code) {
        sl_token_mask_others(t->text, t->n, t->word, t->other);
    }
    return status;
}

void sl_tokenizer_init(struct sl_tokenizer *t, const struct sl_token_rules *rules)
{
    memset(t, 0, offsetof(struct sl_tokenizer, spans));
    t->rules = rules;
    sl_arena_init(&t->arena);
}

void sl_tokenizer_release(struct sl_tokenizer *t)
{
    if (t) {
        drop_room(t);
        sl_token_pattern_end(t);
        sl_arena_release(&t->arena);
    }
}

int sl_tokenizer_begin(struct sl_tokenizer *t, struct sl_str text, struct sl_error *err)
{
    t->at = 0;
    t->inside = 0;
    t->open = 0;
    t->checked = t->nonempty = false;
    return sl_token_prepare(t, text, err);
}

int sl_tokenizer_next(struct sl_tokenizer *t, size_t *n, struct sl_error *err)
{
    if (t->rules->code) {
        return sl_token_pattern_next(t, n, err);
    }
    *n = sl_token_cut(t);
    return SL_OK;
}
