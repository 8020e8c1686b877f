// Caches a value for each request path. Memory grows until the cache is full, and is no leak.
#include <string.h>

#include "cache.h"

const char plugin_name[] = "bounded-cache";

static struct cache cache;
static size_t entry_bytes;
static uint32_t hits, misses;

bool plugin_configure(struct text configuration) {
    entry_bytes = configuration_number(configuration, "entry_bytes", 16 << 10);
    size_t bound_bytes = configuration_number(configuration, "bound_bytes", 32 << 20);
    if (entry_bytes > bound_bytes) {
        log_text(LOG_ERROR, "bounded-cache: entry_bytes is larger than bound_bytes");
        return false;
    }
    cache_initialise(&cache, bound_bytes);
    hits = metric_define(METRIC_COUNTER, "cache_hits");
    misses = metric_define(METRIC_COUNTER, "cache_misses");
    return true;
}

void plugin_stream_end(struct stream *stream) { (void)stream; }

// The value tells its key, so that a hit can check it.
static void fill(struct cache_entry *entry) {
    char byte = (char)('a' + entry->hash % 26);
    memset(entry->value, byte, entry->value_size);
}

static bool is_intact(const struct cache_entry *entry) {
    char byte = (char)('a' + entry->hash % 26);
    return entry->value_size == 0 || (entry->value[0] == byte && entry->value[entry->value_size - 1] == byte);
}

EXPORTED(proxy_on_request_headers)
uint32_t proxy_on_request_headers(uint32_t context, uint32_t headers, uint32_t end_of_stream) {
    (void)headers, (void)end_of_stream;
    stream_enter(context);
    struct text path = request_header(":path");
    const struct cache_entry *entry = cache_find(&cache, path);
    if (entry == NULL) {
        fill(cache_insert(&cache, path, entry_bytes));
        proxy_increment_metric(misses, 1);
        return ACTION_CONTINUE;
    }
    if (!is_intact(entry)) {
        log_text(LOG_ERROR, "bounded-cache: a cached value was overwritten");
        __builtin_trap();
    }
    proxy_increment_metric(hits, 1);
    return ACTION_CONTINUE;
}
