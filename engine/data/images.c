/* images.c: the reader of pictures: folders with one sub-folder a class, CSV files of paths, or single files.
 *
 * next() reads files while a thread lists what is left; parse() decodes. How far reading has come is counted in
 * pictures, known once all are listed. What a picture's label is, its folder or
 * its row says. All paths of one reader either have labels or have none.
 *
 * What it does not do: other formats than PNG and JPEG, archives, several labels a picture. */
#include "engine/data/images_private.h"

#include <stdio.h>
#include <stdlib.h>

static void close_images(struct sl_reader *reader)
{
    struct sl_images *images = (struct sl_images *)reader;
    sl_images_end(images);
    for (size_t k = 0; images->sources && k < reader->n_paths; k++) {
        free(images->sources[k].folder);
        sl_images_inside_release(&images->sources[k].inside);
        sl_images_table_close(images->sources[k].table);
    }
    free(images->sources);
    sl_images_list_release(&images->list);
    sl_images_coders_free(images->idle);
    pthread_cond_destroy(&images->listed);
    pthread_mutex_destroy(&images->lock);
    sl_reader_release(reader);
    free(images);
}

const struct sl_reader_class sl_images_class = {
    .name = "images",
    .next = sl_images_next,
    .parse = sl_images_parse,
    .seek = sl_images_seek,
    .close = close_images,
    .record = sl_images_record,
};

static int look_at_paths(struct sl_images *images, const struct sl_images_options *options, bool *numbers,
                         struct sl_error *err)
{
    for (size_t k = 0; k < images->base.n_paths; k++) {
        bool labelled, number;
        int status = sl_images_look(images, (uint32_t)k, options, &labelled, &number, err);
        if (status) {
            return status;
        }
        images->base.refers |= images->sources[k].kind != SL_IMAGES_SINGLE;
        images->labelled = k ? images->labelled : labelled;
        *numbers = k ? *numbers && number : number;
        if (labelled != images->labelled && !options->labels_optional) {
            sl_fail(err, SL_ESCHEMA, "'%.120s' has %s, but '%.120s' has %s", images->base.paths[k],
                    labelled ? "labels" : "none", images->base.paths[0], labelled ? "none" : "labels");
            return sl_fix(err, "read pictures with and without labels in two statements"), SL_ESCHEMA;
        }
    }
    return SL_OK;
}

static int make_schema(struct sl_images *images, bool numbers, struct sl_error *err)
{
    struct sl_schema *schema = &images->base.schema;
    int status = sl_schema_add(schema, SL_STR("image"), SL_IMAGE, err);
    if (!status) {
        schema->fields[0].channels = images->decode.channels;
        status = sl_schema_add(schema, SL_STR("path"), SL_TEXT, err);
    }
    if (!status && images->labelled) {
        status = sl_schema_add(schema, SL_STR("label"), numbers ? SL_NUMBER : SL_TEXT, err);
    }
    if (!status && images->labelled) {
        schema->fields[2].target = true;
    }
    return status;
}

static void make_note(struct sl_images *images)
{
    static const char *const modes[] = { "", "grayscale", "", "rgb", "rgba" };
    uint64_t classes = 0;
    bool folders = true;
    for (size_t k = 0; k < images->base.n_paths; k++) {
        const struct sl_images_path *source = &images->sources[k];
        folders = folders && source->kind == SL_IMAGES_CLASSES;
        classes = source->inside.n > classes ? source->inside.n : classes;
        images->skipped += source->kind == SL_IMAGES_CLASSES ? source->inside.others + source->inside.pictures : 0;
    }
    char text[64] = "";
    if (folders) {
        snprintf(text, sizeof text, ", %llu folders", (unsigned long long)classes);
    }
    snprintf(images->base.note, sizeof images->base.note, "pictures, %s%s%s", modes[images->decode.channels],
             images->labelled ? ", labels" : "", text);
}

static int begin(struct sl_images *images, const struct sl_images_options *options, struct sl_error *err)
{
    bool numbers = false;
    images->sources = calloc(images->base.n_paths, sizeof *images->sources);
    if (!images->sources) {
        return sl_fail_memory(err, "opening files");
    }
    images->decode = (struct sl_image_options){ .channels = (uint32_t)options->channels,
                                                .max_pixels = options->max_pixels,
                                                .max_bytes = options->max_bytes,
                                                .apply_gamma = options->apply_gamma,
                                                .ignore_orientation = options->ignore_orientation,
                                                .any_name = options->any_name,
                                                .at_least_width = options->at_least_width,
                                                .at_least_height = options->at_least_height };
    images->file_limit = options->max_bytes ? options->max_bytes : UINT64_C(512) << 20;
    int status = look_at_paths(images, options, &numbers, err);
    status = status ? status : make_schema(images, numbers, err);
    if (!status) {
        make_note(images);
    }
    return status;
}

int sl_images_open(struct sl_reader **out, const char *base, const char *const *paths, size_t n,
                   const struct sl_images_options *options, struct sl_error *err)
{
    static const struct sl_images_options usual = { .channels = 3 };
    options = options ? options : &usual;
    if (options->channels != 1 && options->channels != 3 && options->channels != 4) {
        sl_fail(err, SL_EPARAM, "pictures cannot be read with %d channels", options->channels);
        return sl_fix(err, "ask for 1, 3 or 4"), SL_EPARAM;
    }
    struct sl_images *images = calloc(1, sizeof *images);
    if (!images) {
        return sl_fail_memory(err, "opening files");
    }
    pthread_mutex_init(&images->lock, NULL);
    pthread_cond_init(&images->listed, NULL);
    int status = sl_reader_init(&images->base, &sl_images_class, base, paths, n, err);
    if (status) {
        pthread_cond_destroy(&images->listed);
        pthread_mutex_destroy(&images->lock);
        free(images);
        return status;
    }
    status = begin(images, options, err);
    if (status) {
        close_images(&images->base);
        return status;
    }
    *out = &images->base;
    return SL_OK;
}
