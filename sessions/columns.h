/* columns.h: columns of the source as a run read them, kept in the session's file. */
#ifndef SL_SESSIONS_COLUMNS_H
#define SL_SESSIONS_COLUMNS_H

#include "book.h"

#include "sluice/schema.h"

/* Within a transaction. */
int columns_write(struct book *book, int64_t run, const struct sl_schema *schema, struct sl_error *err);
/* Appended to schema. The book is held by the caller, or used by nobody else. */
int columns_read(struct book *book, int64_t run, struct sl_schema *schema, struct sl_error *err);

#endif
