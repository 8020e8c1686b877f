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

    func decode(_ type: [RelativeBudget].Type, forKey key: Key) throws -> [RelativeBudget] {
        try decodeIfPresent(type, forKey: key) ?? []
    }

    func decode(_ type: AllocatorChoice.Type, forKey key: Key) throws -> AllocatorChoice {
        try decodeIfPresent(type, forKey: key) ?? .malloc
    }

    func decode(_ type: GuestLimits.Type, forKey key: Key) throws -> GuestLimits {
        try decodeIfPresent(type, forKey: key) ?? GuestLimits()
    }

    func decode(_ type: LinkMode.Type, forKey key: Key) throws -> LinkMode {
        try decodeIfPresent(type, forKey: key) ?? .strict
    }

    func decode(_ type: PluginType.Type, forKey key: Key) throws -> PluginType {
        try decodeIfPresent(type, forKey: key) ?? .http
    }

    func decode(_ type: ServicePlacement.Type, forKey key: Key) throws -> ServicePlacement {
        try decodeIfPresent(type, forKey: key) ?? .everyWorker
    }

    func decode(_ type: ConnectionTemplate.Type, forKey key: Key) throws -> ConnectionTemplate {
        try decodeIfPresent(type, forKey: key) ?? ConnectionTemplate()
    }
}

extension ModuleReference {
    private enum StoredKey: String, CodingKey { case written, source, path, manifestDigest }

    /// Before modules could come from elsewhere, there was a path.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: StoredKey.self)
        written = try container.decode(String.self, forKey: .written)
        source =
            if let path = try container.decodeIfPresent(String.self, forKey: .path) {
                .file(path: path)
            } else {
                try container.decode(ModuleSource.self, forKey: .source)
            }
        manifestDigest = try container.decodeIfPresent(ContentHash.self, forKey: .manifestDigest)
    }
}
