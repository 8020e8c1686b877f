/// Fields that stored workloads of earlier versions do not have: absent they mean that nothing was said about them.
/// The decoding that the compiler writes takes these functions for their types.
extension KeyedDecodingContainer {
    func decode(_ type: [Cluster].Type, forKey key: Key) throws -> [Cluster] {
        try decodeIfPresent(type, forKey: key) ?? []
    }

    func decode(_ type: [Property].Type, forKey key: Key) throws -> [Property] {
        try decodeIfPresent(type, forKey: key) ?? []
    }

    func decode(_ type: [ForeignFunction].Type, forKey key: Key) throws -> [ForeignFunction] {
        try decodeIfPresent(type, forKey: key) ?? []
    }

    func decode(_ type: [InheritedVariable].Type, forKey key: Key) throws -> [InheritedVariable] {
        try decodeIfPresent(type, forKey: key) ?? []
    }

    func decode(_ type: UpstreamFailures.Type, forKey key: Key) throws -> UpstreamFailures {
        try decodeIfPresent(type, forKey: key) ?? UpstreamFailures()
    }

    func decode(_ type: HeadersStop.Type, forKey key: Key) throws -> HeadersStop {
        try decodeIfPresent(type, forKey: key) ?? .wholeMessage
    }
}
