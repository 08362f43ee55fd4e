/* training_tune.c: the commands `tune` and `once`. */
#include "job.h"

#include <stdlib.h>

static int not_now(struct sl_error *err, const char *what, const char *fix)
{
    sl_fail(err, SL_ESTATE, "%s", what);
    return sl_fix(err, "%s", fix), SL_ESTATE;
}

/* PARAMETER=VALUE as zero-terminated copies. A word that begins with its parameter has it as its key. */
static int cut(struct sl_session *session, const struct sl_word *word, char **parameter, char **value,
               struct sl_error *err)
{
    if (!word->key.n || !word->value.n) {
        sl_fail(err, SL_ESYNTAX, "\"%.*s\" does not say what to tune", (int)(word->value.n > 80 ? 80 : word->value.n),
                word->value.n ? word->value.p : "");
        return sl_fix(err, "write: tune PARAMETER=VALUE, as in: tune learning_rate=0.001"), SL_ESYNTAX;
    }
    *parameter = sl_arena_strndup(&session->arena, word->key.p, word->key.n);
    *value = sl_arena_strndup(&session->arena, word->value.p, word->value.n);
    return *parameter && *value ? SL_OK : sl_fail_memory(err, "a command");
}

static int check(struct sl_session *session, const struct sl_line *words, struct sl_error *err)
{
    const struct sl_stage *stage = sl_pipeline_find(session->job->pipeline, SL_LEARNER);
    const struct sl_learner_class *class = sl_learner_find(stage);
    int status = SL_OK;
    for (size_t i = 0; i < words->n && !status; i++) {
        char *parameter = NULL, *value = NULL;
        status = cut(session, &words->words[i], &parameter, &value, err);
        if (!status)
            status = class->tunable(stage, parameter, value, err);
        if (status) /* behind "tune " */
            sl_error_at(err, NULL, 0, 5 + words->words[i].column, UINT64_MAX);
    }
    return status;
}

int training_tune(struct sl_session *session, const char *changes, const char *line, struct sl_error *err)
{
    struct sl_line words;
    int64_t row = 0;
    if (!session->job)
        return not_now(err, "no training is under way", "change the recipe instead, with: set");
    int status = sl_line_split(sl_str(changes), &session->arena, &words, err);
    if (!status)
        status = check(session, &words, err);
    if (!status)
        status = journal_ask(session, line, &row, err);
    for (size_t i = 0; i < words.n && !status; i++) {
        char *parameter = NULL, *value = NULL;
        status = cut(session, &words.words[i], &parameter, &value, err);
        if (!status)
            status = job_ask(session->job, ASK_TUNE, row, parameter, value, err);
    }
    return status;
}

/* A training that was left off goes on; else one begins. Either way it holds behind its first new iteration. */
static int start(struct sl_session *session, struct sl_error *err)
{
    bool left = session->run.id && record_same_recipe(session) &&
                (session->run.state == SL_JOB_STOPPED || session->run.state == SL_JOB_INTERRUPTED);
    session->start_once = true;
    int status = training_start(session, left, false, err);
    session->start_once = false;
    return status;
}

int training_once(struct sl_session *session, struct sl_error *err)
{
    int64_t row = 0;
    if (session->job && job_wished(session->job) == JOB_STOP)
        return not_now(err, "the training is about to stop", "wait for it, then: once");
    if (!session->job)
        return start(session, err);
    int status = journal_ask(session, "once", &row, err);
    return status ? status : job_ask(session->job, ASK_ONCE, row, NULL, NULL, err);
}
