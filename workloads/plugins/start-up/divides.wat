;; Dies while its runtime starts: a package initialiser allocates a block of no bytes, and the allocator divides by its
;; size.
(module $start-up.divides
  (memory (export "memory") 2)

  (func $runtime.alloc (param $size i32) (result i32)
    (i32.div_u (i32.const 65536) (local.get $size)))

  (func $package.initialise (drop (call $runtime.alloc (i32.const 0))))

  (func (export "_initialize") (call $package.initialise))

  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param $size i32) (result i32) (i32.const 1024))
  (func (export "proxy_on_context_create") (param $context i32) (param $parent i32))
  (func (export "proxy_on_vm_start") (param $root i32) (param $size i32) (result i32) (i32.const 1))
  (func (export "proxy_on_configure") (param $root i32) (param $size i32) (result i32) (i32.const 1)))
