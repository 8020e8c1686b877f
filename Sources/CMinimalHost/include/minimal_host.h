// The least that can host a Proxy-Wasm plugin: plain C on libwasmtime, one plugin, one VM, one set of headers, no
// limits, no ledger. The engine is set up as Sluice's own is: calls without checks, memories of the host's, and a
// deadline by epochs for every callback. What it needs for a request is the limit that Sluice's own host is compared
// with.

#ifndef MINIMAL_HOST_H
#define MINIMAL_HOST_H

#include <stddef.h>
#include <stdint.h>

typedef struct minimal_host minimal_host_t;

/// The plugin, as a module in text form: a header check with three look-ups and one added header, and the loops of the
/// measurements below. Other hosts can run it too. It needs `env.nothing (i32) -> i32`, an import of its own, beside
/// `proxy_get_header_map_value`, `proxy_add_header_map_value` and `proxy_log`.
const char *minimal_host_plugin_text(void);

/// Opens libwasmtime at `library_path` and starts the plugin. NULL: `reason` holds why, as text.
minimal_host_t *minimal_host_open(const char *library_path, char *reason, size_t reason_capacity);

/// Nanoseconds for `count` HTTP streams from context creation to deletion, headers of both directions; -1 after a trap.
int64_t minimal_host_run_requests(minimal_host_t *host, uint32_t count);

/// Nanoseconds for `count` header look-ups in one guest call, each with its allocation in the guest; -1 after a trap.
int64_t minimal_host_run_look_ups(minimal_host_t *host, uint32_t count);

/// Nanoseconds for `count` calls from guest to host in one guest call; -1 after a trap.
int64_t minimal_host_run_guest_to_host(minimal_host_t *host, uint32_t count);

/// Nanoseconds for `count` calls from host to guest; -1 after a trap.
int64_t minimal_host_run_host_to_guest(minimal_host_t *host, uint32_t count);

/// Nanoseconds for `count` stores with an instance each, made and deleted without a call; -1 after a failure. The memory
/// is the host's, as that of the plugin which was started, and which ends with this: nothing else can be run afterwards.
int64_t minimal_host_run_fresh_instances(minimal_host_t *host, uint32_t count);

/// Headers that requests have added since the host was opened: one for each request.
uint64_t minimal_host_added_headers(const minimal_host_t *host);

void minimal_host_close(minimal_host_t *host);

#endif
