import Glibc

/// What /proc says of this process.
struct ProcessStatus {
    var residentBytes: Int
    var virtualBytes: Int

    struct Unreadable: Error {}

    static func read() throws -> ProcessStatus {
        let pages = try text(of: "/proc/self/statm").split(separator: " ").compactMap { Int($0) }
        guard pages.count > 1 else { throw Unreadable() }
        return ProcessStatus(residentBytes: pages[1] * 4096, virtualBytes: pages[0] * 4096)
    }

    static func text(of path: String) throws -> String {
        guard let file = fopen(path, "re") else { throw Unreadable() }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes.append(contentsOf: buffer[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
