/* plain.c: `show`: what the views of the workbench show, as text. Its rows drive parsing, help and completion. */
#include "shell.h"

#include <stdlib.h>
#include <unistd.h>

static const struct plain_count count_defaults = { 10 };
static const struct sl_param count_rows[] = {
    SL_INT(struct plain_count, n, .help = "how many at most", .min = 1, .max = 1e6, .positional = true),
    { 0 },
};
struct folder_params {
    char *folder;
};
static const struct sl_param folder_rows[] = {
    SL_PATH(struct folder_params, folder, .help = "folder to look in; without, the current one", .positional = true),
    { 0 },
};
struct quarantine_params {
    int64_t first, n;
};
static const struct quarantine_params quarantine_defaults = { 1, 20 };
static const struct sl_param quarantine_rows[] = {
    SL_INT(struct quarantine_params, first, .help = "begin with this one, counted from 1", .min = 1, .max = 1e15,
           .positional = true),
    SL_INT(struct quarantine_params, n, .help = "how many at most", .min = 1, .max = 1e5),
    { 0 },
};
struct profile_params {
    struct sl_names columns;
};
static const struct sl_param profile_rows[] = {
    SL_NAMES(struct profile_params, columns, .help = "columns; without any, all", .positional = true),
    { 0 },
};
static const struct sl_param no_rows[] = { { 0 } };

/* --- the pipeline --- */

static void put_stage(const struct sl_stage_view *stage, size_t number, double total, struct sl_buf *out)
{
    sl_buf_printf(out, "%zu. %s", number, stage->text);
    if (stage->off) {
        sl_buf_puts(out, "; off");
    } else if (stage->fitted) {
        sl_buf_puts(out, "; fitted");
    }
    if (stage->counted && stage->in) {
        sl_buf_puts(out, "; in ");
        batch_count(out, stage->in);
        sl_buf_puts(out, ", out ");
        batch_count(out, stage->out);
        const struct {
            const char *name;
            uint64_t n;
        } more[] = { { "changed", stage->changed }, { "dropped", stage->dropped } };
        for (size_t i = 0; i < 2; i++) {
            if (more[i].n) {
                sl_buf_printf(out, ", %s ", more[i].name);
                batch_count(out, more[i].n);
            }
        }
        if (total > 0) {
            sl_buf_printf(out, ", %.0f %% of the time", 100 * stage->seconds / total);
        }
    }
    sl_buf_putc(out, '\n');
}

static int show_pipeline(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err)
{
    (void)params, (void)err;
    size_t n = sl_session_stages(session);
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        const struct sl_stage_view *stage = sl_session_stage(session, i);
        total += stage->counted ? stage->seconds : 0;
    }
    for (size_t i = 0; i < n; i++) {
        put_stage(sl_session_stage(session, i), i + 1, total, out);
    }
    if (n == 0) {
        sl_buf_puts(out, "the recipe is empty; begin with: read FILE\n");
    }
    const struct sl_error *problem = sl_session_problem(session);
    if (problem && n) {
        char text[1024];
        sl_buf_printf(out, "it does not stand yet: %s\n", sl_error_format(problem, text, sizeof text));
    }
    return SL_OK;
}

static int show_recipe(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err)
{
    (void)params, (void)err;
    sl_session_recipe_text(session, out);
    return SL_OK;
}

/* --- the data as a whole, and other sessions --- */

static int show_runs(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err)
{
    (void)session;
    const struct folder_params *p = params;
    struct sl_run_info *runs = NULL;
    size_t n = 0;
    int status = sl_runs_list(p->folder ? p->folder : ".", &runs, &n, err);
    if (!status && n) {
        runs_table(runs, n, false, out);
    } else if (!status) {
        sl_buf_puts(out, "there are no sessions here\n");
    }
    sl_runs_free(runs, n);
    return status;
}

static struct sl_browser *browser_of(struct sl_session *session, struct sl_error *err)
{
    struct sl_browser *browser = sl_session_browser(session);
    if (!browser) {
        const struct sl_error *problem = sl_session_problem(session);
        if (problem && err) {
            *err = *problem;
        } else {
            sl_fail(err, SL_ESTATE, "nothing is open yet");
            sl_fix(err, "type: read FILE");
        }
    }
    return browser;
}

