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

#endif
