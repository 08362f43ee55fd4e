/* work.c: what the emulated GPU does: kernels block by block, copies, and cuBLAS's product.
 *
 * A product adds up in double and rounds once: as exact as a reference, so that an error found is the plug-in's. */
#include "tests/emulation/cublas_v2.h"
#include "tests/emulation/cuda_runtime.h"
#include "tests/emulation/emulation.h"

#include <stdalign.h>
#include <stdlib.h>

_Thread_local dim3 gridDim, blockDim, blockIdx;

/* The i-th of n in the order the test asked for. */
static unsigned in_order(unsigned i, unsigned n)
{
    switch (emulation.order) {
    case EMULATED_BACKWARDS: return i < n ? n - 1 - i : n;
    case EMULATED_SCATTERED: return i < n && n % 7 != 0 ? (unsigned)(((size_t)i * 7 + 3) % n) : i;
    default: return i;
    }
}

unsigned emulated_thread(unsigned i)
{
    return in_order(i, blockDim.x);
}

struct launch {
    size_t (*kernel)(const void *args);
    dim3 blocks, threads;
    alignas(16) unsigned char args[160];
};

static void run_kernel(const void *args)
{
    const struct launch *l = args;
    gridDim = l->blocks;
    blockDim = l->threads;
    for (unsigned i = 0; i < l->blocks.x; i++) {
        blockIdx = (dim3){ in_order(i, l->blocks.x), 0, 0 };
        l->kernel(l->args);
    }
}

cudaError_t cudaLaunchKernel(const void *kernel, dim3 blocks, dim3 threads, void **args, size_t shared,
                             cudaStream_t stream)
{
    struct launch l = { .blocks = blocks, .threads = threads };
    memcpy(&l.kernel, &kernel, sizeof l.kernel);
    size_t bytes = l.kernel(NULL);
    bool whole = blocks.x > 0 && blocks.y == 1 && blocks.z == 1 && threads.x > 0 && threads.x <= 1024 &&
                 threads.y == 1 && threads.z == 1 && shared == 0 && bytes <= sizeof l.args;
    if (!whole) {
        return emulated_result(cudaErrorInvalidValue);
    }
    memcpy(l.args, args[0], bytes);
    int code = cudaSuccess;
    emulated_lock();
    if (!emulated_failing("cudaLaunchKernel", &code)) {
        emulation.launches++;
        code = (int)emulated_put(stream, run_kernel, &l, sizeof l);
    }
    emulated_unlock();
    return emulated_result((cudaError_t)code);
}

struct move {
    void *to;
    const void *from; /* NULL: fill */
    size_t bytes;
    int value;
};

static void run_move(const void *args)
{
    const struct move *m = args;
    if (m->from) {
        memcpy(m->to, m->from, m->bytes);
    } else {
        memset(m->to, m->value, m->bytes);
    }
}

cudaError_t cudaMemsetAsync(void *p, int value, size_t bytes, cudaStream_t stream)
{
    struct move m = { p, NULL, bytes, value };
    emulated_lock();
    cudaError_t code = emulated_on_device(p, bytes) ? emulated_put(stream, run_move, &m, sizeof m)
                                                    : cudaErrorInvalidValue;
    emulated_unlock();
    return emulated_result(code);
}

/* Memory of the host that is not pinned is copied at once, after all that was given before; pinned memory in its turn.
 */
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind, cudaStream_t stream)
{
    struct move m = { to, from, bytes, 0 };
    const void *host = kind == cudaMemcpyHostToDevice ? from : to;
    int code = cudaSuccess;
    emulated_lock();
    bool fits = emulated_on_device(kind == cudaMemcpyDeviceToHost ? from : to, bytes) &&
                emulated_on_device(host, bytes) == (kind == cudaMemcpyDeviceToDevice);
    if (!fits) {
        code = cudaErrorInvalidValue;
    } else if (!emulated_failing("cudaMemcpyAsync", &code)) {
        code = (int)emulated_put(stream, run_move, &m, sizeof m);
        if (kind != cudaMemcpyDeviceToDevice && !emulated_pinned(host, bytes)) {
            emulated_finish(stream);
        }
    }
    emulated_unlock();
    return emulated_result((cudaError_t)code);
}

