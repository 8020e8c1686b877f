// One arena for each stream: its blocks are cut one after another from chunks, and all chunks go back at once at the
// stream's end. What must outlive its stream (records and payload that are not a stream's) is malloc's and free's.
#include <malloc.h>
#include <stdlib.h>

#include "backend.h"

enum { ALIGNMENT = 16, CHUNK_BYTES = 8192, SPARE_CHUNKS = 256 };

struct chunk {
    struct chunk *next;
    size_t size; // of the payload
    size_t used;
    _Alignas(ALIGNMENT) unsigned char payload[];
};

// Chunks of the usual size wait here for the next stream, so that a steady load calls malloc for nothing.
static struct chunk *spare;
static size_t spare_count;
static uint64_t live_bytes;

static void *count(void *block) {
    live_bytes += malloc_usable_size(block); // 0 for NULL
    return block;
}

static void release(void *block) {
    live_bytes -= malloc_usable_size(block);
    free(block);
}

static struct chunk *take_chunk(size_t bytes) {
    struct chunk *chunk = spare;
    if (bytes <= CHUNK_BYTES && chunk != NULL) {
        spare = chunk->next;
        spare_count--;
        live_bytes += malloc_usable_size(chunk);
    } else {
        size_t size = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
        chunk = count(malloc(sizeof *chunk + size));
        if (chunk == NULL) {
            return NULL;
        }
        chunk->size = size;
    }
    chunk->used = 0;
    return chunk;
}

static void give_back_chunk(struct chunk *chunk) {
    if (chunk->size != CHUNK_BYTES || spare_count == SPARE_CHUNKS) {
        release(chunk);
        return;
    }
    live_bytes -= malloc_usable_size(chunk);
    chunk->next = spare;
    spare = chunk;
    spare_count++;
}

void collector_initialise(void) {}

void *backend_allocate(size_t bytes) { return count(calloc(1, bytes)); }

void *backend_allocate_atomic(size_t bytes) { return count(malloc(bytes)); }

void *backend_allocate_for_stream(struct collector_stream *stream, size_t bytes) {
    size_t size = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size < bytes) {
        return NULL;
    }
    struct chunk *chunk = stream->owned;
    if (chunk == NULL || chunk->size - chunk->used < size) {
        chunk = take_chunk(size);
        if (chunk == NULL) {
            return NULL;
        }
        chunk->next = stream->owned;
        stream->owned = chunk;
    }
    void *block = chunk->payload + chunk->used;
    chunk->used += size;
    return block;
}

void collector_release(void *block) { release(block); }

void collector_stream_begin(struct collector_stream *stream) { stream->owned = NULL; }

void collector_stream_end(struct collector_stream *stream) {
    struct chunk *chunk = stream->owned;
    stream->owned = NULL;
    while (chunk != NULL) {
        struct chunk *next = chunk->next;
        give_back_chunk(chunk);
        chunk = next;
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
