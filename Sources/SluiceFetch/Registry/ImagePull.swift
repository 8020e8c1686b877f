import SluiceModel
import SluiceWire

/// The way from an image's name to the module in it. Every step after the first is by digest, and checked.
struct ImagePull {
    private let image: ImageReference
    private let limits: FetchLimits
    private let cache: ContentCache?
    private var session: RegistrySession

    /// The file that an image with a module has, as service meshes expect it.
    private static let moduleName = "plugin.wasm"

    init(
        image: ImageReference, client: HTTPClient, cache: ContentCache?, credentialsPath: String?
    ) throws(FetchError) {
        self.image = image
        self.cache = cache
        limits = client.limits
        session = try RegistrySession(client: client, image: image, credentialsPath: credentialsPath)
    }

    /// - Returns: the module, not yet looked at, and the digest of what the image's name stands for.
    mutating func run() throws(FetchError) -> (module: [UInt8], manifestDigest: ContentHash) {
        let digest: ContentHash
        var manifest: [UInt8]
        if let pinned = image.digest {
            digest = pinned
            manifest = try self.manifest(pinned)
        } else {
            (manifest, digest) = try taggedManifest()
        }
        var next = try Manifest.next(manifest, of: image.description)
        if case .manifest(let descriptor) = next {
            manifest = try self.manifest(try Self.hash(of: descriptor))
            next = try Manifest.next(manifest, of: image.description)
        }
        switch next {
        case .manifest:
            throw .unusable(what: "the manifest of \(image)", reason: "it is an index within an index")
        case .module(let layer): return (try blob(layer), digest)
        case .archives(let layers): return (try module(in: layers), digest)
        }
    }

    private mutating func module(in layers: [Manifest.Descriptor]) throws(FetchError) -> [UInt8] {
        for layer in layers.prefix(limits.layers) {
            let reader = try LayerReader(try blob(layer), limitBytes: limits.unpackedBytes)
            if let module = try LayerArchive.file(
                named: Self.moduleName, in: reader, limitBytes: limits.moduleBytes)
            {
                return module
            }
        }
        let looked = layers.count > limits.layers ? "none of its last \(limits.layers) layers" : "none of its layers"
        throw .unusable(what: image.description, reason: "\(looked) holds a file \(Self.moduleName)")
    }

    // MARK: - Content

    private mutating func taggedManifest() throws(FetchError) -> ([UInt8], ContentHash) {
        let response = try session.get(
            "manifests/\(image.tag ?? "")", accept: Manifest.mediaTypes, limitBytes: limits.manifestBytes,
            what: image.description)
        return (response.body, ContentHash(of: response.body))
    }

    private mutating func manifest(_ digest: ContentHash) throws(FetchError) -> [UInt8] {
        try content(
            digest, "manifests/sha256:\(digest)", accept: Manifest.mediaTypes, limitBytes: limits.manifestBytes,
            what: "manifest sha256:\(digest) of \(image.repository)")
    }

    private mutating func blob(_ layer: Manifest.Descriptor) throws(FetchError) -> [UInt8] {
        let digest = try Self.hash(of: layer)
        guard (0...limits.moduleBytes).contains(layer.size) else {
            throw .tooLarge(what: "layer sha256:\(digest)", limitBytes: limits.moduleBytes)
        }
        return try content(
            digest, "blobs/sha256:\(digest)", limitBytes: layer.size, what: "layer sha256:\(digest)")
    }

    private static func hash(of descriptor: Manifest.Descriptor) throws(FetchError) -> ContentHash {
        guard let hash = descriptor.contentHash else {
            throw .unusable(what: "the digest `\(descriptor.digest.prefix(100))`", reason: "it is no SHA-256")
        }
        return hash
    }

    private mutating func content(
        _ digest: ContentHash, _ path: String, accept: [String] = [], limitBytes: Int, what: String
    ) throws(FetchError) -> [UInt8] {
        if let kept = cache?.content(digest, limitBytes: limitBytes) { return kept }
        let body = try session.get(path, accept: accept, limitBytes: limitBytes, what: what).body
        let found = ContentHash(of: body)
        guard found == digest else { throw .hashMismatch(what: what, expected: digest, found: found) }
        // A cache that cannot be written costs the next run a download and nothing else.
        try? cache?.keep(body, as: digest)
        return body
    }
}
