/* chain.c: several readers as one: the records of the second follow those of the first, and so on.
 *
 * Block and record numbers go on counting; a file's number is its place in the joined list of paths. Each link numbers
 * from wherever it began, and what has to be added to its numbers is noted when it is entered; behind a seek it is
 * nothing, since the mark it is given counts over the whole. A link that was read before is entered again by seeking to
 * its own first block. */
#include "engine/data/chain_private.h"

#include <stdlib.h>

struct chain {
    struct sl_reader base;
    struct link *links;
    size_t n, at;
    uint64_t sequence, record; /* of the next block */
    bool ended;
};

static void close_chain(struct sl_reader *reader)
{
    struct chain *chain = (struct chain *)reader;
    for (size_t i = 0; chain->links && i < chain->n; i++) {
        sl_reader_close(chain->links[i].reader);
        free(chain->links[i].from);
    }
    free(chain->links);
    sl_reader_release(reader);
    free(chain);
}

/* The types others have chosen for the chain hold for its links. */
static void hand_types_on(struct chain *chain, struct link *link)
{
    for (size_t c = 0; c < chain->base.schema.n; c++) {
        struct sl_field *field = &link->reader->schema.fields[link->from[c]];
        if (field->type != chain->base.schema.fields[c].type)
            field->type = chain->base.schema.fields[c].type;
    }
    link->reader->block_bytes = chain->base.block_bytes;
}

/* How much there is and how far it is read: folders of pictures tell their size when they are listed. */
static void measure(struct chain *chain)
{
    uint64_t size = 0, before = 0;
    bool sized = true;
    for (size_t i = 0; i < chain->n; i++) {
        uint64_t own = chain->links[i].reader->size;
        before = i == chain->at ? size : before;
        size += own;
        sized = sized && own;
    }
    chain->base.size = sized ? size : 0;
    chain->base.consumed = before + chain->links[chain->at].reader->consumed;
}

/* Next block of a link as it counts itself; its first one is remembered. */
static int next_of(struct chain *chain, struct link *link, struct sl_block *block, struct sl_error *err)
{
    hand_types_on(chain, link);
    int status = sl_reader_next(link->reader, block, err);
    if (!status && !link->known) {
        link->start = block->mark;
        link->known = true;
    }
    link->moved = true;
    measure(chain);
    chain->base.packed |= link->reader->packed;
    return status;
}

/* Stand before a link's first block, at the chain's present count. */
static int enter(struct chain *chain, size_t k, struct sl_error *err)
{
    struct link *link = &chain->links[k];
    int status = link->moved && link->known ? sl_reader_seek(link->reader, &link->start, err) : SL_OK;
    chain->at = k;
    link->sequence = chain->sequence - (link->known ? link->start.sequence : 0);
    link->record = chain->record - (link->known ? link->start.record : 0);
    link->first = chain->record;
    link->entered = true;
    return status;
}

static int chain_next(struct sl_reader *reader, struct sl_block *block, struct sl_error *err)
{
    struct chain *chain = (struct chain *)reader;
    int status = SL_EEND;
    for (size_t i = 0; i < chain->n; i++)
        sl_images_begin(chain->links[i].reader);
    while (!chain->ended) {
        struct link *link = &chain->links[chain->at];
        status = next_of(chain, link, block, err);
        if (status != SL_EEND)
            break;
        chain->ended = chain->at + 1 == chain->n;
        if (!chain->ended && (status = enter(chain, chain->at + 1, err)))
            return status;
    }
    if (chain->ended)
        return SL_EEND;
    if (status)
        return status;
    const struct link *link = &chain->links[chain->at];
    block->mark.sequence += link->sequence;
    block->mark.record += link->record;
    block->mark.file += link->first_file;
    chain->sequence = block->mark.sequence + 1;
    chain->record = block->mark.record + block->records;
    return SL_OK;
}

static const struct link *link_of(const struct chain *chain, uint32_t file)
{
    size_t k = chain->n - 1;
    while (k && chain->links[k].first_file > file)
        k--;
    return &chain->links[k];
}

/* What a link has read, with the chain's columns and files. Rejects from `before` on are its own. */
static int adopt(const struct chain *chain, const struct link *link, size_t before, struct sl_chunk *chunk,
                 struct sl_quarantine *rejects, struct sl_error *err)
{
    for (size_t i = before; i < rejects->n; i++)
        rejects->entries[i].origin.file += link->first_file;
    for (uint32_t i = 0; i < chunk->n; i++)
        chunk->origin[i].file += link->first_file;
    struct sl_column *columns = sl_arena_zero(chunk->arena, chain->base.schema.n + 1, sizeof *columns);
    if (!columns)
        return sl_fail_memory(err, "reading records");
    for (size_t c = 0; c < chain->base.schema.n; c++)
        columns[c] = chunk->columns[link->from[c]];
    chunk->columns = columns;
    chunk->schema = &chain->base.schema;
    return SL_OK;
}

static int chain_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                       struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err)
{
    const struct chain *chain = (const struct chain *)reader;
    const struct link *link = link_of(chain, block->mark.file);
    struct sl_block own = *block;
    size_t before = rejects->n;
    own.mark.file -= link->first_file;
    int status = sl_reader_parse(link->reader, &own, arena, chunk, rejects, err);
    return status ? status : adopt(chain, link, before, chunk, rejects, err);
}

