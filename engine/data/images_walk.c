/* images_walk.c: what lies in a folder and below it.
 *
 * Pictures come in the order of Keras's flow_from_directory: all folders below the class sorted by their path, in each
 * the files sorted by name, byte by byte. Folders that are links are not entered, so that there is no way in circles;
 * what begins with a dot is not seen. Folders yet to be read wait in a list: a deep tree costs memory, not stack. */
#include "engine/data/images_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

struct run {       /* pictures of one folder */
    size_t folder; /* its place in `folders` */
    size_t first, n;
};

struct walk {
    struct sl_images_list *list;
    const char *root;
    struct sl_buf folders; /* paths below root, one after the other, each with its 0 */
    struct run *runs;
    size_t n, capacity, done;
    uint64_t *skipped;
    const _Atomic bool *stop;
    bool first;
};

bool sl_images_named(const char *name)
{
    static const char *const endings[] = { ".png", ".jpg", ".jpeg" };
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t k = strlen(endings[i]);
        if (n > k && strcasecmp(name + n - k, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

char *sl_images_join(const char *folder, const char *name)
{
    size_t nf = strlen(folder), nn = strlen(name), need;
    bool bare = nf == 0 || folder[nf - 1] == '/';
    char *joined = sl_add(nf, nn + 2, &need) ? malloc(need) : NULL;
    if (joined) {
        memcpy(joined, folder, nf);
        joined[nf] = '/';
        memcpy(joined + nf + !bare, name, nn + 1);
    }
    return joined;
}

/* Is it a folder? links: one that is reached by a link counts too. */
static bool is_folder(DIR *dir, const struct dirent *entry, bool links)
{
    struct stat info;
    if (entry->d_type != DT_UNKNOWN && !(links && entry->d_type == DT_LNK)) {
        return entry->d_type == DT_DIR;
    }
    return fstatat(dirfd(dir), entry->d_name, &info, links ? 0 : AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

static int fail_folder(const char *path, struct sl_error *err)
{
    int status = sl_fail_errno(err, "read the folder", path);
    if (status == SL_EIO) {
        sl_fix(err, "make it readable, or move it away");
    }
    return status;
}

/* ---- One level ---- */

static int add_folder(struct sl_images_inside *inside, const char *name, struct sl_error *err)
{
    if (inside->n == inside->room) {
        size_t room = inside->room ? 2 * inside->room : 16, bytes;
        char **folders = sl_mul(room, sizeof *folders, &bytes) ? realloc(inside->folders, bytes) : NULL;
        if (!folders) {
            return sl_fail_memory(err, "listing pictures");
        }
        inside->folders = folders;
        inside->room = room;
    }
    inside->folders[inside->n] = strdup(name);
    if (!inside->folders[inside->n]) {
        return sl_fail_memory(err, "listing pictures");
    }
    inside->n++;
    return SL_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int sl_images_look_inside(const char *root, struct sl_images_inside *inside, struct sl_error *err)
{
    DIR *dir = opendir(root);
    if (!dir) {
        return fail_folder(root, err);
    }
    int status = SL_OK;
    const struct dirent *entry;
    while (!status && (errno = 0, entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (is_folder(dir, entry, true)) {
            status = add_folder(inside, entry->d_name, err);
        } else if (sl_images_named(entry->d_name)) {
            inside->pictures++;
        } else {
            inside->others++;
        }
    }
    status = status || !errno ? status : fail_folder(root, err);
    closedir(dir);
    if (inside->n > 1) {
        qsort(inside->folders, inside->n, sizeof *inside->folders, by_name);
    }
    return status;
}

void sl_images_inside_release(struct sl_images_inside *inside)
{
    for (size_t i = 0; i < inside->n; i++) {
        free(inside->folders[i]);
    }
    free(inside->folders);
    *inside = (struct sl_images_inside){ 0 };
}

/* ---- All levels ---- */

static int expect(struct walk *walk, struct sl_str above, const char *name, struct sl_error *err)
{
    if (walk->n == walk->capacity) {
        size_t capacity = walk->capacity ? 2 * walk->capacity : 16, bytes;
        struct run *runs = sl_mul(capacity, sizeof *runs, &bytes) ? realloc(walk->runs, bytes) : NULL;
        if (!runs) {
            return sl_fail_memory(err, "listing pictures");
        }
        walk->runs = runs;
        walk->capacity = capacity;
    }
    size_t at = walk->folders.n;
    if (sl_buf_reserve(&walk->folders, above.n + strlen(name) + 2)) {
        sl_buf_add(&walk->folders, above.p, above.n);
    }
    if (above.n) {
        sl_buf_putc(&walk->folders, '/');
    }
    sl_buf_puts(&walk->folders, name);
    sl_buf_putc(&walk->folders, '\0');
    walk->runs[walk->n++] = (struct run){ .folder = at };
    return walk->folders.failed ? sl_fail_memory(err, "listing pictures") : SL_OK;
}

static int compare_names(const void *a, const void *b, void *names)
{
    return strcmp((const char *)names + *(const uint64_t *)a, (const char *)names + *(const uint64_t *)b);
}

static int read_entries(struct walk *walk, DIR *dir, const char *folder, struct sl_error *err)
{
    int status = SL_OK;
    const struct dirent *entry;
    while (!status && !(walk->first && walk->list->n) && (errno = 0, entry = readdir(dir)) != NULL) {
        if (walk->stop && *walk->stop) {
            return sl_fail(err, SL_ECANCEL, "listing pictures was cancelled");
        }
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (is_folder(dir, entry, false)) {
            status = expect(walk, sl_str(folder), entry->d_name, err);
        } else if (sl_images_named(entry->d_name) && !(entry->d_type == DT_LNK && is_folder(dir, entry, true))) {
            status = sl_images_add(walk->list, sl_str(folder), sl_str(entry->d_name), err);
        } else {
            ++*walk->skipped;
        }
    }
    return status || !errno ? status : fail_folder(walk->root, err);
}

/* The pictures of the next folder that waits. */
static int read_folder(struct walk *walk, struct sl_error *err)
{
    char *folder = strdup(walk->folders.p + walk->runs[walk->done].folder);
    char *path = folder && folder[0] ? sl_images_join(walk->root, folder) : strdup(walk->root);
    DIR *dir = NULL;
    int status = folder && path ? SL_OK : sl_fail_memory(err, "listing pictures");
    if (!status && !(dir = opendir(path))) {
        status = fail_folder(path, err);
    }
    size_t first = walk->list->n;
    if (!status) {
        status = read_entries(walk, dir, folder, err);
    }
    if (dir) {
        closedir(dir);
    }
    size_t n = walk->list->n - first;
    if (n > 1) {
        qsort_r(walk->list->at + first, n, sizeof *walk->list->at, compare_names, walk->list->names);
    }
    walk->runs[walk->done].first = first;
    walk->runs[walk->done++].n = n;
    free(folder);
    free(path);
    return status;
}

static int by_folder(const void *a, const void *b, void *folders)
{
    return strcmp((const char *)folders + ((const struct run *)a)->folder,
                  (const char *)folders + ((const struct run *)b)->folder);
}

/* Folders were read as they were met; their pictures go where they belong. */
static int order_folders(struct walk *walk, size_t first, struct sl_error *err)
{
    struct sl_images_list *list = walk->list;
    size_t n = list->n - first, at = 0;
    if (walk->n < 2 || n == 0) {
        return SL_OK;
    }
    uint64_t *sorted = malloc(n * sizeof *sorted);
    if (!sorted) {
        return sl_fail_memory(err, "listing pictures");
    }
    qsort_r(walk->runs, walk->n, sizeof *walk->runs, by_folder, walk->folders.p);
    for (size_t k = 0; k < walk->n; k++) {
        memcpy(sorted + at, list->at + walk->runs[k].first, walk->runs[k].n * sizeof *sorted);
        at += walk->runs[k].n;
    }
    memcpy(list->at + first, sorted, n * sizeof *sorted);
    free(sorted);
    return SL_OK;
}

int sl_images_walk(struct sl_images_list *list, const char *root, bool first, const _Atomic bool *stop,
                   uint64_t *skipped, struct sl_error *err)
{
    struct walk walk = { .list = list, .root = root, .skipped = skipped, .stop = stop, .first = first };
    size_t before = list->n;
    int status = expect(&walk, SL_STR(""), "", err);
    while (!status && walk.done < walk.n && !(first && list->n)) {
        status = read_folder(&walk, err);
    }
    if (!status && !first) {
        status = order_folders(&walk, before, err);
    }
    sl_buf_release(&walk.folders);
    free(walk.runs);
    return status;
}
