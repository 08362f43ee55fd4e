/* private.h: a GPU's streams, handles and what is being recorded; for the plug-in's host part, in C. */
#ifndef SLUICE_DEVICE_CUDA_PRIVATE_H
#define SLUICE_DEVICE_CUDA_PRIVATE_H

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <pthread.h>
#include <stdalign.h>

#include "engine/device/cuda/cuda.h"

enum { CUDA_SLOTS = 2 };

/* The functions of cuBLAS that are used. */
struct cuda_blas {
    __typeof__(&cublasCreate) create;
    __typeof__(&cublasDestroy) destroy;
    __typeof__(&cublasSetStream) stream;
    __typeof__(&cublasSetWorkspace) workspace;
    __typeof__(&cublasSetMathMode) math;
    __typeof__(&cublasSetAtomicsMode) atomics;
    __typeof__(&cublasSgemm) sgemm;
    __typeof__(&cublasGetStatusString) text;
};

/* A place for a batch on its way in. */
struct cuda_slot {
    cudaEvent_t filled;   /* on the copy stream: the last upload is through */
    cudaEvent_t released; /* on the compute stream: what used it is through */
};

/* One piece of work, so that it can be given again. */
struct cuda_command {
    enum { CUDA_COMMAND_LAUNCH, CUDA_COMMAND_ZERO, CUDA_COMMAND_COPY, CUDA_COMMAND_GEMM } kind;
    const char *what; /* borrowed, for error texts */
    union {
        struct {
            const void *kernel;
            unsigned blocks, threads;
            alignas(16) unsigned char args[CUDA_ARGS];
        } launch;
        struct {
            void *to;
            const void *from;
            size_t bytes;
        } move;
        struct {
            bool ta, tb, add;
            int m, n, k;
            const float *a, *b;
            float *c;
        } gemm;
    } of;
};

/* A step that was recorded. */
struct cuda_step {
    uint64_t key;
    cudaGraphExec_t graph; /* NULL: it could not be captured and is given plainly */
};

/* What struct sl_device.own points to. `latched` is for all threads, under its lock; uploads may come from a thread of
 * their own; all else belongs to the thread that gives kernels. */
struct cuda_own {
    struct sl_device device;
    int number;
    char bus[32]; /* PCI address, by which NVML knows it */
    cudaStream_t compute, copy;
    struct cuda_blas call; /* cuBLAS */
    cublasHandle_t blas;
    void *workspace; /* of cuBLAS: our own, so that its results are always the same */
    float *scratch;
    struct cuda_slot slot[CUDA_SLOTS];
    pthread_mutex_t lock;
    struct sl_error latched; /* the first thing that went wrong since it was last told; status SL_OK: nothing */
    uint64_t recording;      /* key; 0: nothing is being recorded */
    bool unrecorded;         /* no memory for the list of commands: this step cannot be captured */
    struct cuda_command *command;
    size_t commands, command_room;
    struct cuda_step *step;
    size_t steps, step_room;
    struct cuda_usage *usage;
};

static inline struct cuda_own *cuda_own(struct sl_device *d)
{
    return (struct cuda_own *)d->own;
}

/* --- errors.c --- */
/* Keep what went wrong for the next one that asks; false when code is an error. */
bool cuda_latch(struct cuda_own *own, cudaError_t code, const char *what);
void cuda_latch_text(struct cuda_own *own, int status, const char *text, const char *fix);
/* Tell what was latched, and forget it. */
int cuda_tell(struct cuda_own *own, struct sl_error *err);
/* No or no such GPU, or no driver, as one sentence. */
int cuda_fail_open(cudaError_t code, struct sl_error *err);
int cuda_fail_memory(struct cuda_own *own, size_t bytes, bool on_host, struct sl_error *err);
/* "12.5 GB" into out. Returns out. */
char *cuda_bytes_text(uint64_t bytes, char *out, size_t size);

/* --- blas.c --- */
int cuda_blas_load(struct cuda_blas *blas, struct sl_error *err);

/* --- queue.c --- */
/* Make this thread's calls go to the device; false, and an error latched, when it cannot. */
bool cuda_enter(struct cuda_own *own);
/* Carry out, or while the stream is captured write down, one command; NULL or what went wrong. */
const char *cuda_issue(struct cuda_own *own, const struct cuda_command *command);

/* --- memory.c, slots.c, record.c, products.c, usage.c: the table's functions --- */
int cuda_alloc(struct sl_device *d, void **out, size_t bytes, struct sl_error *err);
void cuda_free(struct sl_device *d, void *p);
int cuda_host_alloc(struct sl_device *d, void **out, size_t bytes, struct sl_error *err);
void cuda_host_free(struct sl_device *d, void *p);
int cuda_download(struct sl_device *d, void *host, const void *from, size_t bytes, struct sl_error *err);
int cuda_sync(struct sl_device *d, struct sl_error *err);
void cuda_upload(struct sl_device *d, int slot, void *to, const void *host, size_t bytes);
void cuda_uploaded(struct sl_device *d, int slot);
void cuda_acquire(struct sl_device *d, int slot);
void cuda_release(struct sl_device *d, int slot);
bool cuda_begin(struct sl_device *d, uint64_t key);
int cuda_end(struct sl_device *d, uint64_t key, struct sl_error *err);
void cuda_forget(struct sl_device *d);
void cuda_dense(struct sl_device *d, size_t rows, size_t in, size_t out, const float *x, const float *w, const float *b,
                enum sl_activation f, float *pre, float *y);
void cuda_dense_grad(struct sl_device *d, size_t rows, size_t in, size_t out, const float *x, const float *w,
                     const float *pre, const float *y, enum sl_activation f, float *dy, float *dx, bool add_dx,
                     float *dw, float *db, bool add_dw);
bool cuda_usage_read(struct sl_device *d, struct sl_device_usage *out);
void cuda_usage_free(struct cuda_usage *usage);

#endif
