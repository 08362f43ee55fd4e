/* verify_files.c: which file of the data is where: where it was, or where somebody says it is now. */
#include "verify_inner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Where file k is now: as given; in a folder given, under its name; else where it was. A folder of pictures may be
 * given itself, too. */
static char *place_of(const struct verifying *v, const struct data_file *file, size_t k, size_t given)
{
    const char *const *paths = v->options->paths;
    if (!given)
        return strdup(file->then);
    const char *path = given == 1 ? paths[0] : paths[k];
    char *inside = is_folder(path) ? path_join(path, base_name(file->name)) : strdup(path);
    struct stat st;
    if (inside && file->pictures && is_folder(path) && stat(inside, &st) != 0) {
        free(inside);
        inside = strdup(path);
    }
    return inside;
}

static int read_sizes(struct verifying *v, struct data_file *file)
{
    struct stat st;
    for (size_t i = 0; i < v->run->n_files; i++)
        if (strcmp(v->run->files[i].path, file->then) == 0) {
            file->known = true;
            file->size[0] = v->run->files[i].size;
            file->modified[0] = v->run->files[i].modified;
        }
    file->found = stat(file->now, &st) == 0 && (S_ISREG(st.st_mode) || (file->pictures && S_ISDIR(st.st_mode)));
    if (file->found && S_ISDIR(st.st_mode))
        file->known = false; /* a folder's own size tells nothing of what is in it: its blocks will */
    if (file->found) {
        file->size[1] = st.st_size;
        file->modified[1] = (double)st.st_mtim.tv_sec + (double)st.st_mtim.tv_nsec * 1e-9;
    }
    return SL_OK;
}

/* Files that a statement reads. */
static const struct sl_names *names_of(const struct sl_statement *statement)
{
    static const struct sl_names none;
    const struct sl_names *names = statement->class->kind == SL_SOURCE ? source_files(statement) : NULL;
    return names ? names : &none;
}

static int add_file(struct verifying *v, char *name, bool pictures, size_t given, struct sl_error *err)
{
    struct data_file *file = &v->files[v->n_files];
    file->name = name;
    file->pictures = pictures;
    file->then = path_join(v->run->base, name);
    file->now = file->then ? place_of(v, file, v->n_files, given) : NULL;
    if (!file->now) {
        free(file->then);
        return sl_fail_memory(err, "verifying");
    }
    v->paths[v->n_files++] = file->now;
    return read_sizes(v, file);
}

int verify_files(struct verifying *v, struct sl_error *err)
{
    size_t given = 0, n = 0;
    for (size_t i = 0; i < v->n_statements; i++)
        n += names_of(&v->statements[i])->n;
    while (v->options->paths && v->options->paths[given])
        given++;
    if (given && given != n && !(given == 1 && is_folder(v->options->paths[0]))) {
        sl_fail(err, SL_EPARAM, "%zu %s given, but the training read %zu", given, given == 1 ? "file is" : "files are",
                n);
        return sl_fix(err, "give them in the recipe's order, or a folder that holds them"), SL_EPARAM;
    }
    v->files = calloc(n + 1, sizeof *v->files);
    v->paths = calloc(n + 1, sizeof *v->paths);
    if (!v->files || !v->paths)
        return sl_fail_memory(err, "verifying");
    int status = SL_OK;
    for (size_t i = 0; i < v->n_statements && !status; i++) {
        const struct sl_names *names = names_of(&v->statements[i]);
        bool pictures = names->n && strcmp(v->statements[i].class->name, "read images") == 0;
        for (size_t k = 0; k < names->n && !status; k++)
            status = add_file(v, names->name[k], pictures, given, err);
    }
    return status;
}

bool verify_files_there(const struct verifying *v)
{
    bool there = true;
    for (size_t i = 0; i < v->n_files; i++)
        there = there && v->files[i].found && (!v->files[i].known || v->files[i].size[0] == v->files[i].size[1]);
    return there;
}

static void time_text(double when, char out[40])
{
    time_t seconds = (time_t)when;
    struct tm tm;
    if (isnan(when) || !gmtime_r(&seconds, &tm) || !strftime(out, 40, "%Y-%m-%d %H:%M:%S UTC", &tm))
        snprintf(out, 40, "at an unknown time");
}

static int put_file(const struct data_file *file, struct sl_verify_row *row, struct sl_error *err)
{
    char then[120], now[120], when[40];
    time_text(file->modified[0], when);
    if (file->known)
        snprintf(then, sizeof then, "%lld bytes, %s", (long long)file->size[0], when);
    else
        snprintf(then, sizeof then, "size unknown");
    time_text(file->modified[1], when);
    if (file->found)
        snprintf(now, sizeof now, "%lld bytes, %s", (long long)file->size[1], when);
    else
        snprintf(now, sizeof now, "not there");
    int status = verify_first(row, err, "%s", file->now);
    return status ? status : verify_values(row, then, now, err);
}

int verify_files_rows(struct verifying *v, struct sl_error *err)
{
    uint64_t same = 0;
    const struct data_file *first = NULL;
    int status = SL_OK;
    for (size_t i = 0; i < v->n_files; i++) {
        const struct data_file *file = &v->files[i];
        bool fine = file->found && (!file->known || file->size[0] == file->size[1]);
        same += fine;
        first = !fine && !first ? file : first;
        if (!file->found)
            status = verify_reason(v, SL_CAUSE_DATA, err, "\"%s\" is not there; say where it is with --data PATH",
                                   file->now);
        else if (!fine)
            status = verify_reason(v, SL_CAUSE_DATA, err, "\"%s\" has another size: %lld bytes then, %lld now",
                                   file->now, (long long)file->size[0], (long long)file->size[1]);
        if (status)
            return status;
    }
    struct sl_verify_row *row = verify_row(v, "files", same, v->n_files, err);
    if (!row)
        return SL_ENOMEM;
    if (first)
        return put_file(first, row, err);
    /* In a dry run also when nothing differs: it is asked where the data are. */
    return !v->out->executed && v->n_files ? put_file(&v->files[0], row, err) : SL_OK;
}
