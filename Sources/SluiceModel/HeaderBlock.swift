/// HTTP header fields as bytes, in order, in two flat arrays that keep their capacity when emptied:
/// filling and clearing one for each request allocates nothing once it has grown to its size.
///
/// Names are stored as given; the writers of this project store them in lower case, as HTTP/2 and Envoy do.
package struct HeaderBlock: Sendable, Equatable {
    /// Where one field lies in `bytes`; the value follows the name directly.
    package struct Entry: Sendable, Equatable {
        package var offset: Int
        package var nameCount: Int
        package var valueCount: Int
    }

    /// May hold bytes of removed fields as well: read it through `entries` only.
    package private(set) var bytes: [UInt8] = []
    package private(set) var entries: [Entry] = []

    package init() {}

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }

    /// Names and values together, what Envoy calls the byte size of a header map.
    package var byteSize: Int { entries.reduce(0) { $0 + $1.nameCount + $1.valueCount } }

    /// Empties the block; the arrays keep their capacity.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }

    /// Adds a field at the end; the bytes are copied.
    package mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let offset = bytes.count
        bytes.append(contentsOf: name)
        bytes.append(contentsOf: value)
        entries.append(Entry(offset: offset, nameCount: name.count, valueCount: value.count))
    }

    /// The same for a name that is known at compile time.
    package mutating func append(name: StaticString, value: UnsafeRawBufferPointer) {
        append(name: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), value: value)
    }

    /// For set-up, tests and rare paths; the hot path appends bytes.
    package mutating func append(name: String, value: String) {
        let offset = bytes.count
        bytes.append(contentsOf: name.utf8)
        let nameCount = bytes.count - offset
        bytes.append(contentsOf: value.utf8)
        entries.append(Entry(offset: offset, nameCount: nameCount, valueCount: bytes.count - offset - nameCount))
    }

    /// The fields that are given and everything after their bytes stay as they are.
    package mutating func append(contentsOf other: HeaderBlock) {
        other.bytes.withUnsafeBytes { bytes in
            other.entries.withUnsafeBufferPointer { append(bytes: bytes, entries: $0) }
        }
    }

    /// Fields in the form of another block's `bytes` and `entries`: two copies of memory into an empty block.
    package mutating func append(bytes source: UnsafeRawBufferPointer, entries fields: UnsafeBufferPointer<Entry>) {
        let base = bytes.count
        bytes.append(contentsOf: source)
        let first = entries.count
        entries.append(contentsOf: fields)
        guard base > 0 else { return }
        for index in first..<entries.count { entries[index].offset += base }
    }

    /// Index of the first field of this name (bytes compared as they are), or `nil`.
    package func firstIndex(ofName name: UnsafeRawBufferPointer) -> Int? {
        bytes.withUnsafeBytes { source in
            for index in entries.indices {
                let entry = entries[index]
                guard entry.nameCount == name.count else { continue }
                let candidate = UnsafeRawBufferPointer(
                    rebasing: source[entry.offset..<entry.offset + entry.nameCount])
                if candidate.elementsEqual(name) { return index }
            }
            return nil
        }
    }

    /// The same for a name as text, compared by its UTF-8.
    package func firstIndex(ofName name: String) -> Int? {
        Array(name.utf8).withUnsafeBytes { firstIndex(ofName: $0) }
    }

    /// Calls with the name's and value's bytes, valid during the call only.
    package func withField<Result>(
        at index: Int, _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let entry = entries[index]
        return bytes.withUnsafeBytes { source in
            let valueStart = entry.offset + entry.nameCount
            return body(
                UnsafeRawBufferPointer(rebasing: source[entry.offset..<valueStart]),
                UnsafeRawBufferPointer(rebasing: source[valueStart..<valueStart + entry.valueCount]))
        }
    }

    /// The first value of a name as text, for checks, reports and tests.
    package func value(ofName name: String) -> String? {
        firstIndex(ofName: name).map { index in withField(at: index) { String(decoding: $1, as: UTF8.self) } }
    }

    /// Takes a field away; those after it move up by one. Its bytes stay until `removeAll`.
    package mutating func remove(at index: Int) { entries.remove(at: index) }

    /// Puts another value in the place of this field's; the name stays.
    package mutating func replaceValue(at index: Int, with value: UnsafeRawBufferPointer) {
        let old = entries[index]
        let offset = bytes.count
        bytes.append(contentsOf: bytes[old.offset..<old.offset + old.nameCount])
        bytes.append(contentsOf: value)
        entries[index] = Entry(offset: offset, nameCount: old.nameCount, valueCount: value.count)
    }

    package static func == (left: HeaderBlock, right: HeaderBlock) -> Bool {
        guard left.count == right.count else { return false }
        return left.entries.indices.allSatisfy { index in
            left.withField(at: index) { leftName, leftValue in
                right.withField(at: index) { leftName.elementsEqual($0) && leftValue.elementsEqual($1) }
            }
        }
    }
}
