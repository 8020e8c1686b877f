// The functions that libgc's Emscripten branch expects of its platform.
#include "emscripten.h"

#include <stdint.h>

#include "backend.h"

extern unsigned char __global_base; // with --stack-first, the upper end of the shadow stack

__attribute__((noinline)) void emscripten_scan_stack(em_scan_func scan) {
    void *stack_pointer = __builtin_frame_address(0);
    scan(stack_pointer, &__global_base);
}

// Wasm has no registers that could be read. Nothing is lost: see bdwgc.c on when collections run.
void emscripten_scan_registers(em_scan_func scan) { (void)scan; }

// Fresh pages at the end of memory. The collector never gives any back.
void *emmalloc_memalign(size_t alignment, size_t bytes) {
    if (alignment > WASM_PAGE_BYTES) {
        return NULL;
    }
    size_t pages = (bytes + WASM_PAGE_BYTES - 1) / WASM_PAGE_BYTES;
    size_t first_page = __builtin_wasm_memory_grow(0, pages);
    if (first_page == SIZE_MAX) {
        return NULL;
    }
    return (void *)(first_page * WASM_PAGE_BYTES);
}
