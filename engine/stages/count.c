/* count.c: texts to counts of their terms, as scikit-learn's CountVectorizer does it. The work is done in vectorize.c.
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
    .norm = SL_NORM_NONE,
};

static const struct sl_param params[] = {
    SL_VECTORIZE_ROWS,
    { 0 },
};

static const struct sl_example examples[] = {
    { "count text", .in = "text\na bad bad film\na good film\n", .out = "text\n\"[0:2, 1:1]\"\n\"[1:1, 2:1]\"\n",
      .note = "features are the words in order: bad, film, good; one letter is no word" },
    { "count text binary=true", .in = "text\nbad bad film\ngood film\n",
      .out = "text\n\"[0:1, 1:1]\"\n\"[1:1, 2:1]\"\n" },
    { "count text max_features=1", .in = "text\nbad bad film\ngood film\nfilm\n\n",
      .out = "text\n[0:1]\n[0:1]\n[0:1]\n[]\n" },
    { 0 },
};

const struct sl_stage_class sl_stage_count = {
    .name = "count",
    .summary = "turn texts into counts of their words",
    .details =
        "Each text column becomes a sparse column of the same name with one feature per term: a word, or with "
        "ngram_range also sequences of words. Which terms there are is learnt from the training records; others are "
        "passed over later. Features are sorted by term. A missing text counts as an empty one.\n\n"
        "Names, defaults and results are those of scikit-learn's CountVectorizer. One thing it leaves open is settled "
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
