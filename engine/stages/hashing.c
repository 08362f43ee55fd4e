/* hashing.c: texts to features without learning any: the number of a term is its hash.
 *
 * As scikit-learn's HashingVectorizer: MurmurHash3 (32 bits, signed, seed 0) of the term's UTF-8; its absolute value
 * modulo n_features is the feature; its sign is the sign with which the term counts, so that terms which share a
 * feature tend to cancel out rather than add up. Terms are words, or sequences of words with blanks between.
 *
 * Nothing is fitted, so it may stand before the split; but what a feature means cannot be told from its number. */
#include "engine/stages/murmur.h"
#include "engine/stages/text_stage.h"
#include "engine/stages/vectorize.h"

struct params {
    struct sl_names columns;
    int64_t n_features;
    bool alternate_sign;
    int norm;
    bool binary;
    bool lowercase;
    int strip_accents;
    char *token_pattern;
    int stop_words;
    struct sl_pair ngram_range;
};

static const struct params defaults = {
    .n_features = 1 << 20,
    .alternate_sign = true,
    .norm = SL_NORM_L2,
    .lowercase = true,
    .token_pattern = SL_TOKEN_PATTERN,
    .ngram_range = { 1, 1 },
};

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_TEXT,
               .help = "text columns to encode; without any, all text columns but the target"),
    SL_INT(struct params, n_features, .min = 1, .max = 1 << 30, .unit = "features",
           .help = "number of features; the more, the fewer terms share one"),
    SL_BOOL(struct params, alternate_sign, .help = "let half of the terms count as minus one"),
    SL_CHOICE(struct params, norm, .choices = sl_norm_choices,
              .help = "scale each row: l2 to length 1, l1 to a sum of 1"),
    SL_BOOL(struct params, binary, .help = "set every feature that occurs to 1"),
    SL_TOKEN_ROWS(struct params),
    { 0 },
};

static const struct sl_example examples[] = {
    { "hashing text n_features=8 norm=none", .in = "text\nbad bad film\nfilm\n",
      .out = "text\n\"[1:-1, 3:2]\"\n[1:-1]\n" },
    { 0 },
};

struct state {
    size_t *columns;
    size_t n;
    struct sl_token_rules rules;
    struct sl_token_table stop; /* frozen; holds the stop words alone */
};

struct scratch {
    struct sl_tokenizer tokenizer;
    struct sl_row_maker rows;
    struct sl_buf text; /* words of the text at hand, joined by blanks */
    size_t *end;        /* of each word in it */
    size_t n, capacity;
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct params *p = stage->params;
    struct state *state = sl_zalloc(1, sizeof *state);
    if (!state) {
        return sl_fail_memory(err, "binding a text encoder");
    }
    stage->state = state;
    struct sl_token_options options = { p->lowercase, p->strip_accents, p->token_pattern };
    int status = sl_vectorize_check_ngrams(&p->ngram_range, err);
    status = status == SL_OK ? sl_token_rules_init(&state->rules, &options, err) : status;
    status = status == SL_OK ? sl_token_table_init(&state->stop, p->stop_words, err) : status;
    if (status == SL_OK) {
        state->stop.frozen = true;
        status = sl_stage_columns(stage, &p->columns, SL_TEXT, in, &state->columns, &state->n, err);
    }
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        struct sl_field *field = &out->fields[state->columns[c]];
        field->type = SL_SPARSE;
        field->width = (uint32_t)p->n_features;
        field->encoded = true;
    }
    return status;
}

static void unbind(struct sl_stage *stage)
{
    struct state *state = stage->state;
    if (state) {
        free(state->columns);
        sl_token_rules_release(&state->rules);
        sl_token_table_release(&state->stop);
        free(state);
        stage->state = NULL;
    }
}

static void scratch_free(const struct sl_stage *stage, void *scratch)
{
    (void)stage;
    struct scratch *s = scratch;
    if (s) {
        sl_tokenizer_release(&s->tokenizer);
        sl_row_maker_release(&s->rows);
        sl_buf_release(&s->text);
        free(s->end);
        free(s);
    }
}

static int scratch_new(const struct sl_stage *stage, void **scratch, struct sl_error *err)
{
    const struct params *p = stage->params;
    const struct state *state = stage->state;
    struct scratch *s = sl_zalloc(1, sizeof *s);
    if (!s) {
        return sl_fail_memory(err, "preparing to cut texts");
    }
    sl_tokenizer_init(&s->tokenizer, &state->rules);
    int status = sl_row_maker_init(&s->rows, (uint32_t)p->n_features, err);
    if (status != SL_OK) {
        scratch_free(stage, s);
        return status;
    }
    *scratch = s;
    return SL_OK;
}

static void add_term(const struct params *p, struct sl_row_maker *rows, const char *term, size_t n)
{
    uint32_t hash = sl_murmur3_32(term, n, 0), width = (uint32_t)p->n_features;
    bool minus = hash >> 31;
    uint32_t size = minus ? ~hash + 1 : hash; /* 2^31 for the one value that has no absolute value in 32 bits */
    sl_row_add(rows, size % width, minus && p->alternate_sign);
}

