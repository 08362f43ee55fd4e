/* cpu_portable.c: the vector code for any processor. */
#include "engine/device/vector_portable.h"

#include "engine/device/vector_table.h"
