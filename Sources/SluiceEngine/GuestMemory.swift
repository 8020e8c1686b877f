/// The linear memory of an instance.
///
/// The base never moves and the size is read afresh on every use, so one value serves for the life of its instance, and
/// must not outlive it. Buffers that it returns may be kept across guest calls as far as their addresses go: memory
/// never shrinks or moves. A module without memory has one of 0 bytes.
///
/// Inlinable, for which the type has to be usable from there as well: a look-up reads or writes the memory five times,
/// for a few instructions each.
@usableFromInline package struct GuestMemory {
    @usableFromInline let region: UnsafeMutablePointer<MemoryRegion>

    init(region: UnsafeMutablePointer<MemoryRegion>) { self.region = region }

    /// Present size, a multiple of 64 KiB.
    @inlinable @inline(__always) package var byteCount: Int { region.pointee.byteCount }

    /// `nil` unless all `count` bytes at `address` lie within the memory; 0 bytes may lie at its very end.
    @inlinable @inline(__always) package func bytes(at address: UInt32, count: UInt32) -> UnsafeMutableRawBufferPointer?
    {
        guard Int(address) + Int(count) <= region.pointee.byteCount else { return nil }
        guard let base = region.pointee.base else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        return UnsafeMutableRawBufferPointer(start: base + Int(address), count: Int(count))
    }

    /// Little-endian; `nil` when out of bounds. Any alignment.
    @inlinable @inline(__always) package func loadUInt32(at address: UInt32) -> UInt32? {
        guard let base = pointer(address, 4) else { return nil }
        return UInt32(littleEndian: base.loadUnaligned(as: UInt32.self))
    }

    /// Little-endian; `nil` when out of bounds. Any alignment.
    @inlinable @inline(__always) package func loadUInt64(at address: UInt32) -> UInt64? {
        guard let base = pointer(address, 8) else { return nil }
        return UInt64(littleEndian: base.loadUnaligned(as: UInt64.self))
    }

    /// Little-endian; `false`, and nothing written, when out of bounds. Any alignment.
    @inlinable @inline(__always) package func store(_ value: UInt32, at address: UInt32) -> Bool {
        guard let base = pointer(address, 4) else { return false }
        base.storeBytes(of: value.littleEndian, as: UInt32.self)
        return true
    }

    /// Little-endian; `false`, and nothing written, when out of bounds. Any alignment.
    @inlinable @inline(__always) package func store(_ value: UInt64, at address: UInt32) -> Bool {
        guard let base = pointer(address, 8) else { return false }
        base.storeBytes(of: value.littleEndian, as: UInt64.self)
        return true
    }

    /// Copies all bytes to `address`; `false`, and nothing written, when out of bounds.
    @inlinable @inline(__always) package func store(_ bytes: UnsafeRawBufferPointer, at address: UInt32) -> Bool {
        guard bytes.count > 0 else { return Int(address) <= region.pointee.byteCount }
        guard let base = pointer(address, bytes.count), let source = bytes.baseAddress else { return false }
        base.copyMemory(from: source, byteCount: bytes.count)
        return true
    }

    /// Where `count` bytes at `address` are, which may be kept across guest calls; `nil` when out of bounds.
    @inlinable @inline(__always) package func pointer(_ address: UInt32, _ count: Int) -> UnsafeMutableRawPointer? {
        guard Int(address) + count <= region.pointee.byteCount, let base = region.pointee.base else { return nil }
        return base + Int(address)
    }
}
