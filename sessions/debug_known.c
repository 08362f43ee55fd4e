/* debug_known.c: what a run has found out about the records: marks, by which any of them is soon found, and which are
 * for training and which for testing. A copy, for the run goes. */
#include "debugger.h"

#include <stdlib.h>

static bool copy_records(const uint64_t **to, const uint64_t *from, uint64_t n)
{
    uint64_t *copy = from ? malloc(((size_t)n + 1) * sizeof *copy) : NULL;
    if (copy)
        memcpy(copy, from, (size_t)n * sizeof *copy);
    *to = copy;
    return !from || copy;
}

struct known *known_copy(const struct sl_run_result *found, const char *recipe)
{
    struct known *known = calloc(1, sizeof *known);
    if (!known)
        return NULL;
    known->result = *found;
    known->result.quarantine = &known->none;
    known->result.notices = NULL;
    struct sl_mark *marks = malloc((found->n_marks + 1) * sizeof *marks);
    if (marks && found->n_marks)
        memcpy(marks, found->marks, found->n_marks * sizeof *marks);
    known->result.marks = marks;
    known->recipe = strdup(recipe ? recipe : "");
    bool train = copy_records(&known->result.train_records, found->train_records, found->n_train);
    bool test = copy_records(&known->result.test_records, found->test_records, found->n_test);
    bool validation = copy_records(&known->result.validation_records, found->validation_records, found->n_validation);
    if (train && test && validation && marks && known->recipe)
        return known;
    known_free(known);
    return NULL;
}

void known_free(struct known *known)
{
    if (!known)
        return;
    free((void *)(uintptr_t)known->result.train_records);
    free((void *)(uintptr_t)known->result.test_records);
    free((void *)(uintptr_t)known->result.validation_records);
    free((void *)(uintptr_t)known->result.marks);
    free(known->recipe);
    free(known);
}

bool known_fits(const struct debugger *d)
{
    struct sl_buf text = { 0 };
    if (!d->known)
        return false;
    recipe_text(history_now(&d->session->history), false, &text);
    bool fits = !text.failed && strcmp(d->known->recipe, text.p ? text.p : "") == 0;
    sl_buf_release(&text);
    return fits;
}

void debugger_learn(struct sl_session *session, const struct sl_run_result *found, const char *recipe)
{
    /* Who looks at records may want to step through them later. */
    struct debugger *d = session->debugger || session->browser ? debugger_get(session, NULL) : NULL;
    struct known *known = d ? known_copy(found, recipe) : NULL;
    if (!known)
        return;
    if (debugger_busy(session)) { /* the task may look at the old one */
        known_free(d->learned);
        d->learned = known;
        return;
    }
    known_free(d->known);
    d->known = known;
    if (d->stepper && known_fits(d))
        sl_stepper_learn(d->stepper, &known->result, NULL);
}
