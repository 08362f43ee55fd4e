/* jsonl_private.h: the parts of the JSON Lines reader.
 *
 * lines_cut.c is the serial side (bytes to blocks), jsonl_parse.c the parallel one (block to chunk), jsonl_sample.c
 * chooses the columns, jsonl_walk.c turns one line into paths and values for both. */
#ifndef SLUICE_ENGINE_DATA_JSONL_PRIVATE_H
#define SLUICE_ENGINE_DATA_JSONL_PRIVATE_H

#include "engine/data/json.h"
#include "engine/data/lines.h"
#include "sluice/vocab.h"

enum {
    SL_JSONL_DEPTH = 4,
    SL_JSONL_DEPTH_MAX = 64,
    SL_JSONL_SAMPLE = 1000,
    SL_JSONL_SAMPLE_BYTES = 4096, /* a record of the sample, on average, at most */
    SL_JSONL_PATH_MAX = 1024,     /* bytes of a column's name "a.b.c" */
    SL_JSONL_COLUMNS_MAX = 16384,
    SL_JSONL_MAX_RECORD = 16 << 20,
};

struct sl_jsonl {
    struct sl_line_reader lines;
    uint32_t depth;
    uint64_t sample;
    const char *const *text; /* while opening */

    struct sl_vocab *paths; /* name of a column to its index */
    struct sl_str *names;   /* of the columns; borrowed from the schema */
    uint64_t sampled;       /* records the columns were chosen from */
};

/* ---- One record ---- */

struct sl_json_walk {
    struct sl_json json;
    uint32_t depth, level;
    bool fresh;                          /* an object was just opened */
    uint32_t prefix[SL_JSONL_DEPTH_MAX]; /* of the path, by level */
    char path[SL_JSONL_PATH_MAX + 1];
};

struct sl_json_leaf {
    struct sl_str path; /* borrowed until the next leaf */
    struct sl_json_value value;
};

enum sl_walk_step { SL_WALK_END, SL_WALK_LEAF, SL_WALK_BAD };

void sl_json_walk_begin(struct sl_json_walk *walk, struct sl_str record, uint32_t depth);
/* The next value that is no object to be taken apart. SL_WALK_BAD: walk->json says why. */
enum sl_walk_step sl_json_walk_next(struct sl_json_walk *walk, struct sl_json_leaf *leaf);
/* The reason for a reject, after SL_WALK_BAD. */
void sl_json_walk_reason(const struct sl_json_walk *walk, struct sl_reject *reject);
/* Reason when the line is not valid UTF-8; false when it is. */
bool sl_jsonl_bad_utf8(struct sl_str line, struct sl_reject *reject);

/* ---- Columns, parsing ---- */

int sl_jsonl_sample(struct sl_jsonl *jsonl, struct sl_error *err);
int sl_jsonl_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                   struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err);

#endif
