import Glibc
import SluiceAnalysis

/// Files that reports go to. Errors are the system's, with the path that they are about.
enum ReportFile {
    private struct Failure: Error {
        var path: String
        var code: Int32

        var text: String { "\(path): \(String(cString: strerror(code)))" }
    }

    /// Makes missing folders; replaces the file in one step, and behind a link the file that it leads to.
    static func write(_ text: String, to path: String) throws {
        do throws(Failure) {
            _ = try makeFolder(folder(of: path))
            let target = try target(of: path)
            // A device or a pipe is written to, not replaced.
            guard isPlain(target) else { return try put(text, into: target, flags: O_WRONLY | O_TRUNC) }
            let draft = "\(target).\(getpid()).new"
            do throws(Failure) {
                try put(text, into: draft, flags: O_WRONLY | O_CREAT | O_EXCL)
                guard rename(draft, target) == 0 else { throw Failure(path: path, code: errno) }
            } catch {
                unlink(draft)
                throw Failure(path: path, code: error.code)
            }
        } catch {
            throw CommandEnd(.internalError, "cannot write \(error.text)")
        }
    }

    /// Whether `write` could make a file of this name; leaves nothing behind.
    static func checkFile(_ path: String) throws {
        let target: String
        do throws(Failure) { target = try Self.target(of: path) } catch {
            throw CommandEnd(.usage, "cannot write \(path): the link leads nowhere (\(error.text))")
        }
        var status = stat()
        guard stat(target, &status) == 0 else { return try checkFolder(folder(of: target)) }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw CommandEnd(.usage, "cannot write \(path): it is a folder")
        }
        guard isPlain(target) else {
            guard access(target, W_OK) == 0 else {
                throw CommandEnd(.usage, "cannot write \(path): \(String(cString: strerror(errno)))")
            }
            return
        }
        try checkFolder(folder(of: target))
    }

    /// The path itself, or the file that a link there leads to in the end; throws when there is none.
    private static func target(of path: String) throws(Failure) -> String {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
        guard let real = realpath(path, nil) else { throw Failure(path: path, code: errno) }
        defer { free(real) }
        return String(cString: real)
    }

    /// Whether a folder is there or can be made, and takes files; leaves nothing behind.
    static func checkFolder(_ path: String) throws {
        do throws(Failure) {
            let made = try makeFolder(path)
            defer { for folder in made.reversed() { rmdir(folder) } }
            var template = Array("\(path)/.sluice-XXXXXX".utf8CString)
            let descriptor = mkstemp(&template)
            guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
            close(descriptor)
            unlink(template)
        } catch {
            throw CommandEnd(.usage, "cannot write reports to \(error.text)")
        }
    }

    private static func isPlain(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a folder and those above it; returns the ones that were missing, outermost first.
    private static func makeFolder(_ path: String) throws(Failure) -> [String] {
        var made: [String] = []
        var current = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            current += current.isEmpty || current.hasSuffix("/") ? part : "/\(part)"
            if mkdir(current, 0o777) == 0 {
                made.append(current)
            } else if errno != EEXIST || !isFolder(current) {
                let code = errno == EEXIST ? ENOTDIR : errno
                for folder in made.reversed() { rmdir(folder) }
                throw Failure(path: current, code: code)
            }
        }
        return made
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        let isFolder = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        errno = EEXIST
        return isFolder
    }

    private static func put(_ text: String, into path: String, flags: Int32) throws(Failure) {
        let descriptor = open(path, flags | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
        let code = Output.write(text, to: descriptor)
        guard close(descriptor) == 0 || code != 0 else { throw Failure(path: path, code: errno) }
        guard code == 0 else { throw Failure(path: path, code: code) }
    }
}
