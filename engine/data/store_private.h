/* store_private.h: a chunk as one run of bytes, for the store's memory and file. */
#ifndef SLUICE_ENGINE_DATA_STORE_PRIVATE_H
#define SLUICE_ENGINE_DATA_STORE_PRIVATE_H

#include "sluice/chunk.h"

/* Bytes sl_flat_write() will write. */
size_t sl_flat_size(const struct sl_schema *schema, const struct sl_chunk *chunk);
/* Write the chunk to `to`, which is aligned to 8. */
void sl_flat_write(const struct sl_schema *schema, const struct sl_chunk *chunk, char *to);
/* The chunk back. Text bytes, vectors, indices, values and ids borrow `from`; the rest comes from arena. */
int sl_flat_read(const struct sl_schema *schema, const char *from, struct sl_arena *arena, struct sl_chunk *out,
                 struct sl_error *err);

#endif
