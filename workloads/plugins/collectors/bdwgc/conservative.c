// The collector used well: payload is declared free of pointers, so its bytes are never read as such, and a large block
// is kept only by a pointer to its beginning, so that a number which happens to fall inside does not hold it.
#include "bdwgc.h"

// The collector's own advice: from here on, interior pointers are likely to be accidents.
enum { LARGE_BLOCK_BYTES = 100 * 1024 };

void *backend_allocate_atomic(size_t bytes) {
    if (bytes >= LARGE_BLOCK_BYTES) {
        return GC_MALLOC_ATOMIC_IGNORE_OFF_PAGE(bytes);
    }
    return GC_MALLOC_ATOMIC(bytes);
}
