/* svmlight_private.h: the parts of the svmlight reader: one record (svmlight_record), blocks to chunks and the pass
 * that finds the highest index (svmlight_parse), opening (svmlight). Cutting into lines is lines_cut.c's. */
#ifndef SLUICE_ENGINE_DATA_SVMLIGHT_PRIVATE_H
#define SLUICE_ENGINE_DATA_SVMLIGHT_PRIVATE_H

#include "engine/data/lines.h"

enum { SL_SVMLIGHT_MAX_RECORD = 16 << 20 };
#define SL_SVMLIGHT_INDEX_MAX (UINT32_MAX - 2)

struct sl_svmlight {
    struct sl_line_reader lines;
    uint64_t max_index; /* as written in the file; above it a record is rejected */
    bool zero_based;    /* what index 0 is; false: no record has it */
    bool query_id;      /* a column of its own */
};

/* One record taken apart. Arrays have room for as many pairs as the line has colons. */
struct sl_svmlight_record {
    double label, query; /* query: NaN when there is none */
    uint32_t *index;     /* as written */
    float *value;
    uint32_t n;
};
/* false: the reject says why. */
bool sl_svmlight_record(const struct sl_svmlight *svm, struct sl_str line, struct sl_svmlight_record *record,
                        struct sl_reject *reject);
/* Nothing but blanks, or a comment. */
bool sl_svmlight_blank(struct sl_str line);

/* What the records of all files hold. */
struct sl_svmlight_range {
    uint32_t lowest, highest; /* index as written; lowest UINT32_MAX: there is no pair */
};
/* Read from where the reader stands to the end. until_zero: stop at the first index 0. */
int sl_svmlight_scan(struct sl_svmlight *svm, bool until_zero, struct sl_svmlight_range *range, struct sl_error *err);

int sl_svmlight_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                      struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err);

#endif