/* The link that holds a record; *number becomes its own. NULL: not known yet. */
static const struct link *link_holding(const struct chain *chain, uint64_t *number)
{
    size_t k = chain->n;
    while (k && (!chain->links[k - 1].entered || chain->links[k - 1].first > *number))
        k--;
    if (k == 0 || (k < chain->n && !chain->links[k].entered))
        return NULL; /* it may lie in one that was not reached */
    *number -= chain->links[k - 1].first;
    return &chain->links[k - 1];
}

static int chain_record(const struct sl_reader *reader, uint64_t number, struct sl_arena *arena, struct sl_chunk *chunk,
                        struct sl_quarantine *rejects, struct sl_error *err)
{
    const struct chain *chain = (const struct chain *)reader;
    uint64_t own = number;
    const struct link *link = link_holding(chain, &own);
    size_t before = rejects->n;
    if (!link) {
        sl_fail(err, SL_ESTATE, "where record %llu is will be known when all sources have been read",
                (unsigned long long)number);
        return sl_fix(err, "read them to their end first");
    }
    int status = sl_reader_record(link->reader, own, arena, chunk, rejects, err);
    for (size_t i = before; i < rejects->n && !status; i++)
        rejects->entries[i].origin.record += number - own;
    for (uint32_t i = 0; !status && i < chunk->n; i++)
        chunk->origin[i].record += number - own;
    return status ? status : adopt(chain, link, before, chunk, rejects, err);
}

/* A link that is to be entered in its middle must know its beginning for later. */
static int learn_start(struct chain *chain, struct link *link, struct sl_error *err)
{
    struct sl_block first = { 0 };
    int status = link->known || link->moved ? SL_OK : next_of(chain, link, &first, err);
    sl_block_release(&first);
    return status == SL_EEND ? SL_OK : status;
}

static int chain_seek(struct sl_reader *reader, const struct sl_mark *mark, struct sl_error *err)
{
    struct chain *chain = (struct chain *)reader;
    struct link *link = &chain->links[link_of(chain, mark->file) - chain->links];
    struct sl_mark own = *mark;
    own.file -= link->first_file;
    if (mark->sequence == 0) {
        link->start = own;
        link->known = true;
    }
    int status = learn_start(chain, link, err);
    if (!status)
        status = sl_reader_seek(link->reader, &own, err);
    if (status)
        return status;
    link->moved = true;
    link->sequence = link->record = 0;
    chain->at = (size_t)(link - chain->links);
    chain->sequence = mark->sequence;
    chain->record = mark->record;
    chain->ended = false;
    return SL_OK;
}

static const struct sl_reader_class chain_class = {
    .name = "chain",
    .next = chain_next,
    .parse = chain_parse,
    .seek = chain_seek,
    .close = close_chain,
    .record = chain_record,
};

static int join(struct chain *chain, struct sl_error *err)
{
    struct sl_reader *base = &chain->base;
    size_t n_paths = 0;
    for (size_t i = 0; i < chain->n; i++)
        n_paths += chain->links[i].reader->n_paths;
    base->paths = calloc(n_paths + 1, sizeof *base->paths);
    if (!base->paths)
        return sl_fail_memory(err, "joining sources");
    for (size_t i = 0; i < chain->n; i++) {
        struct link *link = &chain->links[i];
        const struct sl_reader *reader = link->reader;
        link->first_file = (uint32_t)base->n_paths;
        for (size_t k = 0; k < reader->n_paths; k++, base->n_paths++)
            if (!(base->paths[base->n_paths] = strdup(reader->paths[k])))
                return sl_fail_memory(err, "joining sources");
        base->packed |= reader->packed;
        base->refers |= reader->refers;
    }
    measure(chain);
    memcpy(base->note, chain->links[0].reader->note, sizeof base->note);
    base->block_bytes = chain->links[0].reader->block_bytes;
    int status = sl_schema_copy(&base->schema, &chain->links[0].reader->schema, err);
    for (size_t i = 0; i < chain->n && !status; i++)
        status = sl_chain_fit(&chain->base.schema, &chain->links[i], err);
    return status;
}

int sl_chain_new(struct sl_reader **out, struct sl_reader **readers, size_t n, struct sl_error *err)
{
    struct chain *chain = calloc(1, sizeof *chain);
    struct link *links = calloc(n + 1, sizeof *links);
    if (!chain || !links) {
        for (size_t i = 0; i < n; i++)
            sl_reader_close(readers[i]);
        free(chain);
        free(links);
        return sl_fail_memory(err, "joining sources");
    }
    *chain = (struct chain){ .base = { .class = &chain_class }, .links = links, .n = n };
    for (size_t i = 0; i < n; i++)
        links[i].reader = readers[i];
    links[0].entered = n > 0; /* from record 0 on */
    int status = join(chain, err);
    if (status)
        close_chain(&chain->base);
    else
        *out = &chain->base;
    return status;
}

size_t sl_chain_link(const struct sl_reader *reader, uint32_t file)
{
    const struct chain *chain = (const struct chain *)reader;
    return reader->class == &chain_class ? (size_t)(link_of(chain, file) - chain->links) : 0;
}

bool sl_reader_rereads(const struct sl_reader *reader)
{
    const struct chain *chain = (const struct chain *)reader;
    if (reader->class != &chain_class)
        return reader->class->record != NULL;
    for (size_t i = 0; i < chain->n; i++)
        if (!chain->links[i].reader->class->record)
            return false;
    return true;
}

const struct sl_reader *sl_chain_holding(const struct sl_reader *reader, uint64_t *number)
{
    if (reader->class != &chain_class)
        return reader;
    const struct link *link = link_holding((const struct chain *)reader, number);
    return link ? link->reader : NULL;
}
