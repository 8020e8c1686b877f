import SluiceEngine
import SluiceModel

/// Header maps. Maps 4 to 7 belong to call-outs: they are available in the callback that brings them, to read.
extension HostCall {
    private enum Access { case read, write }

    private enum MapLookup {
        case map(UnsafeMutablePointer<HeaderBlock>)
        case unavailable
        case unknownType
    }

    /// The map of this number if the plugin may use it now.
    @inline(__always)
    private func lookup(_ number: UInt32, _ access: Access) -> MapLookup {
        guard number < 4, let (stream, filter) = streamAndFilter else { return lookupDelivered(number, access) }
        if filter.pointee.isAvailable(number) { return .map(stream.pointee.maps + Int(number)) }
        return lookupUnavailable(number, access, stream, filter)
    }

    @inline(never)
    private func lookupDelivered(_ number: UInt32, _ access: Access) -> MapLookup {
        guard let type = MapType(rawValue: number) else { return .unknownType }
        guard access == .read, let map = delivery?.map(type) else { return .unavailable }
        return .map(map)
    }

    private func lookupUnavailable(
        _ number: UInt32, _ access: Access, _ stream: UnsafeMutablePointer<StreamState>,
        _ filter: UnsafeMutablePointer<FilterSlot>
    ) -> MapLookup {
        guard let type = MapType(rawValue: number) else { return .unknownType }
        if stream.pointee.isLogging {
            return access == .read && isLogged(type, stream) ? .map(stream.pointee.map(type)) : .unavailable
        }
        return createTrailers(type, stream, filter) ? .map(stream.pointee.map(type)) : .unavailable
    }

    /// The maps of a finished stream that an access logger sees; request trailers are not among them.
    private func isLogged(_ type: MapType, _ stream: UnsafeMutablePointer<StreamState>) -> Bool {
        switch type {
        case .requestHeaders: true
        case .responseHeaders: stream.pointee.hasResponseHeaders
        case .responseTrailers: stream.pointee.hasResponseTrailers
        default: false
        }
    }

    /// Touching the trailers in the body callback that ends the stream creates them.
    private func createTrailers(
        _ type: MapType, _ stream: UnsafeMutablePointer<StreamState>, _ filter: UnsafeMutablePointer<FilterSlot>
    ) -> Bool {
        let direction: Direction
        switch type {
        case .requestTrailers: direction = .request
        case .responseTrailers: direction = .response
        default: return false
        }
        guard filter.pointee[direction].mayCreateTrailers, !stream.pointee.hasTrailers(direction) else { return false }
        stream.pointee.setHasTrailers(direction)
        filter.pointee.makeAvailable(type)
        return true
    }

    /// Request headers know `host` as `:authority`.
    @inline(__always)
    private func name(at address: UInt32, count: UInt32, map number: UInt32) -> UnsafeRawBufferPointer? {
        guard let name = bytes(at: address, count: count) else { return nil }
        if count == 4, number == MapType.requestHeaders.rawValue, Self.isHost(name) {
            return UnsafeRawBufferPointer(start: Self.authority.utf8Start, count: Self.authority.utf8CodeUnitCount)
        }
        return name
    }

    private static let authority: StaticString = ":authority"

    private static func isHost(_ name: UnsafeRawBufferPointer) -> Bool {
        name.loadUnaligned(as: UInt32.self) | 0x2020_2020 == 0x7473_6f68
    }

    /// (map, name, size, ret value, ret size)
    func getHeaderMapValue() -> ResultCode {
        guard let name = name(at: self[1], count: self[2], map: self[0]) else { return .invalidMemoryAccess }
        switch lookup(self[0], .read) {
        case .unknownType: return .badArgument
        case .unavailable: return stream?.pointee.isLogging == true ? giveMissing() : .badArgument
        case .map(let headers):
            guard let index = HeaderFields.firstIndex(of: name, in: headers) else { return giveMissing() }
            return headers.withField(at: index) { give($1, addressAt: self[3], sizeAt: self[4]) }
        }
    }

    /// ABI 0.1.0 takes an empty value for a field that is not there.
    private func giveMissing() -> ResultCode {
        guard vm.pointee.isABI0_1_0 else { return .notFound }
        return give(UnsafeRawBufferPointer(start: nil, count: 0), addressAt: self[3], sizeAt: self[4])
    }

    /// (map, ret pairs, ret size)
    func getHeaderMapPairs() -> ResultCode {
        switch lookup(self[0], .read) {
        case .unknownType: return .badArgument
        case .unavailable:
            return give(UnsafeRawBufferPointer(start: nil, count: 0), addressAt: self[1], sizeAt: self[2])
        case .map(let headers):
            let size = PairsCodec.encodedSize(of: headers.pointee)
            return give(byteCount: size, addressAt: self[1], sizeAt: self[2]) {
                PairsCodec.encode(headers.pointee, into: $0)
            }
        }
    }

    /// (map, pairs, size). Pairs that can be read at all are fewer and smaller than an empty map can take.
    func setHeaderMapPairs() -> ResultCode {
        guard let pairs = bytes(at: self[1], count: self[2]) else { return .invalidMemoryAccess }
        guard case .map(let headers) = lookup(self[0], .write) else { return .badArgument }
        guard admits(pairs.count) else { return .internalFailure }
        let before = headers.pointee.storedByteCount
        headers.pointee.removeAll()
        PairsCodec.forEachPair(in: pairs) { name, value in
            _ = HeaderFields.add(name, value, to: headers, scratch: &vm.pointee.scratch)
        }
        if let stream { charge(headers.pointee.storedByteCount - before, to: stream) }
        return .ok
    }

    /// (map, name, size, value, size)
    func addHeaderMapValue() -> ResultCode { write(HeaderFields.add) }

    /// (map, name, size, value, size)
    func replaceHeaderMapValue() -> ResultCode { write(HeaderFields.replace) }

    @inline(__always)
    private func write(
        _ change: (
            UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeMutablePointer<HeaderBlock>, inout [UInt8]
        ) -> Bool
    ) -> ResultCode {
        guard let name = name(at: self[1], count: self[2], map: self[0]), let value = bytes(at: self[3], count: self[4])
        else { return .invalidMemoryAccess }
        guard case .map(let headers) = lookup(self[0], .write) else { return .badArgument }
        guard admits(name.count + value.count) else { return .internalFailure }
        let before = headers.pointee.storedByteCount
        guard change(name, value, headers, &vm.pointee.scratch) else {
            noteRefusedChange()
            return .internalFailure
        }
        if let stream { charge(headers.pointee.storedByteCount - before, to: stream) }
        return .ok
    }

    /// (map, name, size)
    func removeHeaderMapValue() -> ResultCode {
        guard let name = name(at: self[1], count: self[2], map: self[0]) else { return .invalidMemoryAccess }
        guard case .map(let headers) = lookup(self[0], .write) else { return .badArgument }
        HeaderFields.removeAll(name, from: headers)
        return .ok
    }

    /// (map, ret size): bytes of names and values, and of maps that can be changed only, as in Envoy.
    func getHeaderMapSize() -> ResultCode {
        guard case .map(let headers) = lookup(self[0], .write) else { return .badArgument }
        return store(UInt32(headers.pointee.byteSize), at: self[1])
    }
}
