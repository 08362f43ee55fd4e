/* read_svmlight.c: the statement that opens svmlight files. The reading itself is engine/data/svmlight*.c. */
#include "engine/stages/source.h"

struct params {
    struct sl_names files;
    int64_t n_features;
    int zero_based;
    bool query_id;
    int64_t max_record;
    int as;
};

static const struct params defaults = { .n_features = SL_NONE, .max_record = 16 << 20 };

/* In the order of SL_ZERO_BASED_AUTO and the others. */
static const char *const bases[] = { "auto", "true", "false", NULL };

static const struct sl_param params[] = {
    SL_NAMES(struct params, files, .positional = true, .required = true,
             .help = "files to read, one after the other; .gz and .zst are unpacked, - is standard input"),
    SL_INT(struct params, n_features, .min = 1, .max = 4294967293.0, .none_ok = true, .unit = "features",
           .help = "how many features there are; none: as many as the highest index says"),
    SL_CHOICE(struct params, zero_based, .choices = bases,
              .help = "do indices count from 0? auto: yes when one of them is 0"),
    SL_BOOL(struct params, query_id, .help = "keep qid: as a column of numbers"),
    SL_INT(struct params, max_record, .min = 1, .max = 1099511627776.0, .unit = "bytes",
           .help = "longer records are quarantined"),
    SL_SOURCE_AS(struct params, as),
    { 0 },
};

static const struct sl_example examples[] = {
    { "read svmlight heart.svm", .in = "# two records\n+1 1:0.5 3:-1\n\n-1 2:2 # healthy\n",
      .out = "label,features\n1,\"[0:0.5, 2:-1]\"\n-1,[1:2]\n", .note = "indices in files begin at 1" },
    { "read svmlight ranked.svm query_id=true", .in = "2 qid:7 0:1\n1 qid:7 1:1 4:2.5\n",
      .out = "label,features,qid\n2,[0:1],7\n1,\"[1:1, 4:2.5]\",7\n", .note = "or at 0, when one is 0" },
    { 0 },
};

static int open_source(const struct sl_stage *stage, const char *base, struct sl_reader **out, struct sl_error *err)
{
    const struct params *p = stage->params;
    const struct sl_svmlight_options options = { .zero_based = p->zero_based,
                                                 .n_features = p->n_features == SL_NONE ? 0 : (uint64_t)p->n_features,
                                                 .query_id = p->query_id,
                                                 .max_record = (uint64_t)p->max_record };
    return sl_svmlight_open(out, base, (const char *const *)p->files.name, p->files.n, &options, err);
}

const struct sl_stage_class sl_stage_read_svmlight = {
    .name = "read svmlight",
    .summary = "read sparse features from svmlight or LIBSVM files",
    .details =
        "Each line is a record: its label, then index:value for every feature that is not 0, with rising indices. What "
        "follows a # is a comment. The label becomes a column of numbers, what is to be predicted unless a label "
        "statement names another; the features become one sparse column, ready for a learner.\n\n"
        "Unless n_features= and zero_based= are both given, the files are read through once when they are opened, to "
        "find the highest index and whether there is an index 0. When training and test records come from two "
        "statements, each finds out for itself: the wider one counts, and zero_based= should be given if only one of "
        "them may hold an index 0.\n\n"
        "A line goes to the quarantine with the reason when its label is no number or there are several, when an index "
        "does not rise, is 0 where they begin at 1 or lies beyond n_features, or when a value is not a finite number. "
        "Records are read as by scikit-learn's load_svmlight_file, with values in single precision.",
    .kind = SL_SOURCE,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .open = open_source,
};
