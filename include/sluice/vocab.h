/* vocab.h: terms to ids and back. One thread writes at a time; ids are in order of first insertion. */
#ifndef SLUICE_VOCAB_H
#define SLUICE_VOCAB_H

#include "sluice/mem.h"

struct sl_vocab;
#define SL_NO_TERM UINT32_MAX

int sl_vocab_new(struct sl_vocab **out, struct sl_error *err);
void sl_vocab_free(struct sl_vocab *vocab);
uint32_t sl_vocab_size(const struct sl_vocab *vocab);
/* Id of the term, inserting a copy when new; SL_NO_TERM when out of memory. */
uint32_t sl_vocab_add(struct sl_vocab *vocab, struct sl_str term);
/* Id, or SL_NO_TERM when unknown. */
uint32_t sl_vocab_find(const struct sl_vocab *vocab, struct sl_str term);
/* Borrowed until the vocabulary is freed. */
struct sl_str sl_vocab_term(const struct sl_vocab *vocab, uint32_t id);
uint64_t sl_vocab_bytes(const struct sl_vocab *vocab);

#endif
