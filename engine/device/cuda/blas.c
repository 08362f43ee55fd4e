/* blas.c: cuBLAS, loaded when a GPU has been found.
 *
 * It is opened here, not linked: its libraries take hundreds of megabytes to map and some tenths of a second, which a
 * machine without a GPU should not pay for being asked. It is looked for where the plug-in was built with it (the
 * plug-in's run path), then where the system looks, and stays once loaded. */
#include "engine/device/cuda/private.h"

#include <dlfcn.h>
#include <string.h>

#define NAME(x)    #x
#define NAME_OF(x) NAME(x) /* of what it is a macro for: cublasCreate is cublasCreate_v2 */
#define ENTRY(at, of)                               \
    {                                               \
        offsetof(struct cuda_blas, at), NAME_OF(of) \
    }

#ifdef CUBLAS_VER_MAJOR
#define LIBRARY "libcublas.so." NAME_OF(CUBLAS_VER_MAJOR)

static const struct {
    size_t at;
    const char *name;
} entries[] = {
    ENTRY(create, cublasCreate),    ENTRY(destroy, cublasDestroy),
    ENTRY(stream, cublasSetStream), ENTRY(workspace, cublasSetWorkspace),
    ENTRY(math, cublasSetMathMode), ENTRY(atomics, cublasSetAtomicsMode),
    ENTRY(sgemm, cublasSgemm),      ENTRY(text, cublasGetStatusString),
};

static int fail_missing(const char *reason, struct sl_error *err)
{
    sl_fail(err, SL_ESTATE, "cuBLAS cannot be loaded: %s", reason ? reason : LIBRARY);
    return sl_fix(err, "install " LIBRARY " of CUDA's toolkit, or give device=cpu");
}

int cuda_blas_load(struct cuda_blas *blas, struct sl_error *err)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library) {
        return fail_missing(dlerror(), err);
    }
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        void *p = dlsym(library, entries[i].name);
        if (!p) {
            return fail_missing(dlerror(), err);
        }
        memcpy((char *)blas + entries[i].at, &p, sizeof p);
    }
    return SL_OK;
}
#else /* the emulation's is linked in */
int cuda_blas_load(struct cuda_blas *blas, struct sl_error *err)
{
    (void)err;
    *blas = (struct cuda_blas){ cublasCreate,      cublasDestroy,        cublasSetStream, cublasSetWorkspace,
                                cublasSetMathMode, cublasSetAtomicsMode, cublasSgemm,     cublasGetStatusString };
    return SL_OK;
}
#endif
