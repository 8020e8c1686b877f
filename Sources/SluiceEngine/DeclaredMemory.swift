/// The declaration of a memory in a module.
struct DeclaredMemory: Sendable {
    let limits: Limits
    let isShared: Bool
    let is64Bit: Bool
    let hasCustomPageSize: Bool

    /// Reads limits, which tables have as well.
    init(reading reader: inout BinaryReader) throws(EngineError) {
        let flags = try reader.byte()
        guard flags & 0xf0 == 0 else { throw reader.malformed("there are unknown limits") }
        let minimum = try reader.unsigned64()
        limits = Limits(minimum: minimum, maximum: flags & 1 == 0 ? nil : try reader.unsigned64())
        isShared = flags & 2 != 0
        is64Bit = flags & 4 != 0
        hasCustomPageSize = flags & 8 != 0
        if hasCustomPageSize { _ = try reader.unsigned32() }
    }

    /// At most 4 GiB.
    var minimumBytes: Int { min(Int(clamping: limits.minimum), 65536) << 16 }

    /// The declared maximum in bytes, at most 4 GiB.
    var maximumBytes: Int { min(Int(clamping: limits.maximum ?? 65536), 65536) << 16 }
}
