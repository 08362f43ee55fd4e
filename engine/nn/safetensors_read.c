/* safetensors_read.c: a graph's parameters from a safetensors file, wherever it was written.
 *
 * Only the header and the tensors the graph asks for are read, so that the file may be large. The weights change when
 * everything has been read and fits, or not at all. Dense layers' weights lie there as (out, in), as PyTorch has them.
 */
#include "engine/nn/safetensors_private.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
    int fd;
    const char *path;
    uint64_t size, data; /* bytes; where the header ends */
    struct sl_tensors tensors;
};

static int not_one(const struct file *file, struct sl_error *err, uint64_t byte)
{
    sl_fix(err, "give a file that safetensors wrote");
    sl_error_at(err, file->path, 0, 0, byte);
    return SL_EFORMAT;
}

static int read_at(const struct file *file, void *to, size_t n, uint64_t offset, struct sl_error *err)
{
    char *p = to;
    while (n) {
        ssize_t done = pread(file->fd, p, n, (off_t)offset);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return sl_fail_errno(err, "read", file->path);
        }
        if (done == 0) {
            sl_fail(err, SL_EFORMAT, "'%.160s' became shorter while it was read", file->path);
            return not_one(file, err, offset);
        }
        p += done;
        n -= (size_t)done;
        offset += (uint64_t)done;
    }
    return SL_OK;
}

static int open_file(struct file *file, struct sl_error *err)
{
    struct stat found;
    file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file->fd < 0 || fstat(file->fd, &found) != 0) {
        return sl_fail_errno(err, "open", file->path);
    }
    if (S_ISDIR(found.st_mode)) {
        errno = EISDIR;
        return sl_fail_errno(err, "read", file->path);
    }
    if (!S_ISREG(found.st_mode)) {
        sl_fail(err, SL_EIO, "'%.160s' is not a regular file: weights are read from any place in it", file->path);
        sl_fix(err, "copy it to a file first");
        return SL_EIO;
    }
    file->size = (uint64_t)found.st_size;
    return SL_OK;
}

static int read_header(struct file *file, struct sl_error *err)
{
    uint64_t length = 0;
    if (file->size < sizeof length) {
        sl_fail(err, SL_EFORMAT, "'%.160s' has %" PRIu64 " bytes: too few for a safetensors file", file->path,
                file->size);
        return not_one(file, err, UINT64_MAX);
    }
    int status = read_at(file, &length, sizeof length, 0, err);
    if (status != SL_OK) {
        return status;
    }
    length = le64toh(length);
    if (length > SL_TENSOR_HEADER_MAX || length > file->size - sizeof length) {
        sl_fail(err, SL_EFORMAT,
                "'%.120s' says its header has %" PRIu64 " bytes; %" PRIu64 " follow, and %" PRIu64
                " is the most allowed",
                file->path, length, file->size - sizeof length, SL_TENSOR_HEADER_MAX);
        return not_one(file, err, 0);
    }
    char *header = malloc(length ? (size_t)length : 1);
    if (!header) {
        return sl_fail_memory(err, "reading a header");
    }
    file->data = sizeof length + length;
    status = read_at(file, header, (size_t)length, sizeof length, err);
    if (status == SL_OK) {
        status =
            sl_tensors_parse(&file->tensors, (struct sl_str){ header, (size_t)length }, file->size - file->data, err);
        if (status != SL_OK && err && err->byte != UINT64_MAX) {
            err->byte += sizeof length;
        }
        if (status == SL_EFORMAT) {
            sl_error_at(err, file->path, 0, 0, UINT64_MAX);
        }
    }
    free(header);
    return status;
}

/* "has a, b, c, …": the names that are there. */
static int fail_missing(const struct file *file, const struct sl_parameter *parameter, struct sl_error *err)
{
    struct sl_buf names = { 0 };
    for (size_t i = 0; i < file->tensors.n && names.n < 120; i++) {
        struct sl_str name = file->tensors.list[i].name;
        sl_buf_printf(&names, "%s%.*s", i ? ", " : "", (int)(name.n < 60 ? name.n : 60), name.p);
    }
    sl_fail(err, SL_ESCHEMA, "the file has no tensor '%s', which the network needs", parameter->name);
    sl_fix(err, "it has: %s; name them as the network does", names.n && !names.failed ? names.p : "none");
    sl_buf_release(&names);
    sl_error_at(err, file->path, 0, 0, UINT64_MAX);
    return SL_ESCHEMA;
}

static int fail_shape(const struct file *file, const struct sl_tensor *tensor, const uint64_t *wanted, uint32_t rank,
                      bool turned, struct sl_error *err)
{
    struct sl_buf has = { 0 }, wants = { 0 };
    sl_buf_sizes(&has, tensor->size, tensor->rank);
    sl_buf_sizes(&wants, wanted, rank);
    sl_fail(err, SL_ESCHEMA, "tensor '%.*s' is %s, the network wants %s",
            (int)(tensor->name.n < 80 ? tensor->name.n : 80), tensor->name.p, has.failed ? "of another shape" : has.p,
            wants.failed ? "its own" : wants.p);
    if (turned && tensor->rank == 2 && tensor->size[0] == wanted[1] && tensor->size[1] == wanted[0]) {
        sl_fix(err, "turn it round: dense weights are (out, in) in such files");
    } else {
        sl_fix(err, "give the network the sizes the file was made with");
    }
    sl_buf_release(&has);
    sl_buf_release(&wants);
    sl_error_at(err, file->path, 0, 0, UINT64_MAX);
    return SL_ESCHEMA;
}

