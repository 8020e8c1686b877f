#ifndef SLUICE_CALLOCATIONCOUNTER_H
#define SLUICE_CALLOCATIONCOUNTER_H

#include <stdint.h>

/// Starts counting the heap allocations of the calling thread, from 0.
///
/// An executable that links this target has its malloc, calloc, realloc, aligned_alloc and posix_memalign replaced by
/// ones that count and then do what glibc's do.
void sluice_allocation_count_start(void);

/// Stops counting.
///
/// @returns the allocations of the calling thread since the start.
uint64_t sluice_allocation_count_stop(void);

/// Bytes of the main thread's heap that are in use, and those of allocations that have a mapping of their own.
uint64_t sluice_heap_bytes(void);

#endif
