/// Makes few data segments of many.
///
/// Without copy-on-write images the engine compiles code that copies every segment, and runs it in every instance. Go
/// leaves zeros out of its data and so has 24,000 segments, which cost more to compile than the program. A new memory
/// is zero, so that segments with a short gap between them are one segment with zeros in the gap.
enum DataSegmentMerging {
    /// Shorter than a page, so that no page is written that would not have been.
    private static let longestGap = 4095
    /// Of the data together with its gaps; an image of this size is made for a moment.
    private static let longestImageBytes = 256 << 20

    /// `module` itself where merging could change what it does: code refers to segments by number only if the module
    /// counts them in front of its code, and only segments at constant addresses within the memory's first size are
    /// known to be copied whole.
    static func merge(_ module: [UInt8], memory: DeclaredMemory?) throws(EngineError) -> [UInt8] {
        guard let memory else { return module }
        var reader = BinaryReader(module[...])
        _ = try reader.take(8)
        while !reader.isAtEnd {
            let start = reader.offset
            let (identifier, contents) = try reader.nextSection()
            if identifier == 12 { return module }
            guard identifier == 11, let image = try Image(contents, limitBytes: memory.minimumBytes) else { continue }
            let merged = image.contents
            return module[..<start] + [11] + BinaryReader.encoded(UInt32(merged.count)) + merged
                + module[reader.offset...]
        }
        return module
    }

    /// The memory as all segments leave it, and which parts of it they write.
    private struct Image {
        private var bytes: [UInt8] = []
        private var written: [Range<Int>] = []

        /// `nil` when a segment is not an active one of memory 0 whose address is one `i32.const`, or ends beyond the
        /// limit.
        init?(_ section: ArraySlice<UInt8>, limitBytes: Int) throws(EngineError) {
            var reader = BinaryReader(section, section: BinaryReader.sectionName(11))
            for _ in 0..<(try reader.unsigned32()) {
                guard try reader.unsigned32() == 0, try reader.byte() == 0x41 else { return nil }
                let start = Int(UInt32(bitPattern: try reader.signed32()))
                guard try reader.byte() == 0x0b else { return nil }
                let segment = try reader.take(try reader.unsigned32())
                let end = start + segment.count
                guard end <= min(limitBytes, DataSegmentMerging.longestImageBytes) else { return nil }
                if end > bytes.count { bytes.append(contentsOf: repeatElement(0, count: end - bytes.count)) }
                bytes.replaceSubrange(start..<end, with: segment)
                written.append(start..<end)
            }
            guard reader.isAtEnd else { return nil }
            written.sort { $0.lowerBound < $1.lowerBound }
        }

        /// Of a data section with as few segments as the longest gap allows.
        var contents: [UInt8] {
            var merged: [Range<Int>] = []
            for range in written where !range.isEmpty {
                if let last = merged.last, range.lowerBound - last.upperBound <= DataSegmentMerging.longestGap {
                    merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
                } else {
                    merged.append(range)
                }
            }
            var result = BinaryReader.encoded(UInt32(merged.count))
            for range in merged {
                result.append(contentsOf: [0, 0x41])
                result.append(contentsOf: BinaryReader.encoded(signed: Int32(truncatingIfNeeded: range.lowerBound)))
                result.append(0x0b)
                result.append(contentsOf: BinaryReader.encoded(UInt32(range.count)))
                result.append(contentsOf: bytes[range])
            }
            return result
        }
    }
}
