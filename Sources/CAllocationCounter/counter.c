#include "CAllocationCounter.h"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>

// glibc's own allocator under the names that stay reachable when the usual ones are replaced.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static _Thread_local bool counting;
static _Thread_local uint64_t allocations;

static void count(void) {
    if (counting) {
        allocations++;
    }
}

void sluice_allocation_count_start(void) {
    allocations = 0;
    counting = true;
}

uint64_t sluice_allocation_count_stop(void) {
    counting = false;
    return allocations;
}

uint64_t sluice_heap_bytes(void) {
    struct mallinfo2 information = mallinfo2();
    return information.uordblks + information.hblkhd;
}

void *malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
    count();
    return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    count();
    void *allocated = __libc_memalign(alignment, size);
    if (allocated == NULL) {
        return ENOMEM;
    }
    *block = allocated;
    return 0;
}
