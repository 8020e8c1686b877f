#define _GNU_SOURCE

#include "minimal_host.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "memory.h"
#include "sluice_wasmtime.h"

typedef struct header {
    const char *name;
    size_t name_count;
    const char *value;
    size_t value_count;
} header_t;

static const header_t request_headers[] = {
#define HEADER(name, value) {name, sizeof name - 1, value, sizeof value - 1}
    HEADER(":method", "GET"),
    HEADER(":scheme", "https"),
    HEADER(":authority", "example.com"),
    HEADER(":path", "/orders/4711?expand=items"),
    HEADER("user-agent", "sluice"),
    HEADER("accept", "application/json"),
    HEADER("authorization", "Bearer 0123456789abcdef0123456789abcdef"),
    HEADER("x-request-id", "7f3f8a52-0a3c-4c1e-9d6e-2b8f5f0a1c2d"),
#undef HEADER
};
enum { header_count = sizeof request_headers / sizeof request_headers[0], added_capacity = 256, epochs_per_deadline = 9 };

struct minimal_host {
    sluice_wasmtime_t wasmtime;
    wasm_engine_t *engine;
    wasmtime_module_t *module;
    wasmtime_linker_t *linker;
    wasmtime_instance_pre_t *prelinked;
    wasmtime_store_t *store;
    wasmtime_context_t *context;
    wasmtime_instance_t instance;
    guest_memory_t memory;
    wasmtime_func_t allocate, context_create, request_headers, response_headers, log, done, delete_context;
    wasmtime_func_t look_ups, host_calls, add_one;
    uint64_t added;
    size_t added_bytes;
    char added_header[added_capacity];
};

// MARK: Host functions

static bool call(minimal_host_t *host, const wasmtime_func_t *function, wasmtime_val_raw_t *slots, size_t count) {
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = host->wasmtime.wasmtime_func_call_unchecked(host->context, function, slots, count, &trap);
    if (error == NULL && trap == NULL) {
        return true;
    }
    if (error != NULL) {
        host->wasmtime.wasmtime_error_delete(error);
    }
    if (trap != NULL) {
        host->wasmtime.wasm_trap_delete(trap);
    }
    return false;
}

/// A call that no other one is under way in: with its own deadline, as Sluice's.
static bool call_outermost(minimal_host_t *host, const wasmtime_func_t *function, wasmtime_val_raw_t *slots,
                           size_t count) {
    host->wasmtime.wasmtime_context_set_epoch_deadline(host->context, epochs_per_deadline);
    return call(host, function, slots, count);
}

/// The bytes at a guest address, NULL when they are not all in the memory. Memories of 32 bits never move here.
static uint8_t *guest_bytes(minimal_host_t *host, int32_t address, int32_t count) {
    uint64_t end = (uint64_t)(uint32_t)address + (uint32_t)count;
    return end <= host->memory.size ? host->memory.base + (uint32_t)address : NULL;
}

static int32_t copy_out(minimal_host_t *host, const header_t *header, int32_t address_out, int32_t count_out) {
    wasmtime_val_raw_t slot = {.i32 = (int32_t)header->value_count};
    if (!call(host, &host->allocate, &slot, 1)) {
        return 10;
    }
    uint8_t *value = guest_bytes(host, slot.i32, (int32_t)header->value_count);
    uint8_t *first = guest_bytes(host, address_out, 4);
    uint8_t *second = guest_bytes(host, count_out, 4);
    if (slot.i32 == 0 || value == NULL || first == NULL || second == NULL) {
        return 6;
    }
    uint32_t count = (uint32_t)header->value_count;
    memcpy(value, header->value, header->value_count);
    memcpy(first, &slot.i32, 4);
    memcpy(second, &count, 4);
    return 0;
}

static wasm_trap_t *get_header(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *slots, size_t count) {
    (void)caller, (void)count;
    minimal_host_t *host = env;
    size_t name_count = (uint32_t)slots[2].i32;
    const uint8_t *name = guest_bytes(host, slots[1].i32, slots[2].i32);
    int32_t result = name == NULL ? 6 : 1;
    for (size_t index = 0; name != NULL && index < header_count; index++) {
        const header_t *header = &request_headers[index];
        if (header->name_count == name_count && memcmp(header->name, name, name_count) == 0) {
            result = copy_out(host, header, slots[3].i32, slots[4].i32);
            break;
        }
    }
    slots[0].i32 = result;
    return NULL;
}