/* The tensor for a parameter, its kind and shape checked. */
static int find(const struct file *file, const struct sl_parameter *parameter, bool turned,
                const struct sl_tensor **out, struct sl_error *err)
{
    const struct sl_tensor *tensor = sl_tensors_find(&file->tensors, sl_str(parameter->name));
    const struct sl_shape *shape = &parameter->shape;
    if (!tensor) {
        return fail_missing(file, parameter, err);
    }
    if (!tensor->type->widen) {
        sl_fail(err, SL_ESCHEMA, "tensor '%s' is of type '%.*s'; F32, F16, BF16 and F64 are taken", parameter->name,
                (int)(tensor->type_name.n < 40 ? tensor->type_name.n : 40), tensor->type_name.p);
        sl_fix(err, "write it as F32");
        sl_error_at(err, file->path, 0, 0, UINT64_MAX);
        return SL_ESCHEMA;
    }
    uint64_t wanted[SL_RANK_MAX] = { 0 };
    bool fits = tensor->rank == shape->rank;
    for (uint32_t i = 0; i < shape->rank; i++) {
        wanted[i] = shape->size[turned ? shape->rank - 1 - i : i];
        fits = fits && tensor->size[i] == wanted[i];
    }
    if (!fits) {
        return fail_shape(file, tensor, wanted, shape->rank, turned, err);
    }
    *out = tensor;
    return SL_OK;
}

/* (out, in) at from becomes (in, out). */
static void turn(const float *from, size_t in, size_t out, float *to)
{
    for (size_t i = 0; i < in; i++) {
        for (size_t o = 0; o < out; o++) {
            to[i * out + o] = from[o * in + i];
        }
    }
}

static int read_values(const struct file *file, const struct sl_parameter *parameter, const struct sl_tensor *tensor,
                       bool turned, float *w, struct sl_error *err)
{
    size_t n = parameter->n, bytes = (size_t)(tensor->end - tensor->begin);
    unsigned char *raw = malloc(bytes ? bytes : 1);
    float *plain = turned ? malloc((n ? n : 1) * sizeof *plain) : w;
    int status = SL_ENOMEM;
    if (raw && plain) {
        status = read_at(file, raw, bytes, file->data + tensor->begin, err);
    } else {
        sl_fail_memory(err, "reading a network's weights");
    }
    if (status == SL_OK) {
        tensor->type->widen(raw, n, plain);
        if (turned) {
            turn(plain, parameter->shape.size[0], parameter->shape.size[1], w);
        }
    }
    if (turned) {
        free(plain);
    }
    free(raw);
    return status;
}

/* Does any parameter of the head differ from the file's? Then all of them stay: a bias belongs to its weights. */
static bool head_differs(const struct file *file, const struct sl_parameter *list, size_t n, const bool *turned,
                         const char *head)
{
    bool differs = false;
    for (size_t i = 0; head && i < n; i++) {
        const struct sl_tensor *tensor = NULL;
        struct sl_error unheard = SL_ERROR_INIT;
        differs = differs || (strncmp(list[i].name, head, strlen(head)) == 0 &&
                              find(file, &list[i], turned[i], &tensor, &unheard) != SL_OK);
    }
    return differs;
}

static int read_parameters(const struct file *file, struct sl_graph *graph, const char *head, bool *turned, float *w,
                           bool *left, struct sl_error *err)
{
    const struct sl_parameter *list = NULL;
    size_t n = sl_graph_parameters(graph, &list);
    sl_safetensors_turned(graph, turned);
    *left = head_differs(file, list, n, turned, head);
    int status = *left ? sl_graph_get(graph, w, err) : SL_OK;
    for (size_t i = 0; i < n && status == SL_OK; i++) {
        const struct sl_tensor *tensor = NULL;
        if (*left && strncmp(list[i].name, head, strlen(head)) == 0) {
            continue;
        }
        status = find(file, &list[i], turned[i], &tensor, err);
        if (status == SL_OK) {
            status = read_values(file, &list[i], tensor, turned[i], w + list[i].first, err);
        }
    }
    return status == SL_OK ? sl_graph_set(graph, w, err) : status;
}

int sl_safetensors_read(const char *path, struct sl_graph *graph, struct sl_error *err)
{
    bool left;
    return sl_safetensors_read_body(path, graph, NULL, &left, err);
}

int sl_safetensors_read_body(const char *path, struct sl_graph *graph, const char *head, bool *left,
                             struct sl_error *err)
{
    struct file file = { .fd = -1, .path = path };
    const struct sl_parameter *list = NULL;
    size_t n = sl_graph_parameters(graph, &list), weights = sl_graph_weights(graph);
    float *w = calloc(weights ? weights : 1, sizeof *w);
    bool *turned = calloc(n ? n : 1, sizeof *turned);
    int status = w && turned ? open_file(&file, err) : sl_fail_memory(err, "reading a network's weights");
    if (status == SL_OK) {
        status = read_header(&file, err);
    }
    if (status == SL_OK) {
        status = read_parameters(&file, graph, head, turned, w, left, err);
    }
    if (file.fd >= 0) {
        close(file.fd);
    }
    sl_tensors_release(&file.tensors);
    free(turned);
    free(w);
    return status;
}
