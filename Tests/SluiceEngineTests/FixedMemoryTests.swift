import SluiceEngine
import SluiceModel
import Testing

/// Memories that have one size from their creation on, as if the module declared minimum = maximum.
@Suite struct FixedMemoryTests {
    private static let one = FunctionType([.i32], [.i32])
    private static let none = FunctionType([], [.i32])

    /// Two pages declared, no more than `maximum` allowed, 64 segments of data.
    private static func module(maximum: String = "") -> String {
        let data = (0..<64).map { "(data (i32.const \($0 * 2048)) \"segment\")" }.joined()
        return """
            (module (memory (export "memory") 2 \(maximum)) \(data)
              (func (export "size") (result i32) memory.size)
              (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
              (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))
              (func (export "poke") (param i32 i32) (i32.store (local.get 0) (local.get 1))))
            """
    }

    private func settings(pages: Int) -> EngineSettings {
        SluiceEngineTests.settings(memoryCapBytes: pages * page, fixedMemoryBytes: pages * page)
    }

    @Test(arguments: executing, [2, 3, 7, 100])
    func `the guest sees the size at once and never another`(engine: EngineName, pages: Int) throws {
        let guest = try Guest(link(Self.module(), engine, settings(pages: pages)))
        #expect(try guest.call("size", Self.none).i32 == pages)
        #expect(try guest.call("grow", Self.one, 1).i32 == -1)
        #expect(try guest.call("grow", Self.one, 0).i32 == pages)
        #expect(try guest.call("byte", Self.one, Int64(63 * 2048)).i32 == 0x73)
        let last = Int64(pages * page - 4)
        try guest.call("poke", FunctionType([.i32, .i32], []), last, 0x0403_0201)
        #expect(try guest.call("byte", Self.one, last + 3).i32 == 4)
        let trap = try guest.trap("byte", Self.one, last + 4)
        #expect(trap.code == .memoryOutOfBounds)
        let growth = guest.growth()
        #expect(growth.map(\.toBytes) == [pages * page, (pages + 1) * page])
        #expect(growth.map(\.granted) == [true, false])
    }

    @Test(arguments: executing)
    func `an imported memory is given that size as well`(engine: EngineName) throws {
        let guest = try Guest(link(Guests.importedMemory, engine, settings(pages: 4)))
        #expect(guest.instance.memory.byteCount == 4 * page)
        #expect(try guest.call("grow", Self.one, 1).i32 == -1)
    }

    @Test(arguments: executing)
    func `less than the module declares is refused, more than it allows is not given`(engine: EngineName) throws {
        #expect(throws: EngineError.self) { try Guest(link(Self.module(), engine, settings(pages: 1))) }
        let guest = try Guest(link(Self.module(maximum: "3"), engine, settings(pages: 9)))
        #expect(try guest.call("size", Self.none).i32 == 3)
    }

    @Test(arguments: executing)
    func `code compiled without it serves with it`(engine: EngineName) throws {
        let plain = try Engines.make(engine, settings: SluiceEngineTests.settings())
        let artifact = try plain.compile(Array(Self.module().utf8)).serialise()
        let fixed = try Engines.make(engine, settings: settings(pages: 6))
        let guest = try Guest(fixed.load(artifact: artifact).link(HostFunctions.all))
        #expect(try guest.call("size", Self.none).i32 == 6)
    }
}
