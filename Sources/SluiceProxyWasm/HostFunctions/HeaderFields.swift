import SluiceModel

/// Look-up and change of header maps by the bytes of a name, in any case of its letters.
enum HeaderFields {
    /// Index of the first field of this name, or `nil`. The map's own names are in lower case.
    static func firstIndex(
        of name: UnsafeRawBufferPointer, in headers: UnsafeMutablePointer<HeaderBlock>
    ) -> Int? {
        guard let wanted = name.baseAddress else { return nil }
        let count = name.count
        return headers.withFields { bytes, entries in
            for index in 0..<entries.count where entries[index].nameCount == count {
                if equals(wanted, bytes.baseAddress.unsafelyUnwrapped + entries[index].offset, count) { return index }
            }
            return nil
        }
    }

    /// Whether the first field has this name, which is in lower case.
    @inline(__always)
    static func isFirst(_ name: StaticString, in headers: UnsafeMutablePointer<HeaderBlock>) -> Bool {
        let count = name.utf8CodeUnitCount
        guard headers.pointee.count > 0, headers.pointee[0].nameCount == count else { return false }
        return headers.withField(at: 0) { stored, _ in
            isSame(name.utf8Start, stored.baseAddress.unsafelyUnwrapped, count)
        }
    }

    /// `wanted` in any case against `stored` in lower case.
    @inline(__always)
    private static func equals(_ wanted: UnsafeRawPointer, _ stored: UnsafeRawPointer, _ count: Int) -> Bool {
        if isSame(wanted, stored, count) { return true }
        for offset in 0..<count {
            let byte = wanted.load(fromByteOffset: offset, as: UInt8.self)
            guard lowercased(byte) == stored.load(fromByteOffset: offset, as: UInt8.self) else { return false }
        }
        return true
    }

    /// Byte for byte, in words; the last one overlaps the one before it. `false` for names below 4 bytes, which are
    /// compared letter by letter. Most names are too short for a call of `memcmp` to pay.
    @inline(__always)
    static func isSame(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
        func isSame<Word: FixedWidthInteger & BitwiseCopyable>(_ type: Word.Type, at offset: Int) -> Bool {
            left.loadUnaligned(fromByteOffset: offset, as: type)
                == right.loadUnaligned(fromByteOffset: offset, as: type)
        }
        guard count >= 8 else {
            return count >= 4 && isSame(UInt32.self, at: 0) && isSame(UInt32.self, at: count - 4)
        }
        var offset = 0
        while offset < count - 8 {
            guard isSame(UInt64.self, at: offset) else { return false }
            offset += 8
        }
        return isSame(UInt64.self, at: count - 8)
    }

    @inline(__always) static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// Whether any byte is a capital letter: eight at a time, the last ones together with some before them.
    @inline(__always)
    private static func hasCapitals(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let start = text.baseAddress else { return false }
        guard text.count >= 8 else { return text.contains { $0 != lowercased($0) } }
        var offset = 0
        var found = capitals(in: start + (text.count &- 8))
        while offset < text.count &- 8 {
            found |= capitals(in: start + offset)
            offset &+= 8
        }
        return found != 0
    }

    /// The highest bit of each of eight bytes that is a capital letter.
    @inline(__always)
    private static func capitals(in bytes: UnsafeRawPointer) -> UInt64 {
        let word = bytes.loadUnaligned(as: UInt64.self)
        // Of a number below 0x80, adding 0x80 - 'A' or 0x80 - 'Z' - 1 sets the highest bit from there on.
        let low = word & 0x7f7f_7f7f_7f7f_7f7f
        return (low &+ 0x3f3f_3f3f_3f3f_3f3f) & ~(low &+ 0x2525_2525_2525_2525) & ~word & 0x8080_8080_8080_8080
    }

    /// Appends a field, with its name in lower case; `false` when the map is full.
    static func add(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, to headers: UnsafeMutablePointer<HeaderBlock>,
        scratch: inout [UInt8]
    ) -> Bool {
        guard reserve(name.count + value.count, in: headers), headers.pointee.count < HostLimits.headerMapEntries
        else { return false }
        if hasCapitals(name) {
            scratch.append(contentsOf: name)
            for index in scratch.indices { scratch[index] = lowercased(scratch[index]) }
            scratch.withUnsafeBytes { headers.pointee.append(name: $0, value: value) }
            scratch.removeAll(keepingCapacity: true)
        } else {
            headers.pointee.append(name: name, value: value)
        }
        return true
    }

    /// Leaves exactly one field of this name; `false` when the map is full.
    static func replace(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, in headers: UnsafeMutablePointer<HeaderBlock>,
        scratch: inout [UInt8]
    ) -> Bool {
        guard let first = firstIndex(of: name, in: headers) else {
            return add(name, value, to: headers, scratch: &scratch)
        }
        guard reserve(name.count + value.count, in: headers) else { return false }
        removeAll(name, from: headers, after: first)
        headers.pointee.replaceValue(at: first, with: value)
        return true
    }

    static func removeAll(
        _ name: UnsafeRawBufferPointer, from headers: UnsafeMutablePointer<HeaderBlock>, after first: Int = -1
    ) {
        guard let wanted = name.baseAddress else { return }
        for index in stride(from: headers.pointee.count - 1, to: first, by: -1) {
            let entry = headers.pointee[index]
            guard entry.nameCount == name.count else { continue }
            let isMatch = headers.withFields { bytes, _ in
                equals(wanted, bytes.baseAddress.unsafelyUnwrapped + entry.offset, entry.nameCount)
            }
            if isMatch { headers.pointee.remove(at: index) }
        }
    }

    /// Makes room by dropping the bytes of removed fields once they take up most of the map.
    static func reserve(_ byteCount: Int, in headers: UnsafeMutablePointer<HeaderBlock>) -> Bool {
        let present = headers.pointee.storedByteCount
        guard present + byteCount > HostLimits.headerMapBytes / 4 else { return true }
        let live = headers.pointee.byteSize
        guard live + byteCount <= HostLimits.headerMapBytes else { return false }
        if present > 2 * live || present + byteCount > HostLimits.headerMapBytes {
            headers.pointee.dropRemovedBytes()
        }
        return true
    }
}
