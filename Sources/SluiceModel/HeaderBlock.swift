import Glibc

/// HTTP header fields as bytes, in order, in two flat buffers that keep their capacity when emptied:
/// filling and clearing one for each request allocates nothing once it has grown to its size.
///
/// Names are stored as given; the writers of this project store them in lower case, as HTTP/2 and Envoy do.
///
/// The buffers are plain memory instead of arrays, because a request fills, reads and clears several blocks: filling
/// and look-ups cost loads and stores only. What is inlinable is a few accessors that would otherwise copy the block
/// for each call.
///
/// `@unchecked`: a value writes to the buffers only while it is the only one that has them; otherwise it takes others.
@usableFromInline package struct HeaderBlock: @unchecked Sendable, Equatable {
    /// Where one field lies in the block's bytes; the value follows the name directly.
    @usableFromInline package struct Entry: Sendable, Equatable {
        @usableFromInline package var offset: Int
        @usableFromInline package var nameCount: Int
        @usableFromInline package var valueCount: Int
    }

    @usableFromInline var buffers: HeaderBuffers?
    /// Those of `buffers`, which lives at least as long as this value.
    @usableFromInline var bytes: UnsafeMutableRawPointer?
    @usableFromInline var entries: UnsafeMutablePointer<Entry>?
    /// Bytes in use, those of removed fields among them.
    @usableFromInline package internal(set) var storedByteCount = 0
    @usableFromInline package internal(set) var count = 0

    package init() {}

    @inlinable package var isEmpty: Bool { count == 0 }
    package var indices: Range<Int> { 0..<count }

    /// Names and values together, what Envoy calls the byte size of a header map.
    package var byteSize: Int { withFields { _, entries in entries.reduce(0) { $0 + $1.nameCount + $1.valueCount } } }

    /// Memory that the block keeps, used or not.
    package var byteCapacity: Int {
        buffers.map { $0.byteCapacity + $0.entryCapacity * MemoryLayout<Entry>.stride } ?? 0
    }

    /// The bytes that entries point into, and the entries; valid during the call only.
    @inlinable package func withFields<Result>(
        _ body: (_ bytes: UnsafeRawBufferPointer, _ entries: UnsafeBufferPointer<Entry>) -> Result
    ) -> Result {
        withExtendedLifetime(buffers) {
            body(
                UnsafeRawBufferPointer(start: bytes, count: storedByteCount),
                UnsafeBufferPointer(start: entries, count: count))
        }
    }

    @inlinable package subscript(index: Int) -> Entry {
        precondition(index >= 0 && index < count, "no field of this number")
        return entries.unsafelyUnwrapped[index]
    }

    // MARK: Adding and removing

    /// The buffers stay for the next fields.
    @inlinable package mutating func removeAll() {
        storedByteCount = 0
        count = 0
    }

    /// Neither may lie in this block, whose buffers can move.
    package mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let target = reserve(byteCount: name.count + value.count, entryCount: 1)
        if let source = name.baseAddress { memcpy(target, source, name.count) }
        if let source = value.baseAddress { memcpy(target + name.count, source, value.count) }
        finishField(nameCount: name.count, valueCount: value.count)
    }

    /// The same for a name that is known at compile time.
    package mutating func append(name: StaticString, value: UnsafeRawBufferPointer) {
        append(name: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), value: value)
    }

    /// For set-up, tests and rare paths; the hot path appends bytes.
    package mutating func append(name: String, value: String) {
        var name = name
        var value = value
        name.withUTF8 { name in
            value.withUTF8 { append(name: UnsafeRawBufferPointer(name), value: UnsafeRawBufferPointer($0)) }
        }
    }

    /// The fields that are given and everything after their bytes stay as they are.
    package mutating func append(contentsOf other: HeaderBlock) {
        other.withFields { append(bytes: $0, entries: $1) }
    }

    /// Fields in the form that `withFields` gives: two copies of memory into an empty block.
    package mutating func append(bytes source: UnsafeRawBufferPointer, entries fields: UnsafeBufferPointer<Entry>) {
        guard let first = fields.baseAddress else { return }
        let base = storedByteCount
        let target = reserve(byteCount: source.count, entryCount: fields.count)
        if let start = source.baseAddress { memcpy(target, start, source.count) }
        let added = entries.unsafelyUnwrapped + count
        added.update(from: first, count: fields.count)
        if base > 0 { for index in 0..<fields.count { added[index].offset += base } }
        storedByteCount += source.count
        count += fields.count
    }

    /// Like `append` to an emptied block: what filling it anew for each request costs.
    package mutating func replaceAll(
        bytes source: UnsafeRawBufferPointer, entries fields: UnsafeBufferPointer<Entry>
    ) {
        storedByteCount = 0
        count = 0
        guard let start = source.baseAddress, let first = fields.baseAddress else { return }
        memcpy(reserve(byteCount: source.count, entryCount: fields.count), start, source.count)
        memcpy(entries.unsafelyUnwrapped, first, fields.count &* MemoryLayout<Entry>.stride)
        storedByteCount = source.count
        count = fields.count
    }

    /// Moves the fields together, so that `storedByteCount` is `byteSize` again. Allocates.
    package mutating func dropRemovedBytes() {
        guard let old = buffers else { return }
        let fresh = HeaderBuffers(byteCount: 0, entryCount: 0, atLeast: old)
        var end = 0
        for index in 0..<count {
            let entry = old.entries[index]
            let size = entry.nameCount + entry.valueCount
            memcpy(fresh.bytes + end, old.bytes + entry.offset, size)
            (fresh.entries + index).initialize(
                to: Entry(offset: end, nameCount: entry.nameCount, valueCount: entry.valueCount))
            end += size
        }
        buffers = fresh
        bytes = fresh.bytes
        entries = fresh.entries
        storedByteCount = end
    }

    /// Takes a field away; those after it move up by one. Its bytes stay until `removeAll`.
    package mutating func remove(at index: Int) {
        precondition(index >= 0 && index < count, "no field of this number")
        _ = reserve(byteCount: 0, entryCount: 0)
        let place = entries.unsafelyUnwrapped + index
        place.update(from: place + 1, count: count - index - 1)
        count -= 1
    }

    /// Puts another value, which must not lie in this block, in the place of this field's; the name stays.
    package mutating func replaceValue(at index: Int, with value: UnsafeRawBufferPointer) {
        let old = self[index]
        let target = reserve(byteCount: old.nameCount + value.count, entryCount: 0)
        memcpy(target, bytes.unsafelyUnwrapped + old.offset, old.nameCount)
        if let source = value.baseAddress { memcpy(target + old.nameCount, source, value.count) }
        entries.unsafelyUnwrapped[index] = Entry(
            offset: storedByteCount, nameCount: old.nameCount, valueCount: value.count)
        storedByteCount += old.nameCount + value.count
    }

    /// A field whose bytes have just been written behind the others.
    private mutating func finishField(nameCount: Int, valueCount: Int) {
        (entries.unsafelyUnwrapped + count).initialize(
            to: Entry(offset: storedByteCount, nameCount: nameCount, valueCount: valueCount))
        storedByteCount += nameCount + valueCount
        count += 1
    }

    /// Makes the buffers this value's own, with room for so much more; returns where the next bytes go.
    @inline(__always)
    private mutating func reserve(byteCount: Int, entryCount: Int) -> UnsafeMutableRawPointer {
        if isKnownUniquelyReferenced(&buffers) {
            let own = buffers.unsafelyUnwrapped
            if storedByteCount + byteCount <= own.byteCapacity, count + entryCount <= own.entryCapacity {
                return bytes.unsafelyUnwrapped + storedByteCount
            }
        }
        return takeBuffers(byteCount: storedByteCount + byteCount, entryCount: count + entryCount)
    }

    @inline(never)
    private mutating func takeBuffers(byteCount: Int, entryCount: Int) -> UnsafeMutableRawPointer {
        let fresh = HeaderBuffers(byteCount: byteCount, entryCount: entryCount, atLeast: buffers)
        if let bytes, let entries {
            memcpy(fresh.bytes, bytes, storedByteCount)
            fresh.entries.update(from: entries, count: count)
        }
        buffers = fresh
        bytes = fresh.bytes
        entries = fresh.entries
        return fresh.bytes + storedByteCount
    }

    // MARK: Finding

    /// Index of the first field of this name (bytes compared as they are), or `nil`.
    package func firstIndex(ofName name: UnsafeRawBufferPointer) -> Int? {
        guard let wanted = name.baseAddress else { return nil }
        return withFields { bytes, entries in
            for index in 0..<entries.count where entries[index].nameCount == name.count {
                if memcmp(bytes.baseAddress.unsafelyUnwrapped + entries[index].offset, wanted, name.count) == 0 {
                    return index
                }
            }
            return nil
        }
    }

    /// The same for a name as text, compared by its UTF-8.
    package func firstIndex(ofName name: String) -> Int? {
        Array(name.utf8).withUnsafeBytes { firstIndex(ofName: $0) }
    }

    /// Calls with the name's and value's bytes, valid during the call only.
    @inlinable package func withField<Result>(
        at index: Int, _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let entry = self[index]
        return withFields { bytes, _ in
            let valueStart = entry.offset + entry.nameCount
            return body(
                UnsafeRawBufferPointer(rebasing: bytes[entry.offset..<valueStart]),
                UnsafeRawBufferPointer(rebasing: bytes[valueStart..<valueStart + entry.valueCount]))
        }
    }

    /// The first value of a name as text, for checks, reports and tests.
    package func value(ofName name: String) -> String? {
        firstIndex(ofName: name).map { index in withField(at: index) { String(decoding: $1, as: UTF8.self) } }
    }

    @usableFromInline package static func == (left: HeaderBlock, right: HeaderBlock) -> Bool {
        guard left.count == right.count else { return false }
        return left.indices.allSatisfy { index in
            left.withField(at: index) { leftName, leftValue in
                right.withField(at: index) { leftName.elementsEqual($0) && leftValue.elementsEqual($1) }
            }
        }
    }
}

