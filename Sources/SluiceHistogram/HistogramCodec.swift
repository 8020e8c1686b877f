extension LatencyHistogram {
    /// The HdrHistogram V2 compressed encoding, without base64. No samples: no bytes at all.
    ///
    ///     cookie 0x1c849314 · byte count of the rest · zlib( cookie 0x1c849313 · byte count of the counts ·
    ///     normalising offset · digits · lowest · highest · scale · counts )
    ///
    /// Numbers are big-endian; the counts run from slot 0 to the highest one that is not 0 as ZigZag LEB128, a run of
    /// several empty slots as its length, negated. See `org.HdrHistogram.AbstractHistogram.encodeIntoByteBuffer`.
    package func encoded() -> [UInt8] {
        guard !isEmpty else { return [] }
        var counts: [UInt8] = []
        var nextIndex = 0
        forEachSlot { index, count in
            let emptySlots = index - nextIndex
            if emptySlots > 0 { counts.appendZigZag(emptySlots == 1 ? 0 : Int64(-emptySlots)) }
            counts.appendZigZag(Int64(count))
            nextIndex = index + 1
            return true
        }
        var payload: [UInt8] = []
        payload.reserveCapacity(V2Encoding.payloadHeaderBytes + counts.count)
        payload.appendBigEndian(V2Encoding.payloadCookie)
        payload.appendBigEndian(UInt32(counts.count))
        payload.appendBigEndian(UInt32(0))
        payload.appendBigEndian(HistogramLayout.significantDigits)
        payload.appendBigEndian(HistogramLayout.lowestDiscernibleNanoseconds)
        payload.appendBigEndian(HistogramLayout.highestTrackableNanoseconds)
        payload.appendBigEndian(V2Encoding.scale.bitPattern)
        payload.append(contentsOf: counts)

        let compressed = Compression.compress(payload)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(V2Encoding.envelopeBytes + compressed.count)
        bytes.appendBigEndian(V2Encoding.compressedCookie)
        bytes.appendBigEndian(UInt32(compressed.count))
        bytes.append(contentsOf: compressed)
        return bytes
    }

    /// Reads one histogram, see `HistogramDecoder`, which reads many of them faster.
    package init(encoded bytes: [UInt8]) throws(HistogramError) {
        self.init()
        add(try HistogramDecoder().decode(bytes))
    }
}

/// The encoding's constants, and what a reader checks.
enum V2Encoding {
    /// The low byte's upper half is the word size of older encodings; V2 always writes 1 there.
    static let compressedCookie: UInt32 = 0x1c84_9314
    static let payloadCookie: UInt32 = 0x1c84_9313
    static let envelopeBytes = 8
    static let payloadHeaderBytes = 40
    /// The ratio between stored and real values, which no implementation uses any more.
    static let scale = 1.0
    static let largestNumberBytes = 9
    static let largestPayloadBytes = payloadHeaderBytes + HistogramLayout.slotCount * largestNumberBytes
    /// Samples in one histogram, nine years of a million a second: tens of thousands of them can be added up without
    /// overflow, whatever they hold.
    static let largestCount = 1 << 48

    static func checkEnvelope(of bytes: [UInt8]) throws(HistogramError) {
        try require(envelopeBytes, of: bytes.count)
        let (cookie, count): (UInt32, UInt32) = bytes.withUnsafeBytes { ($0.bigEndian(at: 0), $0.bigEndian(at: 4)) }
        try requireCookie(compressedCookie, found: cookie)
        try require(envelopeBytes + Int(count), of: bytes.count)
        let trailingCount = bytes.count - envelopeBytes - Int(count)
        guard trailingCount == 0 else { throw .trailingBytes(count: trailingCount) }
    }

    /// The occupied slots of a payload whose header has been checked.
    static func counts(of payload: UnsafeRawBufferPointer) throws(HistogramError) -> SparseHistogram {
        // Each number takes a byte at least. Whoever calls keeps the slots only until they are added up.
        let most = min(payload.count - payloadHeaderBytes, HistogramLayout.slotCount)
        var sum = 0
        var problem: HistogramError?
        let slots = [SparseHistogram.Slot](unsafeUninitializedCapacity: most) { buffer, used in
            do throws(HistogramError) { used = try fill(buffer, from: payload, &sum) } catch { problem = error }
        }
        if let problem { throw problem }
        return SparseHistogram(slots: slots, count: sum)
    }

