;; What the host allocates through malloc is never freed. Its twin, freed.wat, differs only in not exporting malloc.
(module $host-malloc.kept
  (import "env" "proxy_get_buffer_bytes" (func $get_buffer_bytes (param i32 i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 2)

  ;; Memory: 0..7 results of host calls; from 64 on what the host allocates.
  (global $next (mut i32) (i32.const 64))

  (func (export "proxy_abi_version_0_2_1"))

  (func $allocate (param $size i32) (result i32)
    (local $block i32)
    (local.set $block (global.get $next))
    (global.set $next
      (i32.and (i32.add (i32.add (local.get $block) (local.get $size)) (i32.const 7)) (i32.const -8)))
    (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16)))
      (then (if (i32.eq (i32.const -1)
                        (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $size) (i32.const 16)))))
              (then (return (i32.const 0))))))
    (local.get $block))

  ;; A runtime that pins what its malloc returns, as nobody outside of it is expected to. A host of Envoy's kind
  ;; prefers this export to the next one.
  (func (export "malloc") (param $size i32) (result i32) (call $allocate (local.get $size)))

  ;; Would do: whatever was handed out for the callback before has been used.
  (func (export "proxy_on_memory_allocate") (param $size i32) (result i32)
    (global.set $next (i32.const 64))
    (call $allocate (local.get $size)))

  (func (export "proxy_on_context_create") (param $context i32) (param $parent i32))
  (func (export "proxy_on_vm_start") (param $root i32) (param $size i32) (result i32) (i32.const 1))
  (func (export "proxy_on_configure") (param $root i32) (param $size i32) (result i32) (i32.const 1))

  ;; Reads the whole body, for which the host asks the guest for as much memory.
  (func (export "proxy_on_request_body") (param $context i32) (param $size i32) (param $end_of_stream i32) (result i32)
    (if (local.get $size)
      (then (drop (call $get_buffer_bytes
        (i32.const 0) (i32.const 0) (local.get $size) (i32.const 0) (i32.const 4)))))
    (i32.const 0))

  (func (export "proxy_on_log") (param $context i32))
  (func (export "proxy_on_done") (param $context i32) (result i32) (i32.const 1))
  (func (export "proxy_on_delete") (param $context i32)))
