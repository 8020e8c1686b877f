// The collector used naively, as a runtime does that knows no types: every block may hold pointers, so payload is
// scanned, and any number that falls anywhere inside a block keeps the whole of it.
#include "bdwgc.h"

void *backend_allocate_atomic(size_t bytes) { return GC_MALLOC(bytes); }
