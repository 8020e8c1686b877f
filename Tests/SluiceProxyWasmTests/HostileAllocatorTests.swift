import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Guests whose allocators do anything but allocate, against every host function that gives the guest memory.
@Suite struct HostileAllocatorTests {
    struct Allocator: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let body: String
        let outcome: Outcome

        init(_ description: String, _ body: String, _ outcome: Outcome) {
            testDescription = description
            self.body = body
            self.outcome = outcome
        }
    }

    enum Outcome: Sendable {
        /// Every function returns this.
        case code(Int)
        /// The VM dies in the first one.
        case failure(VMFailureKind)
    }

    private static let refused = Outcome.code(6)

    static let allocators: [Allocator] = [
        Allocator("gives 0", "(i32.const 0)", refused),
        Allocator("gives the end of the memory", "(i32.const 131072)", refused),
        Allocator("gives the last byte", "(i32.const 131071)", refused),
        Allocator("gives -1", "(i32.const -1)", refused),
        Allocator("gives the lowest negative number", "(i32.const 0x80000000)", refused),
        Allocator("gives what the host reads", "(i32.const 1024)", .code(0)),
        Allocator("gives the places of address and size", "(i32.const 32)", .code(0)),
        Allocator("grows the memory", "(i32.mul (memory.grow (i32.const 1)) (i32.const 65536))", .code(0)),
        Allocator("grows the memory and gives 0", "(drop (memory.grow (i32.const 1))) (i32.const 0)", refused),
        Allocator(
            "grows the memory and gives what is behind it",
            "(i32.add (i32.const 65536) (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))", refused),
        Allocator("traps", "unreachable", .failure(.trapInAllocator)),
        Allocator("runs for ever", "(loop (br 0)) (i32.const 0)", .failure(.deadlineExceeded)),
        Allocator("calls itself for ever", "(call $malloc (local.get 0))", .failure(.trapInAllocator)),
        Allocator(
            "calls a host function that gives memory",
            "(call $proxy_get_property (i32.const 1024) (i32.const 4) (i32.const 32) (i32.const 36))",
            .failure(.trapInAllocator)),
        Allocator(
            "changes the context that the host is serving",
            "(drop (call $proxy_set_effective_context (i32.const 1))) (i32.const 8192)", .failure(.trapInAllocator)),
        Allocator(
            "writes to the log without end of line",
            "(drop (call $fd_write (i32.const 1) (i32.const 64) (i32.const 1) (i32.const 72))) (i32.const 8192)",
            .code(0)),
    ]

    /// Expressions of the result of each function that gives memory; address and size go to 32 and 36.
    private static func giving(_ guest: inout GuestWriter) -> [String: String] {
        let places = "(i32.const 32) (i32.const 36)"
        return [
            "proxy_get_header_map_value": guest.get(0, ":path"),
            "proxy_get_header_map_pairs": "(call $proxy_get_header_map_pairs (i32.const 0) \(places))",
            "proxy_get_buffer_bytes":
                "(call $proxy_get_buffer_bytes (i32.const 6) (i32.const 0) (i32.const 99) \(places))",
            "proxy_get_property": guest.property("plugin_name"),
            "proxy_get_shared_data":
                "(call $proxy_get_shared_data \(guest.text("key")) \(places) (i32.const 40))",
            "proxy_dequeue_shared_queue": "(call $proxy_dequeue_shared_queue (i32.const 1) \(places))",
            "proxy_call_foreign_function":
                "(call $proxy_call_foreign_function \(guest.text("canned")) (i32.const 0) (i32.const 0) \(places))",
        ]
    }

    static let functions = [
        "proxy_get_header_map_value", "proxy_get_header_map_pairs", "proxy_get_buffer_bytes", "proxy_get_property",
        "proxy_get_shared_data", "proxy_dequeue_shared_queue", "proxy_call_foreign_function",
    ]

    private func guest(_ allocator: Allocator, _ function: String) -> Guest {
        let malloc = "(func $malloc (export \"malloc\") (param i32) (result i32) \(allocator.body))"
        return Guest(allocator: malloc) { guest in
            let key = guest.text("key")
            guest.callback(
                "proxy_on_vm_start", 2, returns: 1,
                """
                (drop (call $proxy_register_shared_queue \(key) (i32.const 40)))
                (drop (call $proxy_set_shared_data \(key) \(key) (i32.const 0)))
                (i32.store (i32.const 64) (i32.const 1024)) (i32.store (i32.const 68) (i32.const 3))
                """)
            let call = Self.giving(&guest)[function] ?? "unreachable"
            // The last bytes of the memory as it was belong to nobody.
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                """
                (i64.store (i32.const 131056) (i64.const 0x5a5a5a5a5a5a5a5a))
                (drop (call $proxy_enqueue_shared_queue (i32.const 1) \(key)))
                \(guest.logLetter(call))
                \(guest.logLetter("(i64.ne (i64.load (i32.const 131056)) (i64.const 0x5a5a5a5a5a5a5a5a))"))
                """)
        }
    }

    @Test("the host survives every allocator", arguments: executing, allocators)
    func survives(engine: EngineName, allocator: Allocator) throws {
        for function in Self.functions {
            let deadline = 40 * millisecond
            let host = try Host(
                engine,
                [Host.Plugin(guest(allocator, function)) { $0.vmConfiguration = "configuration" }],
                deadlineNanoseconds: deadline,
                services: HostServices(foreignFunctions: [ForeignFunction(name: "canned", result: [1, 2, 3])])
            ).start()
            let result = host.exchange(headers: [("name", "value")]).result
            switch allocator.outcome {
            case .code(let code):
                #expect(result.status == 200, "\(function)")
                let letter = UnicodeScalar(UInt8(65 + code))
                #expect(host.log().suffix(2) == ["\(letter)", "A"], "\(function)")
            case .failure(let kind):
                #expect(result == SluiceProxyWasmTests.result(status: 503, origin: .host, vmState: .trapped))
                #expect(host.drain().failures.map(\.kind) == [kind], "\(function)")
            }
        }
    }
}
