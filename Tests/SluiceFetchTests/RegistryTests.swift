import FetchTestSupport
import Foundation
import SluiceFetch
import SluiceModel
import SluiceWire
import Testing

/// How a module can lie in a registry.
enum ImageForm: String, CaseIterable {
    case dockerImage = "docker v2s2 image"
    case dockerImageOfSeveralLayers = "docker v2s2 image of several layers"
    case ociImage = "OCI image"
    case ociImageUncompressed = "OCI image with an uncompressed layer"
    case ociImagePax = "OCI image with extended headers"
    case ociImageLongPath = "OCI image with a long path"
    case ociImageOfSeveralMembers = "OCI image of several gzip members"
    case artifact = "OCI artifact with a configuration layer"
    case artifactOfOneLayer = "OCI artifact of one layer"
    case index = "OCI index with an image for wasm"
    case indexWithoutPlatform = "OCI index with an image without platform"
    case manifestList = "docker manifest list for linux/amd64"
}

extension TestRegistry {
    private static let wasmLayer = "application/vnd.wasm.content.layer.v1+wasm"
    private static let gzipLayer = "application/vnd.oci.image.layer.v1.tar+gzip"
    private static let dockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip"
    private static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
    private static let ociManifest = "application/vnd.oci.image.manifest.v1+json"

    /// Stores a module in some form under the tag `1.0`, and says the digest of what the tag stands for.
    func push(_ module: [UInt8], as form: ImageForm, to repository: String) throws -> ContentHash {
        _ = try push(blob: Array("{}".utf8), to: repository)
        switch form {
        case .dockerImage:
            return try push(
                layers: [(Self.dockerLayer, TestContent.compressed(TestContent.archive(["plugin.wasm": module])))],
                Self.dockerManifest, repository)
        case .dockerImageOfSeveralLayers:
            let lower = try TestContent.archive(["etc/plugin.wasm": TestContent.module("hidden"), "etc/other": [1]])
            return try push(
                layers: [
                    (Self.dockerLayer, TestContent.compressed(lower)),
                    (Self.dockerLayer, TestContent.compressed(TestContent.archive(["plugin.wasm": module]))),
                    (Self.dockerLayer, TestContent.compressed(TestContent.archive(["etc/later": [2]]))),
                ], Self.dockerManifest, repository)
        case .ociImage:
            let files = ["a.txt": Array("before".utf8), "plugin.wasm": module, "z.txt": [1, 2, 3]]
            return try push(
                layers: [(Self.gzipLayer, TestContent.compressed(TestContent.archive(files, format: "ustar")))],
                Self.ociManifest, repository)
        case .ociImageUncompressed:
            return try push(
                layers: [
                    ("application/vnd.oci.image.layer.v1.tar", TestContent.archive(["plugin.wasm": module]))
                ], Self.ociManifest, repository)
        case .ociImagePax, .ociImageLongPath:
            let path = (0..<20).map { "folder-number-\($0)" }.joined(separator: "/") + "/plugin.wasm"
            let format = form == .ociImagePax ? "pax" : "gnu"
            return try push(
                layers: [(Self.gzipLayer, TestContent.compressed(TestContent.archive([path: module], format: format)))],
                Self.ociManifest, repository)
        case .ociImageOfSeveralMembers:
            let archive = try TestContent.archive(["plugin.wasm": module])
            let layer =
                try TestContent.compressed(Array(archive[..<700])) + TestContent.compressed(Array(archive[700...]))
            return try push(layers: [(Self.gzipLayer, layer)], Self.ociManifest, repository)
        case .artifact:
            return try push(
                layers: [
                    ("application/vnd.module.wasm.config.v1+json", Array("{\"a\":1}".utf8)),
                    ("application/vnd.module.wasm.content.layer.v1+wasm", module),
                ], Self.ociManifest, repository)
        case .artifactOfOneLayer:
            return try push(layers: [(Self.wasmLayer, module)], Self.ociManifest, repository)
        case .index: return try pushIndex(module, platform: ("wasip1", "wasm"), repository)
        case .indexWithoutPlatform: return try pushIndex(module, platform: nil, repository)
        case .manifestList:
            return try pushIndex(
                module, platform: ("linux", "amd64"), repository,
                mediaType: "application/vnd.docker.distribution.manifest.list.v2+json")
        }
    }

    private func push(
        layers: [(mediaType: String, bytes: [UInt8])], _ mediaType: String, _ repository: String, tag: String? = "1.0"
    ) throws -> ContentHash {
        let descriptors = try layers.map { layer in
            let (digest, size) = try push(blob: layer.bytes, to: repository)
            return TestContent.descriptor(layer.mediaType, digest: digest, size: size)
        }
        return try push(
            manifest: TestContent.manifest(mediaType: mediaType, layers: descriptors), mediaType: mediaType,
            to: repository, tag: tag)
    }

