// Lets a request pass that says `allow: true`, and answers any other with 403.
#include <string.h>

#include "plugin.h"

const char plugin_name[] = "header-auth";

static const char denial[] = "access denied\n";
static uint32_t allowed, denied;

bool plugin_configure(struct text configuration) {
    (void)configuration;
    allowed = metric_define(METRIC_COUNTER, "header_auth_allowed");
    denied = metric_define(METRIC_COUNTER, "header_auth_denied");
    return true;
}

void plugin_stream_end(struct stream *stream) { (void)stream; }

EXPORTED(proxy_on_request_headers)
uint32_t proxy_on_request_headers(uint32_t context, uint32_t headers, uint32_t end_of_stream) {
    (void)headers, (void)end_of_stream;
    stream_enter(context);
    struct text allow = request_header("allow");
    if (allow.size == 4 && memcmp(allow.bytes, "true", 4) == 0) {
        proxy_increment_metric(allowed, 1);
        return ACTION_CONTINUE;
    }
    proxy_increment_metric(denied, 1);
    proxy_send_local_response(403, NULL, 0, denial, sizeof denial - 1, NULL, 0, GRPC_STATUS_NONE);
    return ACTION_STOP_ITERATION;
}
