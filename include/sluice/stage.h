/* stage.h: what a stage is.
 *
 * One const struct per stage, in one file, plus one line in the registry. From it come parsing, validation, completion,
 * form, help and man page. Stages hold no global state; one bound stage is used by many threads at once. */
#ifndef SLUICE_STAGE_H
#define SLUICE_STAGE_H

#include "sluice/chunk.h"
#include "sluice/param.h"
#include "sluice/reader.h"

enum sl_stage_kind {
    SL_SOURCE,  /* reads records: `read …` */
    SL_RECORD,  /* record in, record out (or dropped): cleaning */
    SL_TARGET,  /* names what to predict: `label` */
    SL_SPLIT,   /* train and test */
    SL_AUGMENT, /* changes training records at random, another way each epoch; what is tested or predicted passes by */
    SL_ENCODER, /* columns to features, usually fitted */
    SL_BATCH,   /* how rows come to a network: `batch` */
    SL_LEARNER, /* the model */
    SL_TRAINER, /* how a network learns: `train optimizer=…` */
};

struct sl_stage;

/* Shown by `help`, and run as a test: recipe (one stage line), a CSV in, the CSV out. For encoders the first half of
 * the records is fitted on when the text of `note` begins with "fit"; else all. `in` has at least a header line. */
struct sl_example {
    const char *recipe;
    const char *in;
    const char *out;
    const char *note;
};

/* Reduction that learns from training records. A partial result is begun per worker when `exact` (merging is
 * associative and commutative to the bit, as for counts), else per chunk, and merged in input order, so that the result
 * never depends on the number of threads. */
struct sl_fit {
    bool exact;
    int (*begin)(const struct sl_stage *stage, void **partial, struct sl_error *err);
    /* Learn from the records of the chunk whose bit is set in `rows` (NULL: all). */
    int (*chunk)(const struct sl_stage *stage, void *partial, const struct sl_chunk *chunk, const uint64_t *rows,
                 struct sl_error *err);
    /* into += from; the caller frees `from` with drop(). */
    int (*merge)(const struct sl_stage *stage, void *into, void *from, struct sl_error *err);
    /* Make stage->model of it; also settles widths in stage->out. */
    int (*end)(struct sl_stage *stage, void *partial, struct sl_error *err);
    void (*drop)(const struct sl_stage *stage, void *partial);
};

/* For stepping: what a stage does to one record, one sub-operation at a time. */
struct sl_substep_item {
    struct sl_str term;
    double value;     /* NaN: none */
    uint32_t feature; /* UINT32_MAX: none */
};
struct sl_substep {
    size_t column;         /* that it works on, in stage->in */
    struct sl_str what;    /* "tag <br /> taken out" */
    bool list;             /* it leaves a list of terms; else a text */
    struct sl_str text;    /* the cell after it */
    size_t at, taken, put; /* of the text before it: so many bytes there became so many */
    const struct sl_substep_item *items;
    size_t n_items;
};
struct sl_stage_substeps {
    /* Sub-operation k (from 1) on a chunk of one as it comes in; *n gets how many there are. k beyond *n, or 0: only *n
     * is set. Memory from `arena`, or borrowed from the chunk. After the last one of a text column its cell is what
     * apply makes. NULL: the stage is one operation. */
    int (*at)(const struct sl_stage *stage, void *scratch, const struct sl_chunk *chunk, uint32_t k,
              struct sl_arena *arena, struct sl_substep *out, uint32_t *n, struct sl_error *err);
    /* What the stage has learned that matters for `column` (of stage->out) of this record, as lines of text; nothing
     * when it did not touch it. n_train: training records, 0 when unknown. May be NULL. */
    void (*explain)(const struct sl_stage *stage, const struct sl_chunk *before, const struct sl_chunk *after,
                    size_t column, uint64_t n_train, struct sl_buf *to);
};

/* Which of the random changes: training sees draw 0 of each epoch; others stand beside it in the stepper. */
struct sl_draw {
    uint32_t epoch, draw;
};

