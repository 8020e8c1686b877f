// What a Proxy-Wasm host offers (ABI 0.2.1), as far as our plugins use it. Names and types are those of the ABI.
#pragma once

#include <stdint.h>

#define HOST_FUNCTION(name) __attribute__((import_module("env"), import_name(#name)))
#define EXPORTED(name) __attribute__((export_name(#name)))

enum { STATUS_OK = 0, STATUS_NOT_FOUND = 1 };
enum { LOG_WARN = 3, LOG_ERROR = 4 };
enum { BUFFER_REQUEST_BODY = 0, BUFFER_PLUGIN_CONFIGURATION = 7 };
enum { MAP_REQUEST_HEADERS = 0 };
enum { METRIC_COUNTER = 0, METRIC_GAUGE = 1 };
enum { ACTION_CONTINUE = 0, ACTION_STOP_ITERATION = 1, ACTION_STOP_ITERATION_AND_BUFFER = 1 };
enum { GRPC_STATUS_NONE = -1 };

HOST_FUNCTION(proxy_log)
uint32_t proxy_log(uint32_t level, const char *text, uint32_t size);

HOST_FUNCTION(proxy_get_buffer_bytes)
uint32_t proxy_get_buffer_bytes(uint32_t type, uint32_t start, uint32_t size, char **bytes, uint32_t *bytes_size);

HOST_FUNCTION(proxy_get_header_map_value)
uint32_t proxy_get_header_map_value(uint32_t type, const char *key, uint32_t key_size, char **value,
                                    uint32_t *value_size);

HOST_FUNCTION(proxy_send_local_response)
uint32_t proxy_send_local_response(uint32_t status, const char *details, uint32_t details_size, const char *body,
                                   uint32_t body_size, const char *headers, uint32_t headers_size,
                                   int32_t grpc_status);

HOST_FUNCTION(proxy_define_metric)
uint32_t proxy_define_metric(uint32_t type, const char *name, uint32_t name_size, uint32_t *metric);

HOST_FUNCTION(proxy_increment_metric)
uint32_t proxy_increment_metric(uint32_t metric, int64_t delta);

HOST_FUNCTION(proxy_record_metric)
uint32_t proxy_record_metric(uint32_t metric, uint64_t value);
