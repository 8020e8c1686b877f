import SluiceModel

/// Attributes with values of the workload, encoded as the ABI wants them: a value for each path, and for the maps and
/// lists on the way to it.
final class PropertyStore {
    /// Paths as names, with zero bytes between their segments.
    private let values: UnsafeMutablePointer<HeaderBlock>

    init(_ properties: [Property]) {
        values = .allocate(capacity: 1)
        values.initialize(to: HeaderBlock())
        for property in properties { add(property.path, property.value) }
    }

    deinit {
        values.deinitialize(count: 1)
        values.deallocate()
    }

    private func add(_ path: [String], _ value: PropertyValue) {
        path.joined(separator: "\0").utf8.withContiguousBytes { path in
            Self.encode(value).withUnsafeBytes { values.pointee.append(name: path, value: $0) }
        }
        switch value {
        case .map(let entries): for entry in entries { add(path + [entry.key], entry.value) }
        case .list(let elements):
            for (position, element) in elements.enumerated() { add(path + [String(position)], element) }
        default: break
        }
    }

    /// Numbers are eight bytes, little-endian; a list is a map of its elements to nothing.
    private static func encode(_ value: PropertyValue) -> [UInt8] {
        switch value {
        case .text(let text): return Array(text.utf8)
        case .integer(let number): return withUnsafeBytes(of: number.littleEndian, Array.init)
        case .number(let number): return withUnsafeBytes(of: number.bitPattern.littleEndian, Array.init)
        case .boolean(let truth): return [truth ? 1 : 0]
        case .map(let entries): return encode(entries.map { (Array($0.key.utf8), encode($0.value)) })
        case .list(let elements): return encode(elements.map { (encode($0), []) })
        }
    }

    private static func encode(_ pairs: [([UInt8], [UInt8])]) -> [UInt8] {
        var block = HeaderBlock()
        for (key, value) in pairs {
            key.withUnsafeBytes { key in value.withUnsafeBytes { block.append(name: key, value: $0) } }
        }
        var bytes = [UInt8](repeating: 0, count: PairsCodec.encodedSize(of: block))
        if !bytes.isEmpty { bytes.withUnsafeMutableBytes { PairsCodec.encode(block, into: $0) } }
        return bytes
    }

    /// Calls with the value of a path.
    func withValue<Result>(of path: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        for index in 0..<values.pointee.count {
            guard values.pointee[index].nameCount == path.count else { continue }
            let found = values.withField(at: index) { name, value in
                name.elementsEqual(path) ? body(value) : nil
            }
            if let found { return found }
        }
        return nil
    }
}

extension String.UTF8View {
    fileprivate func withContiguousBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        Array(self).withUnsafeBytes(body)
    }
}
