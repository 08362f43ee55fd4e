/* images_look.c: what a path is that pictures are to be read from, and what can be said of it before reading.
 *
 * A folder with pictures below its own folders has these as classes; one without has no labels. A file with the ending
 * of a picture is that picture; any other file is a CSV of paths. Only one picture is looked for, so that opening does
 * not wait for a million of them. */
#include "engine/data/images_private.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return strdup(".");
    }
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* May all class folders be entered? Told now, not after an hour. And is there a picture below any? */
static int look_at_classes(const struct sl_images_path *source, bool *any, struct sl_error *err)
{
    int status = SL_OK;
    *any = false;
    for (size_t k = 0; k < source->inside.n && !status; k++) {
        char *path = sl_images_join(source->folder, source->inside.folders[k]);
        struct sl_images_list found = { 0 };
        uint64_t others = 0;
        if (!path) {
            return sl_fail_memory(err, "listing pictures");
        }
        if (access(path, R_OK | X_OK) != 0) {
            status = sl_fail_errno(err, "read the folder", path);
            sl_fix(err, "make it readable, or move it away");
        } else if (!*any) {
            status = sl_images_walk(&found, path, true, NULL, &others, err);
            *any = found.n > 0;
        }
        sl_images_list_release(&found);
        free(path);
    }
    return status;
}

static int look_at_folder(struct sl_images_path *source, struct sl_error *err)
{
    bool any = false;
    int status = sl_images_look_inside(source->folder, &source->inside, err);
    status = status ? status : look_at_classes(source, &any, err);
    source->kind = any ? SL_IMAGES_CLASSES : SL_IMAGES_FLAT;
    if (status || any || source->inside.pictures) {
        return status;
    }
    bool empty = !source->inside.n && !source->inside.others;
    sl_fail(err, SL_EDATA, empty ? "the folder '%.200s' is empty" : "there is no picture in the folder '%.200s'",
            source->folder);
    return sl_fix(err, "name a folder with one sub-folder a class, and .png, .jpg or .jpeg files in them"), SL_EDATA;
}

static int refuse_labels(const char *path, const char *label, struct sl_error *err)
{
    sl_fail(err, SL_EPARAM, "labels=%.60s names a column, but '%.180s' is no CSV", label, path);
    sl_fix(err, "leave labels= out: the folder a picture lies in is its label");
    if (err) {
        memcpy(err->param, "labels", sizeof "labels");
    }
    return SL_EPARAM;
}

int sl_images_look(struct sl_images *images, uint32_t path, const struct sl_images_options *options, bool *labelled,
                   bool *number, struct sl_error *err)
{
    const char *name = images->base.paths[path], *label = options->labels ? options->labels[0] : NULL;
    struct sl_images_path *source = &images->sources[path];
    struct stat info;
    *labelled = *number = false;
    if (stat(name, &info) != 0) {
        int status = sl_fail_errno(err, "open", name);
        return sl_fix(err, "name a folder of pictures, or a CSV of their paths"), status;
    }
    bool folder = S_ISDIR(info.st_mode), picture = !folder && sl_images_named(name);
    if (label && (folder || picture) && !options->labels_optional) {
        return refuse_labels(name, label, err);
    }
    source->folder = folder ? strdup(name) : folder_of(name);
    if (!source->folder) {
        return sl_fail_memory(err, "opening files");
    }
    if (folder) {
        int status = look_at_folder(source, err);
        *labelled = source->kind == SL_IMAGES_CLASSES;
        return status;
    }
    source->kind = picture ? SL_IMAGES_SINGLE : SL_IMAGES_TABLE;
    return picture ? SL_OK
                   : sl_images_table_open(&source->table, name, label, options->labels_optional, labelled, number, err);
}
