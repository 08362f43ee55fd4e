/* lines_open.c: the files of a reader of lines, before the first is read and after the last. */
#include "engine/data/lines.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Look at every file before the first is read, so that a missing one is not noticed halfway. Pipes are not opened here:
 * they can be opened only once. */
int sl_line_look(struct sl_line_reader *r, struct sl_error *err)
{
    struct sl_reader *reader = &r->base;
    bool known = true;
    r->sizes = calloc(reader->n_paths, sizeof *r->sizes);
    if (!r->sizes) {
        return sl_fail_memory(err, "opening files");
    }
    for (size_t k = 0; k < reader->n_paths; k++) {
        const char *path = reader->paths[k];
        struct stat info;
        bool standard = strcmp(path, "-") == 0;
        if (!standard && (stat(path, &info) != 0 || access(path, R_OK) != 0)) {
            return sl_fail_errno(err, "open", path);
        }
        if (standard || !S_ISREG(info.st_mode)) {
            known = false;
            continue;
        }
        r->sizes[k] = (uint64_t)info.st_size;
        reader->size += r->sizes[k];
    }
    reader->size = known ? reader->size : 0;
    return SL_OK;
}

void sl_line_release(struct sl_line_reader *r)
{
    sl_input_close(r->input);
    sl_buf_release(&r->carry);
    free(r->sizes);
    sl_reader_release(&r->base);
}
