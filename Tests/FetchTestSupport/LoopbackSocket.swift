import Glibc
package import SluiceProcess

/// TCP on this machine, without any library that is under test.
package enum LoopbackSocket {
    package struct Failure: Error {
        package var attempt: String
        package var code: Int32
    }

    /// Listens on a port that is free.
    package static func listen() throws -> (socket: Descriptor, port: Int) {
        let socket = try open()
        var address = loopback(port: 0)
        try check("bind", withSocketAddress(&address) { bind(socket.number, $0, $1) })
        try check("listen", Glibc.listen(socket.number, 64))
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try check(
            "getsockname",
            withSocketAddress(&address) { pointer, _ in
                getsockname(socket.number, UnsafeMutablePointer(mutating: pointer), &length)
            })
        return (socket, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// A port on which nobody listens, and that the kernel does not hand out soon again.
    package static func freePort() throws -> Int { try listen().port }

    package static func connect(port: Int) throws -> Descriptor {
        let socket = try open()
        var address = loopback(port: port)
        try check("connect", withSocketAddress(&address) { Glibc.connect(socket.number, $0, $1) })
        return socket
    }

    private static func open() throws -> Descriptor {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try check("socket", number)
        return Descriptor(owning: number)
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private static func withSocketAddress(
        _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func check(_ attempt: String, _ result: Int32) throws {
        if result < 0 { throw Failure(attempt: attempt, code: errno) }
    }
}
