import Glibc
import SluiceEngine
import SluiceModel

/// `proxy_get_property` and `proxy_set_property`.
extension HostCall {
    /// (path, size, ret value, ret size)
    func getProperty() -> ResultCode {
        guard var path = bytes(at: self[0], count: self[1]) else { return .invalidMemoryAccess }
        if path.last == 0 { path = UnsafeRawBufferPointer(rebasing: path.dropLast()) }
        if let properties = vm.pointee.services.properties {
            let result = properties.withValue(of: path) { give($0, addressAt: self[2], sizeAt: self[3]) }
            if let result { return result }
        }
        for row in PropertyTable.rows where Self.equal(row.path.bytes, path) { return attribute(row.attribute) }
        for row in PropertyTable.maps where path.count > row.path.bytes.count {
            let head = UnsafeRawBufferPointer(rebasing: path[..<row.path.bytes.count])
            guard Self.equal(row.path.bytes, head) else { continue }
            return field(UnsafeRawBufferPointer(rebasing: path[row.path.bytes.count...]), of: row.attribute)
        }
        let prefix = PropertyTable.storedPrefix.bytes
        if path.count > prefix.count, path.prefix(prefix.count).elementsEqual(prefix) {
            return storedProperty(UnsafeRawBufferPointer(rebasing: path[prefix.count...]))
        }
        for group in PropertyTable.groups where path.starts(with: group.bytes) {
            if path.count == group.utf8CodeUnitCount { return .serializationFailure }
            if path[group.utf8CodeUnitCount] == 0 { return .notFound }
        }
        return storedProperty(path)
    }

    /// (path, size, value, size). Kept for the stream; all filters of the stream can read it.
    func setProperty() -> ResultCode {
        guard var path = bytes(at: self[0], count: self[1]), let value = bytes(at: self[2], count: self[3])
        else { return .invalidMemoryAccess }
        if path.last == 0 { path = UnsafeRawBufferPointer(rebasing: path.dropLast()) }
        guard let stream else { return .notFound }
        return withUnsafeMutablePointer(to: &stream.pointee.properties) { properties in
            let before = properties.pointee.storedByteCount
            guard admits(path.count + value.count) else { return .internalFailure }
            guard HeaderFields.reserve(path.count + value.count, in: properties),
                properties.pointee.count < HostLimits.headerMapEntries
            else {
                noteRefusedChange()
                return .internalFailure
            }
            if let index = Self.index(of: path, in: properties) {
                properties.pointee.replaceValue(at: index, with: value)
            } else {
                properties.pointee.append(name: path, value: value)
            }
            charge(properties.pointee.storedByteCount - before, to: stream)
            return .ok
        }
    }

    private static func equal(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        left.count == right.count && (left.count == 0 || memcmp(left.baseAddress!, right.baseAddress!, left.count) == 0)
    }

    /// Paths are exact, in contrast to the names of header fields.
    private static func index(
        of path: UnsafeRawBufferPointer, in properties: UnsafeMutablePointer<HeaderBlock>
    ) -> Int? {
        properties.pointee.indices.first { index in
            properties.withField(at: index) { name, _ in equal(name, path) }
        }
    }

    private func storedProperty(_ path: UnsafeRawBufferPointer) -> ResultCode {
        guard let stream else { return .notFound }
        return withUnsafeMutablePointer(to: &stream.pointee.properties) { properties in
            guard let index = Self.index(of: path, in: properties) else { return .notFound }
            return give(index, of: properties)
        }
    }

    // MARK: Attributes

    private func attribute(_ attribute: PropertyTable.Attribute) -> ResultCode {
        switch attribute {
        case .pluginName: return give(root?.pointee.plugin.nameBytes ?? vm.pointee.plugin.nameBytes)
        case .pluginRootID: return give(root?.pointee.plugin.rootIDBytes ?? vm.pointee.plugin.rootIDBytes)
        case .pluginVMID: return give(vm.pointee.plugin.vmIDBytes)
        case .pluginVMMemory: return give(Int64(vm.pointee.instance?.memorySizes.linearBytes ?? 0))
        case .listenerDirection: return give(Int64(0))
        default:
            guard let stream else { return .notFound }
            return self.attribute(attribute, of: stream)
        }
    }

