// What a plugin is written against. A plugin defines the three `plugin_…` items below and exports the request
// callbacks that it wants; everything else of the ABI is in plugin.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector.h"
#include "host.h"

struct text {
    const char *bytes;
    uint32_t size;
};

// One HTTP stream, from its creation to the access log.
struct stream {
    uint32_t context;
    struct stream *next; // in its bucket of the stream table
    struct collector_stream memory;
    void *block; // the plugin's own; whatever it points at stays alive with the stream
};

extern const char plugin_name[];
bool plugin_configure(struct text configuration);
void plugin_stream_end(struct stream *stream);

// The stream of a callback. Also makes it the one that blocks asked for by the host belong to.
struct stream *stream_enter(uint32_t context);

// A request header or the request's body, copied into the guest by the host; it lives no longer than the stream.
// Empty when absent.
struct text request_header(const char *name);
struct text request_body(uint32_t size);

void log_text(uint32_t level, const char *text);
uint32_t metric_define(uint32_t type, const char *name);

// The non-negative integer behind "name" in a flat JSON object; the default when there is none.
size_t configuration_number(struct text configuration, const char *name, size_t default_value);
