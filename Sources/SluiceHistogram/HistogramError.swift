/// Why bytes are not a histogram in the HdrHistogram V2 compressed encoding, or not one of ours.
package enum HistogramError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Fewer bytes than the header says or needs.
    case truncated(neededBytes: Int, foundBytes: Int)
    /// More bytes than the header says.
    case trailingBytes(count: Int)
    /// Another encoding, or no histogram at all. `expected` is what belongs in its place.
    case wrongCookie(found: UInt32, expected: UInt32)
    /// zlib could not decompress the payload.
    case damagedCompression(reason: String)
    /// More decompressed bytes than any histogram of ours has.
    case tooLarge(limitBytes: Int)
    /// A histogram, but with other settings than 1 ns to 1 h at 3 digits without offset and scale.
    case otherSettings(String)
    /// A run of zeros or a count that leads beyond the last slot.
    case beyondLastSlot(index: Int)
    /// A number that does not end, a run of zeros too long to be one, or counts too large to add.
    case malformedCount(atByte: Int)

    package var description: String {
        switch self {
        case .truncated(let needed, let found): "histogram cut off: \(needed) bytes needed, \(found) there"
        case .trailingBytes(let count): "\(count) bytes after the end of the histogram"
        case .wrongCookie(let found, let expected):
            "not an HdrHistogram V2 encoding: starts with 0x\(String(found, radix: 16)), "
                + "not 0x\(String(expected, radix: 16))"
        case .damagedCompression(let reason): "histogram cannot be decompressed: \(reason)"
        case .tooLarge(let limit): "histogram decompresses to more than \(limit) bytes"
        case .otherSettings(let what): "histogram has other settings than ours: \(what)"
        case .beyondLastSlot(let index): "histogram has a count at slot \(index), beyond the last one"
        case .malformedCount(let offset): "histogram has a malformed count at byte \(offset) of its payload"
        }
    }
}
