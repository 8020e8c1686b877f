import Synchronization

/// Whole messages over a pipe: four bytes of length, little-endian, then the message.
package enum FrameLimit {
    /// Also the limit of a message between an agent and its coordinator.
    package static let bytes = 16 * 1024 * 1024
}

/// The reading end; for one thread at a time.
package struct FrameReader: Sendable {
    private let descriptor: Descriptor

    package init(_ descriptor: Descriptor) { self.descriptor = descriptor }

    /// Waits for the next message; `nil` when the other end has closed.
    package func next() throws(ProcessError) -> [UInt8]? {
        let header = try exactly(4)
        if header.isEmpty { return nil }
        guard header.count == 4 else { throw .frameCut }
        let count = header.reversed().reduce(0) { $0 << 8 | Int($1) }
        guard count <= FrameLimit.bytes else { throw .frameTooLarge(bytes: count, limitBytes: FrameLimit.bytes) }
        let body = try exactly(count)
        guard body.count == count else { throw .frameCut }
        return body
    }

    private func exactly(_ count: Int) throws(ProcessError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try descriptor.read(maximum: count - bytes.count)
            if more.isEmpty { break }
            if bytes.isEmpty { bytes = more } else { bytes.append(contentsOf: more) }
        }
        return bytes
    }
}

/// The writing end; threads may share it, and their messages do not mix.
package final class FrameWriter: Sendable {
    private let descriptor: Mutex<Descriptor>

    package init(_ descriptor: Descriptor) { self.descriptor = Mutex(descriptor) }

    /// Waits while the pipe is full.
    package func write(_ message: [UInt8]) throws {
        guard message.count <= FrameLimit.bytes else {
            throw ProcessError.frameTooLarge(bytes: message.count, limitBytes: FrameLimit.bytes)
        }
        var frame: [UInt8] = (0..<4).map { UInt8(truncatingIfNeeded: message.count >> ($0 * 8)) }
        frame.append(contentsOf: message)
        try descriptor.withLock { try $0.write(frame) }
    }
}
