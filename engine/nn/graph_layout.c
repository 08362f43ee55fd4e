/* graph_layout.c: which memory a graph's outputs, gradients and operators need, and when; then its place.
 *
 * An output lives from its node's forward to the last forward that reads it, or to the last backward that looks at it.
 * A gradient lives from the first backward that writes it to its own node's. Both are made for a whole training step,
 * at the greatest batch; predicting, and fewer records, fit into them. Where an operator allows it, an output goes over
 * an input that nothing reads later, and the gradient of an input is made in that of the output: then both are one
 * interval.
 *
 * A layout "apart" shares nothing, so that everything can be read after a step. Either gives the same bits. */
#include "engine/nn/graph_private.h"

#include <stdlib.h>

/* Of a node: value, gradient, value made again, extras. */
enum { NONE = -1, AGAIN = 2, EXTRA, PARTS = EXTRA + NODE_EXTRAS };

struct lives {
    const struct sl_graph *graph;
    bool apart, learning;
    struct interval *list;
    int n;
    int (*of)[PARTS]; /* interval of each part of each node, or NONE */
    size_t *last;     /* of each root: when its output is read for the last time */
    size_t forever;
    struct place *place; /* of the layout: remade is put there */
};

static size_t backward_time(const struct lives *lives, int node)
{
    return (size_t)(2 * lives->graph->n_nodes - 1 - node);
}

static bool goes_back(const struct lives *lives, const struct node *node)
{
    return lives->learning && node->learns && node->op->backward;
}

static void read_at(struct lives *lives, int node, size_t time)
{
    size_t *last = &lives->last[lives->graph->nodes[node].root];
    *last = time > *last ? time : *last;
}

static void find_last_reads(struct lives *lives)
{
    const struct sl_graph *graph = lives->graph;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct node *node = &graph->nodes[i];
        unsigned keeps = goes_back(lives, node) && node->op->keeps ? node->op->keeps(node) : 0;
        read_at(lives, i, (size_t)i);
        for (int k = 0; k < node->n_inputs; k++) {
            read_at(lives, node->input[k], keeps & KEEPS_X && k == 0 ? backward_time(lives, i) : (size_t)i);
        }
        if (keeps & KEEPS_Y) {
            read_at(lives, i, backward_time(lives, i));
        }
        if (node->op->end || lives->apart) {
            read_at(lives, i, lives->forever);
        }
    }
}

/* A new interval for n floats. */
static int live(struct lives *lives, size_t floats, size_t begin, size_t end)
{
    size_t bytes = floats * sizeof(float);
    lives->list[lives->n] = (struct interval){ .bytes = bytes, .begin = begin, .end = end };
    return lives->n++;
}

/* Last node to read root i in forward, and the one whose backward looks at it first; NONE: no backward does. */
static int readers(const struct lives *lives, int i, int *first_back)
{
    const struct sl_graph *graph = lives->graph;
    const struct node *own = &graph->nodes[i];
    int last = i;
    *first_back = own->op->keeps && own->op->keeps(own) & KEEPS_Y ? i : NONE;
    for (int j = i + 1; j < graph->n_nodes; j++) {
        const struct node *node = &graph->nodes[j];
        unsigned keeps = goes_back(lives, node) && node->op->keeps ? node->op->keeps(node) : 0;
        for (int k = 0; k < node->n_inputs; k++) {
            if (graph->nodes[node->input[k]].root == i) {
                last = j;
                *first_back = keeps & KEEPS_X && k == 0 ? j : *first_back;
            }
        }
    }
    return last;
}

/* Can all it reads be read at this time without living longer for it? */
static bool inputs_last(const struct lives *lives, const struct node *node, size_t time)
{
    bool last = true;
    for (int k = 0; k < node->n_inputs; k++) {
        int root = lives->graph->nodes[node->input[k]].root;
        last = last && lives->of[root][AGAIN] == NONE && !lives->graph->nodes[root].op->source &&
               lives->last[root] >= time;
    }
    return last;
}

/* Outputs that are made again instead of kept: their first life ends with forward, a second begins when backward first
 * looks at them. What they are made of is never itself made again, so none has to be in turn. */
static void find_remade(struct lives *lives)
{
    const struct sl_graph *graph = lives->graph;
    for (int i = 0; graph->recompute && !lives->apart && i < graph->n_nodes; i++) {
        const struct node *node = &graph->nodes[i];
        int first_back = NONE, last = i;
        if (node->op->remakes && goes_back(lives, node)) {
            last = readers(lives, i, &first_back);
        }
        if (first_back == NONE || !inputs_last(lives, node, backward_time(lives, first_back))) {
            continue;
        }
        size_t begin = backward_time(lives, first_back);
        lives->of[i][AGAIN] = live(lives, node->count * graph->batch, begin, lives->last[i]);
        lives->place[i].remade = first_back;
        lives->last[i] = (size_t)last;
    }
}

static void until(struct lives *lives, int interval, size_t time)
{
    size_t *end = &lives->list[interval].end;
    *end = time > *end ? time : *end;
}

