/* cublas_v2.h: as much of cuBLAS as the plug-in uses, for the processor; stands in for NVIDIA's header of that name. */
#ifndef SLUICE_TESTS_EMULATION_CUBLAS_V2_H
#define SLUICE_TESTS_EMULATION_CUBLAS_V2_H

#include "tests/emulation/cuda_runtime_api.h"

typedef enum {
    CUBLAS_STATUS_SUCCESS = 0,
    CUBLAS_STATUS_NOT_INITIALIZED = 1,
    CUBLAS_STATUS_ALLOC_FAILED = 3,
    CUBLAS_STATUS_INVALID_VALUE = 7,
    CUBLAS_STATUS_EXECUTION_FAILED = 13
} cublasStatus_t;
typedef enum { CUBLAS_OP_N = 0, CUBLAS_OP_T = 1 } cublasOperation_t;
typedef enum { CUBLAS_DEFAULT_MATH = 0 } cublasMath_t;
typedef enum { CUBLAS_ATOMICS_NOT_ALLOWED = 0 } cublasAtomicsMode_t;
typedef struct emulated_blas *cublasHandle_t;

const char *cublasGetStatusString(cublasStatus_t status);
cublasStatus_t cublasCreate(cublasHandle_t *out);
cublasStatus_t cublasDestroy(cublasHandle_t blas);
cublasStatus_t cublasSetStream(cublasHandle_t blas, cudaStream_t stream);
cublasStatus_t cublasSetWorkspace(cublasHandle_t blas, void *workspace, size_t bytes);
cublasStatus_t cublasSetMathMode(cublasHandle_t blas, cublasMath_t mode);
cublasStatus_t cublasSetAtomicsMode(cublasHandle_t blas, cublasAtomicsMode_t mode);
cublasStatus_t cublasSgemm(cublasHandle_t blas, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k,
                           const float *alpha, const float *a, int lda, const float *b, int ldb, const float *beta,
                           float *c, int ldc);

#endif
