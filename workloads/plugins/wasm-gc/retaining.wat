;; A Wasm GC guest that leaks: each request allocates an array on the GC heap and appends it to a list in a global,
;; which keeps all of them for as long as the instance lives. Ends in "GC heap out of memory". Its twin is
;; releasing.wat.
(module $wasm-gc.retaining
  (import "env" "proxy_get_buffer_bytes" (func $get_buffer_bytes (param i32 i32 i32 i32 i32) (result i32)))

  (type $block (array (mut i8)))
  (type $kept (struct (field $block (ref $block)) (field $next (ref null $kept))))

  (memory (export "memory") 2)

  ;; Memory: 0..7 results of host calls; from 64 on what the host allocates.
  (global $host_next (mut i32) (i32.const 64))
  (global $block_bytes (mut i32) (i32.const 65536))
  (global $kept (mut (ref null $kept)) (ref.null $kept))

  (func $proxy_abi_version_0_2_1 (export "proxy_abi_version_0_2_1"))

  ;; The host writes what it returns here. Everything is used at once, so each callback starts again at the bottom.
  (func $malloc (export "malloc") (param $size i32) (result i32)
    (local $block i32)
    (local.set $block (global.get $host_next))
    (global.set $host_next
      (i32.and (i32.add (i32.add (local.get $block) (local.get $size)) (i32.const 7)) (i32.const -8)))
    (if (i32.gt_u (global.get $host_next) (i32.shl (memory.size) (i32.const 16)))
      (then (if (i32.eq (i32.const -1)
                        (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $size) (i32.const 16)))))
              (then (return (i32.const 0))))))
    (local.get $block))

  (func $forget_host_blocks (global.set $host_next (i32.const 64)))

  (func $proxy_on_context_create (export "proxy_on_context_create") (param $context i32) (param $parent i32))
  (func $proxy_on_vm_start (export "proxy_on_vm_start") (param $root i32) (param $size i32) (result i32) (i32.const 1))

  ;; The first number in the configuration, if any, is the size of a block: {"bytes": 65536}.
  (func $proxy_on_configure (export "proxy_on_configure") (param $root i32) (param $size i32) (result i32)
    (local $at i32) (local $end i32) (local $digit i32) (local $value i32)
    (call $forget_host_blocks)
    (if (i32.eqz (local.get $size)) (then (return (i32.const 1))))
    (drop (call $get_buffer_bytes (i32.const 7) (i32.const 0) (local.get $size) (i32.const 0) (i32.const 4)))
    (local.set $at (i32.load (i32.const 0)))
    (local.set $end (i32.add (local.get $at) (i32.load (i32.const 4))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (if (i32.lt_u (local.get $digit) (i32.const 10))
          (then
            (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 10)) (local.get $digit)))
            (br $next)))
        (br_if $done (local.get $value))
        (br $next)))
    (if (local.get $value) (then (global.set $block_bytes (local.get $value))))
    (i32.const 1))

  (func $allocate_block (result (ref $block))
    (array.new $block (i32.const 0xA5) (global.get $block_bytes)))

  (func $proxy_on_request_headers (export "proxy_on_request_headers")
        (param $context i32) (param $headers i32) (param $end_of_stream i32) (result i32)
    (call $forget_host_blocks)
    (global.set $kept (struct.new $kept (call $allocate_block) (global.get $kept)))
    (i32.const 0))

  (func $proxy_on_log (export "proxy_on_log") (param $context i32))
  (func $proxy_on_done (export "proxy_on_done") (param $context i32) (result i32) (i32.const 1))
  (func $proxy_on_delete (export "proxy_on_delete") (param $context i32)))
