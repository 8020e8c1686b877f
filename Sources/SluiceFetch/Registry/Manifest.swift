import FoundationEssentials
import SluiceModel

/// A manifest of an image or an artifact, or an index of such; of each only what leads to a module.
struct Manifest: Decodable {
    /// What a manifest refers to.
    struct Descriptor: Decodable, Equatable {
        struct Platform: Decodable, Equatable {
            var architecture: String?
            var os: String?
        }

        var mediaType: String?
        var digest: String
        var size: Int
        var platform: Platform?
        var annotations: [String: String]?

        /// `nil` for other digests than SHA-256.
        var contentHash: ContentHash? {
            digest.hasPrefix("sha256:") ? ContentHash(hexadecimal: String(digest.dropFirst(7))) : nil
        }
    }

    private var mediaType: String?
    private var schemaVersion: Int?
    private var manifests: [Descriptor]?
    private var layers: [Descriptor]?

    /// What is asked for, docker's and OCI's.
    static let mediaTypes = [
        "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    ]

    /// Layers that are a module, not an archive with one.
    static let moduleMediaTypes: Set<String> = [
        "application/vnd.module.wasm.content.layer.v1+wasm", "application/vnd.wasm.content.layer.v1+wasm",
        "application/wasm",
    ]

    private static let mostEntries = 1000

    /// What a manifest leads to next.
    enum Next: Equatable {
        /// The manifest of one platform.
        case manifest(Descriptor)
        /// A layer that is the module.
        case module(Descriptor)
        /// Archives that may hold the module, the topmost first.
        case archives([Descriptor])
    }

    static func next(_ bytes: [UInt8], of image: String) throws(FetchError) -> Next {
        func unusable(_ reason: String) -> FetchError { .unusable(what: "the manifest of \(image)", reason: reason) }
        let manifest: Manifest
        do { manifest = try JSONDecoder().decode(Manifest.self, from: Data(bytes)) } catch {
            throw unusable("it is not what the OCI distribution protocol describes")
        }
        guard manifest.schemaVersion == 2 else {
            throw unusable("its schema version is not 2; push the image with a newer tool")
        }
        guard (manifest.manifests?.count ?? 0) + (manifest.layers?.count ?? 0) <= mostEntries else {
            throw unusable("it has more than \(mostEntries) entries")
        }
        if let entries = manifest.manifests {
            guard let chosen = choose(entries) else {
                let platforms = entries.compactMap(\.platform).prefix(10)
                    .map { "\($0.os ?? "unknown")/\($0.architecture ?? "unknown")" }
                throw unusable("it has no image for wasm, without platform or for linux/amd64, only " + list(platforms))
            }
            return .manifest(chosen)
        }
        let layers = manifest.layers ?? []
        if let module = layers.first(where: { moduleMediaTypes.contains($0.mediaType ?? "") }) {
            return .module(module)
        }
        let archives = layers.filter { isArchive($0.mediaType ?? "") }
        guard !archives.isEmpty else {
            throw unusable("no layer holds a Wasm module, only " + list(layers.prefix(10).map { $0.mediaType ?? "?" }))
        }
        return .archives(archives.reversed())
    }

    /// For Wasm first, then for no platform, then what a gateway on Linux would get.
    private static func choose(_ entries: [Descriptor]) -> Descriptor? {
        let images = entries.filter { $0.annotations?["vnd.docker.reference.type"] != "attestation-manifest" }
        return images.first { ($0.platform?.architecture ?? "").hasPrefix("wasm") }
            ?? images.first { $0.platform == nil }
            ?? images.first { $0.platform?.os == "linux" && $0.platform?.architecture == "amd64" }
    }

    private static func isArchive(_ mediaType: String) -> Bool {
        ["diff.tar", "diff.tar.gzip", "v1.tar", "v1.tar+gzip"].contains { mediaType.hasSuffix($0) }
    }

    private static func list(_ words: [String]) -> String { words.isEmpty ? "nothing" : words.joined(separator: ", ") }
}