struct emulated_blas {
    cudaStream_t stream;
    bool workspace;
};

struct product {
    bool ta, tb;
    int m, n, k, lda, ldb, ldc;
    float alpha, beta;
    const float *a, *b;
    float *c;
};

static void run_product(const void *args)
{
    const struct product *p = args;
    for (size_t j = 0; j < (size_t)p->n; j++) {
        for (size_t i = 0; i < (size_t)p->m; i++) {
            double sum = 0;
            for (size_t l = 0; l < (size_t)p->k; l++) {
                double a = (double)p->a[p->ta ? i * (size_t)p->lda + l : l * (size_t)p->lda + i];
                double b = (double)p->b[p->tb ? l * (size_t)p->ldb + j : j * (size_t)p->ldb + l];
                sum += a * b;
            }
            float *c = p->c + j * (size_t)p->ldc + i;
            *c = (float)((double)p->alpha * sum + (p->beta != 0 ? (double)p->beta * (double)*c : 0));
        }
    }
}

const char *cublasGetStatusString(cublasStatus_t status)
{
    return status == CUBLAS_STATUS_SUCCESS ? "success" : "the requested functionality failed";
}

cublasStatus_t cublasCreate(cublasHandle_t *out)
{
    int code = CUBLAS_STATUS_SUCCESS;
    emulated_lock();
    bool fails = emulated_failing("cublasCreate", &code);
    emulated_unlock();
    if (fails) {
        return (cublasStatus_t)code;
    }
    *out = calloc(1, sizeof **out);
    return *out ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_ALLOC_FAILED;
}

cublasStatus_t cublasDestroy(cublasHandle_t blas)
{
    free(blas);
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream(cublasHandle_t blas, cudaStream_t stream)
{
    blas->stream = stream;
    blas->workspace = false;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace(cublasHandle_t blas, void *workspace, size_t bytes)
{
    emulated_lock();
    blas->workspace = emulated_on_device(workspace, bytes);
    emulated_unlock();
    return blas->workspace ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasSetMathMode(cublasHandle_t blas, cublasMath_t mode)
{
    return blas && mode == CUBLAS_DEFAULT_MATH ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasSetAtomicsMode(cublasHandle_t blas, cublasAtomicsMode_t mode)
{
    return blas && mode == CUBLAS_ATOMICS_NOT_ALLOWED ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

/* Refused without a workspace of the caller's: its results would not be bound to be the same each time. */
cublasStatus_t cublasSgemm(cublasHandle_t blas, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k,
                           const float *alpha, const float *a, int lda, const float *b, int ldb, const float *beta,
                           float *c, int ldc)
{
    bool fits = m >= 0 && n >= 0 && k >= 0 && lda >= (ta == CUBLAS_OP_T ? k : m) && lda >= 1 &&
                ldb >= (tb == CUBLAS_OP_T ? n : k) && ldb >= 1 && ldc >= m && ldc >= 1;
    struct product p = { ta == CUBLAS_OP_T, tb == CUBLAS_OP_T, m, n, k, lda, ldb, ldc, *alpha, *beta, a, b, c };
    int code = CUBLAS_STATUS_SUCCESS;
    if (!fits || !blas->workspace) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    emulated_lock();
    if (!emulated_failing("cublasSgemm", &code)) {
        emulation.products++;
        if (emulated_put(blas->stream, run_product, &p, sizeof p) != cudaSuccess) {
            code = CUBLAS_STATUS_EXECUTION_FAILED;
        }
    }
    emulated_unlock();
    return (cublasStatus_t)code;
}
