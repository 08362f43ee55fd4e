/* compare_report.h: a comparison as text and as JSON. */
#ifndef SL_TUI_COMPARE_REPORT_H
#define SL_TUI_COMPARE_REPORT_H

#include "sluice/compare.h"

enum compare_sort {
    COMPARE_GIVEN,
    COMPARE_NAME,
    COMPARE_LAST,
    COMPARE_BEST,
    COMPARE_STEP,
    COMPARE_TIME,
    COMPARE_SORTS
};
extern const char *const compare_sort_names[COMPARE_SORTS + 1]; /* "given", "name"…; ends with NULL */

/* Fill order[n] with the runs' indices: best first; without a value last. */
void compare_order(const struct sl_comparison *comparison, enum sl_metric metric, enum compare_sort sort,
                   size_t *order);

/* One curve in a few cells, over its own range. */
void compare_sparkline(const struct sl_compared *run, enum sl_metric metric, size_t width, bool utf8,
                       struct sl_buf *out);
/* A figure in at most eight columns; "-" when there is none. */
void compare_figure(double value, char out[24]);
/* "b ×5": the group's first run, and how many seeds. */
void compare_group_name(const struct sl_comparison *comparison, const struct sl_group *group, bool utf8,
                        struct sl_buf *out);
/* One sentence. */
void compare_sentence(const struct sl_judgement *judgement, const char *first, const char *second, struct sl_buf *out);

/* --- the parts of the report; json: one object a line --- */
void compare_report_runs(const struct sl_comparison *comparison, enum sl_metric metric, const size_t *order, bool utf8,
                         bool colour, struct sl_buf *out);
void compare_json_runs(const struct sl_comparison *comparison, enum sl_metric metric, const size_t *order,
                       struct sl_buf *out);
void compare_report_groups(const struct sl_comparison *comparison, const struct sl_group *groups, size_t n,
                           enum sl_metric metric, bool utf8, struct sl_buf *out);
int compare_json_groups(const struct sl_comparison *comparison, const struct sl_group *groups, size_t n,
                        enum sl_metric metric, struct sl_buf *out, struct sl_error *err);
void compare_report_differences(const struct sl_differences *differences, bool colour, struct sl_buf *out);
void compare_json_differences(const struct sl_differences *differences, struct sl_buf *out);
void compare_json_judgement(const struct sl_judgement *judgement, const char *first, const char *second,
                            struct sl_buf *out);

#endif
