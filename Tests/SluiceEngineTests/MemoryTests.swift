import SluiceEngine
import SluiceModel
import Testing

@Suite struct MemoryTests {
    private static let one = FunctionType([.i32], [.i32])

    @Test(arguments: executing)
    func `a data segment is in place before the first call`(engine: EngineName) throws {
        let guest = try Guest(link(Guests.dataSegment, engine))
        #expect(try guest.call("byte", Self.one, 16).i32 == 0x73)
        #expect(guest.instance.memory.bytes(at: 16, count: 6).map(Array.init) == Array("sluice".utf8))
        #expect(guest.instance.memorySizes == MemorySizes(linearBytes: 2 * page, gcHeapBytes: 0))
    }

    /// What a memory of four pages must hold after these segments, in their order, on a page of zeros.
    @Test(
        arguments: executing,
        [
            [(0, "a"), (2, "b"), (100, "c"), (8000, "d"), (65530, "efghijkl")],
            [(70000, "later"), (16, "earlier"), (70002, "over")],
            [(16, "overlapped"), (20, "XX"), (17, "Y")],
            [(0, ""), (5, ""), (4100, "x"), (262143, "z")],
            (0..<3000).map { ($0 * 16, "segment \($0 % 9)") },
        ])
    func `many data segments leave the memory as each of them would`(
        engine: EngineName, segments: [(Int, String)]
    ) throws {
        var expected = [UInt8](repeating: 0, count: 4 * page)
        for (address, text) in segments {
            expected.replaceSubrange(address..<(address + text.utf8.count), with: text.utf8)
        }
        let declarations = segments.map { "(data (i32.const \($0.0)) \"\($0.1)\")" }.joined(separator: "\n")
        let guest = try Guest(link("(module (memory 4) \(declarations))", engine))
        #expect(try #require(guest.instance.memory.bytes(at: 0, count: UInt32(4 * page))).elementsEqual(expected))
    }

    @Test(arguments: executing)
    func `segments that code refers to keep their numbers`(engine: EngineName) throws {
        let module = """
            (module (memory 1) (data (i32.const 0) "ab") (data (i32.const 4) "cd") (data "passive")
              (func (export "copy") (memory.init 2 (i32.const 32) (i32.const 0) (i32.const 7))))
            """
        let guest = try Guest(link(module, engine))
        try guest.call("copy", FunctionType())
        #expect(guest.instance.memory.bytes(at: 32, count: 7).map(Array.init) == Array("passive".utf8))
        #expect(guest.instance.memory.bytes(at: 0, count: 6).map(Array.init) == [0x61, 0x62, 0, 0, 0x63, 0x64])
    }

    @Test(arguments: executing)
    func `an imported memory and table are made for the instance and counted`(engine: EngineName) throws {
        let linked = try link(Guests.importedMemory, engine)
        let guest = try Guest(linked)
        #expect(try guest.call("byte", Self.one, 8).i32 == 0x69)
        #expect(try guest.call("indirect", Self.one, 1).i32 == 3)
        #expect(try guest.call("add", FunctionType([.i32, .i32], [.i32]), 40, 2).i32 == 42)
        #expect(try guest.call("grow", Self.one, 2).i32 == 2)
        #expect(try guest.call("grow", Self.one, 1).i32 == -1)
        let growth = guest.growth()
        #expect(growth.map(\.toBytes) == [2 * page, 4 * page, 5 * page])
        #expect(growth.map(\.granted) == [true, true, false])
        let other = try Guest(linked)
        #expect(other.instance.memory.byteCount == 2 * page)
    }

    @Test(arguments: executing)
    func `a module without memory has one of no bytes`(engine: EngineName) throws {
        let guest = try Guest(link(Guests.withoutMemory, engine))
        #expect(try guest.call("double", FunctionType([.i64], [.i64]), 1 << 40).i64 == 1 << 41)
        #expect(guest.instance.memory.byteCount == 0)
        #expect(guest.instance.memory.bytes(at: 0, count: 0)?.count == 0)
        #expect(guest.instance.memory.bytes(at: 0, count: 1) == nil)
        #expect(guest.growth().isEmpty)
    }

