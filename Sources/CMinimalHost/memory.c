#define _GNU_SOURCE

#include "memory.h"

#include <sys/mman.h>

static uint8_t *get(void *env, size_t *size, size_t *capacity) {
    const guest_memory_t *memory = env;
    *size = memory->size;
    *capacity = memory->capacity;
    return memory->base;
}

static wasmtime_error_t *grow(void *env, size_t size) {
    guest_memory_t *memory = env;
    if (size > memory->capacity || mprotect(memory->base, size, PROT_READ | PROT_WRITE) != 0) {
        return memory->wasmtime->wasmtime_error_new("the system gave no memory");
    }
    memory->size = size;
    return NULL;
}

static void release(void *env) {
    guest_memory_t *memory = env;
    munmap(memory->base, memory->mapped);
    memory->base = NULL;
    memory->size = 0;
}

static wasmtime_error_t *make(void *env, const wasm_memorytype_t *type, size_t minimum, size_t maximum,
                              size_t reserved, size_t guard, wasmtime_linear_memory_t *result) {
    (void)type, (void)maximum;
    guest_memory_t *memory = env;
    if (memory->base != NULL) {
        return memory->wasmtime->wasmtime_error_new("the plugin has more than one memory");
    }
    size_t capacity = reserved > minimum ? reserved : minimum;
    void *base = mmap(NULL, capacity + guard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
        return memory->wasmtime->wasmtime_error_new("the system gave no address space");
    }
    memory->base = base;
    memory->capacity = capacity;
    memory->mapped = capacity + guard;
    wasmtime_error_t *error = grow(memory, minimum);
    if (error != NULL) {
        release(memory);
        return error;
    }
    *result = (wasmtime_linear_memory_t){.env = memory, .get_memory = get, .grow_memory = grow, .finalizer = release};
    return NULL;
}

void guest_memory_supply(guest_memory_t *memory, wasm_config_t *configuration) {
    wasmtime_memory_creator_t creator = {.env = memory, .new_memory = make, .finalizer = NULL};
    memory->wasmtime->wasmtime_config_host_memory_creator_set(configuration, &creator);
}
