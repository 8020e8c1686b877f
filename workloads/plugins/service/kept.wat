;; A service that fetches from the cluster `control` at each tick, every 5 ms, into a buffer of 2 KiB.
;; No answer gives a buffer back.
(module $service.kept
  (import "env" "proxy_set_tick_period_milliseconds" (func $tick (param i32) (result i32)))
  (import "env" "proxy_http_call" (func $call (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  ;; 16: token, 1024: texts, 32768: what the host gives, 65536 and up: buffers.
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 65536))
  (data (i32.const 1024) "control")
  (data (i32.const 1040)
    "\03\00\00\00\07\00\00\00\03\00\00\00\05\00\00\00\01\00\00\00\0a\00\00\00\01\00\00\00"
    ":method\00GET\00:path\00/\00:authority\00a\00")

  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param $size i32) (result i32) (i32.const 32768))
  (func (export "proxy_on_vm_start") (param $root i32) (param $size i32) (result i32) (i32.const 1))
  (func (export "proxy_on_configure") (param $root i32) (param $size i32) (result i32)
    (drop (call $tick (i32.const 5)))
    (i32.const 1))

  (func $allocate_buffer
    (if (i32.gt_u (i32.add (global.get $next) (i32.const 2048)) (i32.shl (memory.size) (i32.const 16)))
      (then (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (unreachable)))))
    (memory.fill (global.get $next) (i32.const 0x5a) (i32.const 2048))
    (global.set $next (i32.add (global.get $next) (i32.const 2048))))

  (func (export "proxy_on_tick") (param $root i32)
    (call $allocate_buffer)
    (drop (call $call (i32.const 1024) (i32.const 7) (i32.const 1040) (i32.const 61) (i32.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 1000) (i32.const 16)))))
