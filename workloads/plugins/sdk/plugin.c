// The life of a plugin and of its streams: the exports every plugin has.
#include "plugin.h"

#include <string.h>

#include "metrics.h"

// Open streams by context id. Static, and so a root of every collector that has roots.
enum { STREAM_BUCKETS = 1024 };
static struct stream *streams[STREAM_BUCKETS];
static struct stream *current_stream;

EXPORTED(proxy_abi_version_0_2_1)
void proxy_abi_version_0_2_1(void) {}

// Blocks that the host asks for hold what it copies into the guest. They belong to the stream whose callback is
// running, so that every collector can let go of them with the stream: nobody calls `free` for them.
EXPORTED(malloc)
void *proxy_malloc(size_t size) {
    if (current_stream != NULL) {
        return collector_allocate_for_stream(&current_stream->memory, size);
    }
    return collector_allocate_atomic(size);
}

// Runs inside _initialize: the host may call malloc right after it.
__attribute__((constructor)) static void start(void) { collector_initialise(); }

EXPORTED(proxy_on_vm_start)
uint32_t proxy_on_vm_start(uint32_t root, uint32_t configuration_size) {
    (void)root, (void)configuration_size;
    return true;
}

EXPORTED(proxy_on_configure)
uint32_t proxy_on_configure(uint32_t root, uint32_t configuration_size) {
    (void)root;
    current_stream = NULL;
    metrics_define();
    char *bytes = NULL;
    uint32_t size = 0;
    if (configuration_size > 0) {
        proxy_get_buffer_bytes(BUFFER_PLUGIN_CONFIGURATION, 0, configuration_size, &bytes, &size);
    }
    bool accepted = plugin_configure((struct text){bytes, size});
    collector_release(bytes);
    return accepted;
}

EXPORTED(proxy_on_context_create)
void proxy_on_context_create(uint32_t context, uint32_t parent) {
    current_stream = NULL;
    if (parent == 0) {
        return;
    }
    struct stream *stream = collector_allocate(sizeof *stream);
    struct stream **bucket = &streams[context % STREAM_BUCKETS];
    stream->context = context;
    stream->next = *bucket;
    *bucket = stream;
    collector_stream_begin(&stream->memory);
}

struct stream *stream_enter(uint32_t context) {
    struct stream *stream = streams[context % STREAM_BUCKETS];
    while (stream != NULL && stream->context != context) {
        stream = stream->next;
    }
    current_stream = stream;
    if (stream == NULL) {
        log_text(LOG_ERROR, "the host called back for a stream that it never created");
        __builtin_trap();
    }
    return stream;
}

static void stream_close(uint32_t context) {
    struct stream **link = &streams[context % STREAM_BUCKETS];
    while (*link != NULL && (*link)->context != context) {
        link = &(*link)->next;
    }
    struct stream *stream = *link;
    if (stream == NULL) {
        return;
    }
    *link = stream->next;
    current_stream = NULL;
    plugin_stream_end(stream);
    collector_stream_end(&stream->memory);
    stream->next = NULL; // a closed stream that some collector keeps by mistake must not keep others
    collector_release(stream);
}

// The end of a stream that got as far as its access log. No pointer of ours is in a Wasm local here or below, which
// makes it the place where a collector that cannot see locals may run.
EXPORTED(proxy_on_log)
void proxy_on_log(uint32_t context) {
    stream_close(context);
    collector_safe_point();
    metrics_report();
}

EXPORTED(proxy_on_done)
uint32_t proxy_on_done(uint32_t context) {
    (void)context;
    return true;
}

// The end of every other stream: on_log is left out when a stream never reached the plugin.
EXPORTED(proxy_on_delete)
void proxy_on_delete(uint32_t context) {
    stream_close(context);
    collector_safe_point();
}

struct text request_header(const char *name) {
    char *value = NULL;
    uint32_t size = 0;
    if (proxy_get_header_map_value(MAP_REQUEST_HEADERS, name, strlen(name), &value, &size) != STATUS_OK) {
        return (struct text){NULL, 0};
    }
    return (struct text){value, size};
}

struct text request_body(uint32_t size) {
    char *bytes = NULL;
    uint32_t bytes_size = 0;
    if (proxy_get_buffer_bytes(BUFFER_REQUEST_BODY, 0, size, &bytes, &bytes_size) != STATUS_OK) {
        return (struct text){NULL, 0};
    }
    return (struct text){bytes, bytes_size};
}

void log_text(uint32_t level, const char *text) { proxy_log(level, text, strlen(text)); }

uint32_t metric_define(uint32_t type, const char *name) {
    uint32_t metric = 0;
    proxy_define_metric(type, name, strlen(name), &metric);
    return metric;
}