static int show_quarantine(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err)
{
    const struct quarantine_params *p = params;
    struct sl_browser *browser = browser_of(session, err);
    int status = browser ? batch_scan(browser, 0, NULL, NULL, err) : SL_ESTATE;
    struct sl_reject *rejects = status ? NULL : calloc((size_t)p->n, sizeof *rejects);
    if (!status && !rejects) {
        status = sl_fail_memory(err, "listing the quarantine");
    }
    size_t n = status ? 0 : sl_browser_rejects(browser, (size_t)p->first - 1, rejects, (size_t)p->n);
    if (!status) {
        struct sl_scan_state state;
        sl_browser_state(browser, &state);
        batch_count(out, state.quarantined);
        sl_buf_puts(out, state.quarantined == 1 ? " record is quarantined\n" : " records are quarantined\n");
    }
    for (size_t i = 0; i < n; i++) {
        sl_buf_printf(out, "%lld. line %llu, byte %llu: %s: %s\n", (long long)p->first + (long long)i,
                      (unsigned long long)rejects[i].origin.line, (unsigned long long)rejects[i].origin.byte,
                      rejects[i].reason, rejects[i].excerpt);
    }
    free(rejects);
    return status;
}

static int show_profile(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err)
{
    const struct profile_params *p = params;
    struct sl_browser *browser = browser_of(session, err);
    int status = browser ? batch_scan(browser, 0, NULL, NULL, err) : SL_ESTATE;
    size_t shown = 0;
    for (size_t i = 0; !status; i++) {
        struct sl_column_profile *c = calloc(1, sizeof *c);
        if (!c || !sl_browser_profile(browser, i, c)) {
            free(c);
            break;
        }
        bool wanted = p->columns.n == 0;
        for (size_t k = 0; k < p->columns.n; k++) {
            wanted |= strcmp(p->columns.name[k], c->name) == 0;
        }
        if (wanted) {
            batch_report_column(c, out);
            shown++;
        }
        free(c);
    }
    if (!status && shown == 0 && p->columns.n) {
        sl_fail(err, SL_ESCHEMA, "there is no column \"%s\"", p->columns.name[0]);
        return sl_fix(err, "type: show profile");
    }
    return status;
}

const struct plain_show plain_shows[] = {
    { "data", "show data [FIRST] [n=N] [which=all|changed|dropped|quarantined]", "records, raw and clean",
      plain_data_rows, NULL, 0, plain_show_data },
    { "pipeline", "show pipeline", "the stages with their figures", no_rows, NULL, 1, show_pipeline },
    { "recipe", "show recipe", "the recipe as text", no_rows, NULL, 1, show_recipe },
    { "train", "show train [N]", "the training and its last points", count_rows, &count_defaults, sizeof count_defaults,
      plain_show_train },
    { "result", "show result", "the final figures", no_rows, NULL, 1, plain_show_result },
    { "weights", "show weights [N]", "the features that weigh most, by class", count_rows, &count_defaults,
      sizeof count_defaults, plain_show_weights },
    { "runs", "show runs [DIR]", "the sessions of a folder", folder_rows, NULL, sizeof(struct folder_params),
      show_runs },
    { "quarantine", "show quarantine [FIRST] [n=N]", "records that could not be read, and why", quarantine_rows,
      &quarantine_defaults, sizeof quarantine_defaults, show_quarantine },
    { "profile", "show profile [COLUMN…]", "what is in the columns", profile_rows, NULL, sizeof(struct profile_params),
      show_profile },
    { 0 },
};

static int overview(struct sl_session *session, struct sl_buf *out, struct sl_error *err)
{
    const struct plain_count one = { 1 };
    int status = show_pipeline(session, NULL, out, err);
    return status ? status : plain_show_train(session, &one, out, err);
}

int plain_show(struct sl_session *session, const struct sl_line *line, struct sl_arena *arena, struct sl_buf *out,
               struct sl_error *err)
{
    const char *names[16];
    size_t n = 0;
    if (line->n < 2) {
        return overview(session, out, err);
    }
    for (const struct plain_show *show = plain_shows; show->name; show++) {
        names[n++] = show->name;
        if (line->words[1].key.n || !sl_str_equal(line->words[1].value, sl_str(show->name))) {
            continue;
        }
        void *params = NULL;
        bool data = show->run == plain_show_data;
        int status = sl_params_parse(show->params, data ? plain_data_defaults : show->defaults,
                                     data ? plain_data_size : show->params_size, line, 2, arena, &params, err);
        return status ? status : show->run(session, params, out, err);
    }
    names[n] = NULL;
    const char *nearest = sl_nearest(line->words[1].value, names);
    sl_fail(err, SL_EPARAM, "there is nothing called \"%.*s\" to show", (int)line->words[1].value.n,
            line->words[1].value.p);
    return nearest ? sl_fix(err, "did you mean: show %s?", nearest)
                   : sl_fix(err, "show data, pipeline, train, runs, quarantine, profile, …; see: help");
}
