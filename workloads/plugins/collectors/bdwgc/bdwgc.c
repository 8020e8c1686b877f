// The Boehm–Demers–Weiser collector in a Wasm guest. Wasm locals and the operand stack have no address, so a collection
// in the middle of a callback would miss roots and free what is in use. Collection is therefore disabled, and run only
// from collector_safe_point, when every pointer is in linear memory.
#include "bdwgc.h"

#include <stdio.h>
#include <stdlib.h>

#include "plugin.h"

// A collection is due when a share of what is live was allocated since the last one (the collector's own divisor says
// which share), and never before this much, so that small plugins do not collect all the time.
enum { COLLECT_AFTER_BYTES_MIN = 1 << 20 };

// With --stack-first, static data begins where the shadow stack ends.
extern unsigned char __global_base, __data_end;

static size_t live_bytes;

// The collector's own warnings are evidence ("very large block", "Out of Memory"): they go to the host's log. One that
// comes again and again is logged the first, second, fourth, eighth… time.
static void log_warning(char *format, GC_word argument) {
    static const char *last_format;
    static uint32_t repeated;
    repeated = format == last_format ? repeated + 1 : 1;
    last_format = format;
    bool is_power_of_two = (repeated & (repeated - 1)) == 0;
    if (!is_power_of_two) {
        return;
    }
    char line[240];
    int size = snprintf(line, sizeof line, format, argument);
    if (size < 0) {
        return;
    }
    if ((size_t)size >= sizeof line) {
        size = sizeof line - 1;
    }
    for (int at = 0; at < size; at++) {
        if (line[at] == '\n' || line[at] == '\t') {
            line[at] = ' ';
        }
    }
    while (size > 0 && line[size - 1] == ' ') {
        size--;
    }
    proxy_log(LOG_WARN, line, (uint32_t)size);
}

// wasi-libc's malloc, linked in by its atexit, takes everything up to the end of memory at its first call. It must come
// before the collector has memory there.
static void settle_malloc(void) {
    void *volatile block = malloc(1);
    free(block);
}

void collector_initialise(void) {
    settle_malloc();
    GC_set_warn_proc(log_warning);
    GC_INIT();
    GC_add_roots(&__global_base, &__data_end);
    GC_disable();
}

void *backend_allocate(size_t bytes) { return GC_MALLOC(bytes); }

// A stream's payload is garbage once the stream no longer points at it.
void *backend_allocate_for_stream(struct collector_stream *stream, size_t bytes) {
    (void)stream;
    return backend_allocate_atomic(bytes);
}

void collector_release(void *block) { (void)block; }
void collector_stream_begin(struct collector_stream *stream) { (void)stream; }
void collector_stream_end(struct collector_stream *stream) { (void)stream; }

void collector_safe_point(void) {
    size_t due = live_bytes / GC_get_free_space_divisor();
    if (due < COLLECT_AFTER_BYTES_MIN) {
        due = COLLECT_AFTER_BYTES_MIN;
    }
    if (GC_get_bytes_since_gc() < due) {
        return;
    }
    GC_enable();
    GC_gcollect();
    live_bytes = GC_get_heap_size() - GC_get_free_bytes();
    GC_disable();
}

struct collector_statistics collector_statistics(void) {
    return (struct collector_statistics){
        .known = COLLECTOR_KNOWS_LIVE | COLLECTOR_KNOWS_HEAP | COLLECTOR_KNOWS_COLLECTIONS,
        .live_bytes = live_bytes,
        .heap_bytes = GC_get_heap_size(),
        .collections = GC_get_gc_no(),
    };
}
