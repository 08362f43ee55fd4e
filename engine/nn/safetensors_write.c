/* safetensors_write.c: a graph's parameters into a safetensors file, as PyTorch's load_state_dict takes them.
 *
 * Tensors lie in the order of the graph, without gaps; the header is padded with blanks so that the data begins at a
 * multiple of eight bytes, as the reference implementation writes it. The file is put together in memory and appears
 * whole or not at all (sl_file_write). */
#include "engine/nn/safetensors_private.h"

#include "engine/nn/floats.h"
#include "sluice/input.h"

#include <inttypes.h>
#include <stdlib.h>

void sl_buf_sizes(struct sl_buf *buf, const uint64_t *size, uint32_t rank)
{
    sl_buf_putc(buf, '(');
    for (uint32_t i = 0; i < rank; i++) {
        sl_buf_printf(buf, "%s%" PRIu64, i ? ", " : "", size[i]);
    }
    sl_buf_putc(buf, ')');
}

void sl_safetensors_turned(const struct sl_graph *graph, bool *flags)
{
    const struct sl_parameter *list = NULL;
    size_t parameters = sl_graph_parameters(graph, &list);
    memset(flags, 0, parameters * sizeof *flags);
    for (size_t i = 0; i < sl_graph_nodes(graph); i++) {
        struct sl_node_info info;
        sl_graph_node(graph, (int)i, &info);
        bool dense = strncmp(info.kind, "dense", 5) == 0;
        if (dense && info.weight >= 0 && (size_t)info.weight < parameters && list[info.weight].shape.rank == 2) {
            flags[info.weight] = true;
        }
    }
}

static void add_metadata(struct sl_buf *head, const char *const *metadata)
{
    sl_buf_puts(head, "\"__metadata__\":{");
    for (size_t i = 0; metadata[i] && metadata[i + 1]; i += 2) {
        sl_buf_puts(head, i ? "," : "");
        sl_buf_json(head, sl_str(metadata[i]));
        sl_buf_putc(head, ':');
        sl_buf_json(head, sl_str(metadata[i + 1]));
    }
    sl_buf_putc(head, '}');
}

/* at: its first float in the file. */
static void add_tensor(struct sl_buf *head, const struct sl_parameter *parameter, bool turned, size_t at)
{
    const struct sl_shape *shape = &parameter->shape;
    sl_buf_json(head, sl_str(parameter->name));
    sl_buf_puts(head, ":{\"dtype\":\"F32\",\"shape\":[");
    for (uint32_t i = 0; i < shape->rank; i++) {
        sl_buf_printf(head, "%s%" PRIu32, i ? "," : "", shape->size[turned ? shape->rank - 1 - i : i]);
    }
    sl_buf_printf(head, "],\"data_offsets\":[%zu,%zu]}", at * sizeof(float), (at + parameter->n) * sizeof(float));
}

/* Length and header. The length is written last, when it is known. */
static void add_head(struct sl_buf *file, const struct sl_parameter *list, size_t n, const bool *turned,
                     const char *const *metadata)
{
    sl_buf_u64(file, 0);
    sl_buf_putc(file, '{');
    if (metadata && metadata[0]) {
        add_metadata(file, metadata);
    }
    for (size_t i = 0, at = 0; i < n; at += list[i++].n) {
        sl_buf_puts(file, i || (metadata && metadata[0]) ? "," : "");
        add_tensor(file, &list[i], turned[i], at);
    }
    sl_buf_putc(file, '}');
    while (!file->failed && file->n % 8) {
        sl_buf_putc(file, ' ');
    }
    if (!file->failed) {
        uint64_t length = htole64((uint64_t)file->n - 8);
        memcpy(file->p, &length, sizeof length);
    }
}

/* The values of a parameter, the other way round when turned: (in, out) becomes (out, in). */
static void put_values(char *to, const struct sl_parameter *parameter, const float *w, bool turned)
{
    if (!turned) {
        sl_floats_put(to, w, parameter->n);
        return;
    }
    size_t in = parameter->shape.size[0], out = parameter->shape.size[1];
    for (size_t o = 0; o < out; o++) {
        for (size_t i = 0; i < in; i++) {
            sl_floats_put(to + (o * in + i) * sizeof(float), w + i * out + o, 1);
        }
    }
}

static int put_file(struct sl_buf *file, struct sl_graph *graph, const char *const *metadata, bool *turned, float *w,
                    struct sl_error *err)
{
    const struct sl_parameter *list = NULL;
    size_t n = sl_graph_parameters(graph, &list);
    int status = sl_graph_get(graph, w, err);
    if (status != SL_OK) {
        return status;
    }
    sl_safetensors_turned(graph, turned);
    add_head(file, list, n, turned, metadata);
    for (size_t i = 0; i < n; i++) {
        if (!sl_buf_reserve(file, list[i].n * sizeof *w)) {
            return sl_fail_memory(err, "writing a network's weights");
        }
        put_values(file->p + file->n, &list[i], w + list[i].first, turned[i]);
        file->n += list[i].n * sizeof *w;
    }
    return SL_OK;
}

int sl_safetensors_write(const char *path, struct sl_graph *graph, const char *const *metadata, struct sl_error *err)
{
    const struct sl_parameter *list = NULL;
    size_t n = sl_graph_parameters(graph, &list), weights = sl_graph_weights(graph);
    struct sl_buf file = { 0 };
    float *w = calloc(weights ? weights : 1, sizeof *w);
    bool *turned = calloc(n ? n : 1, sizeof *turned);
    int status = w && turned ? put_file(&file, graph, metadata, turned, w, err)
                             : sl_fail_memory(err, "writing a network's weights");
    if (status == SL_OK) {
        status = sl_file_write(path, file.p, file.n, err);
    }
    sl_buf_release(&file);
    free(turned);
    free(w);
    return status;
}
