// Does on purpose what a release must not do: keeps memory, makes garbage, takes time. How much stands in the VM's
// environment, so that strategies of one workload can differ in it:
//
//   KEEP_BYTES     kept for ever of each request: a leak
//   GARBAGE_BYTES  allocated in each request and dropped with its stream: what makes a collector's sawtooth
//   SPIN           rounds of arithmetic in each request: time, and nothing but time
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

const char plugin_name[] = "planted";

struct kept {
    struct kept *next;
    char bytes[];
};

static struct kept *everything;
static size_t keep_bytes, garbage_bytes, spin;
static volatile uint32_t spun;

static size_t number(const char *name) {
    const char *text = getenv(name);
    return text == NULL ? 0 : strtoul(text, NULL, 10);
}

bool plugin_configure(struct text configuration) {
    (void)configuration;
    keep_bytes = number("KEEP_BYTES");
    garbage_bytes = number("GARBAGE_BYTES");
    spin = number("SPIN");
    return true;
}

void plugin_stream_end(struct stream *stream) { stream->block = NULL; }

// Words of text, which no collector takes for pointers.
static void keep(void) {
    struct kept *kept = collector_allocate(sizeof *kept + keep_bytes);
    memset(kept->bytes, 'k', keep_bytes);
    kept->next = everything;
    everything = kept;
}

EXPORTED(proxy_on_request_headers)
uint32_t proxy_on_request_headers(uint32_t context, uint32_t headers, uint32_t end_of_stream) {
    (void)headers, (void)end_of_stream;
    struct stream *stream = stream_enter(context);
    if (keep_bytes > 0) {
        keep();
    }
    if (garbage_bytes > 0) {
        stream->block = collector_allocate_for_stream(&stream->memory, garbage_bytes);
        memset(stream->block, 'g', garbage_bytes);
    }
    uint32_t sum = spun;
    for (size_t round = 0; round < spin; round++) {
        sum = (sum ^ (uint32_t)round) * 16777619u;
    }
    spun = sum;
    return ACTION_CONTINUE;
}
