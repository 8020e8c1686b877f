;; A network filter that waits for the first 16 bytes of a connection, and closes one that begins with `X`. It has 4 KiB
;; of state for each connection; `proxy_on_delete` gives it back.
(module $network.released
  (import "env" "proxy_get_buffer_bytes" (func $buffer (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_close_stream" (func $close (param i32) (result i32)))
  ;; 1024: states by context, 4096 places; 32768: what the host gives; 65536 and up: states.
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 65536))
  (global $free (mut i32) (i32.const 0))

  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param $size i32) (result i32) (i32.const 32768))
  (func (export "proxy_on_vm_start") (param $root i32) (param $size i32) (result i32) (i32.const 1))
  (func (export "proxy_on_configure") (param $root i32) (param $size i32) (result i32) (i32.const 1))

  (func $place (param $context i32) (result i32)
    (i32.add (i32.const 1024) (i32.shl (i32.and (local.get $context) (i32.const 4095)) (i32.const 2))))

  (func $allocate_state (result i32)
    (local $state i32)
    (if (global.get $free)
      (then
        (local.set $state (global.get $free))
        (global.set $free (i32.load (local.get $state)))
        (i32.store offset=4 (local.get $state) (i32.const 0))
        (return (local.get $state))))
    (local.set $state (global.get $next))
    (global.set $next (i32.add (global.get $next) (i32.const 4096)))
    (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16)))
      (then (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (unreachable)))))
    (local.get $state))

  (func (export "proxy_on_context_create") (param $context i32) (param $parent i32)
    (if (local.get $parent)
      (then (i32.store (call $place (local.get $context)) (call $allocate_state)))))

  (func (export "proxy_on_downstream_data")
        (param $context i32) (param $size i32) (param $end_of_stream i32) (result i32)
    (local $state i32)
    (local.set $state (i32.load (call $place (local.get $context))))
    (if (i32.load offset=4 (local.get $state)) (then (return (i32.const 0))))
    (if (i32.lt_u (local.get $size) (i32.const 16))
      (then (return (i32.eqz (local.get $end_of_stream)))))
    (i32.store offset=4 (local.get $state) (i32.const 1))
    (drop (call $buffer (i32.const 2) (i32.const 0) (i32.const 16) (i32.const 16) (i32.const 20)))
    (i64.store offset=8 (local.get $state) (i64.load (i32.load (i32.const 16))))
    (if (i32.eq (i32.load8_u (i32.load (i32.const 16))) (i32.const 88))
      (then (drop (call $close (i32.const 2))) (return (i32.const 1))))
    (i32.const 0))

  (func (export "proxy_on_delete") (param $context i32)
    (local $state i32)
    (local.set $state (i32.load (call $place (local.get $context))))
    ;; A root context has none.
    (if (i32.eqz (local.get $state)) (then (return)))
    (i32.store (call $place (local.get $context)) (i32.const 0))
    (i32.store (local.get $state) (global.get $free))
    (global.set $free (local.get $state))))
