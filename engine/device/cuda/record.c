/* record.c: a step that is given again and again becomes one captured graph.
 *
 * The first time a step's commands are carried out as they come, and kept. When it is whole they are issued once more
 * into a capture, which carries nothing out, and the graph made of it is kept under the key. Where capturing fails the
 * step is given plainly ever after: slower, the same results. */
#include "engine/device/cuda/private.h"

#include <stdlib.h>

static struct cuda_step *find(struct cuda_own *own, uint64_t key)
{
    for (size_t i = 0; i < own->steps; i++) {
        if (own->step[i].key == key) {
            return &own->step[i];
        }
    }
    return NULL;
}

bool cuda_begin(struct sl_device *d, uint64_t key)
{
    struct cuda_own *own = cuda_own(d);
    own->recording = 0;
    own->commands = 0;
    own->unrecorded = false;
    if (key == 0 || !cuda_enter(own)) {
        return false;
    }
    struct cuda_step *step = find(own, key);
    if (!step) {
        own->recording = key;
        return false;
    }
    if (step->graph && cudaGraphLaunch(step->graph, own->compute) != cudaSuccess) {
        (void)cudaGetLastError(); /* no memory for it, say: nothing was given yet, so go on without */
        cudaGraphExecDestroy(step->graph);
        step->graph = NULL;
    }
    return step->graph;
}

/* The commands as a graph; NULL when that cannot be done. */
static cudaGraphExec_t capture(struct cuda_own *own)
{
    cudaGraph_t graph = NULL;
    cudaGraphExec_t exec = NULL;
    if (cudaStreamBeginCapture(own->compute, cudaStreamCaptureModeThreadLocal) != cudaSuccess) {
        (void)cudaGetLastError();
        return NULL;
    }
    bool good = true;
    for (size_t i = 0; i < own->commands && good; i++) {
        good = !cuda_issue(own, &own->command[i]);
    }
    good = cudaStreamEndCapture(own->compute, &graph) == cudaSuccess && graph && good;
    if (!good || cudaGraphInstantiateWithFlags(&exec, graph, 0) != cudaSuccess) {
        exec = NULL;
    }
    if (graph) {
        cudaGraphDestroy(graph);
    }
    (void)cudaGetLastError();
    return exec;
}

static void keep(struct cuda_own *own, uint64_t key)
{
    if (own->steps == own->step_room) {
        size_t room = own->step_room ? 2 * own->step_room : 8;
        struct cuda_step *grown = realloc(own->step, room * sizeof *grown);
        if (!grown) {
            return; /* it is recorded again next time */
        }
        own->step = grown;
        own->step_room = room;
    }
    own->step[own->steps++] = (struct cuda_step){ key, own->unrecorded ? NULL : capture(own) };
}

int cuda_end(struct sl_device *d, uint64_t key, struct sl_error *err)
{
    struct cuda_own *own = cuda_own(d);
    bool recorded = own->recording && own->recording == key;
    own->recording = 0;
    int status = cuda_tell(own, err);
    if (recorded && status == SL_OK && cuda_enter(own)) {
        keep(own, key);
    }
    own->commands = 0;
    return status;
}

void cuda_forget(struct sl_device *d)
{
    struct cuda_own *own = cuda_own(d);
    if (own->steps > 0 && cuda_enter(own)) {
        cuda_latch(own, cudaStreamSynchronize(own->compute), "computing"); /* one may be under way */
    }
    for (size_t i = 0; i < own->steps; i++) {
        if (own->step[i].graph) {
            cudaGraphExecDestroy(own->step[i].graph);
        }
    }
    own->steps = 0;
    own->recording = 0;
    own->commands = 0;
}
