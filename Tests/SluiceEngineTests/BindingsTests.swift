import Glibc
import Testing

/// Our declarations of libwasmtime against the machine-readable ones that come with the library.
@Suite struct BindingsTests {
    private let bindings: String
    private let header: String

    init() throws {
        let root = String(#filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" })
        let path = getenv("SLUICE_WASMTIME_BINDINGS").map { String(cString: $0) } ?? "\(root)/.wasmtime/_bindings.py"
        let text = try? ProcessStatus.text(of: path)
        bindings = try #require(
            text, "there is no file \(path): run scripts/bootstrap, or set SLUICE_WASMTIME_BINDINGS")
        header = try ["wasmtime_types.h", "wasmtime_functions.h"]
            .map { try ProcessStatus.text(of: "\(root)/Sources/CWasmtime/\($0)") }.joined()
    }

    @Test func `every declaration is the library's`() {
        let ours = HeaderDeclarations(header)
        #expect(ours.functions.count == header.split(separator: "\n").count { $0.hasPrefix("    X(") })
        #expect(ours.functions.count > 45)
        #expect(ours.layouts.count > 15)
        #expect(ours.enumerations.count == 3)
        #expect(ours.aliases.count > 15)
        #expect(ours.differences(from: PythonDeclarations(bindings)) == [])
    }

    @Test(arguments: [
        Change(
            "_wasmtime_func_call_unchecked.argtypes = [", "_wasmtime_func_call_unchecked.argtypes = [ctypes.c_bool, "),
        Change("_wasm_frame_func_index.restype = ctypes.c_uint32", "_wasm_frame_func_index.restype = ctypes.c_uint64"),
        Change("_wasmtime_store_delete.restype", "_wasmtime_store_destroy.restype"),
        Change("(\"env\", ctypes.c_void_p),\n        (\"get_memory\"", "(\"get_memory\""),
        Change("(\"kind\", wasmtime_extern_kind_t),", "(\"kind\", ctypes.c_uint32),"),
        Change("wasmtime_trap_code_t = ctypes.c_uint8", "wasmtime_trap_code_t = ctypes.c_uint32"),
        Change("WASMTIME_TRAP_CODE_INTERRUPT = 10", "WASMTIME_TRAP_CODE_INTERRUPT = 11"),
        Change("    WASMTIME_STRATEGY_AUTO = auto()\n", ""),
        Change(
            "wasmtime_memory_grow_callback_t = ctypes.CFUNCTYPE(ctypes.c_size_t, ctypes.c_void_p, ctypes.c_size_t)",
            "wasmtime_memory_grow_callback_t = ctypes.CFUNCTYPE(ctypes.c_size_t, ctypes.c_void_p, ctypes.c_uint32)"),
        Change("wasmtime_v128 = ctypes.c_uint8 * 16", "wasmtime_v128 = ctypes.c_uint8 * 32"),
    ])
    func `a change of the library's is found`(change: Change) throws {
        let parts = bindings.split(separator: change.from, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count == 2, "the text to change is there")
        let changed = "\(parts[0])\(change.to)\(parts[1])"
        #expect(HeaderDeclarations(header).differences(from: PythonDeclarations(changed)) != [])
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let from: String
        let to: String
        init(_ from: String, _ to: String) {
            self.from = from
            self.to = to
        }
        var testDescription: String { from.filter { $0 != "\n" } }
    }
}
