// What one collector provides to collector.c, besides the other functions of collector.h. NULL when there is no memory.
#pragma once

#include "collector.h"

enum { WASM_PAGE_BYTES = 65536 };

void *backend_allocate(size_t bytes);
void *backend_allocate_atomic(size_t bytes);
void *backend_allocate_for_stream(struct collector_stream *stream, size_t bytes);

// The end of static data and the shadow stack, given by the linker; whatever comes after it is heap.
extern unsigned char __heap_base;
