/* job_nonfinite.c: a loss that is no number: which records it came from, kept as an event, and told. */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>

enum { KEPT = 64 };

static void tell(const struct job *job, const uint64_t *records, uint64_t total, struct sl_error *err)
{
    char what[200], fix[160];
    if (!err)
        return;
    snprintf(what, sizeof what, "%.190s", err->what);
    snprintf(fix, sizeof fix, "%.150s", err->fix);
    sl_fail(err, SL_EDATA,
            "%s (step %llu): %llu record%s to blame, the first is record %llu; the weights are those before it", what,
            (unsigned long long)job->last.step + 1, (unsigned long long)total, total == 1 ? " is" : "s are",
            (unsigned long long)records[0]);
    sl_fix(err, "see them with: records guilty%s%s", fix[0] ? "; then " : "", fix);
}

int job_nonfinite(struct job *job, struct sl_error *err)
{
    uint64_t records[KEPT];
    size_t total = job->class->guilty(job->learner, records, KEPT), n = total < KEPT ? total : KEPT;
    struct sl_buf json = { 0 };
    if (!n)
        return SL_EDATA;
    sl_buf_printf(&json, "{\"step\":%llu,\"records\":[", (unsigned long long)job->last.step);
    for (size_t i = 0; i < n; i++)
        sl_buf_printf(&json, "%s%llu", i ? "," : "", (unsigned long long)records[i]);
    sl_buf_printf(&json, "],\"total\":%zu}", total);
    struct job_note note = { "nonfinite", json.p, 0 };
    struct sl_error late = SL_ERROR_INIT;
    int status = json.failed ? sl_fail_memory(&late, "an event")
                             : job_commit(job, SL_JOB_TRAINING, JOB_FORCE, &note, &late);
    sl_buf_release(&json);
    if (status && err)
        *err = late;
    else
        tell(job, records, total, err);
    return status ? status : SL_EDATA;
}
