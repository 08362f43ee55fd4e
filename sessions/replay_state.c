/* replay_state.c: what a replay answers where the live session asks its training thread; and which commands are carried
 * out. */
#include "command.h"
#include "replay.h"

enum sl_phase replay_phase(const struct sl_session *session)
{
    enum sl_job job = session->run.state;
    return !session->run.id                                 ? SL_PHASE_IDLE
           : job == SL_JOB_PREPARING                        ? SL_PHASE_IDLE
           : job == SL_JOB_TRAINING || job == SL_JOB_PAUSED ? SL_PHASE_TRAIN
                                                            : SL_PHASE_DONE;
}

static bool is_known(struct sl_str word)
{
    for (const struct sl_stage_class *const *class = sl_stage_registry; *class; class ++)
        if (strncmp((*class)->name, word.p, word.n) == 0 && strchr(" ", (*class)->name[word.n]))
            return true;
    return command_find(word) != NULL;
}

int replay_allows(const struct sl_line *line, struct sl_error *err)
{
    static const char *const looks[] = { "help", "step", "goto", "audit", "records" };
    struct sl_str word = line->words[0].value;
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (sl_str_equal(word, sl_str(looks[i])))
            return SL_OK;
    if (line->words[0].key.n || !is_known(word)) /* refused anyhow, with better words */
        return SL_OK;
    sl_fail(err, SL_ESTATE, "this is a replay: \"%.*s\" cannot change what was", (int)word.n, word.p);
    return sl_fix(err, "branch from here with: branch"), SL_ESTATE;
}
