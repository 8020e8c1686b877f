// Memory by hand: malloc and free of wasi-libc. A stream keeps a list of its blocks and frees them at its end.
#include <malloc.h>
#include <stdlib.h>

#include "backend.h"

struct stream_block {
    struct stream_block *next;
    _Alignas(16) unsigned char payload[];
};

static uint64_t live_bytes;

static void *count(void *block) {
    live_bytes += malloc_usable_size(block); // 0 for NULL
    return block;
}

static void release(void *block) {
    live_bytes -= malloc_usable_size(block);
    free(block);
}

void collector_initialise(void) {}

void *backend_allocate(size_t bytes) { return count(calloc(1, bytes)); }

void *backend_allocate_atomic(size_t bytes) { return count(malloc(bytes)); }

void *backend_allocate_for_stream(struct collector_stream *stream, size_t bytes) {
    struct stream_block *block = count(malloc(sizeof *block + bytes));
    if (block == NULL) {
        return NULL;
    }
    block->next = stream->owned;
    stream->owned = block;
    return block->payload;
}

void collector_release(void *block) { release(block); }

void collector_stream_begin(struct collector_stream *stream) { stream->owned = NULL; }

void collector_stream_end(struct collector_stream *stream) {
    struct stream_block *block = stream->owned;
    stream->owned = NULL;
    while (block != NULL) {
        struct stream_block *next = block->next;
        release(block);
        block = next;
    }
}

void collector_safe_point(void) {}

struct collector_statistics collector_statistics(void) {
    size_t memory_bytes = __builtin_wasm_memory_size(0) * (size_t)WASM_PAGE_BYTES;
    return (struct collector_statistics){
        .known = COLLECTOR_KNOWS_LIVE | COLLECTOR_KNOWS_HEAP,
        .live_bytes = live_bytes,
        .heap_bytes = memory_bytes - (uintptr_t)&__heap_base,
    };
}
