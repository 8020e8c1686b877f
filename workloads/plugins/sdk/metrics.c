#include "metrics.h"

#include "plugin.h"

// Three host calls for each report: rare enough not to show in a request's latency, and at once after a collection.
enum { STREAMS_PER_REPORT = 64 };

static struct {
    bool defined;
    uint32_t live_bytes, heap_bytes, collections;
    uint64_t collections_reported;
    uint32_t streams_until_report;
} metrics;

void metrics_define(void) {
    struct collector_statistics statistics = collector_statistics();
    if (statistics.known & COLLECTOR_KNOWS_LIVE) {
        metrics.live_bytes = metric_define(METRIC_GAUGE, "gc_live_bytes");
    }
    if (statistics.known & COLLECTOR_KNOWS_HEAP) {
        metrics.heap_bytes = metric_define(METRIC_GAUGE, "gc_heap_bytes");
    }
    if (statistics.known & COLLECTOR_KNOWS_COLLECTIONS) {
        metrics.collections = metric_define(METRIC_COUNTER, "gc_collections");
    }
    metrics.defined = true;
}

void metrics_report(void) {
    struct collector_statistics statistics = collector_statistics();
    bool is_due = metrics.streams_until_report-- == 0 || statistics.collections != metrics.collections_reported;
    if (!metrics.defined || !is_due) {
        return;
    }
    metrics.streams_until_report = STREAMS_PER_REPORT - 1;
    if (statistics.known & COLLECTOR_KNOWS_LIVE) {
        proxy_record_metric(metrics.live_bytes, statistics.live_bytes);
    }
    if (statistics.known & COLLECTOR_KNOWS_HEAP) {
        proxy_record_metric(metrics.heap_bytes, statistics.heap_bytes);
    }
    if (statistics.collections > metrics.collections_reported) {
        proxy_increment_metric(metrics.collections, (int64_t)(statistics.collections - metrics.collections_reported));
        metrics.collections_reported = statistics.collections;
    }
}
