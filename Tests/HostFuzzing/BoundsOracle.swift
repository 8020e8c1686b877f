import Glibc
import SluiceEngine

/// What the host may do to a guest's memory: a sanitiser sees nothing of what happens inside of it, so that this keeps
/// a copy for the time of each host call and compares. Behind the memory there are pages that nobody may touch, which
/// is the engine's doing.
struct BoundsOracle {
    private struct Frame {
        var before: [UInt8]
        var writable: [Range<Int>]
    }

    /// Host calls that are running, the outermost first: an allocator can call the host as well.
    private var frames: [Frame] = []
    private var spare: [[UInt8]] = []

    /// A host call begins that may write to these places.
    mutating func begin(_ memory: GuestMemory, writable: [Range<Int>]) {
        var before = spare.popLast() ?? []
        before.removeAll(keepingCapacity: true)
        before.append(contentsOf: Self.all(of: memory))
        frames.append(Frame(before: before, writable: writable))
    }

    /// Something that the host did not do, or that it may do since the call has begun.
    mutating func allow(_ range: Range<Int>) {
        for index in frames.indices { frames[index].writable.append(range) }
    }

    /// The host call that began last is over.
    ///
    /// - Returns: the address of a byte that it has changed and must not have.
    mutating func end(_ memory: GuestMemory) -> Int? {
        guard var frame = frames.popLast() else { return nil }
        let now = Self.all(of: memory)
        // What has been added is zero, unless somebody writes there.
        if now.count > frame.before.count {
            frame.before.append(contentsOf: repeatElement(0, count: now.count - frame.before.count))
        }
        for range in frame.writable {
            let range = range.clamped(to: 0..<now.count)
            if !range.isEmpty {
                frame.before.replaceSubrange(range, with: UnsafeRawBufferPointer(rebasing: now[range]))
            }
        }
        let isSame = frame.before.withUnsafeBytes { before in
            before.count == now.count && memcmp(before.baseAddress!, now.baseAddress!, now.count) == 0
        }
        let changed = isSame ? nil : frame.before.indices.first { frame.before[$0] != now[$0] }
        // Writes of a nested call are the outer one's as well: it has been told of them.
        spare.append(frame.before)
        return changed
    }

    private static func all(of memory: GuestMemory) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(memory.bytes(at: 0, count: UInt32(memory.byteCount))!)
    }
}
