// The types of libwasmtime 50 that Sluice uses. A test compares every name, field and number with the library's own
// machine-readable prototypes: keep one field to a line, and no preprocessor within a declaration.

#ifndef SLUICE_WASMTIME_TYPES_H
#define SLUICE_WASMTIME_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Only ever seen through pointers.
typedef struct wasm_config_t wasm_config_t;
typedef struct wasm_engine_t wasm_engine_t;
typedef struct wasm_valtype_t wasm_valtype_t;
typedef struct wasm_functype_t wasm_functype_t;
typedef struct wasm_memorytype_t wasm_memorytype_t;
typedef struct wasm_frame_t wasm_frame_t;
typedef struct wasm_trap_t wasm_trap_t;
typedef struct wasmtime_error wasmtime_error_t;
typedef struct wasmtime_module wasmtime_module_t;
typedef struct wasmtime_store wasmtime_store_t;
typedef struct wasmtime_context wasmtime_context_t;
typedef struct wasmtime_linker wasmtime_linker_t;
typedef struct wasmtime_caller wasmtime_caller_t;
typedef struct wasmtime_instance_pre wasmtime_instance_pre_t;
typedef struct wasmtime_sharedmemory wasmtime_sharedmemory_t;

// Numbers.
typedef uint8_t wasm_byte_t;
typedef uint8_t wasm_valkind_t;
typedef uint8_t wasmtime_extern_kind_t;
typedef uint8_t wasmtime_strategy_t;
typedef uint8_t wasmtime_trap_code_t;

enum wasm_valkind_enum {
    WASM_I32 = 0,
    WASM_I64 = 1,
    WASM_F32 = 2,
    WASM_F64 = 3,
};

enum wasmtime_strategy_enum {
    WASMTIME_STRATEGY_AUTO = 0,
    WASMTIME_STRATEGY_CRANELIFT = 1,
    WASMTIME_STRATEGY_WINCH = 2,
};

enum wasmtime_trap_code_enum {
    WASMTIME_TRAP_CODE_STACK_OVERFLOW = 0,
    WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS = 1,
    WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS = 3,
    WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL = 4,
    WASMTIME_TRAP_CODE_BAD_SIGNATURE = 5,
    WASMTIME_TRAP_CODE_INTEGER_OVERFLOW = 6,
    WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO = 7,
    WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER = 8,
    WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED = 9,
    WASMTIME_TRAP_CODE_INTERRUPT = 10,
    WASMTIME_TRAP_CODE_NULL_REFERENCE = 13,
    WASMTIME_TRAP_CODE_ARRAY_OUT_OF_BOUNDS = 14,
    WASMTIME_TRAP_CODE_ALLOCATION_TOO_LARGE = 15,
    WASMTIME_TRAP_CODE_CAST_FAILURE = 16,
};

// Vectors: owned by whoever received them, freed by their own delete function.
typedef struct wasm_byte_vec_t {
    size_t size;
    wasm_byte_t *data;
} wasm_byte_vec_t;

typedef wasm_byte_vec_t wasm_name_t;
typedef wasm_byte_vec_t wasm_message_t;

typedef struct wasm_valtype_vec_t {
    size_t size;
    wasm_valtype_t **data;
} wasm_valtype_vec_t;

typedef struct wasm_frame_vec_t {
    size_t size;
    wasm_frame_t **data;
} wasm_frame_vec_t;

// Handles of what lives in a store.
typedef struct wasmtime_func {
    uint64_t store_id;
    void *__private;
} wasmtime_func_t;

typedef struct wasmtime_table_anon_0 {
    uint64_t store_id;
    uint32_t __private1;
} wasmtime_table_anon_0;

typedef struct wasmtime_table {
    wasmtime_table_anon_0 _anon_1;
    uint32_t __private2;
} wasmtime_table_t;

typedef struct wasmtime_memory_anon_0 {
    uint64_t store_id;
    uint32_t __private1;
} wasmtime_memory_anon_0;

typedef struct wasmtime_memory {
    wasmtime_memory_anon_0 _anon_1;
    uint32_t __private2;
} wasmtime_memory_t;

typedef struct wasmtime_tag_anon_0 {
    uint64_t store_id;
    uint32_t __private1;
} wasmtime_tag_anon_0;

typedef struct wasmtime_tag {
    wasmtime_tag_anon_0 _anon_1;
    uint32_t __private2;
} wasmtime_tag_t;

typedef struct wasmtime_global {
    uint64_t store_id;
    uint32_t __private1;
    uint32_t __private2;
    uint32_t __private3;
} wasmtime_global_t;

typedef struct wasmtime_instance {
    uint64_t store_id;
    size_t __private;
} wasmtime_instance_t;

typedef union wasmtime_extern_union {
    wasmtime_func_t func;
    wasmtime_global_t global_;
    wasmtime_table_t table;
    wasmtime_memory_t memory;
    wasmtime_sharedmemory_t *sharedmemory;
    wasmtime_tag_t tag;
} wasmtime_extern_union_t;

typedef struct wasmtime_extern {
    wasmtime_extern_kind_t kind;
    wasmtime_extern_union_t of;
} wasmtime_extern_t;

// Values.
typedef uint8_t wasmtime_v128[16];

typedef union wasmtime_val_raw {
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
    wasmtime_v128 v128;
    uint32_t anyref;
    uint32_t externref;
    uint32_t exnref;
    void *funcref;
} wasmtime_val_raw_t;

// Callbacks.
typedef void (*sluice_finalizer_t)(void *);
typedef wasm_trap_t *(*wasmtime_func_unchecked_callback_t)(void *, wasmtime_caller_t *, wasmtime_val_raw_t *, size_t);
typedef uint8_t *(*wasmtime_memory_get_callback_t)(void *, size_t *, size_t *);
typedef wasmtime_error_t *(*wasmtime_memory_grow_callback_t)(void *, size_t);

typedef struct wasmtime_linear_memory {
    void *env;
    wasmtime_memory_get_callback_t get_memory;
    wasmtime_memory_grow_callback_t grow_memory;
    sluice_finalizer_t finalizer;
} wasmtime_linear_memory_t;

typedef wasmtime_error_t *(*wasmtime_new_memory_callback_t)(void *, const wasm_memorytype_t *, size_t, size_t, size_t,
        size_t, wasmtime_linear_memory_t *);

typedef struct wasmtime_memory_creator {
    void *env;
    wasmtime_new_memory_callback_t new_memory;
    sluice_finalizer_t finalizer;
} wasmtime_memory_creator_t;

#endif
