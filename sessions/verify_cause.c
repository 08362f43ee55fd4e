/* verify_cause.c: why it does not agree, as far as that can be told.
 *
 * What was seen to differ (data, recipe, the file's own hashes) is the cause. Else it is sought in the first thing that
 * differs, all before it being the same: in its parameters, in the file, in the build, in the machine. */
#include "verify_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

/* --- build and machine --- */

static const char *fact(const struct sl_compared *run, const char *name)
{
    for (size_t i = 0; i < run->n_environment; i++)
        if (strcmp(run->environment[i].name, name) == 0)
            return run->environment[i].value;
    return NULL;
}

static int compare_fact(struct verifying *v, const char *name, const char *now, enum sl_verify_cause cause,
                        struct sl_error *err)
{
    const char *then = fact(v->run, name);
    return !then || strcmp(then, now) == 0 ? SL_OK : verify_note(v, cause, err, "%s: %s then, %s now", name, then, now);
}

int verify_environment(struct verifying *v, struct sl_error *err)
{
    struct utsname name = { 0 };
    char cores[32];
    uname(&name);
    snprintf(cores, sizeof cores, "%d", sl_cores());
    int status = compare_fact(v, "version", SL_VERSION, SL_CAUSE_BUILD, err);
    if (!status)
        status = compare_fact(v, "compiler", __VERSION__, SL_CAUSE_BUILD, err);
    if (!status)
        status = compare_fact(v, "sqlite", sqlite3_libversion(), SL_CAUSE_BUILD, err);
    if (!status)
        status = compare_fact(v, "system", name.release, SL_CAUSE_MACHINE, err);
    if (!status)
        status = compare_fact(v, "machine", name.machine, SL_CAUSE_MACHINE, err);
    return status ? status : compare_fact(v, "cores", cores, SL_CAUSE_MACHINE, err);
}

/* A device's name without its number of threads, which changes nothing: "cpu, AVX-512". */
static void device_kind(const char *name, char out[96])
{
    const char *comma = strstr(name, ", "), *next = comma ? strstr(comma + 2, ", ") : NULL;
    bool threads = next && memmem(comma, (size_t)(next - comma), " thread", 7);
    snprintf(out, 96, "%.*s%s", threads ? (int)(comma - name) : 95, name, threads ? next : "");
}

int verify_device(struct verifying *v, struct sl_error *err)
{
    char a[96], b[96];
    const char *then = fact(v->run, "device");
    const char *now = v->model->class->device ? v->model->class->device(v->model, NULL) : NULL;
    if (!then || !now)
        return SL_OK;
    device_kind(then, a);
    device_kind(now, b);
    return strcmp(a, b) == 0 ? SL_OK : verify_note(v, SL_CAUSE_MACHINE, err, "device: %s then, %s now", then, now);
}

/* --- the cause --- */

static const struct sl_verify_row *find_row(const struct verifying *v, const char *what)
{
    for (size_t i = 0; i < v->out->n_rows; i++)
        if (strcmp(v->out->rows[i].what, what) == 0)
            return &v->out->rows[i];
    return NULL;
}

static bool differs(const struct verifying *v, const char *what)
{
    const struct sl_verify_row *row = find_row(v, what);
    return row && row->agree != row->n;
}

/* Notes become reasons: nothing nearer is known. */
static int from_environment(struct verifying *v, struct sl_error *err)
{
    int status = SL_OK;
    for (size_t i = 0; i < v->out->n_notes && !status; i++)
        if (v->out->notes[i].cause != SL_CAUSE_UNKNOWN)
            status = verify_reason(v, v->out->notes[i].cause, err, "%s", v->out->notes[i].text);
    return status;
}

/* What only the file says, while all it follows from agrees. */
static int changed_file(struct verifying *v, const char *what, struct sl_error *err)
{
    return verify_reason(v, SL_CAUSE_FILE, err,
                         "the %s in the file were changed: all they follow from, and what follows from them, agrees",
                         what);
}

/* Number of the split's statement. */
static size_t split_at(const struct verifying *v)
{
    size_t i = 0;
    while (i < v->n_statements && v->statements[i].class->kind != SL_SPLIT)
        i++;
    return i + 1;
}

static int guess(struct verifying *v, struct sl_error *err)
{
    static const char *const order[] = { "stages", "split", "features", "models",
                                         "points", "end",   "weights",  "final figures" };
    const char *first = NULL;
    size_t n = 0;
    for (size_t i = sizeof order / sizeof *order; i-- > 0;)
        if (differs(v, order[i])) {
            first = order[i];
            n++;
        }
    if (!first)
        return SL_OK;
    if (n == 1 && v->learner.n && strcmp(first, "features") != 0)
        return changed_file(v, first, err);
    int status = from_environment(v, err);
    if (status)
        return status;
    const struct sl_verify_row *row = find_row(v, first);
    if (strcmp(first, "points") == 0)
        return verify_reason(v, SL_CAUSE_PARAMETER, err,
                             "the data and features agree, the iterations do not: the learner had other parameters");
    if (differs(v, "split") && (!v->first_stage || v->first_stage > split_at(v)))
        return verify_reason(v, SL_CAUSE_SEED, err,
                             "all before the split agrees, the split does not: it had another random_state");
    return verify_reason(v, SL_CAUSE_UNKNOWN, err,
                         "the data agree, %s (%s) are the first that do not: other parameters, "
                         "or a fault of program or machine",
                         first, row && row->where ? row->where : "");
}

int verify_causes(struct verifying *v, struct sl_error *err)
{
    if (v->out->agrees || v->out->n_reasons)
        return SL_OK;
    return guess(v, err);
}
