import CWasmtime
import SluiceEngine
import SluiceModel
import Testing

@Suite struct ModuleTests {
    private static let magic: [UInt8] = [0x00, 0x61, 0x73, 0x6d]

    private func reason(_ bytes: [UInt8], _ engine: EngineName = .cranelift) throws -> String {
        let error = #expect(throws: EngineError.self) { try Engines.make(engine, settings: settings()).compile(bytes) }
        return String(describing: try #require(error))
    }

    @Test(arguments: Engines.all.map(\.name))
    func `what is not a core module is refused with a reason`(engine: EngineName) throws {
        #expect(try reason([], engine).contains("the file is empty"))
        #expect(try reason(Array("#!/bin/sh".utf8), engine).contains("begins neither with"))
        #expect(
            try reason(Self.magic, engine).hasSuffix(
                "truncated: it ends at byte 4, but the version of the format goes from byte 4 to byte 8"))
        #expect(try reason(Self.magic + [0x0d, 0, 1, 0], engine).contains("it is a component"))
        #expect(try reason(Self.magic + [2, 0, 0, 0], engine).contains("unknown version"))
        #expect(try reason(Array("(module (func $a (call $b)))".utf8), engine).contains("unknown func"))
    }

    @Test(arguments: Engines.all.map(\.name))
    func `a module that was cut off says where, and what is missing`(engine: EngineName) throws {
        // A type section of 4 bytes at 10, a custom section of 100 bytes at 16.
        let whole: [UInt8] = Self.magic + [1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 0, 100] + Array(repeating: 0, count: 100)
        let ends = [
            (9, "it ends at byte 9, where another byte is expected"),
            (12, "it ends at byte 12, but its type section goes from byte 10 to byte 14"),
            (50, "it ends at byte 50, but its custom section goes from byte 16 to byte 116"),
        ]
        for (count, words) in ends {
            let reason = try reason(Array(whole[..<count]), engine)
            #expect(reason == "not a valid Wasm module: the module is truncated: \(words)")
        }
        // The section is whole, and what is in it goes beyond.
        let short = Self.magic + [1, 0, 0, 0, 1, 3, 1, 0x60, 4]
        #expect(
            try reason(short, engine).hasSuffix(
                "the type section ends at byte 13 in the middle of an entry, where another byte is expected"))
        let long = Self.magic + [1, 0, 0, 0, 1, 5, 1, 0x60, 0, 0, 0]
        #expect(try reason(long, engine).hasSuffix("the type section goes on after its last entry, at byte 14"))
        let unknown = Self.magic + [1, 0, 0, 0, 1, 2, 1, 0x11]
        #expect(try reason(unknown, engine).hasSuffix("there is an unknown kind of type before byte 12"))
    }

    /// An imported table becomes one of the module's own, one more than a number has room for.
    @Test(arguments: executing)
    func `a number of tables that cannot be counted is refused`(engine: EngineName) throws {
        let module: [UInt8] =
            Self.magic + [1, 0, 0, 0] + [2, 9, 1, 1, 0x65, 1, 0x74, 1, 0x70, 0, 1]
            + [4, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]
        #expect(try reason(module, engine).contains("the number of tables is too large"))
    }

    @Test(arguments: executing)
    func `an error in a text module names the module's file`(engine: EngineName) throws {
        let made = try Engines.make(engine, settings: settings())
        let error = #expect(throws: EngineError.self) {
            try made.compile(Array("(module\n  (func (foo))".utf8), name: "plugins/broken.wat")
        }
        #expect(error?.description.contains("--> plugins/broken.wat:2:10") == true, "\(String(describing: error))")
    }

    @Test(arguments: Engines.all.map(\.name))
    func `no truncation of a module compiles or crashes`(engine: EngineName) throws {
        let made = try Engines.make(engine, settings: settings())
        let whole = try made.binary(of: Array(Guests.importedMemory.utf8))
        var accepted = 0
        for count in 0..<whole.count where (try? made.compile(Array(whole[..<count]))) != nil { accepted += 1 }
        // A module may end between two sections; what is left is a module again if its functions have bodies.
        #expect(accepted <= 10)
    }

    @Test(arguments: executing)
    func `damaged modules are refused, never fatal`(engine: EngineName) throws {
        let made = try Engines.make(engine, settings: settings())
        let whole = try made.binary(of: Array(Guests.importedMemory.utf8))
        for index in whole.indices {
            for value in [UInt8(0), 0x7f, 0x80, 0xff] {
                var damaged = whole
                damaged[index] = value
                _ = try? made.compile(damaged)
            }
        }
    }

    @Test(arguments: executing)
    func `a module that does not validate is refused`(engine: EngineName) throws {
        let body = Array("(module (func (result i32) i64.const 1))".utf8)
        #expect(try reason(body, engine).contains("not a valid Wasm module"))
    }

    @Test func `pairs that do not work are refused before anything is made`() throws {
        for description in Engines.all where !description.capabilities.garbageCollection {
            #expect(throws: EngineError.self) { try link(Guests.garbageCollected, description.name) }
            let reason = try reason(Array(Guests.garbageCollected.utf8), description.name)
            #expect(reason.contains("Wasm GC"))
        }
        #expect(Engines.all.contains { !$0.capabilities.garbageCollection }, "winch is one of them")
        // Types that appear in code only are found by the engine's own validation.
        let hidden = "(module (func (drop (ref.i31 (i32.const 1)))))"
        #expect(try reason(Array(hidden.utf8), .winch).contains("not a valid Wasm module"))
    }

    @Test(arguments: executing)
    func `unusual memories are refused with a reason`(engine: EngineName) throws {
        #expect(try reason(Array("(module (memory i64 1))".utf8), engine).contains("64-bit memory"))
        #expect(try reason(Array("(module (memory 1 2 shared))".utf8), engine).contains("shared memory"))
        #expect(try reason(Array("(module (memory 1) (memory 1))".utf8), engine).contains("2 memories"))
        let backwards: [UInt8] = Self.magic + [1, 0, 0, 0, 5, 4, 1, 1, 3, 2]
        #expect(try reason(backwards, engine).contains("below its minimum"))
    }

    @Test(arguments: Engines.all.map(\.name))
    func `imports and exports are listed with their types`(engine: EngineName) throws {
        let module = try Engines.make(engine, settings: settings()).compile(Array(Guests.importedMemory.utf8))
        let add = FunctionType([.i32, .i32], [.i32])
        #expect(
            module.imports == [
                ModuleImport(module: "env", name: "memory", type: .memory(Limits(minimum: 2, maximum: 4))),
                ModuleImport(module: "env", name: "table", type: .table),
                ModuleImport(module: "env", name: "add", type: .function(add)),
            ])
        #expect(module.exports.map(\.name) == ["byte", "indirect", "add", "grow"])
        #expect(module.exports[2].type == .function(add))
        #expect(add.description == "(i32, i32) -> i32")
    }

    @Test(arguments: Engines.all.map(\.name))
    func `imports that the host cannot satisfy are named`(engine: EngineName) throws {
        func failure(_ text: String) throws -> EngineError {
            try #require(#expect(throws: EngineError.self) { try link(text, engine) })
        }
        let unknown = "(module (import \"env\" \"nothing\" (func)))"
        #expect(try failure(unknown) == .missingImport(module: "env", name: "nothing"))
        let global = "(module (import \"env\" \"g\" (global i32)))"
        #expect(try failure(global) == .missingImport(module: "env", name: "g"))
        let other = "(module (import \"env\" \"add\" (func (param i64))))"
        #expect(
            try failure(other)
                == .importTypeMismatch(
                    module: "env", name: "add", expected: "function (i64) -> ()",
                    found: "function (i32, i32) -> i32"))
        let memory = "(module (import \"env\" \"add\" (memory 1)))"
        guard case .importTypeMismatch = try failure(memory) else {
            Issue.record("a memory is no function")
            return
        }
    }

    @Test(arguments: executing)
    func `a module that was serialised works like the one that was compiled`(engine: EngineName) throws {
        let first = try Engines.make(engine, settings: settings())
        let bytes = try first.compile(Array(Guests.importedMemory.utf8)).serialise()
        let second = try Engines.make(engine, settings: settings(memoryCapBytes: 3 * page))
        #expect(first.artifactKey == second.artifactKey)
        let module = try second.load(artifact: bytes)
        #expect(module.imports.count == 3)
        let guest = try Guest(module.link(HostFunctions.all))
        #expect(try guest.call("add", FunctionType([.i32, .i32], [.i32]), 1, 2).i32 == 3)
        #expect(try guest.call("grow", FunctionType([.i32], [.i32]), 2).i32 == -1)
        let traps = try first.load(artifact: first.compile(Array(Guests.limitedMemory.utf8)).serialise())
        let direct = try Guest(first.compile(Array(Guests.limitedMemory.utf8)).link([])).trap("fail")
        #expect(try Guest(traps.link([])).trap("fail") == direct)
    }

    @Test func `an artefact of another engine or a damaged one is refused`() throws {
        let cranelift = try Engines.make(.cranelift, settings: settings())
        let bytes = try cranelift.compile(Array(Guests.dataSegment.utf8)).serialise()
        for engine in [EngineName.winch, .pulley, .null] {
            let other = try Engines.make(engine, settings: settings())
            #expect(other.artifactKey != cranelift.artifactKey)
            #expect(throws: EngineError.self) { try other.load(artifact: bytes) }
        }
        for count in [0, 10, 20, 60, 200, 400] {
            #expect(throws: EngineError.self) { try cranelift.load(artifact: Array(bytes[..<count])) }
        }
    }

    @Test func `the engines are those that a workload can name`() {
        #expect(Set(Engines.all.map(\.name)) == Set(EngineName.allCases))
        #expect(Engines.all.count == EngineName.allCases.count)
    }
}
