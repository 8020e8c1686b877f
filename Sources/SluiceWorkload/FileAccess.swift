import Glibc

/// Reading files with a limit, and finding them relative to a workload.
enum FileAccess {
    struct Problem: Error {
        var reason: String
    }

    static func resolve(_ path: String, in directory: String) -> String {
        let joined = path.hasPrefix("/") ? path : directory + "/" + path
        guard let real = realpath(joined, nil) else { return joined }
        defer { free(real) }
        return String(cString: real)
    }

    /// The absolute directory of a file, also of one that does not exist.
    static func directory(of path: String) -> String {
        let parent = path.lastIndex(of: "/").map { path[...$0] } ?? "./"
        return resolve(String(parent), in: currentDirectory)
    }

    private static var currentDirectory: String {
        guard let directory = getcwd(nil, 0) else { return "/" }
        defer { free(directory) }
        return String(cString: directory)
    }

    static func read(_ path: String, limitBytes: Int) -> Result<[UInt8], Problem> {
        let descriptor: Int32
        switch open(path) {
        case .success(let opened): descriptor = opened.descriptor
        case .failure(let problem): return .failure(problem)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(Problem(reason: String(cString: strerror(errno)))) }
            guard count > 0 else { return .success(bytes) }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limitBytes else {
                return .failure(Problem(reason: "it is larger than \(limitBytes) bytes"))
            }
        }
    }

    /// Whether a file is there, can be read and is not empty; `nil` when it is so.
    static func problem(with path: String) -> Problem? {
        switch open(path) {
        case .success(let opened):
            close(opened.descriptor)
            return opened.sizeBytes == 0 ? Problem(reason: "it is empty") : nil
        case .failure(let problem): return problem
        }
    }

    /// A regular file; a pipe would block.
    private static func open(_ path: String) -> Result<(descriptor: Int32, sizeBytes: Int), Problem> {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            return .failure(
                Problem(reason: errno == ENOENT ? "there is no such file" : String(cString: strerror(errno))))
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            return .failure(Problem(reason: isFolder ? "it is a folder" : "it is no regular file"))
        }
        return .success((descriptor, Int(status.st_size)))
    }
}