    private func attribute(
        _ attribute: PropertyTable.Attribute, of stream: UnsafeMutablePointer<StreamState>
    ) -> ResultCode {
        let isOver = stream.pointee.endNanoseconds != 0
        let hasResponse = stream.pointee.hasResponseHeaders
        let isConnection = stream.pointee.isConnection
        switch attribute {
        case .path: return pathPart(stream) { $0 }
        case .urlPath: return pathPart(stream) { $0.prefix { $0 != UInt8(ascii: "?") } }
        case .query:
            return pathPart(stream) { $0.drop { $0 != UInt8(ascii: "?") }.dropFirst() }
        case .requestHeader(let name): return field(name.bytes, of: .requestHeaders)
        case .requestHeaders, .requestTrailers, .responseHeaders, .responseTrailers: return pairs(of: attribute)
        case .requestTime:
            let age = Int64(SystemClock.monotonicNanoseconds()) - stream.pointee.beginNanoseconds
            return give(Int64(SystemClock.wallNanoseconds()) - age)
        case .requestProtocol:
            return isConnection ? .notFound : give(Self.httpVersion.bytes, addressAt: self[2], sizeAt: self[3])
        case .requestDuration:
            guard isOver, !isConnection else { return .notFound }
            return give(stream.pointee.endNanoseconds - stream.pointee.beginNanoseconds)
        case .requestSize: return give(Int64(stream.pointee.requestBodyBytes))
        case .requestTotalSize:
            guard isOver else { return .notFound }
            let headers = stream.pointee.map(.requestHeaders).pointee.byteSize
            let trailers = stream.pointee.map(.requestTrailers).pointee.byteSize
            return give(Int64(headers + stream.pointee.requestBodyBytes + trailers))
        case .responseCode:
            guard hasResponse, let status = stream.responseStatus else { return .notFound }
            return give(Int64(status))
        case .responseCodeDetails:
            if !stream.pointee.responseDetails.isEmpty { return give(stream.pointee.responseDetails) }
            guard stream.pointee.isViaUpstream else { return .notFound }
            return give(Self.viaUpstream.bytes, addressAt: self[2], sizeAt: self[3])
        case .responseFlags: return hasResponse ? give(Int64(0)) : .notFound
        case .responseGRPCStatus: return grpcStatus(stream)
        case .responseSize:
            return hasResponse || isConnection ? give(Int64(stream.pointee.responseBodyBytes)) : .notFound
        case .responseTotalSize:
            guard isOver else { return .notFound }
            let headers = stream.pointee.map(.responseHeaders).pointee.byteSize
            let trailers = stream.pointee.map(.responseTrailers).pointee.byteSize
            return give(Int64(headers + stream.pointee.responseBodyBytes + trailers))
        case .connectionID: return give(stream.pointee.requestIndex)
        case .connectionMTLS: return give([0])
        case .responseBackendLatency:
            guard stream.pointee.isViaUpstream, hasResponse else { return .notFound }
            return give(stream.pointee.responseNanoseconds - stream.pointee.upstreamNanoseconds)
        // A message without fields.
        case .metadata: return give([])
        case .pluginName, .pluginRootID, .pluginVMID, .pluginVMMemory, .listenerDirection: return .notFound
        }
    }

    private static let viaUpstream: StaticString = "via_upstream"
    private static let httpVersion: StaticString = "HTTP/1.1"
    private static let pathField: StaticString = ":path"

