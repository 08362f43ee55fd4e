/* queue.c: work for the compute stream, one command after the other.
 *
 * Every command is issued at once. While a step is being recorded a copy is kept as well, from which record.c captures
 * a graph when the step is whole; so a capture that fails has cost nothing. Products are cuBLAS's sgemm in plain
 * float32 (no TF32), with a workspace of our own and no atomic additions: the same bits each time. */
#include "engine/device/cuda/private.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cuda_enter(struct cuda_own *own)
{
    return cuda_latch(own, cudaSetDevice(own->number), "choosing the device");
}

/* cuBLAS counts by column. Our c = a·b by row is its cᵀ = bᵀ·aᵀ: the same memory, the factors changed over. */
static const char *issue_gemm(struct cuda_own *own, const struct cuda_command *command)
{
    const float one = 1.0f, beta = command->of.gemm.add ? 1.0f : 0.0f;
    int m = command->of.gemm.m, n = command->of.gemm.n, k = command->of.gemm.k;
    bool ta = command->of.gemm.ta, tb = command->of.gemm.tb;
    cublasStatus_t status = own->call.sgemm(own->blas, tb ? CUBLAS_OP_T : CUBLAS_OP_N, ta ? CUBLAS_OP_T : CUBLAS_OP_N,
                                            n, m, k, &one, command->of.gemm.b, tb ? k : n, command->of.gemm.a,
                                            ta ? m : k, &beta, command->of.gemm.c, n);
    return status == CUBLAS_STATUS_SUCCESS ? NULL : own->call.text(status);
}

const char *cuda_issue(struct cuda_own *own, const struct cuda_command *command)
{
    cudaError_t code = cudaSuccess;
    switch (command->kind) {
    case CUDA_COMMAND_LAUNCH: {
        union {
            const void *from;
            void *to;
        } args = { command->of.launch.args };
        void *list[1] = { args.to };
        dim3 blocks = { command->of.launch.blocks, 1, 1 }, threads = { command->of.launch.threads, 1, 1 };
        code = cudaLaunchKernel(command->of.launch.kernel, blocks, threads, list, 0, own->compute);
        break;
    }
    case CUDA_COMMAND_ZERO: code = cudaMemsetAsync(command->of.move.to, 0, command->of.move.bytes, own->compute); break;
    case CUDA_COMMAND_COPY:
        code = cudaMemcpyAsync(command->of.move.to, command->of.move.from, command->of.move.bytes,
                               cudaMemcpyDeviceToDevice, own->compute);
        break;
    case CUDA_COMMAND_GEMM: return issue_gemm(own, command);
    }
    if (code == cudaSuccess) {
        return NULL;
    }
    (void)cudaGetLastError();
    return cudaGetErrorString(code);
}

static void keep(struct cuda_own *own, const struct cuda_command *command)
{
    if (own->commands == own->command_room && !own->unrecorded) {
        size_t room = own->command_room ? 2 * own->command_room : 64;
        struct cuda_command *grown = realloc(own->command, room * sizeof *grown);
        own->unrecorded = !grown;
        if (grown) {
            own->command = grown;
            own->command_room = room;
        }
    }
    if (!own->unrecorded) {
        own->command[own->commands++] = *command;
    }
}

static void give(struct sl_device *d, const struct cuda_command *command)
{
    struct cuda_own *own = cuda_own(d);
    if (!cuda_enter(own)) {
        return;
    }
    const char *wrong = cuda_issue(own, command);
    if (wrong) {
        char text[256];
        snprintf(text, sizeof text, "the GPU '%s' failed at '%s': %s", d->name, command->what, wrong);
        cuda_latch_text(own, SL_EIO, text, "run it again; should it come back, give device=cpu");
    } else if (own->recording) {
        keep(own, command);
    }
}

void cuda_launch(struct sl_device *d, const char *what, const void *kernel, size_t blocks, unsigned threads,
                 const void *args, size_t bytes)
{
    assert(bytes <= CUDA_ARGS && threads > 0 && threads <= 1024);
    if (blocks == 0) {
        return;
    }
    if (blocks > INT_MAX) {
        cuda_latch_text(cuda_own(d), SL_ELIMIT, "a batch is too large for the GPU", "give a smaller batch");
        return;
    }
    struct cuda_command command = { .kind = CUDA_COMMAND_LAUNCH, .what = what };
    command.of.launch.kernel = kernel;
    command.of.launch.blocks = (unsigned)blocks;
    command.of.launch.threads = threads;
    memcpy(command.of.launch.args, args, bytes);
    give(d, &command);
}

float *cuda_scratch(struct sl_device *d, const char *what, size_t floats)
{
    struct cuda_own *own = cuda_own(d);
    if (floats > CUDA_SCRATCH) {
        char text[160];
        snprintf(text, sizeof text, "'%s' of %zu rows is too large for the GPU: %d at most", what, floats,
                 CUDA_SCRATCH);
        cuda_latch_text(own, SL_ELIMIT, text, "give a smaller batch");
        return NULL;
    }
    return own->scratch;
}

void cuda_zero(struct sl_device *d, void *p, size_t bytes)
{
    if (bytes > 0) {
        give(d, &(struct cuda_command){ CUDA_COMMAND_ZERO, "zero", { .move = { p, NULL, bytes } } });
    }
}

void cuda_copy(struct sl_device *d, void *to, const void *from, size_t bytes)
{
    if (bytes > 0 && to != from) {
        give(d, &(struct cuda_command){ CUDA_COMMAND_COPY, "copy", { .move = { to, from, bytes } } });
    }
}

void cuda_gemm(struct sl_device *d, bool ta, bool tb, size_t m, size_t n, size_t k, const float *a, const float *b,
               float *c, bool add)
{
    if (m > INT_MAX || n > INT_MAX || k > INT_MAX) {
        cuda_latch_text(cuda_own(d), SL_ELIMIT, "a product is too large for the GPU", "give a smaller batch");
        return;
    }
    if (m == 0 || n == 0 || k == 0) { /* an empty sum */
        if (!add) {
            cuda_zero(d, c, m * n * sizeof *c);
        }
        return;
    }
    struct cuda_command command = { .kind = CUDA_COMMAND_GEMM, .what = "product" };
    command.of.gemm.ta = ta;
    command.of.gemm.tb = tb;
    command.of.gemm.add = add;
    command.of.gemm.m = (int)m;
    command.of.gemm.n = (int)n;
    command.of.gemm.k = (int)k;
    command.of.gemm.a = a;
    command.of.gemm.b = b;
    command.of.gemm.c = c;
    give(d, &command);
}
