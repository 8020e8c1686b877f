import Glibc
package import SluiceModel
import SluiceWire

/// A module from elsewhere, checked.
package struct FetchedModule: Sendable, Equatable {
    /// A core Wasm module in binary form, by its first bytes.
    package var bytes: [UInt8]
    /// SHA-256 of the bytes.
    package var contentHash: ContentHash
    /// SHA-256 of the manifest, or index of manifests, that an image's name stood for; `nil` for a download.
    package var manifestDigest: ContentHash?
}

/// Brings modules from web servers and registries. It blocks, so it has no place in a task.
package struct ModuleFetcher: Sendable {
    private let client: HTTPClient
    private let cache: ContentCache?
    private let credentialsPath: String?

    /// - Parameters:
    ///   - cache: `nil`: nothing is kept for later runs.
    ///   - credentialsPath: of Docker's configuration file; `nil`: where Docker has it.
    ///   - certificatesPath: of the certificate authorities that are trusted; `nil`: `$SSL_CERT_FILE`, or the system's.
    ///   - isCancelled: asked again and again while something is fetched.
    package init(
        cache: ContentCache?, limits: FetchLimits = FetchLimits(), credentialsPath: String? = nil,
        certificatesPath: String? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        let certificates = getenv("SSL_CERT_FILE").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        client = HTTPClient(
            limits: limits, certificatesPath: certificatesPath ?? certificates, isCancelled: isCancelled)
        self.cache = cache
        self.credentialsPath = credentialsPath ?? RegistryCredentials.defaultPath
    }

    /// A download; nothing but this content is returned.
    package func download(_ address: String, contentHash: ContentHash) throws(FetchError) -> FetchedModule {
        if let kept = cache?.content(contentHash, limitBytes: client.limits.moduleBytes) {
            return try checked(kept, contentHash, manifestDigest: nil)
        }
        guard let source = WebAddress(address) else {
            throw .unusable(what: "the address", reason: "it is no http or https address without user name")
        }
        let response = try client.get(
            HTTPRequest(
                address: source, limitBytes: client.limits.moduleBytes, what: "the module", allowsPlainHTTP: true))
        switch response.status {
        case 200: break
        case 401, 403:
            throw .unauthorised(host: source.authority, hint: "downloads are made without credentials")
        case 404: throw .notFound(what: "such file", host: source.authority)
        default: throw .status(response.status, from: source.authority, detail: "")
        }
        let found = ContentHash(of: response.body)
        guard found == contentHash else {
            throw .hashMismatch(what: "the download", expected: contentHash, found: found)
        }
        let module = try checked(response.body, contentHash, manifestDigest: nil)
        // A cache that cannot be written costs the next run a download and nothing else.
        try? cache?.keep(module.bytes, as: contentHash)
        return module
    }

    /// The module in an image; what a tag stands for is looked up every time.
    package func pull(_ image: ImageReference) throws(FetchError) -> FetchedModule {
        var pull = try ImagePull(image: image, client: client, cache: cache, credentialsPath: credentialsPath)
        let (module, digest) = try pull.run()
        return try checked(module, ContentHash(of: module), manifestDigest: digest)
    }

    private func checked(
        _ bytes: [UInt8], _ contentHash: ContentHash, manifestDigest: ContentHash?
    ) throws(FetchError) -> FetchedModule {
        guard bytes.starts(with: [0x00, 0x61, 0x73, 0x6d]) else {
            throw .notWasm(
                reason: bytes.isEmpty ? "it is empty" : "it does not begin with the bytes of a Wasm binary")
        }
        return FetchedModule(bytes: bytes, contentHash: contentHash, manifestDigest: manifestDigest)
    }
}
