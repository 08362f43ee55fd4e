/* points.c: see points.h.
 *
 * A network makes thousands of points a second: the statement that writes them is compiled once, and a number that is
 * none becomes NULL by SQLite itself. Files of earlier formats have no learning rate. */
#include "points.h"

#include <math.h>
#include <stdio.h>

int point_step(struct sl_learner *learner, struct sl_point *point, struct sl_error *err)
{
    const struct sl_learner_class *class = learner->class;
    *point = (struct sl_point){ .learning_rate = (double)NAN };
    int status = class->step(learner, point, err);
    if (!class->epoch && isnan(point->learning_rate) && !status)
        point->learning_rate = class->setting(learner, "learning_rate");
    return status;
}

void point_select(const struct book *book, const char *rest, char sql[POINT_SQL])
{
    snprintf(sql, POINT_SQL,
             "SELECT run, step, rows, loss, gradient_norm, train_accuracy, test_accuracy, test_loss, seconds, %s"
             " FROM point %s",
             book->version >= 3 ? "learning_rate" : "NULL", rest);
}

struct sl_point point_read(sqlite3_stmt *query)
{
    return (struct sl_point){ .step = (uint64_t)sqlite3_column_int64(query, 1),
                              .rows = (uint64_t)sqlite3_column_int64(query, 2),
                              .loss = book_real(query, 3),
                              .gradient_norm = book_real(query, 4),
                              .train_accuracy = book_real(query, 5),
                              .test_accuracy = book_real(query, 6),
                              .test_loss = book_real(query, 7),
                              .seconds = book_real(query, 8),
                              .learning_rate = book_real(query, 9) };
}

static int write_one(sqlite3_stmt *insert, const struct sl_point *p)
{
    const double reals[] = { p->loss,      p->gradient_norm, p->train_accuracy, p->test_accuracy,
                             p->test_loss, p->seconds,       p->learning_rate };
    sqlite3_bind_int64(insert, 2, (int64_t)p->step);
    sqlite3_bind_int64(insert, 3, (int64_t)p->rows);
    for (int k = 0; k < 7; k++)
        sqlite3_bind_double(insert, 4 + k, reals[k]);
    sqlite3_step(insert);
    return sqlite3_reset(insert);
}

int point_write(struct point_writer *writer, struct book *book, int64_t run, const struct sl_point *points, size_t n,
                struct sl_error *err)
{
    static const char sql[] = "INSERT OR REPLACE INTO point VALUES(?,?,?,?,?,?,?,?,?,?)";
    int code = SQLITE_OK;
    if (n && !writer->insert)
        code = sqlite3_prepare_v3(book->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &writer->insert, NULL);
    if (n && code == SQLITE_OK)
        code = sqlite3_bind_int64(writer->insert, 1, run);
    for (size_t i = 0; i < n && code == SQLITE_OK; i++)
        code = write_one(writer->insert, &points[i]);
    return code == SQLITE_OK ? SL_OK : book_fail(book, code, err);
}

void point_writer_release(struct point_writer *writer)
{
    sqlite3_finalize(writer->insert);
    writer->insert = NULL;
}
