// A linear memory as a host supplies it to libwasmtime: reserved whole, with its guard, so that it never moves and the
// generated code needs no bounds checks of its own.

#ifndef MINIMAL_HOST_MEMORY_H
#define MINIMAL_HOST_MEMORY_H

#include "sluice_wasmtime.h"

/// The one memory of the plugin; all zero but for `wasmtime` before it is made.
typedef struct guest_memory {
    const sluice_wasmtime_t *wasmtime;
    uint8_t *base;
    size_t size, capacity, mapped;
} guest_memory_t;

/// Has the engine take `memory` for the one memory that it may make; both it and what it points to outlive the engine.
void guest_memory_supply(guest_memory_t *memory, wasm_config_t *configuration);

#endif
