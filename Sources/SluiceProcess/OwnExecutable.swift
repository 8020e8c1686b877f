import Glibc

/// The program that is running.
package enum OwnExecutable {
    /// Its path, so that its children carry its name; the kernel's own link to it when it was moved or replaced.
    package static let path: String = {
        let link = "/proc/self/exe"
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &buffer, buffer.count)
        guard count > 0, count < buffer.count else { return link }
        let path = String(decoding: buffer.prefix(count), as: UTF8.self)
        return access(path, X_OK) == 0 ? path : link
    }()
}