/* Two records become one: of a batch, each with another, and what is to be predicted of them in the same shares. */
enum sl_mix_kind {
    SL_MIX_BLEND, /* mixup: a share of each value */
    SL_MIX_PASTE, /* cutmix: a part of the one's picture laid over the other's */
};
struct sl_mix {
    enum sl_mix_kind kind;
    double alpha;  /* of the share's distribution, Beta(alpha, alpha) */
    uint64_t seed; /* of its draws; their place is the stage's */
    size_t column; /* SL_MIX_PASTE: of the pictures, in stage->out */
};

struct sl_stage_class {
    const char *name;    /* first word(s) of its statement: "lowercase", "read csv" */
    const char *summary; /* one line */
    const char *details; /* paragraphs for help and man page; may be NULL */
    enum sl_stage_kind kind;
    int version;    /* raised when the same input would give another output */
    bool drops;     /* may drop records */
    bool network;   /* SL_LEARNER: goes with `batch` and `train` */
    bool regresses; /* SL_LEARNER: can learn a number (`label … task=regression`) */
    const struct sl_param *params;
    size_t params_size;
    const void *defaults;
    const struct sl_example *examples;

    /* Check params against the columns that come in and say what goes out. `out` begins as a copy of `in`. May set
     * stage->state (regexes compiled, columns resolved). Errors name the parameter (err->param) and the fix. */
    int (*bind)(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err);
    /* Free state and model; also after a failed bind. */
    void (*unbind)(struct sl_stage *stage);

    /* SL_SOURCE: open what is to be read. `base`: folder of the recipe. */
    int (*open)(const struct sl_stage *stage, const char *base, struct sl_reader **out, struct sl_error *err);

    /* Per worker, per stage scratch memory, and its end. May be NULL. */
    int (*scratch_new)(const struct sl_stage *stage, void **scratch, struct sl_error *err);
    void (*scratch_free)(const struct sl_stage *stage, void *scratch);

    /* Map a chunk: it arrives as a share of the one before and leaves fitting stage->out (the caller sets
     * chunk->schema). A stage replaces column cells, never writes into them; an unchanged text cell keeps its very
     * span, which is how changes are counted cheaply. New cells come from chunk->arena. Thread-safe for different
     * chunks. */
    int (*apply)(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err);

    /* SL_AUGMENT: apply is what every record gets (NULL: nothing), augment what training records get instead. Draws
     * depend on what is in `draw`, the stage's seed and place, and the record's number (chunk->origin) alone. */
    int (*augment)(const struct sl_stage *stage, void *scratch, const struct sl_draw *draw, struct sl_chunk *chunk,
                   struct sl_error *err);
    /* What augment does to record i of the chunk that comes in: "rotate +12.3°, flip left-right". Appended. */
    void (*drawn)(const struct sl_stage *stage, const struct sl_draw *draw, const struct sl_chunk *chunk, uint32_t i,
                  struct sl_buf *to);

    /* SL_AUGMENT, instead of augment and drawn, for what needs two records: how whoever makes batches is to mix them,
     * behind the last stage. */
    void (*mixes)(const struct sl_stage *stage, struct sl_mix *out);

    /* Instead of apply, for stages that must see all chunks in input order (drop_duplicates): called by one thread at a
     * time, in order, with the run's own state. Not run when predicting or looking at single records. */
    int (*run_begin)(const struct sl_stage *stage, void **run, struct sl_error *err);
    int (*ordered)(const struct sl_stage *stage, void *run, struct sl_chunk *chunk, struct sl_error *err);
    void (*run_end)(const struct sl_stage *stage, void *run);

