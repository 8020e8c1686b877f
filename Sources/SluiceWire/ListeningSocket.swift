import Glibc

/// A Unix socket that is listened on; made here because gRPC would take over a socket that somebody else listens on.
enum ListeningSocket {
    /// Connections that may wait to be accepted.
    private static let backlog: Int32 = 128

    /// Gives a descriptor that its taker closes.
    static func open(_ path: String) throws(WireError) -> Int {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else {
            throw .cannotListen(path: path, reason: "the path has over \(capacity - 1) bytes")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw failed(path) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) }
        }
        guard code == 0, listen(socket, backlog) == 0 else {
            let error = failed(path)
            close(socket)
            throw error
        }
        return Int(socket)
    }

    private static func failed(_ path: String) -> WireError {
        .cannotListen(path: path, reason: String(cString: strerror(errno)))
    }
}
