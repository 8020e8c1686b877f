import CZlib
import SluiceHistogram
import Testing

@Suite struct HistogramCodecTests {
    @Test("Decoding gives back what was encoded", arguments: 0..<30 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let original = histogram(
            of: randomSamples(seed: seed, count: Int.random(in: 0...2_000, using: &generator)))
        let decoded = try LatencyHistogram(encoded: original.encoded())
        #expect(decoded == original, "seed \(seed)")
        #expect(decoded.maximumNanoseconds == original.maximumNanoseconds)
        #expect(decoded.encoded() == original.encoded())
    }

    @Test("No samples are no bytes, and also a V2 encoding without counts")
    func empty() throws {
        #expect(LatencyHistogram().encoded() == [])
        #expect(try LatencyHistogram(encoded: []).isEmpty)
        #expect(try LatencyHistogram(encoded: envelope(payload(counts: []))).isEmpty)
    }

    @Test("Numbers of one to nine bytes and runs of zeros are read as other implementations write them")
    func numbers() throws {
        // Three empty slots, 1 sample of 3 ns, one empty slot, 300 samples of 5 ns, two empty slots.
        let decoded = try LatencyHistogram(
            encoded: envelope(payload(counts: [0x05, 0x02, 0x00, 0xd8, 0x04, 0x03])))
        #expect(decoded == histogram(of: [3] + [Int64](repeating: 5, count: 300)))
    }

    @Test("What is not a histogram of ours is an error that says why", arguments: MalformedEncoding.table)
    func malformed(_ encoding: MalformedEncoding) {
        #expect(throws: encoding.error) { try LatencyHistogram(encoded: encoding.bytes) }
    }

    @Test("Cut off anywhere, it is an error")
    func everyPrefix() {
        let bytes = histogram(of: randomSamples(seed: 1, count: 200)).encoded()
        for count in 1..<bytes.count {
            #expect(throws: HistogramError.self) { try LatencyHistogram(encoded: Array(bytes.prefix(count))) }
        }
    }

    @Test("A few kilobytes that decompress to a gigabyte are refused with bounded memory")
    func compressionBomb() {
        let bomb = envelope(payload(counts: [UInt8](repeating: 0, count: 50_000_000)))
        #expect(bomb.count < 100_000)
        #expect(throws: HistogramError.tooLarge(limitBytes: largestPayloadBytes)) {
            try LatencyHistogram(encoded: bomb)
        }
    }

    @Test("Ten thousand mutations of valid encodings give a histogram or an error, never a crash")
    func mutations() {
        var generator = SeededGenerator(seed: 0x5eed)
        let plain = (0..<20).map { histogram(of: randomSamples(seed: $0, count: 300)).encoded() }
        var errors = 0
        for round in 0..<10_000 {
            // Half of them below the compression, where zlib's checksum would otherwise catch almost all.
            let original = plain[round % plain.count]
            var bytes = round.isMultiple(of: 2) ? original : decompressed(original)
            for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&bytes, using: &generator) }
            if !round.isMultiple(of: 2) { bytes = envelope(bytes) }
            do {
                let decoded = try LatencyHistogram(encoded: bytes)
                let again = try? LatencyHistogram(encoded: decoded.encoded())
                #expect(again == decoded)
            } catch {
                errors += 1
            }
        }
        // Otherwise the mutations would not reach what they are for.
        #expect(errors > 5_000 && errors < 10_000)
    }

    private func mutate(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: bytes.indices, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: bytes.removeSubrange(index...)
        default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
        }
    }
}

