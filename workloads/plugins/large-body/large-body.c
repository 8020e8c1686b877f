// Allocates one large block for each request and drops it when the stream ends.
#include <string.h>

#include "plugin.h"

const char plugin_name[] = "large-body";

enum { TOUCH_EVERY_BYTES = 4096 };

// As a word this is above any address below 2.7 GiB: filled blocks hold nothing that looks like a pointer.
enum { FILL_BYTE = 0xA5 };

static size_t block_bytes;

bool plugin_configure(struct text configuration) {
    block_bytes = configuration_number(configuration, "bytes", 10 << 20);
    return true;
}

static uint32_t stamp(const struct stream *stream) { return stream->context ^ 0xA5A5A5A5; }

EXPORTED(proxy_on_request_headers)
uint32_t proxy_on_request_headers(uint32_t context, uint32_t headers, uint32_t end_of_stream) {
    (void)headers, (void)end_of_stream;
    struct stream *stream = stream_enter(context);
    unsigned char *block = collector_allocate_for_stream(&stream->memory, block_bytes);
    stream->block = block;
    memset(block, FILL_BYTE, block_bytes);
    for (size_t at = 0; at + sizeof(uint32_t) <= block_bytes; at += TOUCH_EVERY_BYTES) {
        *(uint32_t *)(block + at) = stamp(stream);
    }
    return ACTION_CONTINUE;
}

// Had a collector freed the block while the stream was open, another stream's stamp would be in it.
void plugin_stream_end(struct stream *stream) {
    const unsigned char *block = stream->block;
    for (size_t at = 0; block != NULL && at + sizeof(uint32_t) <= block_bytes; at += TOUCH_EVERY_BYTES) {
        if (*(const uint32_t *)(block + at) != stamp(stream)) {
            log_text(LOG_ERROR, "large-body: the block was overwritten while its stream was open");
            __builtin_trap();
        }
    }
    stream->block = NULL;
}
