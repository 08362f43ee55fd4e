/* points.h: points of the curves: made by a learner, written to and read from table point. */
#ifndef SL_SESSIONS_POINTS_H
#define SL_SESSIONS_POINTS_H

#include "book.h"

#include "sluice/learn.h"

/* One iteration of any learner; what it leaves open in its point is filled in. Status as its step(). */
int point_step(struct sl_learner *learner, struct sl_point *point, struct sl_error *err);

/* Query of rows (run, and what point_read() takes) with `rest` behind FROM point; parameters as book_query(). */
#define POINT_SQL 256
void point_select(const struct book *book, const char *rest, char sql[POINT_SQL]);
struct sl_point point_read(sqlite3_stmt *query);

/* Writes points of one run with a statement that is kept. The book is held by the caller. */
struct point_writer {
    sqlite3_stmt *insert; /* NULL: not yet */
};
int point_write(struct point_writer *writer, struct book *book, int64_t run, const struct sl_point *points, size_t n,
                struct sl_error *err);
void point_writer_release(struct point_writer *writer);

#endif
