// Copies every request's body and keeps the last few, as plugins do that buffer, sample or log bodies.
#include <string.h>

#include "plugin.h"

const char plugin_name[] = "body-copy";

enum { BODIES_KEPT = 8 };

// The bodies are payload, whatever their bytes are; the ring itself holds the pointers.
static struct {
    struct text bodies[BODIES_KEPT];
    uint32_t next;
} ring;

bool plugin_configure(struct text configuration) {
    (void)configuration;
    return true;
}

void plugin_stream_end(struct stream *stream) { (void)stream; }

static void keep(struct text body) {
    char *copy = collector_allocate_atomic(body.size);
    memcpy(copy, body.bytes, body.size);
    struct text *slot = &ring.bodies[ring.next++ % BODIES_KEPT];
    collector_release((void *)slot->bytes);
    *slot = (struct text){copy, body.size};
}

EXPORTED(proxy_on_request_body)
uint32_t proxy_on_request_body(uint32_t context, uint32_t size, uint32_t end_of_stream) {
    if (!end_of_stream) {
        return ACTION_STOP_ITERATION_AND_BUFFER;
    }
    stream_enter(context);
    struct text body = request_body(size);
    if (body.size > 0) {
        keep(body);
    }
    return ACTION_CONTINUE;
}