    /// - Returns: the number of slots.
    private static func fill(
        _ slots: UnsafeMutableBufferPointer<SparseHistogram.Slot>, from payload: UnsafeRawBufferPointer,
        _ sum: inout Int
    ) throws(HistogramError) -> Int {
        var (used, count, index, offset) = (0, 0, 0, payloadHeaderBytes)
        while offset < payload.count {
            let start = offset
            guard let number = payload.zigZag(at: &offset) else { throw .malformedCount(atByte: start) }
            guard number > 0 else {
                let emptySlots = number == 0 ? 1 : number.magnitude
                guard emptySlots <= UInt64(HistogramLayout.slotCount &- index) else {
                    throw .beyondLastSlot(index: index)
                }
                index &+= Int(truncatingIfNeeded: emptySlots)
                continue
            }
            guard index < HistogramLayout.slotCount else { throw .beyondLastSlot(index: index) }
            guard number <= largestCount &- count else { throw .malformedCount(atByte: start) }
            // A count takes a byte, and no two of them are of one slot: there is room.
            slots.initializeElement(at: used, to: SparseHistogram.Slot(index: index, count: Int(number)))
            used &+= 1
            count &+= Int(number)
            index &+= 1
        }
        sum = count
        return used
    }

    static func require(_ neededBytes: Int, of foundBytes: Int) throws(HistogramError) {
        guard foundBytes >= neededBytes else {
            throw .truncated(neededBytes: neededBytes, foundBytes: foundBytes)
        }
    }

    static func requireCookie(_ expected: UInt32, found: UInt32) throws(HistogramError) {
        guard found == expected else { throw .wrongCookie(found: found, expected: expected) }
    }

    static func checkHeader(of payload: UnsafeRawBufferPointer) throws(HistogramError) {
        try require(payloadHeaderBytes, of: payload.count)
        try requireCookie(payloadCookie, found: payload.bigEndian(at: 0))
        let countsBytes = Int(payload.bigEndian(at: 4) as UInt32)
        try require(payloadHeaderBytes + countsBytes, of: payload.count)
        let trailingCount = payload.count - payloadHeaderBytes - countsBytes
        guard trailingCount == 0 else { throw .trailingBytes(count: trailingCount) }

        let offset: UInt32 = payload.bigEndian(at: 8)
        guard offset == 0 else { throw .otherSettings("normalising offset \(offset)") }
        let digits: UInt32 = payload.bigEndian(at: 12)
        guard digits == HistogramLayout.significantDigits else { throw .otherSettings("\(digits) digits") }
        let lowest: UInt64 = payload.bigEndian(at: 16)
        guard lowest == HistogramLayout.lowestDiscernibleNanoseconds else {
            throw .otherSettings("lowest value \(lowest)")
        }
        let highest: UInt64 = payload.bigEndian(at: 24)
        guard highest == HistogramLayout.highestTrackableNanoseconds else {
            throw .otherSettings("highest value \(highest)")
        }
        let scale: UInt64 = payload.bigEndian(at: 32)
        guard scale == V2Encoding.scale.bitPattern else {
            throw .otherSettings("scale \(Double(bitPattern: scale))")
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// Seven bits a byte, lowest first; the ninth byte, if it comes to that, holds eight.
    fileprivate mutating func appendZigZag(_ number: Int64) {
        var rest = UInt64(bitPattern: number << 1 ^ number >> 63)
        for _ in 1..<V2Encoding.largestNumberBytes {
            guard rest > 0x7f else { break }
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}

extension UnsafeRawBufferPointer {
    /// The caller has checked that the bytes are there.
    fileprivate func bigEndian<Value: FixedWidthInteger>(at offset: Int) -> Value {
        Value(bigEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// `nil` when the bytes end in the middle of the number.
    fileprivate func zigZag(at offset: inout Int) -> Int64? {
        // Most numbers are counts and distances of one byte.
        if offset < count, self[offset] < 0x80 {
            let bits = Int64(self[offset])
            offset &+= 1
            return bits >> 1 ^ -(bits & 1)
        }
        return longZigZag(at: &offset)
    }

    private func longZigZag(at offset: inout Int) -> Int64? {
        var bits: UInt64 = 0
        for position in 0..<V2Encoding.largestNumberBytes {
            guard offset < count else { return nil }
            let byte = self[offset]
            offset += 1
            let isLastPossible = position == V2Encoding.largestNumberBytes - 1
            bits |= UInt64(isLastPossible ? byte : byte & 0x7f) << UInt64(7 * position)
            if byte & 0x80 == 0 { break }
        }
        return Int64(bitPattern: bits >> 1) ^ -Int64(bits & 1)
    }
}