    @Test(arguments: executing)
    func `every growth is in the ledger with the request it happened in`(engine: EngineName) throws {
        let guest = try Guest(link(Guests.dataSegment, engine, settings(memoryCapBytes: 10 * page)), vmOrdinal: 7)
        guest.instance.attribution = (requestIndex: 41, vmRequestNumber: 3)
        #expect(try guest.call("grow", Self.one, 3).i32 == 2)
        guest.instance.attribution = (requestIndex: 42, vmRequestNumber: 4)
        #expect(try guest.call("grow", Self.one, 6).i32 == -1)
        #expect(try guest.call("grow", Self.one, 5).i32 == 5)
        #expect(guest.instance.lastRefusal == (bytes: 11 * page, count: 1))
        let growth = guest.growth()
        #expect(growth.map(\.fromBytes) == [0, 2 * page, 5 * page, 5 * page])
        #expect(growth.map(\.toBytes) == [2 * page, 5 * page, 11 * page, 10 * page])
        #expect(growth.map(\.granted) == [true, true, false, true])
        #expect(growth.map(\.requestIndex) == [nil, 41, 42, 42])
        #expect(growth.map(\.vmRequestNumber) == [0, 3, 4, 4])
        #expect(growth.allSatisfy { $0.vmOrdinal == 7 && $0.memory == .linear })
        #expect(growth.map(\.timeNanoseconds) == growth.map(\.timeNanoseconds).sorted())
        #expect(guest.growth().isEmpty)
        #expect(guest.instance.lastRefusal.count == 1)
    }

    @Test(arguments: executing)
    func `the memory is seen at its new size after growth, at the same place`(engine: EngineName) throws {
        let guest = try Guest(link(Guests.dataSegment, engine))
        let memory = guest.instance.memory
        let before = try #require(memory.bytes(at: 0, count: 1)?.baseAddress)
        #expect(memory.bytes(at: UInt32(2 * page), count: 4) == nil)
        try guest.call("grow", Self.one, 100)
        try guest.call("poke", FunctionType([.i32, .i32], []), Int64(101 * page), 0x0102_0304)
        #expect(memory.loadUInt32(at: UInt32(101 * page)) == 0x0102_0304)
        #expect(memory.byteCount == 102 * page)
        #expect(memory.bytes(at: 0, count: 1)?.baseAddress == before)
        #expect(memory.store(UInt32(7), at: UInt32(102 * page - 4)))
        #expect(!memory.store(UInt32(7), at: UInt32(102 * page - 3)))
        #expect(memory.bytes(at: .max, count: .max) == nil)
    }

