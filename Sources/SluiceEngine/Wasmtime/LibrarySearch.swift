import Glibc

/// Where libwasmtime is looked for.
enum LibrarySearch {
    /// The file that an environment variable names, which is then the only candidate; otherwise beside the executable,
    /// then in the `.wasmtime` folder of the executable's folder or of any folder above it.
    ///
    /// The current folder is not asked, and `isTrusted` is: code from a folder that somebody else can write to would
    /// run with our rights.
    static func candidates() -> [String] {
        if let named = getenv("SLUICE_WASMTIME_LIB") { return [String(cString: named)] }
        guard let folder = executableFolder() else { return [] }
        return ["\(parent(of: folder))/lib/sluice/libwasmtime.so"]
            + sequence(first: folder, next: { $0.isEmpty ? nil : parent(of: $0) }).map {
                "\($0)/.wasmtime/lib/libwasmtime.so"
            }
    }

    /// Whether a file is there, and belongs to this user or to root; what the environment names is trusted.
    static func isTrusted(_ path: String) -> Bool {
        guard getenv("SLUICE_WASMTIME_LIB") == nil else { return access(path, F_OK) == 0 }
        var information = stat()
        guard stat(path, &information) == 0 else { return false }
        return information.st_uid == 0 || information.st_uid == geteuid()
    }

    private static func executableFolder() -> String? {
        guard let resolved = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(resolved) }
        return parent(of: String(cString: resolved))
    }

    /// The folder that an absolute path is in; empty for the root.
    private static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(path[..<slash])
    }
}
