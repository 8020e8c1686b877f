// libgc 8.2.2 has no WASI port; its Emscripten branch serves, given the few functions that it expects. See port.c.
#pragma once

#include <stddef.h>

typedef void (*em_scan_func)(void *begin, void *end);

void emscripten_scan_stack(em_scan_func scan);
void emscripten_scan_registers(em_scan_func scan);
void *emmalloc_memalign(size_t alignment, size_t bytes);
