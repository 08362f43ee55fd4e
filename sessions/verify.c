/* verify.c: trainings of a session verified one after the other. See verify.h. */
#include "verify_inner.h"

#include "remake.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void verifying_release(struct verifying *v)
{
    verify_run_release(v);
    for (size_t i = 0; i < v->n_digests; i++)
        free(v->digests[i].checks);
    for (size_t i = 0; i < v->n_files; i++) {
        free(v->files[i].then);
        free(v->files[i].now);
    }
    free(v->digests);
    tunings_release(&v->tuned);
    free(v->files);
    free(v->paths);
    sl_schema_release(&v->columns);
    sl_buf_release(&v->stages);
    sl_buf_release(&v->learner);
    sl_arena_release(&v->arena);
    sl_pool_free(v->pool);
    book_close(v->book);
}

static bool fatal(int status)
{
    return status == SL_ENOMEM || status == SL_ECANCEL;
}

/* Everything that is compared after carrying it out. */
static int compare(struct verifying *v, struct sl_error *err)
{
    int status = verify_device(v, err);
    if (!status)
        status = verify_columns(v, err);
    if (!status)
        status = verify_data(v, err);
    if (!status)
        status = verify_digests(v, err);
    if (!status)
        status = verify_points(v, err);
    if (!status)
        status = verify_learnt(v, err);
    return status ? status : verify_result(v, err);
}

/* What carrying it out would come upon: the source is read and hashed, no more. */
static int look_only(struct verifying *v, struct sl_error *err)
{
    struct sl_error own = SL_ERROR_INIT;
    bool there = true;
    v->out->executed = false;
    int status = verify_files_rows(v, err);
    for (size_t i = 0; i < v->n_files; i++)
        there = there && v->files[i].found;
    if (status || !there)
        return status;
    status = verify_hash(v, &own);
    if (!status)
        status = verify_fingerprint(v, !v->n_digests, err);
    if (!status)
        status = verify_columns(v, err);
    if (!status)
        status = verify_data(v, err);
    if (own.status && !fatal(own.status)) {
        v->out->agrees = false;
        return verify_reason(v, SL_CAUSE_DATA, err, "the data cannot be read: %s", own.what);
    }
    if (own.status && err)
        *err = own;
    return status;
}

/* Carry it out; where the recipe no longer fits, say so and look at the data. */
static int execute(struct verifying *v, struct sl_error *err)
{
    struct sl_error own = SL_ERROR_INIT;
    v->out->executed = true;
    int status = verify_run(v, &own);
    if (!status)
        status = verify_files_rows(v, &own);
    if (!status)
        status = compare(v, &own);
    if (!status || fatal(status)) {
        if (status && err)
            *err = own;
        return status;
    }
    verify_run_release(v);
    v->out->agrees = false;
    snprintf(v->out->why, sizeof v->out->why, "it cannot be carried out again: %s", own.what);
    return look_only(v, err);
}

static bool trained(const struct sl_compared *run)
{
    return run->has_fingerprint || run->n_points;
}

static int carry_out(struct verifying *v, struct sl_error *err)
{
    if (v->options->dry)
        return look_only(v, err);
    if (verify_files_there(v))
        return execute(v, err);
    snprintf(v->out->why, sizeof v->out->why, "the data are not as they were, so nothing was carried out");
    return look_only(v, err);
}

static int verify_one(struct verifying *v, struct sl_error *err)
{
    int status = book_open(&v->book, v->options->session, true, err);
    sl_arena_init(&v->arena);
    if (!status)
        status = verify_read(v, err);
    if (!status && !trained(v->run)) {
        snprintf(v->out->why, sizeof v->out->why, "it came to nothing that could be verified");
        return SL_OK;
    }
    if (!status)
        status = sl_pool_new(&v->pool, v->options->threads, err);
    if (!status)
        status = remake_statements(v->run->recipe, v->run->base, &v->arena, &v->statements, &v->n_statements, err);
    if (!status)
        status = verify_files(v, err);
    if (!status)
        status = verify_recipe(v, err);
    if (!status)
        status = verify_environment(v, err);
    if (!status)
        status = carry_out(v, err);
    return status ? status : verify_causes(v, err);
}

static int pick(const struct sl_comparison *all, const struct sl_verify_options *options, size_t *first, size_t *n,
                struct sl_error *err)
{
    *first = options->every ? 0 : all->n - 1;
    *n = options->every ? all->n : 1;
    if (!options->run)
        return SL_OK;
    for (size_t i = 0; i < all->n; i++)
        if (all->runs[i].run == options->run) {
            *first = i;
            *n = 1;
            return SL_OK;
        }
    sl_fail(err, SL_ESTATE, "\"%s\" has no training %lld", options->session, (long long)options->run);
    return sl_fix(err, "it has %zu: 1 to %lld", all->n, (long long)all->runs[all->n - 1].run), SL_ESTATE;
}

int sl_verify(struct sl_verified **out, size_t *n, const struct sl_verify_options *options, struct sl_error *err)
{
    struct sl_comparison all;
    size_t first = 0, count = 0;
    int status = sl_comparison_load(&all, &options->session, 1, true, err);
    if (status)
        return status;
    status = pick(&all, options, &first, &count, err);
    struct sl_verified *runs = status ? NULL : calloc(count + 1, sizeof *runs);
    if (!status && !runs)
        status = sl_fail_memory(err, "verifying");
    for (size_t i = 0; i < count && !status; i++) {
        struct verifying v = { .options = options, .run = &all.runs[first + i], .out = &runs[i] };
        runs[i] = (struct sl_verified){
            .run = v.run->run, .job = v.run->job, .agrees = true, .seconds_then = v.run->seconds, .seconds = (double)NAN
        };
        status = verify_one(&v, err);
        verifying_release(&v);
    }
    sl_comparison_release(&all);
    if (status) {
        sl_verified_free(runs, count);
        return status;
    }
    *out = runs;
    *n = count;
    return SL_OK;
}
