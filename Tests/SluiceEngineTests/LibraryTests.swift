import Glibc
import SluiceEngine
import SluiceModel
import Testing

@Suite struct LibraryTests {
    @Test func `a missing library names where it was sought and what to do`() throws {
        let error = #expect(throws: EngineError.libraryMissing(searched: ["/nowhere/libwasmtime.so"])) {
            try Engines.make(.cranelift, settings: settings(), libraryPath: "/nowhere/libwasmtime.so")
        }
        let text = String(describing: try #require(error))
        #expect(text.contains("/nowhere/libwasmtime.so"))
        #expect(text.contains("run scripts/bootstrap"))
    }

    @Test func `another library is refused with its first missing function`() throws {
        let candidates: [String] = ["/usr/lib/x86_64-linux-gnu/libz.so.1", "/usr/lib/aarch64-linux-gnu/libz.so.1"]
        let path = try #require(candidates.first { access($0, F_OK) == 0 })
        let error = #expect(throws: EngineError.self) {
            try Engines.make(.cranelift, settings: settings(), libraryPath: path)
        }
        #expect(String(describing: try #require(error)).contains("wasm_byte_vec_delete"))
    }

    @Test func `a file that is no library is refused`() throws {
        let error = #expect(throws: EngineError.self) {
            try Engines.make(.winch, settings: settings(), libraryPath: "/etc/passwd")
        }
        #expect(String(describing: try #require(error)).contains("/etc/passwd"))
    }

    @Test func `the null engine needs no library`() throws {
        let engine = try Engines.make(.null, settings: settings(), libraryPath: "/nowhere/libwasmtime.so")
        _ = try engine.compile([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
        #expect(engine.identity == EngineIdentity(name: .null, version: "none"))
    }

    @Test(arguments: executing)
    func `the version of the library is known`(engine: EngineName) throws {
        let made = try Engines.make(engine, settings: settings())
        #expect(made.identity == EngineIdentity(name: engine, version: "50"))
        #expect(made.artifactKey.hasPrefix("\(engine.rawValue);wasmtime-50;"))
        #expect(!made.artifactKey.contains("unknown"))
    }

    @Test func `a library named in the environment is the only candidate`() async {
        await #expect(processExitsWith: .success) {
            setenv("SLUICE_WASMTIME_LIB", "/nowhere/named.so", 1)
            let error = #expect(throws: EngineError.self) { try Engines.make(.cranelift, settings: settings()) }
            #expect(error == .libraryMissing(searched: ["/nowhere/named.so"]))
        }
    }

    @Test func `a fault outside of guest code still ends the process by its signal`() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            signal(SIGSEGV, SIG_DFL)
            let guest = try Guest(link(Guests.traps, .cranelift))
            let trap = try guest.trap("outOfBounds")
            guard trap.code == .memoryOutOfBounds else { exit(EXIT_FAILURE) }
            UnsafeMutablePointer<Int>(bitPattern: 8)!.pointee = 1
        }
    }
}