extension UnsafeMutablePointer<HeaderBlock> {
    /// As `withFields` of the block itself, without a reference to its buffers: the block stays in its place, and
    /// `body` must not change it.
    @inlinable @inline(__always)
    package func withFields<Result>(
        _ body: (_ bytes: UnsafeRawBufferPointer, _ entries: UnsafeBufferPointer<HeaderBlock.Entry>) -> Result
    ) -> Result {
        body(
            UnsafeRawBufferPointer(start: pointee.bytes, count: pointee.storedByteCount),
            UnsafeBufferPointer(start: pointee.entries, count: pointee.count))
    }

    /// As `withField` of the block itself, under the same conditions.
    @inlinable @inline(__always)
    package func withField<Result>(
        at index: Int, _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Result
    ) -> Result {
        precondition(index >= 0 && index < pointee.count, "no field of this number")
        let entry = pointee.entries.unsafelyUnwrapped[index]
        let name = UnsafeRawPointer(pointee.bytes.unsafelyUnwrapped) + entry.offset
        return body(
            UnsafeRawBufferPointer(start: name, count: entry.nameCount),
            UnsafeRawBufferPointer(start: name + entry.nameCount, count: entry.valueCount))
    }
}

/// The memory of a header block, and of the copies of it that have not been changed.
@usableFromInline final class HeaderBuffers {
    let bytes: UnsafeMutableRawPointer
    let entries: UnsafeMutablePointer<HeaderBlock.Entry>
    let byteCapacity: Int
    let entryCapacity: Int

    /// Capacities are powers of two and not below those of `other`.
    init(byteCount: Int, entryCount: Int, atLeast other: HeaderBuffers?) {
        byteCapacity = max(Self.powerOfTwo(max(byteCount, 256)), other?.byteCapacity ?? 0)
        entryCapacity = max(Self.powerOfTwo(max(entryCount, 8)), other?.entryCapacity ?? 0)
        bytes = .allocate(byteCount: byteCapacity, alignment: 16)
        entries = .allocate(capacity: entryCapacity)
    }

    deinit {
        bytes.deallocate()
        entries.deallocate()
    }

    private static func powerOfTwo(_ count: Int) -> Int { 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount) }
}