/* Keep a word for the sequences it is part of. */
static bool keep_word(struct scratch *s, struct sl_str word)
{
    if (s->n == s->capacity) {
        size_t capacity = s->capacity * 2 + 256, bytes;
        size_t *end = sl_mul(capacity, sizeof *end, &bytes) ? realloc(s->end, bytes) : NULL;
        if (!end) {
            return false;
        }
        s->end = end;
        s->capacity = capacity;
    }
    sl_buf_add(&s->text, word.p, word.n);
    s->end[s->n++] = s->text.n;
    sl_buf_putc(&s->text, ' ');
    return !s->text.failed;
}

/* Words of a batch that are not stop words: hashed at once, or kept where sequences count. */
static int take_words(const struct sl_stage *stage, struct scratch *s, size_t n, struct sl_error *err)
{
    const struct params *p = stage->params;
    const struct state *state = stage->state;
    struct sl_token_table stop = state->stop; /* frozen: look-ups change nothing */
    bool sequences = p->ngram_range.high > 1;
    int status = sequences ? SL_OK : sl_row_reserve(&s->rows, n, err);
    for (size_t i = 0; status == SL_OK && i < n; i++) {
        uint32_t begin = s->tokenizer.spans[2 * i];
        struct sl_str word = { s->tokenizer.text + begin, s->tokenizer.spans[2 * i + 1] - begin };
        if (stop.stop && sl_token_table_word(&stop, word) != SL_NO_TERM) {
            continue;
        }
        if (!sequences) {
            add_term(p, &s->rows, word.p, word.n);
        } else if (!keep_word(s, word)) {
            status = sl_fail_memory(err, "hashing texts");
        }
    }
    return status;
}

static int add_sequences(const struct params *p, struct scratch *s, struct sl_error *err)
{
    size_t low = (size_t)p->ngram_range.low, high = (size_t)p->ngram_range.high;
    int status = sl_row_reserve(&s->rows, s->n * (high - low + 1), err);
    for (size_t i = 0; status == SL_OK && i < s->n; i++) {
        size_t begin = i ? s->end[i - 1] + 1 : 0;
        for (size_t k = i + low - 1; k < i + high && k < s->n; k++) {
            add_term(p, &s->rows, s->text.p + begin, s->end[k] - begin);
        }
    }
    return status;
}

static int hash_text(const struct sl_stage *stage, struct scratch *s, struct sl_str text, struct sl_error *err)
{
    int status = sl_tokenizer_begin(&s->tokenizer, text, err);
    size_t batch = 1;
    s->n = s->text.n = 0;
    while (status == SL_OK && batch) {
        status = sl_tokenizer_next(&s->tokenizer, &batch, err);
        status = status == SL_OK ? take_words(stage, s, batch, err) : status;
    }
    return status == SL_OK && s->n ? add_sequences(stage->params, s, err) : status;
}

static int hash_column(const struct sl_stage *stage, struct scratch *s, struct sl_chunk *chunk, size_t column,
                       struct sl_error *err)
{
    const struct params *p = stage->params;
    const struct sl_column *old = &chunk->columns[column];
    struct sl_row_rule rule = { .binary = p->binary, .norm = p->norm };
    uint64_t *start = sl_arena_array(chunk->arena, (size_t)chunk->n + 1, sizeof *start);
    if (!start) {
        return sl_fail_memory(err, "hashing texts");
    }
    start[0] = s->rows.n = 0;
    for (uint32_t i = 0; i < chunk->n; i++) {
        int status = sl_valid(old, i) && old->text[i].n ? hash_text(stage, s, old->text[i], err) : SL_OK;
        sl_row_end(&s->rows, &rule); /* also after an error: it leaves the row maker empty */
        if (status != SL_OK) {
            return status == SL_ENOMEM ? status : sl_error_record(err, status, &chunk->origin[i]);
        }
        start[i + 1] = s->rows.n;
    }
    return sl_rows_take(&s->rows, chunk->arena, start, &chunk->columns[column], err);
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    const struct state *state = stage->state;
    int status = SL_OK;
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        status = hash_column(stage, scratch, chunk, state->columns[c], err);
    }
    return status;
}

static void feature_name(const struct sl_stage *stage, size_t column, uint32_t j, struct sl_buf *to)
{
    (void)stage;
    (void)column;
    sl_buf_printf(to, "hash %u", j);
}

const struct sl_stage_class sl_stage_hashing = {
    .name = "hashing",
    .summary = "turn texts into counts of hashed words",
    .details =
        "Each text column becomes a sparse column of the same name with n_features features; which of them a word counts "
        "for follows from its hash alone. Nothing is learnt, so memory does not grow with the vocabulary and the stage may "
        "stand anywhere; in return, words can share a feature, and the words behind a feature are not known.\n\n"
        "Names, defaults and results are those of scikit-learn's HashingVectorizer.",
    .kind = SL_ENCODER,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = unbind,
    .scratch_new = scratch_new,
    .scratch_free = scratch_free,
    .apply = apply,
    .feature_name = feature_name,
};