static wasm_trap_t *add_header(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *slots, size_t count) {
    (void)caller, (void)count;
    minimal_host_t *host = env;
    const uint8_t *name = guest_bytes(host, slots[1].i32, slots[2].i32);
    const uint8_t *value = guest_bytes(host, slots[3].i32, slots[4].i32);
    size_t name_count = (uint32_t)slots[2].i32;
    size_t value_count = (uint32_t)slots[4].i32;
    if (name == NULL || value == NULL || name_count + value_count > added_capacity) {
        slots[0].i32 = 6;
        return NULL;
    }
    memcpy(host->added_header, name, name_count);
    memcpy(host->added_header + name_count, value, value_count);
    host->added_bytes = name_count + value_count;
    host->added++;
    slots[0].i32 = 0;
    return NULL;
}

static wasm_trap_t *write_log(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *slots, size_t count) {
    (void)caller, (void)count;
    slots[0].i32 = guest_bytes(env, slots[1].i32, slots[2].i32) == NULL ? 6 : 0;
    return NULL;
}

static wasm_trap_t *nothing(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *slots, size_t count) {
    (void)env, (void)caller, (void)slots, (void)count;
    return NULL;
}

// MARK: Start

static bool fail(char *reason, size_t capacity, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, capacity, format, arguments);
    va_end(arguments);
    return false;
}

static bool succeed(minimal_host_t *host, wasmtime_error_t *error, char *reason, size_t capacity) {
    if (error == NULL) {
        return true;
    }
    wasm_name_t message;
    host->wasmtime.wasmtime_error_message(error, &message);
    fail(reason, capacity, "%.*s", (int)message.size, (const char *)message.data);
    host->wasmtime.wasm_byte_vec_delete(&message);
    host->wasmtime.wasmtime_error_delete(error);
    return false;
}

/// A function of `count` numbers of 32 bits that returns one.
static wasm_functype_t *integer_function(minimal_host_t *host, size_t count) {
    wasm_valtype_t *types[5];
    for (size_t index = 0; index < count; index++) {
        types[index] = host->wasmtime.wasm_valtype_new(WASM_I32);
    }
    wasm_valtype_vec_t parameters, results;
    host->wasmtime.wasm_valtype_vec_new(&parameters, count, types);
    types[0] = host->wasmtime.wasm_valtype_new(WASM_I32);
    host->wasmtime.wasm_valtype_vec_new(&results, 1, types);
    return host->wasmtime.wasm_functype_new(&parameters, &results);
}

static bool define_imports(minimal_host_t *host, char *reason, size_t capacity) {
    static const struct {
        const char *name;
        size_t parameters;
        wasmtime_func_unchecked_callback_t callback;
    } imports[] = {
        {"proxy_get_header_map_value", 5, get_header},
        {"proxy_add_header_map_value", 5, add_header},
        {"proxy_log", 3, write_log},
        {"nothing", 1, nothing},
    };
    for (size_t index = 0; index < sizeof imports / sizeof imports[0]; index++) {
        wasm_functype_t *type = integer_function(host, imports[index].parameters);
        wasmtime_error_t *error = host->wasmtime.wasmtime_linker_define_func_unchecked(
            host->linker, "env", 3, imports[index].name, strlen(imports[index].name), type, imports[index].callback,
            host, NULL);
        host->wasmtime.wasm_functype_delete(type);
        if (!succeed(host, error, reason, capacity)) {
            return false;
        }
    }
    return true;
}