    /* Encoders only: turn columns into something small (SL_TOKENS) that both fit and apply work from. It depends on
     * the record alone, so it runs in the first pass, before the split is known. The chunk's columns may have that type
     * when fit.chunk and apply are called; schema types stay what bind said. digest runs always before apply. */
    int (*digest)(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err);
    /* After the first pass: all workers' scratches, before fit.begin. They live as long as the digested chunks. */
    int (*gather)(struct sl_stage *stage, void *const *scratches, size_t n, struct sl_error *err);

    /* Does it learn with these params? NULL: yes when fit.begin is set. */
    bool (*needs_fit)(const void *params);
    struct sl_fit fit;
    int (*save)(const struct sl_stage *stage, struct sl_buf *to, struct sl_error *err);
    /* Set stage->model and settle stage->out from what save wrote. Must survive any bytes. */
    int (*load)(struct sl_stage *stage, struct sl_str from, struct sl_error *err);
    /* Name of feature j of the encoded column; appended to `to`. */
    void (*feature_name)(const struct sl_stage *stage, size_t column, uint32_t j, struct sl_buf *to);

    /* SL_SPLIT: fill order[n] with the numbers 0..n-1: *n_train for training, then those for test, in the order of
     * scikit-learn's train_test_split. stratum[i] is the class of record i when stratifying, else NULL. */
    int (*assign)(const struct sl_stage *stage, uint32_t n, const uint32_t *stratum, uint32_t *order, uint32_t *n_train,
                  struct sl_error *err);
    bool (*stratifies)(const void *params);
    /* Of the n records that assign() took for training, in that order, some for validation: order[n] gets *n_train
     * numbers that stay, then the others. Only when validates(). */
    int (*validate)(const struct sl_stage *stage, uint32_t n, const uint32_t *stratum, uint32_t *order,
                    uint32_t *n_train, struct sl_error *err);
    bool (*validates)(const void *params);

    const struct sl_stage_substeps *substeps; /* NULL: nothing to step into or to explain */
};

/* A statement bound to its place in a pipeline. */
struct sl_stage {
    const struct sl_stage_class *class;
    const void *params; /* class->params_size bytes, borrowed from the recipe */
    const struct sl_schema *in;
    struct sl_schema out;
    void *state;        /* from bind; owned by the stage, immutable after it */
    void *model;        /* from fit.end or load; owned by the stage; NULL before */
    const char *target; /* name of the target column when a `label` stands anywhere in the recipe, else NULL */
    bool predicting;    /* the target may be missing: stages that drop must not drop for its sake */
    bool implicit;      /* no statement says it: the `label` that a source's own target stands for */
    uint32_t place;     /* SL_AUGMENT: how many of its kind stand before it: the place of its random numbers */
    uint32_t line;      /* in the recipe, 1-based; implicit: of the source */
};

/* The registry: NULL-terminated, in the order help shows them. */
extern const struct sl_stage_class *const sl_stage_registry[];
/* By full name, NULL when unknown. */
const struct sl_stage_class *sl_stage_find(struct sl_str name);

/* For binds: resolve names to indices (owned by the caller, free()). n == 0 takes every column whose type is in `types`
 * (other than the target). Errors: SL_ESCHEMA unknown column (with nearest) or a column of the wrong type, naming the
 * type it has and a stage that would convert it. */
int sl_stage_columns(const struct sl_stage *stage, const struct sl_names *names, unsigned types,
                     const struct sl_schema *schema, size_t **columns, size_t *n, struct sl_error *err);

/* `label`: classes in sorted order (numbers by value, text by code point), known after its fit. Index of a cell's
 * class, or UINT32_MAX when missing or never seen in training. */
extern const struct sl_stage_class sl_stage_label;
size_t sl_label_column(const struct sl_stage *label);
/* `task=regression`: the column holds a number to be predicted; there are no classes. */
bool sl_label_is_number(const struct sl_stage *label);
uint32_t sl_label_classes(const struct sl_stage *label);
const char *sl_label_class(const struct sl_stage *label, uint32_t k);
uint32_t sl_label_index(const struct sl_stage *label, const struct sl_chunk *chunk, uint32_t i);

#endif
