/* view_step_pair.c: a record of a pair: which the other one is, and what label each has.
 *
 * The other record is read through the session's browser, whose one block is remembered by the operating system at
 * worst; the stepper stays where it is. */
#include "view_step_private.h"

#include "human.h"

#define BUDGET_MS 20

/* The record's label before `label` looks at it, in the lines' arena; NULL: it has none, or is not to be had. */
static const char *label_of(struct app *app, struct step_lines *lines, uint64_t record)
{
    struct sl_session *session = app_session(app);
    struct sl_pipeline *pipeline = sl_session_pipeline(session);
    struct sl_browser *browser = sl_session_browser(session);
    struct sl_stage *label = pipeline ? sl_pipeline_find(pipeline, SL_TARGET) : NULL;
    size_t at = 0;
    if (!label || !browser) {
        return NULL;
    }
    while (sl_pipeline_stage(pipeline, at) != label) {
        at++;
    }
    struct sl_page page = { 0 };
    const char *text = NULL;
    int status = sl_browser_page(browser, record, 1, false, SL_SHOW_ALL, NULL, at + 1, BUDGET_MS, &page, NULL);
    if (status == SL_OK && page.n && page.rows[0].record == record && page.rows[0].before_chunk) {
        struct sl_buf value = { 0 };
        sl_cell_format(page.rows[0].before_chunk, sl_label_column(label), 0, &value);
        text = value.n && !value.failed ? step_lines_keep(lines, (struct sl_str){ value.p, value.n }) : NULL;
        sl_buf_release(&value);
    }
    sl_page_release(&page);
    return text;
}

void step_pair_lines(struct app *app, struct step_lines *lines, const struct sl_debug_place *place)
{
    const struct sl_record_list *list = sl_debug_list(app_session(app));
    uint64_t here = place->step->place.record;
    if (!list || list->at >= list->n || list->item[list->at].other == UINT64_MAX ||
        list->item[list->at].record != here) {
        return;
    }
    char number[32];
    uint64_t other = list->item[list->at].other;
    const char *own = label_of(app, lines, here), *its = label_of(app, lines, other);
    human_count(other, number, sizeof number);
    if (own && its) {
        step_lines_printf(lines, 0, STYLE_WARNING, "the text of record %s too, whose label is %s; here it is %s",
                          number, its, own);
    } else {
        step_lines_printf(lines, 0, STYLE_WARNING, "the text of record %s too", number);
    }
    step_line_add(lines);
}
