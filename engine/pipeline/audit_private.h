/* audit_private.h: an audit's parts: what a worker counts, and what is compared at the end. */
#ifndef SL_AUDIT_PRIVATE_H
#define SL_AUDIT_PRIVATE_H

#include "step_private.h"

/* The smallest record numbers of those added, and how many there were. */
struct sl_first {
    uint64_t n;
    uint64_t *record; /* room for `most` */
    size_t kept, most;
};
void sl_first_add(struct sl_first *first, uint64_t record);
void sl_first_merge(struct sl_first *into, const struct sl_first *from);

/* A record's text, as three numbers. */
struct sl_text_key {
    uint64_t text;  /* hash of all text columns */
    uint64_t print; /* simhash */
    uint64_t label; /* hash; 0: no label */
    uint64_t record;
};

enum { AUDIT_CHANGED, AUDIT_DROPPED, AUDIT_EMPTIED, AUDIT_MISSING, AUDIT_NONFINITE, AUDIT_FAILED, AUDIT_COUNTS };

struct sl_record_list {
    uint64_t *record;
    size_t n, capacity;
};

struct sl_audit_worker {
    uint64_t in[SL_MAX_STAGES];
    struct sl_first counts[SL_MAX_STAGES][AUDIT_COUNTS];
    struct sl_first untouched;
    uint64_t records, rejected;
    uint64_t touched[SL_CHUNK_RECORDS / 64], gone[SL_CHUNK_RECORDS / 64]; /* rows of the block at hand */
    struct sl_flags flags;
    struct sl_text_key *keys;
    size_t n_keys, key_capacity;
    struct sl_record_list dropped[SL_MAX_STAGES]; /* by stages that see all records in order */
};

struct sl_auditing {
    struct sl_pass pass;
    struct sl_stage_map *maps;
    struct sl_audit_worker *workers;
    size_t n_workers;
    size_t texts_at;  /* stage behind which texts are taken */
    uint64_t *memory; /* the examples' */
    size_t most;
};

/* The audit's visitor; ctx is a struct sl_auditing. */
int sl_audit_look(void *ctx, const struct sl_pass_view *view, struct sl_error *err);

/* Numbers for the text of record i; false when it has none. */
bool sl_text_key_make(const struct sl_chunk *chunk, uint32_t i, const char *target, struct sl_text_key *key);

/* What the comparisons at the end are given. */
struct sl_pairing {
    struct sl_text_key *keys; /* sorted anew by each */
    size_t n;
    const uint64_t *roles; /* record << 1 | role, sorted; may be NULL */
    size_t n_roles;
    size_t most;
    unsigned distance;
    struct sl_step_progress *progress;
    struct sl_arena *arena; /* of the examples */
};
int sl_find_conflicts(struct sl_pairing *p, struct sl_pairs *out, struct sl_error *err);
int sl_find_exact(struct sl_pairing *p, struct sl_pairs *out, struct sl_error *err);
int sl_find_near(struct sl_pairing *p, struct sl_pairs *out, struct sl_error *err);
/* Pairs with the smallest a, in order. */
struct sl_first_pairs {
    struct sl_record_pair *pair;
    size_t kept, most;
};
void sl_first_pairs_add(struct sl_first_pairs *first, struct sl_record_pair pair);

#endif