static void outputs(struct lives *lives)
{
    const struct sl_graph *graph = lives->graph;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct node *node = &graph->nodes[i];
        if (node->op->view || node->op->source) {
            continue;
        }
        int *mine = &lives->of[i][0];
        if (node->op->output_over && !lives->apart) {
            int x = graph->nodes[node->input[0]].root;
            int other = node->n_inputs > 1 ? graph->nodes[node->input[1]].root : NONE;
            bool over = lives->last[x] == (size_t)i && x != other && !graph->nodes[x].op->source;
            *mine = over ? lives->of[x][0] : NONE;
        }
        if (*mine == NONE) {
            *mine = live(lives, node->count * graph->batch, (size_t)i, lives->last[i]);
        }
        until(lives, *mine, lives->last[i]);
    }
}

/* May the gradient of this root be made where that of the node is, its only reader? */
static bool gradient_over(const struct lives *lives, const struct node *node, int root)
{
    const struct node *x = &lives->graph->nodes[root];
    return node->op->gradient_over && !lives->apart && x->edges == 1;
}

static void gradients(struct lives *lives)
{
    const struct sl_graph *graph = lives->graph;
    for (int i = graph->n_nodes - 1; i >= 0; i--) {
        const struct node *node = &graph->nodes[i];
        if (!node->learns || !(node->op->end || node->op->backward)) {
            continue;
        }
        bool taken = false;
        for (int k = 0; k < node->n_inputs; k++) {
            int root = graph->nodes[node->input[k]].root;
            int *its = &lives->of[root][1];
            if (!graph->nodes[root].learns || *its != NONE) {
                continue;
            }
            size_t end = lives->apart ? lives->forever : backward_time(lives, root);
            if (!taken && gradient_over(lives, node, root)) {
                *its = lives->of[i][1];
                taken = true;
                until(lives, *its, end);
            } else {
                size_t begin = node->op->end ? (size_t)i : backward_time(lives, i);
                *its = live(lives, graph->nodes[root].count * graph->batch, begin, end);
            }
        }
    }
}

static void extras(struct lives *lives)
{
    const struct sl_graph *graph = lives->graph;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct node *node = &graph->nodes[i];
        struct extra wanted[NODE_EXTRAS] = { { 0 } };
        if (node->op->extras) {
            node->op->extras(graph, node, lives->apart, wanted);
        }
        for (int k = 0; k < NODE_EXTRAS; k++) {
            bool back = goes_back(lives, node);
            if (wanted[k].floats == 0 || !(wanted[k].saved || back)) {
                continue;
            }
            size_t begin = wanted[k].saved ? (size_t)i : backward_time(lives, i);
            size_t end = back ? backward_time(lives, i) : (size_t)i;
            size_t records = wanted[k].once ? 1 : graph->batch;
            lives->of[i][EXTRA + k] = live(lives, wanted[k].floats * records, begin, end);
        }
    }
}

static int take_memory(const struct lives *lives, struct layout *out, struct sl_error *err)
{
    const struct sl_graph *graph = lives->graph;
    const struct sl_kernels *kernels = graph->device->kernels;
    int status = place_intervals(lives->list, (size_t)lives->n, &out->bytes, err);
    if (status == SL_OK && out->bytes) {
        status = kernels->alloc(graph->device, &out->memory, out->bytes, err);
    }
    for (int i = 0; status == SL_OK && i < graph->n_nodes; i++) {
        float *at[PARTS] = { NULL };
        for (int part = 0; part < PARTS; part++) {
            int interval = lives->of[i][part];
            if (interval != NONE) {
                at[part] = (float *)(void *)((char *)out->memory + lives->list[interval].offset);
            }
        }
        out->place[i].value = at[0];
        out->place[i].gradient = at[1];
        out->place[i].again = at[AGAIN];
        memcpy(out->place[i].extra, at + EXTRA, sizeof out->place[i].extra);
    }
    return status;
}

int layout_make(const struct sl_graph *graph, bool apart, struct layout *out, struct sl_error *err)
{
    size_t n = (size_t)graph->n_nodes;
    struct layout made = { .apart = apart, .place = calloc(n, sizeof *made.place) };
    struct lives lives = {
        .graph = graph, .apart = apart, .learning = !graph->first, .forever = 2 * n, .place = made.place
    };
    lives.list = calloc(n * PARTS, sizeof *lives.list);
    lives.of = calloc(n, sizeof *lives.of);
    lives.last = calloc(n, sizeof *lives.last);
    int status = SL_OK;
    if (!made.place || !lives.list || !lives.of || !lives.last) {
        status = sl_fail_memory(err, "a graph's memory plan");
    } else {
        memset(lives.of, 0xff, n * sizeof *lives.of); /* NONE */
        find_last_reads(&lives);
        find_remade(&lives);
        outputs(&lives);
        if (lives.learning) {
            gradients(&lives);
        }
        extras(&lives);
        status = take_memory(&lives, &made, err);
    }
    free(lives.list);
    free(lives.of);
    free(lives.last);
    if (status == SL_OK) {
        *out = made;
    } else {
        layout_release(graph, &made);
    }
    return status;
}

void layout_release(const struct sl_graph *graph, struct layout *layout)
{
    if (layout->memory) {
        graph->device->kernels->free(graph->device, layout->memory);
    }
    free(layout->place);
    *layout = (struct layout){ 0 };
}