    @inline(__always)
    private func pathPart(
        _ stream: UnsafeMutablePointer<StreamState>,
        _ part: (Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer>
    ) -> ResultCode {
        let headers = stream.pointee.map(.requestHeaders)
        guard let index = HeaderFields.firstIndex(of: Self.pathField.bytes, in: headers) else { return .notFound }
        return headers.withField(at: index) { _, value in
            give(UnsafeRawBufferPointer(rebasing: part(value[...])), addressAt: self[2], sizeAt: self[3])
        }
    }

    /// The number in `grpc-status`, from the trailers or from the headers of a response without a body.
    private func grpcStatus(_ stream: UnsafeMutablePointer<StreamState>) -> ResultCode {
        for map in [MapType.responseTrailers, .responseHeaders] {
            guard let text = stream.pointee.map(map).pointee.value(ofName: "grpc-status") else { continue }
            return Int64(text).map { give($0) } ?? .notFound
        }
        return .notFound
    }

    // MARK: Header maps as attributes

    private func map(
        of attribute: PropertyTable.Attribute, _ stream: UnsafeMutablePointer<StreamState>
    ) -> UnsafeMutablePointer<HeaderBlock>? {
        switch attribute {
        case .requestHeaders: stream.pointee.map(.requestHeaders)
        case .requestTrailers: stream.pointee.hasRequestTrailers ? stream.pointee.map(.requestTrailers) : nil
        case .responseHeaders: stream.pointee.hasResponseHeaders ? stream.pointee.map(.responseHeaders) : nil
        case .responseTrailers: stream.pointee.hasResponseTrailers ? stream.pointee.map(.responseTrailers) : nil
        default: nil
        }
    }

    private func pairs(of attribute: PropertyTable.Attribute) -> ResultCode {
        guard let stream, let headers = map(of: attribute, stream) else { return .notFound }
        let size = PairsCodec.encodedSize(of: headers.pointee)
        return give(byteCount: size, addressAt: self[2], sizeAt: self[3]) {
            PairsCodec.encode(headers.pointee, into: $0)
        }
    }

    /// All values of a field, joined by commas.
    private func field(_ name: UnsafeRawBufferPointer, of attribute: PropertyTable.Attribute) -> ResultCode {
        guard let stream, let headers = map(of: attribute, stream),
            let first = HeaderFields.firstIndex(of: name, in: headers)
        else { return .notFound }
        let nameCount = headers.pointee[first].nameCount
        var others = false
        for index in headers.pointee.indices.dropFirst(first + 1)
        where headers.pointee[index].nameCount == nameCount
            && headers.withField(at: index, { other, _ in isSameName(other, first, headers) })
        {
            if !others { headers.withField(at: first) { vm.pointee.scratch.append(contentsOf: $1) } }
            others = true
            vm.pointee.scratch.append(UInt8(ascii: ","))
            headers.withField(at: index) { vm.pointee.scratch.append(contentsOf: $1) }
        }
        guard others else { return give(first, of: headers) }
        defer { vm.pointee.scratch.removeAll(keepingCapacity: true) }
        return vm.pointee.scratch.withUnsafeBytes { give($0, addressAt: self[2], sizeAt: self[3]) }
    }

    private func isSameName(
        _ other: UnsafeRawBufferPointer, _ first: Int, _ headers: UnsafeMutablePointer<HeaderBlock>
    ) -> Bool {
        headers.withField(at: first) { name, _ in Self.equal(name, other) }
    }

    // MARK: Results

    private func give(_ index: Int, of headers: UnsafeMutablePointer<HeaderBlock>) -> ResultCode {
        headers.withField(at: index) { give($1, addressAt: self[2], sizeAt: self[3]) }
    }

    private func give(_ bytes: [UInt8]) -> ResultCode { give(bytes, addressAt: self[2], sizeAt: self[3]) }

    /// Numbers are eight bytes, little-endian.
    private func give(_ number: Int64) -> ResultCode {
        withUnsafeBytes(of: number.littleEndian) { give($0, addressAt: self[2], sizeAt: self[3]) }
    }
}
