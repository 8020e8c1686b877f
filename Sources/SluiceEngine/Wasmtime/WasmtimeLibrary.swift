import CWasmtime
import Glibc
import Synchronization

/// libwasmtime, opened and checked. Stays open until the process ends.
///
/// `@unchecked`: the table is written once, before the object is shared, and never again.
final class WasmtimeLibrary: @unchecked Sendable {
    let functions: UnsafePointer<sluice_wasmtime_t>
    let path: String
    /// The major version, which is what the library's own compatibility rests on.
    let version: String
    /// Hexadecimal, of exactly this build of the library; `unknown` if it carries none.
    let buildIdentifier: String

    /// The release whose declarations `CWasmtime` has.
    static let requiredVersion = "50"

    private static let opened = Mutex<[String: WasmtimeLibrary]>([:])

    /// `path` replaces the search.
    static func find(path: String?) throws(EngineError) -> WasmtimeLibrary {
        let candidates = path.map { [$0] } ?? LibrarySearch.candidates()
        guard let found = candidates.first(where: { path != nil ? access($0, F_OK) == 0 : LibrarySearch.isTrusted($0) })
        else {
            throw .libraryMissing(searched: candidates)
        }
        let result: Result<WasmtimeLibrary, EngineError> = opened.withLock { libraries in
            if let library = libraries[found] { return .success(library) }
            do throws(EngineError) {
                let library = try WasmtimeLibrary(path: found)
                libraries[found] = library
                return .success(library)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init(path: String) throws(EngineError) {
        func unusable(_ reason: String) -> EngineError { .libraryUnusable(path: path, reason: reason) }
        guard let library = sluice_wasmtime_open(path) else {
            throw unusable(dlerror().map { String(cString: $0) } ?? "dlopen failed")
        }
        let table = UnsafeMutablePointer<sluice_wasmtime_t>.allocate(capacity: 1)
        table.initialize(to: sluice_wasmtime_t())
        if let missing = sluice_wasmtime_fill(table, library) {
            table.deallocate()
            throw unusable("it has no function \(String(cString: missing)); version \(Self.requiredVersion) is needed")
        }
        guard let version = Self.probeVersion(table.pointee) else {
            throw unusable("its version could not be read; version \(Self.requiredVersion) is needed")
        }
        guard version == Self.requiredVersion else {
            throw unusable("it is version \(version); version \(Self.requiredVersion) is needed")
        }
        self.path = path
        self.version = version
        functions = UnsafePointer(table)
        buildIdentifier = Self.readBuildIdentifier(path: path)
    }

    /// The library has no function that tells its version, but writes it into every module that it serialises: behind
    /// the 64 bytes of an ELF header a zero byte, the length of the version, and the version.
    private static func probeVersion(_ functions: sluice_wasmtime_t) -> String? {
        guard let engine = functions.wasm_engine_new_with_config(functions.wasm_config_new()) else { return nil }
        defer { functions.wasm_engine_delete(engine) }
        let empty: [UInt8] = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
        var module: OpaquePointer?
        guard functions.wasmtime_module_new(engine, empty, empty.count, &module) == nil else { return nil }
        defer { functions.wasmtime_module_delete(module) }
        var bytes = wasm_byte_vec_t()
        guard functions.wasmtime_module_serialize(module, &bytes) == nil else { return nil }
        defer { functions.wasm_byte_vec_delete(&bytes) }
        let contents = UnsafeBufferPointer(start: bytes.data, count: bytes.size)
        guard contents.count > 66, contents[64] == 0, contents.count > 66 + Int(contents[65]) else { return nil }
        let version = contents[66..<(66 + Int(contents[65]))]
        let isVersion = version.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: ".") }
        return isVersion && !version.isEmpty ? String(decoding: version, as: UTF8.self) : nil
    }

    /// The linker writes a note with the identifier close to the beginning of the file: the lengths of its name and of
    /// the identifier, its kind (3), the name `GNU`, and the identifier.
    private static func readBuildIdentifier(path: String) -> String {
        guard let file = fopen(path, "re") else { return "unknown" }
        defer { fclose(file) }
        var head = [UInt8](repeating: 0, count: 65536)
        let count = fread(&head, 1, head.count, file)
        let pattern: [UInt8] = [4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4e, 0x55, 0]
        for start in stride(from: 0, through: count - pattern.count - 20, by: 4)
        where head[start] == pattern[0] && head[start..<(start + pattern.count)].elementsEqual(pattern) {
            let identifier = head[(start + pattern.count)..<(start + pattern.count + 20)]
            return identifier.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        return "unknown"
    }
}

extension WasmtimeLibrary {
    /// The message of an error, which is deleted.
    func consume(_ error: OpaquePointer) -> String {
        var message = wasm_name_t()
        functions.pointee.wasmtime_error_message(error, &message)
        functions.pointee.wasmtime_error_delete(error)
        return consume(&message)
    }

    /// The text of a vector, which is deleted; without the zero byte that some end with.
    func consume(_ vector: inout wasm_byte_vec_t) -> String {
        defer { functions.pointee.wasm_byte_vec_delete(&vector) }
        let bytes = UnsafeBufferPointer(start: vector.data, count: vector.size)
        return String(decoding: bytes.last == 0 ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }
}
