/// Where a plugin module comes from.
package enum ModuleSource: Sendable, Codable, Equatable, Hashable {
    /// A `.wasm` file, or `.wat` text; the path is absolute.
    case file(path: String)
    /// A `.wasm` file behind an `http` or `https` address; nothing but this content is accepted.
    case download(address: String, contentHash: ContentHash)
    /// A module in a registry that speaks the OCI distribution protocol.
    case image(ImageReference)
}

/// A plugin module as a workload names it.
package struct ModuleReference: Sendable, Codable, Equatable, Hashable {
    /// As written in the workload file, for display; an address without its query, which may be a secret.
    package var written: String
    package var source: ModuleSource
    /// SHA-256 of the manifest that an image had when the run began; `nil` before that, and for other sources.
    package var manifestDigest: ContentHash?

    package init(written: String, source: ModuleSource) {
        self.written = written
        self.source = source
    }

    /// As written, and for an image by a tag with the digest that the tag stood for.
    package var resolved: String {
        guard case .image(var image) = source, let manifestDigest else { return written }
        image.digest = manifestDigest
        return image.description
    }

    /// A module in a file; the path is absolute.
    package init(written: String, path: String) { self.init(written: written, source: .file(path: path)) }
}
