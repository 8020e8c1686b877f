// The seam between a plugin and its collector. A plugin is written once against it; a flavour of the plugin is the same
// objects linked with another collector.
//
// Every allocation succeeds or does not return: without memory the plugin logs what it wanted and traps.
#pragma once

#include <stddef.h>
#include <stdint.h>

// What a stream owns, if the collector keeps account of it.
struct collector_stream {
    void *owned;
};

// Once, before anything else.
void collector_initialise(void);

// A record: zeroed, may hold pointers. Lives until it is released (or, with a collector, until nothing refers to it).
void *collector_allocate(size_t bytes);

// Payload: not cleared, never holds pointers. Lives as a record does.
void *collector_allocate_atomic(size_t bytes);

// Payload that dies with its stream at the latest; never to be released. Keep the pointer in the stream.
void *collector_allocate_for_stream(struct collector_stream *stream, size_t bytes);

// The caller's promise that it has dropped its last reference. NULL is allowed.
void collector_release(void *block);

void collector_stream_begin(struct collector_stream *stream);
void collector_stream_end(struct collector_stream *stream);

// Called when no pointer to a block is anywhere but in memory: the one moment at which a collector may look for roots,
// because Wasm locals and the operand stack cannot be scanned.
void collector_safe_point(void);

enum { COLLECTOR_KNOWS_LIVE = 1, COLLECTOR_KNOWS_HEAP = 2, COLLECTOR_KNOWS_COLLECTIONS = 4 };

struct collector_statistics {
    uint32_t known; // which of the following mean anything
    uint64_t live_bytes;
    uint64_t heap_bytes;
    uint64_t collections;
};

struct collector_statistics collector_statistics(void);
