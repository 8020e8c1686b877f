// What all collectors share: the check that an allocation succeeded. It is here, and not inlined, so that the
// backtrace of an allocator failure reads the same in every flavour:
//     collector_out_of_memory ← collector_allocate… ← the callback
#include "collector.h"

#include <string.h>

#include "backend.h"
#include "plugin.h"

#define KEEP_IN_BACKTRACE __attribute__((noinline))

static char *append_text(char *at, const char *text) {
    size_t size = strlen(text);
    memcpy(at, text, size);
    return at + size;
}

static char *append_number(char *at, size_t number) {
    char digits[20];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (count > 0) {
        *at++ = digits[--count];
    }
    return at;
}

KEEP_IN_BACKTRACE _Noreturn static void collector_out_of_memory(size_t bytes) {
    char line[160];
    char *end = append_text(line, plugin_name);
    end = append_text(end, ": out of memory allocating ");
    end = append_number(end, bytes);
    end = append_text(end, " bytes with ");
    end = append_number(end, __builtin_wasm_memory_size(0) * (size_t)WASM_PAGE_BYTES);
    end = append_text(end, " bytes of linear memory");
    proxy_log(LOG_ERROR, line, (uint32_t)(end - line));
    __builtin_trap();
}

KEEP_IN_BACKTRACE void *collector_allocate(size_t bytes) {
    void *block = backend_allocate(bytes);
    if (block == NULL) {
        collector_out_of_memory(bytes);
    }
    return block;
}

KEEP_IN_BACKTRACE void *collector_allocate_atomic(size_t bytes) {
    void *block = backend_allocate_atomic(bytes);
    if (block == NULL) {
        collector_out_of_memory(bytes);
    }
    return block;
}

KEEP_IN_BACKTRACE void *collector_allocate_for_stream(struct collector_stream *stream, size_t bytes) {
    void *block = backend_allocate_for_stream(stream, bytes);
    if (block == NULL) {
        collector_out_of_memory(bytes);
    }
    return block;
}
