/// A small workload with a plugin in text form, so that the tests need no built guests.
struct TestWorkload {
    var seconds = 2.0
    var ratePerSecond = 100
    var agents = 2
    var module = "plugin.wat"
    var gate = ""

    var text: String {
        """
        sluice: 1
        name: test
        about: a test of the command
        load:
          phases:
            - { kind: hold, duration: \(seconds)s, rate: \(ratePerSecond)/s }
          agents: \(agents)
        requests:
          - { path: /, expect: { status: 200 } }
        plugins:
          - { name: test-plugin, module: "${strategy}", failure_policy: reload }
        host: { memory: 4MiB }
        strategies:
          flat: { module: \(module) }
          growing: { module: growing.wat }
        \(gate)
        """
    }

    func write(to folder: borrowing CommandFolder) throws {
        try folder.write(text, to: "test.yaml")
        try folder.write(Self.plugin(onRequest: ""), to: "plugin.wat")
        // One page for each request, and no way to survive a refusal.
        let grow = "(if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (unreachable)))"
        try folder.write(Self.plugin(onRequest: grow), to: "growing.wat")
    }

    private static func plugin(onRequest: String) -> String {
        """
        (module
          (memory (export "memory") 1)
          (func (export "proxy_abi_version_0_2_1"))
          (func (export "malloc") (param i32) (result i32) (i32.const 1024))
          (func (export "proxy_on_context_create") (param i32 i32))
          (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (i32.const 1))
          (func (export "proxy_on_configure") (param i32 i32) (result i32) (i32.const 1))
          (func $allocate_a_page \(onRequest))
          (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
            (call $allocate_a_page) (i32.const 0)))
        """
    }
}
