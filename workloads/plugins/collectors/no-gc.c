// No collector: every block is cut from the end of the heap and never comes back.
#include <stdbool.h>

#include "backend.h"

enum { ALIGNMENT = 16, GROWTH_BYTES = 1 << 20 };

static uintptr_t next;
static uintptr_t heap_end;
static uint64_t allocated_bytes;

static uintptr_t round_up(uintptr_t value, uintptr_t multiple) { return (value + multiple - 1) / multiple * multiple; }

static bool grow(size_t bytes) {
    size_t pages = round_up(bytes, WASM_PAGE_BYTES) / WASM_PAGE_BYTES;
    if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) {
        return false;
    }
    heap_end += pages * WASM_PAGE_BYTES;
    return true;
}

void collector_initialise(void) {
    next = round_up((uintptr_t)&__heap_base, ALIGNMENT);
    heap_end = __builtin_wasm_memory_size(0) * (uintptr_t)WASM_PAGE_BYTES;
}

void *backend_allocate_atomic(size_t bytes) {
    size_t size = round_up(bytes, ALIGNMENT);
    if (size < bytes) {
        return NULL;
    }
    size_t available = heap_end - next;
    if (size > available) {
        // Small blocks share a larger step; when that is refused, what is needed may still be granted.
        size_t missing = size - available;
        if (!(missing < GROWTH_BYTES && grow(GROWTH_BYTES)) && !grow(missing)) {
            return NULL;
        }
    }
    void *block = (void *)next;
    next += size;
    allocated_bytes += size;
    return block;
}

// Fresh Wasm memory is zero, and no block is handed out twice.
void *backend_allocate(size_t bytes) { return backend_allocate_atomic(bytes); }

void *backend_allocate_for_stream(struct collector_stream *stream, size_t bytes) {
    (void)stream;
    return backend_allocate_atomic(bytes);
}

void collector_release(void *block) { (void)block; }
void collector_stream_begin(struct collector_stream *stream) { (void)stream; }
void collector_stream_end(struct collector_stream *stream) { (void)stream; }
void collector_safe_point(void) {}

struct collector_statistics collector_statistics(void) {
    return (struct collector_statistics){.known = COLLECTOR_KNOWS_HEAP, .heap_bytes = allocated_bytes};
}
