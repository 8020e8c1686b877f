import CWasmtime
import SluiceEngine
import SluiceModel
import Testing

@Suite struct CallTests {
    private static let none = FunctionType()

    @Test(arguments: executing)
    func `a trap has a code, a message and a backtrace with names`(engine: EngineName) throws {
        let linked = try link(Guests.traps, engine)
        let trap = try Guest(linked).trap("unreachable")
        #expect(trap.code == .unreachable)
        #expect(trap.message == "wasm trap: wasm `unreachable` instruction executed")
        #expect(trap.backtrace.map(\.functionName) == ["innermost", "middle", nil])
        #expect(trap.backtrace.map(\.functionIndex) == [1, 2, 3])
        let binary = try Engines.make(engine, settings: settings()).binary(of: Array(Guests.traps.utf8))
        for frame in trap.backtrace {
            let offset = try #require(frame.moduleOffset)
            #expect((9..<binary.count).contains(offset))
        }
    }

    @Test(arguments: executing)
    func `every kind of trap is told apart`(engine: EngineName) throws {
        let linked = try link(Guests.traps, engine)
        #expect(try Guest(linked).trap("outOfBounds").code == .memoryOutOfBounds)
        #expect(try Guest(linked).trap("division", FunctionType([.i32], []), 0).code == .integerDivisionByZero)
        #expect(try Guest(linked).trap("nullCall").code == .indirectCallToNull)
        let overflow = try Guest(linked).trap("deep")
        #expect(overflow.code == .stackOverflow)
        #expect(overflow.backtrace.first?.functionName == "deep")
    }

    @Test(arguments: executing)
    func `a host function ends the call with its own message`(engine: EngineName) throws {
        let guest = try Guest(link(Guests.traps, engine))
        let trap = try guest.trap("refused")
        #expect(trap.code == .hostError)
        #expect(trap.message == "not today")
        #expect(trap.backtrace.map(\.functionName) == ["refused"])
        #expect(guest.context.pointee.calls == 1)
        #expect(try guest.trap("unreachable").code == .unreachable, "the next trap is its own")
    }

    @Test(arguments: executing)
    func `an endless loop ends between the deadline and twice the deadline`(engine: EngineName) throws {
        let deadline: Int64 = 400_000_000
        let guest = try Guest(link(Guests.traps, engine, settings(deadlineNanoseconds: deadline)))
        let clock = ContinuousClock()
        for _ in 0..<2 {
            var trap: Trap?
            let elapsed = try clock.measure { trap = try guest.trap("endless") }
            #expect(trap?.code == .interrupt)
            #expect(trap?.backtrace.first?.functionName == "endless")
            #expect(elapsed >= .nanoseconds(deadline))
            #expect(elapsed <= .nanoseconds(2 * deadline))
        }
    }

    @Test(arguments: executing)
    func `a host function may call the guest`(engine: EngineName) throws {
        let guest = try Guest(link(Guests.nested, engine))
        let type = FunctionType([.i32], [.i32])
        guest.context.pointee.allocator = try guest.function("allocate", type)
        for value in [Int64(0x1234_5678), 99] { #expect(try guest.call("start", type, value).i64 == value) }
        #expect(guest.instance.memory.byteCount == 3 * page)
    }

    @Test(arguments: executing)
    func `a nested call shares the deadline of the outermost one`(engine: EngineName) throws {
        let deadline: Int64 = 300_000_000
        let guest = try Guest(link(Guests.nested, engine, settings(deadlineNanoseconds: deadline)))
        let type = FunctionType([.i32], [.i32])
        guest.context.pointee.allocator = try guest.function("endless", type)
        var trap: Trap?
        let elapsed = try ContinuousClock().measure { trap = try guest.trap("start", type, 1) }
        #expect(trap?.code == .hostError)
        #expect(trap?.message == "wasm trap: interrupt")
        #expect(elapsed <= .nanoseconds(2 * deadline))
    }

    @Test(arguments: executing)
    func `a start function reaches the memory through the host`(engine: EngineName) throws {
        #expect(try Guest(link(Guests.startFunction, engine)).context.pointee.seenByte == UInt8(ascii: "x"))
    }

    @Test(arguments: executing)
    func `a start function that traps is an error with the trap`(engine: EngineName) throws {
        let module = "(module (func $begin unreachable) (start $begin))"
        let error = #expect(throws: EngineError.self) { try Guest(link(module, engine)) }
        guard case .instantiationTrap(let trap) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(trap.code == .unreachable)
        #expect(trap.backtrace.map(\.functionName) == ["begin"])
        let outside = "(module (memory 1) (data (i32.const 65536) \"x\"))"
        #expect(throws: EngineError.self) { try Guest(link(outside, engine)) }
        let refusing = "(module (import \"env\" \"refuse\" (func $refuse)) (start $refuse))"
        #expect(throws: EngineError.self) { try Guest(link(refusing, engine)) }
    }

    @Test(arguments: executing)
    func `only an export of the wanted type is a function`(engine: EngineName) throws {
        let instance = try Guest(link(Guests.dataSegment, engine)).instance
        #expect(instance.function(named: "byte", type: FunctionType([.i32], [.i32])) != nil)
        #expect(instance.function(named: "byte", type: FunctionType([.i32, .i32], [.i32])) == nil)
        #expect(instance.function(named: "memory", type: Self.none) == nil)
        #expect(instance.function(named: "absent", type: Self.none) == nil)
    }

    @Test func `the null engine answers without running anything`() throws {
        let module = """
            (module (memory 1)
              (func (export "proxy_on_configure") (param i32 i32) (result i32) unreachable)
              (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) unreachable)
              (func (export "_initialize") unreachable))
            """
        let guest = try Guest(link(module, .null))
        #expect(try guest.call("proxy_on_configure", FunctionType([.i32, .i32], [.i32]), 1, 2).u32 == 1)
        #expect(try guest.call("proxy_on_request_headers", FunctionType([.i32, .i32, .i32], [.i32]), 5, 5, 5).u32 == 0)
        try guest.call("_initialize", Self.none)
        #expect(guest.instance.function(named: "absent", type: Self.none) == nil)
        #expect(guest.instance.memorySizes == MemorySizes(linearBytes: 0, gcHeapBytes: 0))
        #expect(guest.growth().isEmpty)
    }
}
