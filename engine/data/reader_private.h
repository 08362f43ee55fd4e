/* reader_private.h: what the readers of this folder share: paths, notes of rejection. */
#ifndef SLUICE_ENGINE_DATA_READER_PRIVATE_H
#define SLUICE_ENGINE_DATA_READER_PRIVATE_H

#include "sluice/reader.h"

/* Fill the shared part: class, default block size, and paths made relative to `base` (NULL: left as they are; absolute
 * ones and "-" always). On failure nothing is held. */
int sl_reader_init(struct sl_reader *reader, const struct sl_reader_class *class, const char *base,
                   const char *const *paths, size_t n, struct sl_error *err);
/* Free what the shared part holds: for a class's close(), before it frees the reader. */
void sl_reader_release(struct sl_reader *reader);

/* The reader of a chain that holds this record, and its number there; other readers hold their own. NULL: not known
 * before the chain has been read to its end. */
const struct sl_reader *sl_chain_holding(const struct sl_reader *reader, uint64_t *number);

/* Pictures: have a thread list what is to be read, so that its size is soon known; at most once. Other readers:
 * nothing. Before next(), by the thread that calls it. */
void sl_images_begin(struct sl_reader *reader);

/* The first bytes of a record on one line for people: controls and invalid UTF-8 become '?', line ends and tabs a
 * blank; "…" where it was cut. */
void sl_reject_excerpt(struct sl_reject *reject, struct sl_str record);
/* Set the reason: what fits, cut between characters. */
void sl_reject_reason(struct sl_reject *reject, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* n bytes of p as printable text into out[size], as the excerpt. Returns out. */
char *sl_printable(char *out, size_t size, const char *p, size_t n);

#endif
