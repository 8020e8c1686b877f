// libwasmtime as a table of function pointers, filled from a library that was opened at run time.

#ifndef SLUICE_WASMTIME_H
#define SLUICE_WASMTIME_H

#include <dlfcn.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "sluice_slot.h"
#include "wasmtime_functions.h"

/// Every function that is used, by its own name.
typedef struct sluice_wasmtime {
#define SLUICE_DECLARE(result, name, parameters) result (*name) parameters;
    SLUICE_WASMTIME_FUNCTIONS(SLUICE_DECLARE)
#undef SLUICE_DECLARE
} sluice_wasmtime_t;

/// Opens a library with none of its symbols visible to others. NULL: `dlerror` tells why.
static inline void *sluice_wasmtime_open(const char *path) {
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

/// Fills the table. Returns the name of the first function that the library lacks, NULL when it has all.
static inline const char *sluice_wasmtime_fill(sluice_wasmtime_t *table, void *library) {
    static const struct {
        const char *name;
        size_t offset;
    } entries[] = {
#define SLUICE_ENTRY(result, name, parameters) {#name, offsetof(sluice_wasmtime_t, name)},
        SLUICE_WASMTIME_FUNCTIONS(SLUICE_ENTRY)
#undef SLUICE_ENTRY
    };
    for (size_t index = 0; index < sizeof entries / sizeof entries[0]; index++) {
        void *symbol = dlsym(library, entries[index].name);
        if (symbol == NULL) {
            return entries[index].name;
        }
        *(void **)((char *)table + entries[index].offset) = symbol;
    }
    return NULL;
}

/// Names the calling thread for debuggers and `top`; at most 15 bytes. Swift cannot call variadic functions.
static inline void sluice_name_this_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}

#endif
