import FoundationEssentials
import Glibc

/// Directories that belong to this user alone.
package enum PrivateDirectory {
    /// Makes the directory and the missing ones above it with mode 0700, or checks the one that is there.
    ///
    /// Refuses a symbolic link, another owner, and any access of a group or of others.
    package static func open(_ path: String) throws(ProcessError) {
        var missing: [String] = []
        var current = path
        while !current.isEmpty, access(current, F_OK) != 0 {
            missing.append(current)
            current = parent(of: current)
        }
        for directory in missing.reversed() {
            guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw .last("create \(directory)") }
        }
        try check(path)
    }

    /// A new directory with mode 0700, `prefix` and six more characters in its name.
    package static func makeTemporary(in base: String, prefix: String) throws(ProcessError) -> String {
        var template = Array("\(base)/\(prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .last("create a directory in \(base)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes a directory and all it holds; links are removed, not followed. What is missing is no error.
    package static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    /// Names in a directory, sorted; empty when it cannot be read.
    package static func names(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    private static func check(_ path: String) throws(ProcessError) {
        var information = stat()
        guard lstat(path, &information) == 0 else { throw .last("look at \(path)") }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            throw .notPrivate(path: path, reason: "it is something else")
        }
        guard information.st_uid == geteuid() else {
            throw .notPrivate(path: path, reason: "user \(information.st_uid) owns it")
        }
        guard information.st_mode & 0o077 == 0 else {
            let mode = String(information.st_mode & 0o7777, radix: 8)
            throw .notPrivate(path: path, reason: "its mode is \(mode), not 700")
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[..<slash])
    }
}