    private func pushIndex(
        _ module: [UInt8], platform: (os: String, architecture: String)?, _ repository: String,
        mediaType: String = "application/vnd.oci.image.index.v1+json"
    ) throws -> ContentHash {
        func entry(_ module: [UInt8], _ platform: (String, String)?) throws -> String {
            let digest = try push(layers: [(Self.wasmLayer, module)], Self.ociManifest, repository, tag: nil)
            let size = TestContent.manifest(
                mediaType: Self.ociManifest,
                layers: [
                    TestContent.descriptor(Self.wasmLayer, digest: TestContent.digest(module), size: module.count)
                ]
            ).utf8.count
            return TestContent.descriptor(
                Self.ociManifest, digest: "sha256:\(digest)", size: size, platform: platform)
        }
        let entries = [
            try entry(TestContent.module("for another machine"), ("linux", "arm64")), try entry(module, platform),
        ]
        let index = #"{"schemaVersion":2,"mediaType":"\#(mediaType)","manifests":[\#(entries.joined(separator: ","))]}"#
        return try push(manifest: index, mediaType: mediaType, to: repository, tag: "1.0")
    }
}

@Suite("A real registry", .serialized)
struct RegistryTests {
    @Test("A module comes out of every form of image, by tag and by digest", arguments: ImageForm.allCases)
    func forms(_ form: ImageForm) throws {
        let registry = try TestRegistry()
        let folder = try FetchFolder()
        let module = TestContent.module(form.rawValue)
        let digest = try registry.push(module, as: form, to: "team/plugin")
        for name in ["team/plugin:1.0", "team/plugin@sha256:\(digest)", "team/plugin:other@sha256:\(digest)"] {
            let fetched = try folder.fetcher().pull(.of("\(registry.authority)/\(name)"))
            #expect(fetched.bytes == module, "\(name)")
            #expect(fetched.contentHash == ContentHash(of: module), "\(name)")
            #expect(fetched.manifestDigest == digest, "\(name)")
        }
    }

    @Test("What has a digest is fetched once; what a tag stands for is looked up every time")
    func cache() throws {
        let registry = try TestRegistry()
        let folder = try FetchFolder()
        let module = TestContent.module("kept")
        let digest = try registry.push(module, as: .dockerImage, to: "kept")
        let pinned = try ImageReference.of("\(registry.authority)/kept@sha256:\(digest)")
        #expect(try folder.fetcher().pull(pinned).bytes == module)
        registry.stop()
        #expect(try folder.fetcher().pull(pinned).bytes == module)
        let error = failure { try folder.fetcher().pull(.of("\(registry.authority)/kept:1.0")) }
        guard case .unreachable(let host, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(host == registry.authority)
    }

    @Test("What was damaged in the cache is fetched again, and not believed without the registry")
    func damage() throws {
        let registry = try TestRegistry()
        let folder = try FetchFolder()
        let module = TestContent.module("damaged")
        let digest = try registry.push(module, as: .artifact, to: "damaged")
        let pinned = try ImageReference.of("\(registry.authority)/damaged@sha256:\(digest)")
        func damageAll() throws {
            let files = folder.files
            #expect(files.count == 2)
            for file in files {
                let url = folder.url.appending(path: file)
                var bytes = try Data(contentsOf: url)
                bytes[bytes.count - 1] ^= 1
                try bytes.write(to: url)
            }
        }
        #expect(try folder.fetcher().pull(pinned).bytes == module)
        try damageAll()
        #expect(try folder.fetcher().pull(pinned).bytes == module)
        try damageAll()
        registry.stop()
        #expect(failure { try folder.fetcher().pull(pinned) } != nil)
    }

    @Test("What is not there is said to be missing")
    func missing() throws {
        let registry = try TestRegistry()
        let folder = try FetchFolder()
        _ = try registry.push(TestContent.module("there"), as: .artifact, to: "there")
        let absent = String(repeating: "0", count: 64)
        for name in ["there:2.0", "elsewhere:1.0", "there@sha256:\(absent)"] {
            let error = failure { try folder.fetcher().pull(.of("\(registry.authority)/\(name)")) }
            guard case .notFound(_, let host) = error else {
                Issue.record("\(name): \(String(describing: error))")
                continue
            }
            #expect(host == registry.authority)
        }
    }

    @Test("A registry with access control wants the credentials of Docker's configuration file")
    func credentials() throws {
        let registry = try TestRegistry(passwordHash: "$2b$04$abcdefghijklmnopqrstuu7govE5p0NSk1WUEk5C2Qm3hpPC6VJ66")
        let folder = try FetchFolder()
        let module = TestContent.module("secret")
        _ = try registry.push(module, as: .ociImage, to: "secret")
        let image = try ImageReference.of("\(registry.authority)/secret:1.0")
        for key in [registry.authority, "http://\(registry.authority)/v1/"] {
            #expect(try folder.fetcher(credentials: Credentials.file(for: key)).pull(image).bytes == module)
        }
        let helper = #"{"credHelpers": {"\#(registry.authority)": "vault"}}"#
        for (file, hint) in [
            ("{}", "docker login"), (Credentials.file(for: "registry.example"), "docker login"),
            (Credentials.file(for: registry.authority, password: "wrong"), "not accepted"),
            (helper, "docker-credential-vault, which Docker's configuration names, is not on the search path"),
            (#"{"credsStore": "../x"}"#, "`../x` is not the name of a credential helper"),
            (#"{"auths": {"\#(registry.authority)": {"identitytoken": "t"}}}"#, "identity tokens"),
            ("{ no", "cannot be read"),
        ] {
            let error = failure { try folder.fetcher(credentials: file).pull(image) }
            guard case .unauthorised(_, let found) = error else {
                Issue.record("\(file): \(String(describing: error))")
                continue
            }
            #expect(found.contains(hint), "\(file): \(found)")
            #expect(!said(error).contains("wrong"))
        }
    }
}