/// Bytes that must not be read as a histogram, and the error that says so.
struct MalformedEncoding: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var error: HistogramError

    init(_ name: String, _ bytes: [UInt8], _ error: HistogramError) {
        testDescription = name
        self.bytes = bytes
        self.error = error
    }

    static let table = [
        MalformedEncoding("shorter than the envelope", [0x1c, 0x84], .truncated(neededBytes: 8, foundBytes: 2)),
        MalformedEncoding(
            "text", Array("not a histogram".utf8), .wrongCookie(found: 0x6e6f_7420, expected: 0x1c84_9314)),
        MalformedEncoding(
            "the encoding before this one", [0x1c, 0x84, 0x93, 0x02, 0, 0, 0, 0],
            .wrongCookie(found: 0x1c84_9302, expected: 0x1c84_9314)),
        MalformedEncoding(
            "an announced byte is missing", [0x1c, 0x84, 0x93, 0x14, 0, 0, 0, 1],
            .truncated(neededBytes: 9, foundBytes: 8)),
        MalformedEncoding(
            "a byte after the end", envelope(payload(counts: [2])) + [0], .trailingBytes(count: 1)),
        MalformedEncoding(
            "a byte between zlib's end and ours", envelope(payload(counts: [2]), trailing: [0]),
            .trailingBytes(count: 1)),
        MalformedEncoding(
            "not zlib", [0x1c, 0x84, 0x93, 0x14, 0, 0, 0, 3, 1, 2, 3],
            .damagedCompression(reason: "damaged or cut off")),
        MalformedEncoding("no header", envelope([]), .truncated(neededBytes: 40, foundBytes: 0)),
        MalformedEncoding(
            "another payload", envelope(payload(cookie: 0x1c84_9301, counts: [2])),
            .wrongCookie(found: 0x1c84_9301, expected: 0x1c84_9313)),
        MalformedEncoding(
            "fewer counts than announced", envelope(payload(counts: [2], announced: 2)),
            .truncated(neededBytes: 42, foundBytes: 41)),
        MalformedEncoding(
            "more counts than announced", envelope(payload(counts: [2, 2], announced: 1)),
            .trailingBytes(count: 1)),
        MalformedEncoding(
            "two digits", envelope(payload(digits: 2, counts: [2])), .otherSettings("2 digits")),
        MalformedEncoding(
            "microseconds", envelope(payload(lowest: 1_000, counts: [2])), .otherSettings("lowest value 1000")),
        MalformedEncoding(
            "up to a minute", envelope(payload(highest: 60_000_000_000, counts: [2])),
            .otherSettings("highest value 60000000000")),
        MalformedEncoding(
            "shifted", envelope(payload(offset: 7, counts: [2])), .otherSettings("normalising offset 7")),
        MalformedEncoding("scaled", envelope(payload(scale: 2, counts: [2])), .otherSettings("scale 2.0")),
        MalformedEncoding(
            "a number that does not end", envelope(payload(counts: [2, 0x80])), .malformedCount(atByte: 41)),
        MalformedEncoding(
            "a run of zeros beyond the last slot",
            envelope(payload(counts: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
            .beyondLastSlot(index: 0)),
        MalformedEncoding(
            "a count after the last slot",
            envelope(payload(counts: zigZag(-slotCount) + [2])), .beyondLastSlot(index: slotCount)),
        MalformedEncoding(
            "counts too large to add",
            envelope(payload(counts: [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
            .malformedCount(atByte: 40)),
    ]
}

/// 1 h is 1676 times 2^31, and some: slot 1676 of the 31st bucket of 1024 slots is the last one.
private let slotCount = 31 * 1024 + 1676 + 1
private let largestPayloadBytes = 40 + 9 * slotCount

private func zigZag(_ number: Int) -> [UInt8] {
    var rest = UInt64(bitPattern: Int64(number << 1 ^ number >> 63))
    var bytes: [UInt8] = []
    while rest > 0x7f {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
    }
    return bytes + [UInt8(rest)]
}

private func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
}

/// A payload written by hand, so that the tests do not lean on the encoder.
private func payload(
    cookie: UInt32 = 0x1c84_9313, offset: UInt32 = 0, digits: UInt32 = 3, lowest: UInt64 = 1,
    highest: UInt64 = 3_600_000_000_000, scale: Double = 1, counts: [UInt8], announced: Int? = nil
) -> [UInt8] {
    bigEndian(cookie) + bigEndian(UInt32(announced ?? counts.count)) + bigEndian(offset) + bigEndian(digits)
        + bigEndian(lowest) + bigEndian(highest) + bigEndian(scale.bitPattern) + counts
}

private func envelope(_ payload: [UInt8], trailing: [UInt8] = []) -> [UInt8] {
    var count = compressBound(uLong(payload.count))
    var compressed = [UInt8](repeating: 0, count: Int(count))
    precondition(compress2(&compressed, &count, payload, uLong(payload.count), 6) == Z_OK)
    let body = compressed.prefix(Int(count)) + trailing
    return bigEndian(0x1c84_9314 as UInt32) + bigEndian(UInt32(body.count)) + body
}

private func decompressed(_ encoded: [UInt8]) -> [UInt8] {
    var count = uLong(1 << 20)
    var payload = [UInt8](repeating: 0, count: Int(count))
    let body = Array(encoded.dropFirst(8))
    precondition(uncompress(&payload, &count, body, uLong(body.count)) == Z_OK)
    return Array(payload.prefix(Int(count)))
}
