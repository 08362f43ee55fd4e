/* safetensors.h: named tensors in a file others can read.
 *
 * Format  8 bytes little-endian header length, a JSON object {name: {dtype, shape, data_offsets}}, then the bytes
 *         (https://github.com/huggingface/safetensors, README "Format") */
#ifndef SLUICE_SAFETENSORS_H
#define SLUICE_SAFETENSORS_H

#include "sluice/graph.h"

/* A graph's parameters, as PyTorch's state_dict has them: weights of dense layers as (out, in), the names as in
 * sl_graph_parameters. `metadata`: pairs key, value, ending with NULL; may be NULL. The file appears whole or not at
 * all. */
int sl_safetensors_write(const char *path, struct sl_graph *graph, const char *const *metadata, struct sl_error *err);
/* Every parameter of the graph from a file: by name, shape checked. F32, F16, BF16 and F64 are taken; tensors the graph
 * does not know are ignored. Errors: SL_EFORMAT a file that lies (overlapping, beyond its end, huge header), SL_ESCHEMA
 * a name or shape that does not fit: names the tensor, what it is and what was wanted. */
int sl_safetensors_read(const char *path, struct sl_graph *graph, struct sl_error *err);
/* The same, but parameters whose names begin with `head` (NULL: none) stay as they are when the file has none of that
 * name or one of another shape; then *left is true. */
int sl_safetensors_read_body(const char *path, struct sl_graph *graph, const char *head, bool *left,
                             struct sl_error *err);

#endif