static bool resolve_exports(minimal_host_t *host, char *reason, size_t capacity) {
    const struct {
        const char *name;
        wasmtime_func_t *function;
    } exports[] = {
        {"malloc", &host->allocate},
        {"proxy_on_context_create", &host->context_create},
        {"proxy_on_request_headers", &host->request_headers},
        {"proxy_on_response_headers", &host->response_headers},
        {"proxy_on_log", &host->log},
        {"proxy_on_done", &host->done},
        {"proxy_on_delete", &host->delete_context},
        {"run_look_ups", &host->look_ups},
        {"run_host_calls", &host->host_calls},
        {"add_one", &host->add_one},
    };
    wasmtime_extern_t item;
    for (size_t index = 0; index < sizeof exports / sizeof exports[0]; index++) {
        const char *name = exports[index].name;
        if (!host->wasmtime.wasmtime_instance_export_get(host->context, &host->instance, name, strlen(name), &item)) {
            return fail(reason, capacity, "the plugin has no export %s", name);
        }
        *exports[index].function = item.of.func;
    }
    return true;
}

static bool start(minimal_host_t *host, const char *library_path, char *reason, size_t capacity) {
    void *library = sluice_wasmtime_open(library_path);
    if (library == NULL) {
        return fail(reason, capacity, "%s", dlerror());
    }
    const char *missing = sluice_wasmtime_fill(&host->wasmtime, library);
    if (missing != NULL) {
        return fail(reason, capacity, "the library has no function %s", missing);
    }
    // The settings of Sluice's own engine that the speed of a call depends on. Nothing makes the epochs pass: what
    // does is a thread that wakes up a few times in a deadline.
    wasm_config_t *configuration = host->wasmtime.wasm_config_new();
    host->wasmtime.wasmtime_config_epoch_interruption_set(configuration, true);
    host->wasmtime.wasmtime_config_memory_init_cow_set(configuration, false);
    host->memory.wasmtime = &host->wasmtime;
    guest_memory_supply(&host->memory, configuration);
    host->engine = host->wasmtime.wasm_engine_new_with_config(configuration);
    const char *text = minimal_host_plugin_text();
    wasm_byte_vec_t binary;
    if (!succeed(host, host->wasmtime.wasmtime_wat2wasm(text, strlen(text), &binary), reason, capacity)) {
        return false;
    }
    wasmtime_error_t *error =
        host->wasmtime.wasmtime_module_new(host->engine, binary.data, binary.size, &host->module);
    host->wasmtime.wasm_byte_vec_delete(&binary);
    if (!succeed(host, error, reason, capacity)) {
        return false;
    }
    host->linker = host->wasmtime.wasmtime_linker_new(host->engine);
    host->store = host->wasmtime.wasmtime_store_new(host->engine, NULL, NULL);
    host->context = host->wasmtime.wasmtime_store_context(host->store);
    if (!define_imports(host, reason, capacity)) {
        return false;
    }
    error = host->wasmtime.wasmtime_linker_instantiate_pre(host->linker, host->module, &host->prelinked);
    if (!succeed(host, error, reason, capacity)) {
        return false;
    }
    wasm_trap_t *trap = NULL;
    host->wasmtime.wasmtime_context_set_epoch_deadline(host->context, epochs_per_deadline);
    error = host->wasmtime.wasmtime_instance_pre_instantiate(host->prelinked, host->context, &host->instance, &trap);
    if (trap != NULL) {
        host->wasmtime.wasm_trap_delete(trap);
        return fail(reason, capacity, "the plugin trapped at its start");
    }
    return succeed(host, error, reason, capacity) && resolve_exports(host, reason, capacity);
}

minimal_host_t *minimal_host_open(const char *library_path, char *reason, size_t reason_capacity) {
    minimal_host_t *host = calloc(1, sizeof *host);
    if (host == NULL) {
        fail(reason, reason_capacity, "no memory");
        return NULL;
    }
    if (!start(host, library_path, reason, reason_capacity)) {
        minimal_host_close(host);
        return NULL;
    }
    return host;
}

void minimal_host_close(minimal_host_t *host) {
    if (host->store != NULL) {
        host->wasmtime.wasmtime_store_delete(host->store);
    }
    if (host->prelinked != NULL) {
        host->wasmtime.wasmtime_instance_pre_delete(host->prelinked);
    }
    if (host->linker != NULL) {
        host->wasmtime.wasmtime_linker_delete(host->linker);
    }
    if (host->module != NULL) {
        host->wasmtime.wasmtime_module_delete(host->module);
    }
    if (host->engine != NULL) {
        host->wasmtime.wasm_engine_delete(host->engine);
    }
    free(host);
}

