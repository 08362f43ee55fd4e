/* stream.c: emulated streams, events and graphs.
 *
 * A stream's operations are numbered from 0. An event is a stream and a number: it has happened when that many are
 * done. A stream that waits for an event has the event's stream carry out what is missing. */
#include "tests/emulation/emulation.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

struct operation {
    void (*run)(const void *args); /* NULL: wait until `until` of `on` are done */
    struct emulated_stream *on;
    size_t until;
    alignas(16) unsigned char args[EMULATED_ARGS];
};

struct list {
    struct operation *at;
    size_t n, room;
};

struct emulated_graph {
    struct list list;
    bool broken;
};

struct emulated_stream {
    struct emulated_stream *next;
    struct list list; /* those not done yet, from number `done` on */
    size_t done;
    bool late;
    struct emulated_graph *capture; /* NULL: what is given is carried out */
};

struct emulated_event {
    struct emulated_stream *stream; /* NULL: never recorded */
    size_t until;
};

static struct emulated_stream *streams;
static unsigned made;

void emulation_reset(void)
{
    emulation_fail("", 0, 0);
    emulated_lock();
    size_t used = emulation.used;
    emulation = (struct emulation){ .devices = 1, .driver = 13000, .memory = (size_t)1 << 30, .used = used };
    made = 0;
    emulated_unlock();
}

static cudaError_t failure(const char *function)
{
    int code = cudaSuccess;
    emulated_failing(function, &code);
    return (cudaError_t)code;
}

static bool append(struct list *list, const struct operation *o)
{
    if (list->n == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        struct operation *grown = realloc(list->at, room * sizeof *grown);
        if (!grown) {
            return false;
        }
        list->at = grown;
        list->room = room;
    }
    list->at[list->n++] = *o;
    return true;
}

/* No deeper than there are streams: an event is always recorded before it is waited for. */
static void carry_out(struct emulated_stream *s, size_t until)
{
    size_t first = s->done;
    while (s->done < until) {
        struct operation o = s->list.at[s->done - first];
        if (o.run) {
            o.run(o.args);
        } else {
            carry_out(o.on, o.until);
        }
        s->done++;
    }
    size_t gone = s->done - first;
    if (gone > 0) {
        memmove(s->list.at, s->list.at + gone, (s->list.n - gone) * sizeof *s->list.at);
        s->list.n -= gone;
    }
}

void emulated_finish(struct emulated_stream *stream)
{
    for (struct emulated_stream *s = streams; s; s = s->next) {
        if (!stream || s == stream) {
            carry_out(s, s->done + s->list.n);
        }
    }
}

static cudaError_t put(struct emulated_stream *s, const struct operation *o)
{
    if (s->capture) {
        if (!o->run || (emulation.no_capture && s->capture->list.n > 0)) {
            s->capture->broken = true;
            return o->run ? cudaErrorStreamCaptureUnsupported : cudaErrorStreamCaptureIsolation;
        }
        return append(&s->capture->list, o) ? cudaSuccess : cudaErrorUnknown;
    }
    if (!append(&s->list, o)) {
        return cudaErrorUnknown;
    }
    if (!s->late) {
        carry_out(s, s->done + s->list.n);
    }
    return cudaSuccess;
}

cudaError_t emulated_put(struct emulated_stream *s, void (*run)(const void *args), const void *args, size_t bytes)
{
    struct operation o = { .run = run };
    if (!s || bytes > sizeof o.args) {
        return cudaErrorInvalidResourceHandle;
    }
    memcpy(o.args, args, bytes);
    return put(s, &o);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *out, unsigned flags)
{
    (void)flags;
    struct emulated_stream *s = calloc(1, sizeof *s);
    if (!s) {
        return emulated_result(cudaErrorMemoryAllocation);
    }
    emulated_lock();
    s->late = emulation.late >> made++ & 1;
    s->next = streams;
    streams = s;
    emulated_unlock();
    *out = s;
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    emulated_lock();
    emulated_finish(NULL); /* others may wait for it */
    for (struct emulated_stream **at = &streams; *at; at = &(*at)->next) {
        if (*at == stream) {
            *at = stream->next;
            break;
        }
    }
    emulated_unlock();
    free(stream->list.at);
    free(stream);
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    emulated_lock();
    cudaError_t code = failure("cudaStreamSynchronize");
    if (stream->capture) {
        stream->capture->broken = true;
        code = cudaErrorStreamCaptureUnsupported;
    } else {
        emulated_finish(stream);
    }
    emulated_unlock();
    return emulated_result(code);
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *out, unsigned flags)
{
    (void)flags;
    *out = calloc(1, sizeof **out);
    return emulated_result(*out ? cudaSuccess : cudaErrorMemoryAllocation);
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    free(event);
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    emulated_lock();
    cudaError_t code = stream->capture ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
    if (code == cudaSuccess) {
        event->stream = stream;
        event->until = stream->done + stream->list.n;
    } else {
        stream->capture->broken = true;
    }
    emulated_unlock();
    return emulated_result(code);
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags)
{
    (void)flags;
    emulated_lock();
    struct operation o = { .on = event->stream, .until = event->until };
    cudaError_t code = event->stream && event->stream != stream ? put(stream, &o) : cudaSuccess;
    emulated_unlock();
    return emulated_result(code);
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    emulated_lock();
    cudaError_t code = failure("cudaEventSynchronize");
    if (event->stream) {
        carry_out(event->stream, event->until);
    }
    emulated_unlock();
    return emulated_result(code);
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
    (void)mode;
    struct emulated_graph *graph = calloc(1, sizeof *graph);
    emulated_lock();
    cudaError_t code = failure("cudaStreamBeginCapture");
    code = code != cudaSuccess ? code : !graph || stream->capture ? cudaErrorUnknown : cudaSuccess;
    if (code == cudaSuccess) {
        stream->capture = graph;
    }
    emulated_unlock();
    if (code != cudaSuccess) {
        free(graph);
    }
    return emulated_result(code);
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *out)
{
    emulated_lock();
    cudaError_t code = failure("cudaStreamEndCapture");
    struct emulated_graph *graph = stream->capture;
    stream->capture = NULL;
    emulated_unlock();
    if (code != cudaSuccess || !graph || graph->broken) {
        cudaGraphDestroy(graph);
        *out = NULL;
        return emulated_result(code != cudaSuccess ? code : cudaErrorStreamCaptureInvalidated);
    }
    *out = graph;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t *out, cudaGraph_t graph, unsigned long long flags)
{
    (void)flags;
    emulated_lock();
    cudaError_t code = failure("cudaGraphInstantiate");
    emulated_unlock();
    struct emulated_graph *exec = code == cudaSuccess ? calloc(1, sizeof *exec) : NULL;
    if (code == cudaSuccess && !exec) {
        code = cudaErrorMemoryAllocation;
    }
    for (size_t i = 0; code == cudaSuccess && i < graph->list.n; i++) {
        code = append(&exec->list, &graph->list.at[i]) ? cudaSuccess : cudaErrorMemoryAllocation;
    }
    if (code != cudaSuccess) {
        cudaGraphDestroy(exec);
        return emulated_result(code);
    }
    *out = exec;
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream)
{
    emulated_lock();
    cudaError_t code = failure("cudaGraphLaunch");
    emulation.graph_launches += code == cudaSuccess;
    for (size_t i = 0; code == cudaSuccess && i < graph->list.n; i++) {
        code = put(stream, &graph->list.at[i]);
    }
    emulated_unlock();
    return emulated_result(code);
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    if (graph) {
        free(graph->list.at);
        free(graph);
    }
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph)
{
    return cudaGraphDestroy(graph);
}
