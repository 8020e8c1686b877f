import SluiceModel

/// Look-up and change of header maps by the bytes of a name, in any case of its letters.
enum HeaderFields {
    /// Index of the first field of this name, or `nil`. The map's own names are in lower case.
    static func firstIndex(
        of name: UnsafeRawBufferPointer, in headers: UnsafeMutablePointer<HeaderBlock>
    ) -> Int? {
        guard let wanted = name.baseAddress else { return nil }
        let count = name.count
        return headers.pointee.bytes.withUnsafeBytes { bytes in
            headers.pointee.entries.withUnsafeBufferPointer { entries in
                for index in 0..<entries.count where entries[index].nameCount == count {
                    if equals(wanted, bytes.baseAddress! + entries[index].offset, count) { return index }
                }
                return nil
            }
        }
    }

    /// `wanted` in any case against `stored` in lower case. No call of the C library: without one the compiler needs no
    /// references to the arrays.
    @inline(__always)
    private static func equals(_ wanted: UnsafeRawPointer, _ stored: UnsafeRawPointer, _ count: Int) -> Bool {
        var start = 0
        while start + 8 <= count,
            wanted.loadUnaligned(fromByteOffset: start, as: UInt64.self)
                == stored.loadUnaligned(fromByteOffset: start, as: UInt64.self)
        { start += 8 }
        for offset in start..<count {
            let byte = wanted.load(fromByteOffset: offset, as: UInt8.self)
            guard lowercased(byte) == stored.load(fromByteOffset: offset, as: UInt8.self) else { return false }
        }
        return true
    }

    /// Whether the value of a field begins with these bytes, letter for letter.
    static func value(
        at index: Int, of headers: UnsafeMutablePointer<HeaderBlock>, beginsWith prefix: UnsafeRawBufferPointer
    ) -> Bool {
        let entry = headers.pointee.entries[index]
        guard entry.valueCount >= prefix.count else { return false }
        let start = entry.offset + entry.nameCount
        for offset in 0..<prefix.count where headers.pointee.bytes[start + offset] != prefix[offset] { return false }
        return true
    }

    @inline(__always) static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// Appends a field, with its name in lower case; `false` when the map is full.
    static func add(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, to headers: UnsafeMutablePointer<HeaderBlock>,
        scratch: inout [UInt8]
    ) -> Bool {
        guard reserve(name.count + value.count, in: headers), headers.pointee.count < HostLimits.headerMapEntries
        else { return false }
        if name.contains(where: { $0 != lowercased($0) }) {
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
            let entry = headers.pointee.entries[index]
            guard entry.nameCount == name.count else { continue }
            let isMatch = headers.pointee.bytes.withUnsafeBytes {
                equals(wanted, $0.baseAddress! + entry.offset, entry.nameCount)
            }
            if isMatch { headers.pointee.remove(at: index) }
        }
    }

    /// Makes room by dropping the bytes of removed fields once they take up most of the map.
    static func reserve(_ byteCount: Int, in headers: UnsafeMutablePointer<HeaderBlock>) -> Bool {
        let present = headers.pointee.bytes.count
        guard present + byteCount > HostLimits.headerMapBytes / 4 else { return true }
        let live = headers.pointee.byteSize
        guard live + byteCount <= HostLimits.headerMapBytes else { return false }
        if present > 2 * live || present + byteCount > HostLimits.headerMapBytes {
            var compact = HeaderBlock()
            compact.append(contentsOf: headers.pointee)
            headers.pointee = compact
        }
        return true
    }
}