    @Test(arguments: executing)
    func `growth beyond the module's own maximum is refused and counted`(engine: EngineName) throws {
        let guest = try Guest(link(Guests.limitedMemory, engine))
        #expect(try guest.call("grow", Self.one, 3).i32 == -1)
        #expect(try guest.call("grow", Self.one, 2).i32 == 1)
        #expect(guest.growth().map(\.granted) == [true, false, true])
        #expect(guest.instance.lastRefusal == (bytes: 4 * page, count: 1))
        let offset = try #require(try guest.trap("fail").backtrace.first?.moduleOffset)
        let binary = try Engines.make(engine, settings: settings()).binary(of: Array(Guests.limitedMemory.utf8))
        // `unreachable` is opcode 0; the engine may point at it or at the byte after it.
        #expect(binary[offset] == 0 || binary[offset - 1] == 0)
        #expect(
            binary[..<offset].suffix(4).contains(3), "the body of `fail` is three bytes long and begins right before")
    }

    @Test(arguments: executing)
    func `a memory that begins above the cap is an error that says so`(engine: EngineName) throws {
        let linked = try link(Guests.dataSegment, engine, settings(memoryCapBytes: page))
        #expect(throws: EngineError.memoryOverCap(memory: .linear, requestedBytes: 2 * page, capBytes: page)) {
            try Guest(linked)
        }
    }

    @Test(arguments: executing)
    func `growth that does not fit into the ledger is still counted`(engine: EngineName) throws {
        let guest = try Guest(link(Guests.dataSegment, engine, settings(memoryCapBytes: 1 << 30)))
        for _ in 0..<1100 { try guest.call("grow", Self.one, 1) }
        #expect(guest.growth().count + guest.instance.growthEventsWithoutDetail == 1101)
        #expect(guest.instance.growthEventsWithoutDetail > 0)
        #expect(guest.instance.memorySizes.linearHighWaterBytes == 1102 * page)
        try guest.call("grow", Self.one, 1)
        #expect(guest.growth().map(\.toBytes) == [1103 * page])
    }

    @Test(arguments: collecting)
    func `the GC heap has its own place in the ledger and its own cap`(engine: EngineName) throws {
        let count = FunctionType([.i32], [])
        let guest = try Guest(link(Guests.garbageCollected, engine, settings(gcHeapCapBytes: 1 << 20)))
        let creation = guest.growth()
        #expect(creation.filter { $0.memory == .linear }.map(\.toBytes) == [page])
        try guest.call("drop", count, 100_000)
        #expect(guest.instance.memorySizes.gcHeapBytes == page, "dropped objects are collected")
        let trap = try guest.trap("retain", count, 100_000)
        #expect(trap.code == .gcHeapOutOfMemory)
        #expect(trap.message.hasPrefix("GC heap out of memory"))
        #expect(trap.backtrace.first?.functionName == "retain")
        let growth = guest.growth()
        #expect(growth.allSatisfy { $0.memory == .gcHeap })
        #expect(growth.last.map { [$0.fromBytes, $0.toBytes] } == [1 << 20, 2 << 20])
        #expect(growth.last?.granted == false)
        #expect(guest.instance.memorySizes == MemorySizes(linearBytes: page, gcHeapBytes: 1 << 20))
        #expect(guest.instance.lastRefusal == (bytes: 2 << 20, count: 1))
    }

    @Test(arguments: collecting)
    func `the two heaps are told apart whatever the module declares`(engine: EngineName) throws {
        let types = "(type $pair (struct (field i64) (field i64)))"
        let make = "(func (export \"make\") (drop (struct.new_default $pair)))"
        let grow = "(func (export \"grow\") (param i32) (result i32) (memory.grow (local.get 0)))"
        let noMemory = try Guest(link("(module \(types) \(make))", engine))
        try noMemory.call("make", FunctionType())
        #expect(noMemory.instance.memorySizes == MemorySizes(linearBytes: 0, gcHeapBytes: page))
        #expect(noMemory.growth().map(\.memory) == [.gcHeap])
        for memory in ["(memory 0)", "(memory 0 9)", "(import \"env\" \"memory\" (memory 0 9))"] {
            let definition = memory.hasPrefix("(import") ? "\(memory) \(types)" : "\(types) \(memory)"
            let guest = try Guest(link("(module \(definition) \(make) \(grow))", engine))
            #expect(guest.growth().isEmpty)
            #expect(try guest.call("grow", Self.one, 3).i32 == 0)
            #expect(guest.growth().map(\.memory) == [.linear])
            try guest.call("make", FunctionType())
            #expect(guest.growth().map(\.memory) == [.gcHeap])
            #expect(guest.instance.memorySizes == MemorySizes(linearBytes: 3 * page, gcHeapBytes: page))
        }
        // References without objects: an engine may or may not make a heap for them.
        let references = """
            (module (memory 1) (global $g (mut externref) (ref.null extern)) (table 2 externref)
              (func (export "use") (global.set $g (table.get (i32.const 1)))))
            """
        let guest = try Guest(link(references, engine))
        try guest.call("use", FunctionType())
        #expect(guest.growth().map(\.memory) == [.linear])
        #expect(guest.instance.memorySizes.linearBytes == page)
    }

    @Test(arguments: executing)
    func `instances leave nothing behind`(engine: EngineName) throws {
        let linked = try link(Guests.dataSegment, engine)
        func cycle() throws {
            let guest = try Guest(linked)
            try guest.call("grow", Self.one, 4)
            for offset in 0..<6 { try guest.call("poke", FunctionType([.i32, .i32], []), Int64(offset * page), 1) }
        }
        for _ in 0..<200 { try cycle() }
        let before = try ProcessStatus.read()
        for _ in 0..<2000 { try cycle() }
        let after = try ProcessStatus.read()
        // Other tests of this process may have a few memories at the same time; 2,000 leaked ones would be 375 MiB and
        // 8 TiB.
        #expect(after.residentBytes - before.residentBytes < 64 << 20)
        #expect(after.virtualBytes - before.virtualBytes < 1 << 40)
    }
}
