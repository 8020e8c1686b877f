// The functions of libwasmtime 50 that Sluice calls: X(result, name, parameters). Each begins a line and goes on,
// indented deeper, on the next ones, for the test that compares them with the library's own machine-readable
// prototypes.

#ifndef SLUICE_WASMTIME_FUNCTIONS_H
#define SLUICE_WASMTIME_FUNCTIONS_H

#include "wasmtime_types.h"

#define SLUICE_WASMTIME_FUNCTIONS(X) \
    X(void, wasm_byte_vec_delete, (wasm_byte_vec_t *)) \
    X(wasm_config_t *, wasm_config_new, (void)) \
    X(void, wasmtime_config_strategy_set, (wasm_config_t *, wasmtime_strategy_t)) \
    X(wasmtime_error_t *, wasmtime_config_target_set, (wasm_config_t *, const char *)) \
    X(void, wasmtime_config_epoch_interruption_set, (wasm_config_t *, bool)) \
    X(void, wasmtime_config_max_wasm_stack_set, (wasm_config_t *, size_t)) \
    X(void, wasmtime_config_memory_init_cow_set, (wasm_config_t *, bool)) \
    X(void, wasmtime_config_host_memory_creator_set, (wasm_config_t *, wasmtime_memory_creator_t *)) \
    X(void, wasmtime_config_wasm_gc_set, (wasm_config_t *, bool)) \
    X(void, wasmtime_config_wasm_function_references_set, (wasm_config_t *, bool)) \
    X(void, wasmtime_config_wasm_exceptions_set, (wasm_config_t *, bool)) \
    X(void, wasmtime_config_wasm_tail_call_set, (wasm_config_t *, bool)) \
    X(void, wasmtime_config_wasm_memory64_set, (wasm_config_t *, bool)) \
    X(void, wasmtime_config_wasm_multi_memory_set, (wasm_config_t *, bool)) \
    X(wasm_engine_t *, wasm_engine_new_with_config, (wasm_config_t *)) \
    X(void, wasm_engine_delete, (wasm_engine_t *)) \
    X(void, wasmtime_engine_increment_epoch, (wasm_engine_t *)) \
    X(wasm_valtype_t *, wasm_valtype_new, (wasm_valkind_t)) \
    X(void, wasm_valtype_vec_new, (wasm_valtype_vec_t *, size_t, wasm_valtype_t *const *)) \
    X(wasm_functype_t *, wasm_functype_new, (wasm_valtype_vec_t *, wasm_valtype_vec_t *)) \
    X(void, wasm_functype_delete, (wasm_functype_t *)) \
    X(wasmtime_error_t *, wasmtime_module_new, (wasm_engine_t *, const uint8_t *, size_t, wasmtime_module_t **)) \
    X(void, wasmtime_module_delete, (wasmtime_module_t *)) \
    X(wasmtime_error_t *, wasmtime_module_serialize, (wasmtime_module_t *, wasm_byte_vec_t *)) \
    X(wasmtime_error_t *, wasmtime_module_deserialize, (wasm_engine_t *, const uint8_t *, size_t, \
        wasmtime_module_t **)) \
    X(wasmtime_error_t *, wasmtime_wat2wasm, (const char *, size_t, wasm_byte_vec_t *)) \
    X(wasmtime_linker_t *, wasmtime_linker_new, (wasm_engine_t *)) \
    X(void, wasmtime_linker_delete, (wasmtime_linker_t *)) \
    X(wasmtime_error_t *, wasmtime_linker_define_func_unchecked, (wasmtime_linker_t *, const char *, size_t, \
        const char *, size_t, const wasm_functype_t *, wasmtime_func_unchecked_callback_t, void *, \
        sluice_finalizer_t)) \
    X(wasmtime_error_t *, wasmtime_linker_instantiate_pre, (const wasmtime_linker_t *, const wasmtime_module_t *, \
        wasmtime_instance_pre_t **)) \
    X(void, wasmtime_instance_pre_delete, (wasmtime_instance_pre_t *)) \
    X(wasmtime_error_t *, wasmtime_instance_pre_instantiate, (const wasmtime_instance_pre_t *, \
        wasmtime_context_t *, wasmtime_instance_t *, wasm_trap_t **)) \
    X(wasmtime_store_t *, wasmtime_store_new, (wasm_engine_t *, void *, sluice_finalizer_t)) \
    X(void, wasmtime_store_limiter, (wasmtime_store_t *, int64_t, int64_t, int64_t, int64_t, int64_t)) \
    X(wasmtime_context_t *, wasmtime_store_context, (wasmtime_store_t *)) \
    X(void, wasmtime_store_delete, (wasmtime_store_t *)) \
    X(void *, wasmtime_context_get_data, (const wasmtime_context_t *)) \
    X(void, wasmtime_context_set_epoch_deadline, (wasmtime_context_t *, uint64_t)) \
    X(bool, wasmtime_instance_export_get, (wasmtime_context_t *, const wasmtime_instance_t *, const char *, \
        size_t, wasmtime_extern_t *)) \
    X(wasmtime_error_t *, wasmtime_func_call_unchecked, (wasmtime_context_t *, const wasmtime_func_t *, \
        wasmtime_val_raw_t *, size_t, wasm_trap_t **)) \
    X(wasmtime_context_t *, wasmtime_caller_context, (wasmtime_caller_t *)) \
    X(wasm_trap_t *, wasmtime_trap_new, (const char *, size_t)) \
    X(void, wasm_trap_delete, (wasm_trap_t *)) \
    X(void, wasm_trap_message, (const wasm_trap_t *, wasm_message_t *)) \
    X(void, wasm_trap_trace, (const wasm_trap_t *, wasm_frame_vec_t *)) \
    X(bool, wasmtime_trap_code, (const wasm_trap_t *, wasmtime_trap_code_t *)) \
    X(uint32_t, wasm_frame_func_index, (const wasm_frame_t *)) \
    X(size_t, wasm_frame_module_offset, (const wasm_frame_t *)) \
    X(const wasm_name_t *, wasmtime_frame_func_name, (const wasm_frame_t *)) \
    X(void, wasm_frame_vec_delete, (wasm_frame_vec_t *)) \
    X(wasmtime_error_t *, wasmtime_error_new, (const char *)) \
    X(void, wasmtime_error_message, (const wasmtime_error_t *, wasm_name_t *)) \
    X(void, wasmtime_error_wasm_trace, (const wasmtime_error_t *, wasm_frame_vec_t *)) \
    X(void, wasmtime_error_delete, (wasmtime_error_t *))

#endif
