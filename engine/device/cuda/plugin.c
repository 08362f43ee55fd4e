/* plugin.c: opening and closing a GPU, and the table the program takes from libsluice-cuda.so.
 *
 * The program opens the plug-in at run time and looks up one symbol. What it links in of Sluice (error texts) is a copy
 * of its own; nothing else is visible outside. */
#include "engine/device/cuda/private.h"

#include <stdlib.h>
#include <string.h>

static const struct sl_kernels kernels = {
    .alloc = cuda_alloc,
    .free = cuda_free,
    .host_alloc = cuda_host_alloc,
    .host_free = cuda_host_free,
    .zero = cuda_zero,
    .copy = cuda_copy,
    .download = cuda_download,
    .upload = cuda_upload,
    .uploaded = cuda_uploaded,
    .acquire = cuda_acquire,
    .release = cuda_release,
    .sync = cuda_sync,
    .begin = cuda_begin,
    .end = cuda_end,
    .forget = cuda_forget,
    .gemm = cuda_gemm,
    .dense = cuda_dense,
    .dense_grad = cuda_dense_grad,
    .activate = cuda_activate,
    .activate_grad = cuda_activate_grad,
    .sum = cuda_sum,
    .scale = cuda_scale,
    .dropout = cuda_dropout,
    .column_sums = cuda_column_sums,
    .reduce = cuda_reduce,
    .reduce_grad = cuda_reduce_grad,
    .softmax = cuda_softmax,
    .cross_entropy = cuda_cross_entropy,
    .squared_error = cuda_squared_error,
    .layer_norm = cuda_layer_norm,
    .layer_norm_grad = cuda_layer_norm_grad,
    .embedding = cuda_embedding,
    .embedding_grad = cuda_embedding_grad,
    .square_sum = cuda_square_sum,
    .update = cuda_update,
};

/* cuBLAS's advice: 32 MiB from Hopper on, 4 MiB before. */
static size_t workspace_size(const struct cudaDeviceProp *about)
{
    return (size_t)(about->major >= 9 ? 32 : 4) << 20;
}

/* Is there GPU `number`, and has it `need` bytes to spare? */
static int look(int number, uint64_t need, struct cudaDeviceProp *about, struct sl_error *err)
{
    int count = 0;
    size_t unused = 0, total = 0;
    char wanted[32], left[32];
    cudaError_t code = cudaGetDeviceCount(&count);
    if (code != cudaSuccess || count == 0) {
        return cuda_fail_open(code, err);
    }
    if (number >= count) {
        sl_fail(err, SL_ESTATE, "there is no GPU 'cuda:%d': this machine has %d", number, count);
        return sl_fix(err, "count from 0: cuda:%d is the last", count - 1);
    }
    code = cudaGetDeviceProperties(about, number);
    code = code == cudaSuccess ? cudaSetDevice(number) : code;
    code = code == cudaSuccess ? cudaMemGetInfo(&unused, &total) : code;
    if (code != cudaSuccess) {
        return cuda_fail_open(code, err);
    }
    need += workspace_size(about) + CUDA_SCRATCH * sizeof(float);
    if (unused < need) {
        sl_fail(err, SL_ESTATE, "the GPU '%s' has too little memory: %s needed, %s free", about->name,
                cuda_bytes_text(need, wanted, sizeof wanted), cuda_bytes_text(unused, left, sizeof left));
        return sl_fix(err, "give a smaller batch, or device=cpu");
    }
    return SL_OK;
}

static cudaError_t make_streams(struct cuda_own *own)
{
    cudaError_t code = cudaStreamCreateWithFlags(&own->compute, cudaStreamNonBlocking);
    if (code == cudaSuccess) {
        code = cudaStreamCreateWithFlags(&own->copy, cudaStreamNonBlocking);
    }
    for (int i = 0; i < CUDA_SLOTS && code == cudaSuccess; i++) {
        code = cudaEventCreateWithFlags(&own->slot[i].filled, cudaEventDisableTiming);
        if (code == cudaSuccess) {
            code = cudaEventCreateWithFlags(&own->slot[i].released, cudaEventDisableTiming);
        }
    }
    return code;
}

