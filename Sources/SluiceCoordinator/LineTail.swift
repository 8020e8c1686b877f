import SluiceProcess
import Synchronization

/// Reads what a process writes, line by line, and keeps the end of it.
final class LineTail: Sendable {
    private static let keptLines = 20
    private static let longestLineBytes = 4096

    private struct State {
        var lines: [String] = []
        var hasEnded = false
    }
    private let state = Mutex(State())

    /// The last lines, oldest first.
    var lastLines: [String] { state.withLock { $0.lines } }

    /// All writers have closed, and every line has been seen.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// Reads to the end; for a thread of its own. Longer lines are cut into pieces.
    func follow(_ descriptor: Descriptor, _ onLine: (String) -> Void) {
        var rest: [UInt8] = []
        func emit(_ bytes: ArraySlice<UInt8>) {
            let line = String(decoding: bytes, as: UTF8.self)
            state.withLock {
                $0.lines.append(line)
                if $0.lines.count > Self.keptLines { $0.lines.removeFirst() }
            }
            onLine(line)
        }
        while let bytes = try? descriptor.read(maximum: 4096), !bytes.isEmpty {
            rest.append(contentsOf: bytes)
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                emit(rest[..<end])
                rest.removeSubrange(...end)
            }
            if rest.count >= Self.longestLineBytes {
                emit(rest[...])
                rest.removeAll()
            }
        }
        if !rest.isEmpty { emit(rest[...]) }
        state.withLock { $0.hasEnded = true }
    }
}
