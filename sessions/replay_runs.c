/* replay_runs.c: what a session's trainings came to, for its replay: rows, results, figures of their stages. */
#include "replay.h"

#include <stdlib.h>

enum { RUNS_MOST = 1 << 20 };

static int load_rows(struct replay *replay, struct book *book, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(book, &query, err,
                            "SELECT run.id, state, recipe, fingerprint, step, error, fitted.run IS NOT NULL"
                            " FROM run LEFT JOIN fitted ON fitted.run = run.id ORDER BY run.id LIMIT ?",
                            "i", (int64_t)RUNS_MOST);
    while (!status && !(status = book_row(book, query, err))) {
        if ((status =
                 replay_room(&replay->runs, &replay->runs_capacity, replay->n_runs + 1, sizeof *replay->runs, err)))
            break;
        struct past_run *run = &replay->runs[replay->n_runs++];
        *run = (struct past_run){ .row.id = sqlite3_column_int64(query, 0), .best = SIZE_MAX };
        run->row.state = record_state_read(book_text(query, 1));
        run->row.recipe = replay_keep(replay, book_text(query, 2));
        run->row.has_fingerprint = sqlite3_column_type(query, 3) != SQLITE_NULL;
        run->row.fingerprint = strtoull(book_text(query, 3), NULL, 16);
        run->row.step = (uint64_t)sqlite3_column_int64(query, 4);
        if (run->row.state == SL_JOB_FAILED)
            sl_fail(&run->row.error, SL_EDATA, "%s", book_text(query, 5));
        run->has_model = sqlite3_column_int(query, 6) != 0;
        if (!run->row.recipe)
            status = sl_fail_memory(err, "a session's past");
    }
    return replay_end_query(query, status);
}

static int load_results(struct replay *replay, struct book *book, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(book, &query, err, "SELECT run, exact FROM result ORDER BY run", "");
    while (!status && !(status = book_row(book, query, err))) {
        uint32_t run = replay_find_run(replay, sqlite3_column_int64(query, 0));
        if (run && !replay->runs[run - 1].result)
            status = result_load(&replay->runs[run - 1].result, book_blob(query, 1), err);
    }
    return replay_end_query(query, status);
}

static struct figure *add_figure(struct replay *replay, struct figures *figures, const char *text)
{
    if (!figures->at)
        figures->at = sl_arena_zero(&replay->arena, SL_MAX_STAGES, sizeof *figures->at);
    if (!figures->at || figures->n == SL_MAX_STAGES)
        return NULL;
    struct figure *figure = &figures->at[figures->n];
    figure->text = replay_keep(replay, text);
    figures->n += figure->text != NULL;
    return figure->text ? figure : NULL;
}

static int load_figures(struct replay *replay, struct book *book, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(book, &query, err,
                            "SELECT run, text, records_in, records_out, changed, dropped, missing, emptied, bytes,"
                            " seconds FROM stage ORDER BY run, position",
                            "");
    while (!status && !(status = book_row(book, query, err))) {
        uint32_t run = replay_find_run(replay, sqlite3_column_int64(query, 0));
        struct figure *f = run ? add_figure(replay, &replay->runs[run - 1].figures, book_text(query, 1)) : NULL;
        uint64_t *const to[] = { f ? &f->in : NULL,      f ? &f->out : NULL,     f ? &f->changed : NULL,
                                 f ? &f->dropped : NULL, f ? &f->missing : NULL, f ? &f->emptied : NULL,
                                 f ? &f->bytes : NULL };
        for (int i = 0; f && i < 7; i++)
            *to[i] = (uint64_t)sqlite3_column_int64(query, i + 2);
        if (f)
            f->seconds = sqlite3_column_double(query, 9);
    }
    return replay_end_query(query, status);
}

/* What the stages show before a training has read anything: nothing in, nothing out. */
static void blank_figures(struct replay *replay, struct past_run *run)
{
    char line[1024];
    for (const char *text = run->row.recipe; *text;) {
        size_t n = strcspn(text, "\n"), m = n < sizeof line ? n : sizeof line - 1;
        memcpy(line, text, m);
        line[m] = '\0';
        if (!add_figure(replay, &run->blank, line))
            return;
        text += n + (text[n] == '\n');
    }
}

int replay_load_runs(struct replay *replay, struct book *book, struct sl_error *err)
{
    int status = load_rows(replay, book, err);
    if (!status)
        status = load_results(replay, book, err);
    if (!status)
        status = load_figures(replay, book, err);
    for (size_t i = 0; i < replay->n_runs && !status; i++)
        blank_figures(replay, &replay->runs[i]);
    return status;
}
