/* tfidf.c: texts to weights of their terms, as scikit-learn's TfidfVectorizer does it. The work is done in vectorize.c.
 */
#include "engine/stages/substeps.h"
#include "engine/stages/vectorize.h"

static const struct sl_vectorize_params defaults = {
    .lowercase = true,
    .token_pattern = SL_TOKEN_PATTERN,
    .ngram_range = { 1, 1 },
    .max_df = { .value = 1, .share = true },
    .min_df = { .value = 1 },
    .max_features = SL_NONE,
    .norm = SL_NORM_L2,
    .use_idf = true,
    .smooth_idf = true,
};

static const struct sl_param params[] = {
    SL_VECTORIZE_ROWS,
    SL_CHOICE(struct sl_vectorize_params, norm, .choices = sl_norm_choices,
              .help = "scale each row: l2 to length 1, l1 to a sum of 1"),
    SL_BOOL(struct sl_vectorize_params, use_idf, .help = "weight terms by how few records have them"),
    SL_BOOL(struct sl_vectorize_params, smooth_idf,
            .help = "count one more record, with every term in it, in the weights"),
    SL_BOOL(struct sl_vectorize_params, sublinear_tf, .help = "take 1 + ln(count) for the count"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "tfidf text", .in = "text\nbad film\nfilm\n", .out = "text\n\"[0:0.81480247, 1:0.5797387]\"\n[1:1]\n",
      .note = "features: bad, film; the rarer word weighs more" },
    { "tfidf text stop_words=english max_features=1 norm=none use_idf=false",
      .in = "text\nThe bad and the worst of bad films: bad!\nthe film\n", .out = "text\n[0:3]\n[]\n" },
    { 0 },
};

const struct sl_stage_class sl_stage_tfidf = {
    .name = "tfidf",
    .summary = "turn texts into weights of their words",
    .details =
        "Each text column becomes a sparse column of the same name with one feature per term: a word, or with "
        "ngram_range also sequences of words. Its value is the number of times the term occurs in the text (tf), times "
        "idf = ln((1 + records) / (1 + records with the term)) + 1, and each row is then scaled to length 1. Terms and "
        "idf are learnt from the training records; other terms are passed over later. Features are sorted by term. A "
        "missing text counts as an empty one.\n\n"
        "Names, defaults and results are those of scikit-learn's TfidfVectorizer. One thing it leaves open is settled "
        "here: of terms that occur equally often at the boundary of max_features, the last by code point stay.",
    .kind = SL_ENCODER,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct sl_vectorize_params),
    .defaults = &defaults,
    .examples = examples,
    SL_VECTORIZE_SLOTS,
    .substeps = &sl_substeps_vectorize,
};