static cublasStatus_t make_blas(struct cuda_own *own, size_t workspace)
{
    cublasStatus_t status = own->call.create(&own->blas);
    if (status == CUBLAS_STATUS_SUCCESS) {
        status = own->call.stream(own->blas, own->compute);
    }
    if (status == CUBLAS_STATUS_SUCCESS) { /* after the stream: choosing one takes the workspace away */
        status = own->call.workspace(own->blas, own->workspace, workspace);
    }
    if (status == CUBLAS_STATUS_SUCCESS) {
        status = own->call.math(own->blas, CUBLAS_DEFAULT_MATH);
    }
    if (status == CUBLAS_STATUS_SUCCESS) {
        status = own->call.atomics(own->blas, CUBLAS_ATOMICS_NOT_ALLOWED);
    }
    return status;
}

static int set_up(struct cuda_own *own, const struct cudaDeviceProp *about, struct sl_error *err)
{
    size_t workspace = workspace_size(about);
    int loaded = cuda_blas_load(&own->call, err);
    if (loaded != SL_OK) {
        return loaded;
    }
    cudaError_t code = make_streams(own);
    code = code == cudaSuccess ? cudaDeviceGetPCIBusId(own->bus, sizeof own->bus, own->number) : code;
    code = code == cudaSuccess ? cudaMalloc(&own->workspace, workspace) : code;
    code = code == cudaSuccess ? cudaMalloc((void **)&own->scratch, CUDA_SCRATCH * sizeof(float)) : code;
    if (code == cudaErrorMemoryAllocation) {
        return cuda_fail_memory(own, workspace, false, err);
    }
    if (code != cudaSuccess) {
        return cuda_fail_open(code, err);
    }
    cublasStatus_t status = make_blas(own, workspace);
    if (status != CUBLAS_STATUS_SUCCESS) {
        sl_fail(err, SL_ESTATE, "cuBLAS cannot be used on the GPU '%s': %s", own->device.name, own->call.text(status));
        return sl_fix(err, "give device=cpu, or install the cuBLAS that belongs to the driver");
    }
    /* One kernel, to learn now whether there is code for this GPU. */
    cuda_scale(&own->device, 64, 1.0f, own->scratch, own->scratch, false);
    if (cuda_sync(&own->device, err) != SL_OK) {
        if (err) {
            err->status = SL_ESTATE;
        }
        sl_fix(err, "give device=cpu: this plug-in has no code for compute capability %d.%d", about->major,
               about->minor);
        return SL_ESTATE;
    }
    return SL_OK;
}

static void shut(struct sl_device *device)
{
    if (!device) {
        return;
    }
    struct cuda_own *own = cuda_own(device);
    cudaSetDevice(own->number);
    if (own->compute) {
        cudaStreamSynchronize(own->compute);
    }
    cuda_forget(device);
    if (own->blas) {
        own->call.destroy(own->blas);
    }
    for (int i = 0; i < CUDA_SLOTS; i++) {
        if (own->slot[i].filled) {
            cudaEventDestroy(own->slot[i].filled);
        }
        if (own->slot[i].released) {
            cudaEventDestroy(own->slot[i].released);
        }
    }
    if (own->copy) {
        cudaStreamDestroy(own->copy);
    }
    if (own->compute) {
        cudaStreamDestroy(own->compute);
    }
    cudaFree(own->scratch);
    cudaFree(own->workspace);
    cuda_usage_free(own->usage);
    pthread_mutex_destroy(&own->lock);
    free(own->command);
    free(own->step);
    free(own);
}

static int start(struct sl_device **out, int number, uint64_t need, struct sl_error *err)
{
    struct cudaDeviceProp about;
    number = number < 0 ? 0 : number;
    int status = look(number, need, &about, err);
    if (status != SL_OK) {
        return status;
    }
    struct cuda_own *own = calloc(1, sizeof *own);
    if (!own) {
        return sl_fail_memory(err, "opening the GPU");
    }
    own->device.kernels = &kernels;
    own->device.own = own;
    own->number = number;
    memcpy(own->device.name, about.name, strnlen(about.name, sizeof own->device.name - 1));
    own->latched = (struct sl_error)SL_ERROR_INIT;
    if (pthread_mutex_init(&own->lock, NULL) != 0) {
        free(own);
        return sl_fail_memory(err, "opening the GPU");
    }
    status = set_up(own, &about, err);
    if (status != SL_OK) {
        shut(&own->device);
        return status;
    }
    *out = &own->device;
    return SL_OK;
}

__attribute__((visibility("default"))) extern const struct sl_device_plugin sl_device_plugin;
const struct sl_device_plugin sl_device_plugin = {
    .abi = SL_DEVICE_ABI,
    .name = "cuda",
    .open = start,
    .close = shut,
    .usage = cuda_usage_read,
};
