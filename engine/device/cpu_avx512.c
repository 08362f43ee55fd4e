/* cpu_avx512.c: the vector code for processors with AVX-512. */
#if defined(__x86_64__)
#include "engine/device/vector_avx512.h"

#include "engine/device/vector_table.h"
#endif
