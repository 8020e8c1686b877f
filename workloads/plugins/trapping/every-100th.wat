;; A defect that strikes seldom: the 100th request of each VM's life runs into `unreachable`.
(module $trapping.every-100th
  (memory (export "memory") 2)
  (global $requests (mut i32) (i32.const 0))

  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param $size i32) (result i32) (i32.const 1024))
  (func (export "proxy_on_context_create") (param $context i32) (param $parent i32))
  (func (export "proxy_on_vm_start") (param $root i32) (param $size i32) (result i32) (i32.const 1))
  (func (export "proxy_on_configure") (param $root i32) (param $size i32) (result i32) (i32.const 1))

  (func $the_defect (unreachable))

  (func (export "proxy_on_request_headers")
        (param $context i32) (param $headers i32) (param $end_of_stream i32) (result i32)
    (global.set $requests (i32.add (global.get $requests) (i32.const 1)))
    (if (i32.eq (global.get $requests) (i32.const 100)) (then (call $the_defect)))
    (i32.const 0)))
