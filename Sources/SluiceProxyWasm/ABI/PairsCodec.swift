import SluiceModel

/// The serialised form of header maps: a count, the lengths of every name and value, then each of them followed by a
/// zero byte; all numbers are little-endian 32-bit words.
enum PairsCodec {
    /// Larger input is taken for an empty map.
    static let maximumBytes = 1 << 20
    /// More pairs are taken for an empty map.
    static let maximumPairs = 1024

    /// Bytes that `encode` writes; 0 for an empty map, which has no serialised form.
    static func encodedSize(of headers: borrowing HeaderBlock) -> Int {
        guard !headers.isEmpty else { return 0 }
        return 4 + 10 * headers.count + headers.byteSize
    }

    /// `target` has `encodedSize(of:)` bytes.
    static func encode(_ headers: borrowing HeaderBlock, into target: UnsafeMutableRawBufferPointer) {
        target.storeBytes(of: UInt32(truncatingIfNeeded: headers.count).littleEndian, as: UInt32.self)
        var lengths = 4
        var content = 4 + 8 * headers.count
        headers.withFields { source, entries in
            for entry in entries {
                store(entry.nameCount, in: target, at: lengths)
                store(entry.valueCount, in: target, at: lengths + 4)
                lengths += 8
                content = copy(source, entry.offset, entry.nameCount, to: target, at: content)
                content = copy(source, entry.offset + entry.nameCount, entry.valueCount, to: target, at: content)
            }
        }
    }

    /// Calls for each pair. Malformed input has no pairs, as in the C++ host.
    static func forEachPair(
        in bytes: UnsafeRawBufferPointer,
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
    ) {
        guard bytes.count >= 4, bytes.count <= maximumBytes else { return }
        let count = load(bytes, at: 0)
        guard count <= maximumPairs, bytes.count >= 4 + 8 * count, isConsistent(bytes, count: count) else { return }
        var content = 4 + 8 * count
        for pair in 0..<count {
            let nameCount = load(bytes, at: 4 + 8 * pair)
            let valueCount = load(bytes, at: 8 + 8 * pair)
            let valueStart = content + nameCount + 1
            body(
                UnsafeRawBufferPointer(rebasing: bytes[content..<content + nameCount]),
                UnsafeRawBufferPointer(rebasing: bytes[valueStart..<valueStart + valueCount]))
            content = valueStart + valueCount + 1
        }
    }

    /// Lengths add up to exactly the bytes there are, and every string has its zero byte.
    private static func isConsistent(_ bytes: UnsafeRawBufferPointer, count: Int) -> Bool {
        var content = 4 + 8 * count
        for string in 0..<2 * count {
            content += load(bytes, at: 4 + 4 * string)
            guard content < bytes.count, bytes[content] == 0 else { return false }
            content += 1
        }
        return content == bytes.count
    }

    private static func load(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
        Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }

    private static func store(_ value: Int, in target: UnsafeMutableRawBufferPointer, at offset: Int) {
        target.storeBytes(of: UInt32(truncatingIfNeeded: value).littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// Copies and terminates; returns where the next string goes.
    private static func copy(
        _ source: UnsafeRawBufferPointer, _ start: Int, _ count: Int, to target: UnsafeMutableRawBufferPointer,
        at offset: Int
    ) -> Int {
        if count > 0 {
            (target.baseAddress! + offset).copyMemory(from: source.baseAddress! + start, byteCount: count)
        }
        target[offset + count] = 0
        return offset + count + 1
    }
}
