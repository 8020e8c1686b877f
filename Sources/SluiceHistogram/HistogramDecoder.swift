internal import CZlib

/// Reads many encoded histograms one after the other, with one buffer and one decompressor for all of them: what a
/// single histogram needs of its own is then in proportion to its samples, and not to the range that it could hold.
package final class HistogramDecoder {
    private var inflater = czlib_inflater()
    private let payload: UnsafeMutableBufferPointer<UInt8>

    package init() {
        payload = .allocate(capacity: V2Encoding.largestPayloadBytes)
        let status = czlib_inflater_start(&inflater, MAX_WBITS)
        // Settings are constants, so that all that can fail is zlib's own allocation.
        precondition(status == Z_OK, "zlib is out of memory")
    }

    deinit {
        _ = czlib_inflater_end(&inflater)
        payload.deallocate()
    }

    /// Reads what `LatencyHistogram.encoded()`, or another HdrHistogram implementation with the same settings, has
    /// written. Whatever the bytes are, it takes no more memory than a histogram, and throws instead of guessing.
    package func decode(_ bytes: [UInt8]) throws(HistogramError) -> SparseHistogram {
        guard !bytes.isEmpty else { return SparseHistogram() }
        try V2Encoding.checkEnvelope(of: bytes)
        let count = try decompress(bytes[V2Encoding.envelopeBytes...])
        let payload = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(self.payload)[..<count])
        try V2Encoding.checkHeader(of: payload)
        return try V2Encoding.counts(of: payload)
    }

    /// The number of bytes that are in `payload` then. Throws unless the bytes are exactly one zlib stream.
    private func decompress(_ bytes: ArraySlice<UInt8>) throws(HistogramError) -> Int {
        guard czlib_inflater_restart(&inflater) == Z_OK else { throw .damagedCompression(reason: "damaged") }
        var status = Z_OK
        bytes.withUnsafeBufferPointer { input in
            status = czlib_inflate_all(
                &inflater, input.baseAddress, UInt32(input.count), payload.baseAddress, UInt32(payload.count))
        }
        let rest = Int(czlib_inflater_rest(&inflater))
        let count = payload.count - Int(czlib_inflater_room(&inflater))
        switch status {
        case Z_STREAM_END: break
        case Z_BUF_ERROR where count == payload.count: throw .tooLarge(limitBytes: payload.count)
        case Z_MEM_ERROR: throw .damagedCompression(reason: "out of memory")
        default: throw .damagedCompression(reason: "damaged or cut off")
        }
        guard rest == 0 else { throw .trailingBytes(count: rest) }
        return count
    }
}

/// The occupied slots of a histogram: as much memory as it has different samples.
package struct SparseHistogram: Sendable, Equatable {
    struct Slot: Sendable, Equatable {
        var index: Int
        var count: Int
    }
    /// Ascending, with counts above 0.
    var slots: [Slot] = []
    /// Number of samples.
    package internal(set) var count = 0

    /// Without samples.
    package init() {}

    init(slots: [Slot], count: Int) {
        self.slots = slots
        self.count = count
    }

    /// The latencies that occur, ascending, each with its number of samples: the highest value of every slot.
    package var occupiedSlots: [(nanoseconds: Int64, count: Int)] {
        slots.map { (nanoseconds: Int64(HistogramLayout.highestNanoseconds(at: $0.index)), count: $0.count) }
    }
}

extension LatencyHistogram {
    /// Adds the samples of another histogram, see `add(_:)`.
    package mutating func add(_ other: SparseHistogram) { add(other.slots, count: other.count) }
}
