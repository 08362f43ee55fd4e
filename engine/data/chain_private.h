/* chain_private.h: the parts of a chain: its links (chain), and how their columns fit together (chain_fit). */
#ifndef SLUICE_ENGINE_DATA_CHAIN_PRIVATE_H
#define SLUICE_ENGINE_DATA_CHAIN_PRIVATE_H

#include "engine/data/reader_private.h"

struct link {
    struct sl_reader *reader;
    uint32_t first_file;
    size_t *from;         /* per column of the chain: the link's column */
    struct sl_mark start; /* of its first block, as it counts itself; set once `known` */
    bool known;
    bool entered;              /* from its beginning, at `first`: */
    uint64_t first;            /* number of its first record over the whole */
    bool moved;                /* it stands somewhere else than at its beginning */
    uint64_t sequence, record; /* to be added to what it counts */
};

/* Find the link's column for each of the chain's; of sparse ones the schema's width grows to the widest. */
int sl_chain_fit(struct sl_schema *schema, struct link *link, struct sl_error *err);

#endif