// MARK: Measurements

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static bool run_request(minimal_host_t *host, int32_t identifier) {
    wasmtime_val_raw_t slots[3];
    slots[0].i32 = identifier;
    slots[1].i32 = 1;
    if (!call_outermost(host, &host->context_create, slots, 2)) {
        return false;
    }
    slots[0].i32 = identifier;
    slots[1].i32 = header_count;
    slots[2].i32 = 1;
    if (!call_outermost(host, &host->request_headers, slots, 3) || slots[0].i32 != 0) {
        return false;
    }
    slots[0].i32 = identifier;
    slots[1].i32 = 1;
    slots[2].i32 = 1;
    if (!call_outermost(host, &host->response_headers, slots, 3) || slots[0].i32 != 0) {
        return false;
    }
    const wasmtime_func_t *last[] = {&host->log, &host->done, &host->delete_context};
    for (size_t index = 0; index < sizeof last / sizeof last[0]; index++) {
        slots[0].i32 = identifier;
        if (!call_outermost(host, last[index], slots, 1)) {
            return false;
        }
    }
    return true;
}

int64_t minimal_host_run_requests(minimal_host_t *host, uint32_t count) {
    int64_t begin = now();
    for (uint32_t index = 0; index < count; index++) {
        if (!run_request(host, (int32_t)(index + 2))) {
            return -1;
        }
    }
    return now() - begin;
}

static int64_t run_loop(minimal_host_t *host, const wasmtime_func_t *function, uint32_t count) {
    wasmtime_val_raw_t slot = {.i32 = (int32_t)count};
    int64_t begin = now();
    bool returned = call_outermost(host, function, &slot, 1);
    int64_t end = now();
    return returned && slot.i32 == 0 ? end - begin : -1;
}

int64_t minimal_host_run_look_ups(minimal_host_t *host, uint32_t count) {
    return run_loop(host, &host->look_ups, count);
}

int64_t minimal_host_run_guest_to_host(minimal_host_t *host, uint32_t count) {
    return run_loop(host, &host->host_calls, count);
}

int64_t minimal_host_run_host_to_guest(minimal_host_t *host, uint32_t count) {
    wasmtime_val_raw_t slot = {.i32 = 0};
    int64_t begin = now();
    for (uint32_t index = 0; index < count; index++) {
        if (!call_outermost(host, &host->add_one, &slot, 1)) {
            return -1;
        }
    }
    int64_t end = now();
    return slot.i32 == (int32_t)count ? end - begin : -1;
}

static bool make_instance(minimal_host_t *host) {
    wasmtime_store_t *store = host->wasmtime.wasmtime_store_new(host->engine, NULL, NULL);
    wasmtime_context_t *context = host->wasmtime.wasmtime_store_context(store);
    host->wasmtime.wasmtime_context_set_epoch_deadline(context, epochs_per_deadline);
    wasm_trap_t *trap = NULL;
    wasmtime_instance_t instance;
    wasmtime_error_t *error =
        host->wasmtime.wasmtime_instance_pre_instantiate(host->prelinked, context, &instance, &trap);
    bool made = error == NULL && trap == NULL;
    if (error != NULL) {
        host->wasmtime.wasmtime_error_delete(error);
    }
    if (trap != NULL) {
        host->wasmtime.wasm_trap_delete(trap);
    }
    host->wasmtime.wasmtime_store_delete(store);
    return made;
}

int64_t minimal_host_run_fresh_instances(minimal_host_t *host, uint32_t count) {
    // There is one memory for all of them.
    if (host->store != NULL) {
        host->wasmtime.wasmtime_store_delete(host->store);
        host->store = NULL;
    }
    int64_t begin = now();
    for (uint32_t index = 0; index < count; index++) {
        if (!make_instance(host)) {
            return -1;
        }
    }
    return now() - begin;
}

uint64_t minimal_host_added_headers(const minimal_host_t *host) { return host->added; }
