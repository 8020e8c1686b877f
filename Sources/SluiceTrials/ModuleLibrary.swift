import SluiceFetch
package import SluiceModel
import SluiceProcess
import SluiceWire

/// The modules of a workload, read or fetched once; agents get them by their hash.
package struct ModuleLibrary: Sendable {
    /// What agents fetch.
    package private(set) var contents: [ContentHash: [UInt8]] = [:]
    private var modules: [ModuleSource: Identity] = [:]

    /// What a source turned out to be.
    private struct Identity {
        var contentHash: ContentHash
        var manifestDigest: ContentHash?
    }

    /// The modules that could not be had, all of them.
    package struct Unavailable: Error, CustomStringConvertible {
        /// One line a module, with its name in the workload and who needs it.
        package var problems: [String]
        /// The user wanted an end; the rest was not tried.
        package var isInterrupted = false
        package var description: String { problems.joined(separator: "\n") }
    }

    /// Larger modules are refused; the largest that is known to be in use has 60 MiB.
    private static let limitBytes = 256 * Units.mebibyte

    /// Reads and fetches one after the other, and goes on after an error to find all of them.
    ///
    /// It blocks while it fetches.
    ///
    /// - Parameters:
    ///   - onProgress: gets a line before and after each module from elsewhere.
    ///   - isCancelled: asked again and again meanwhile.
    package init(
        workload: Workload, strategies: [Strategy], onProgress: @escaping @Sendable (String) -> Void,
        isCancelled: @escaping @Sendable () -> Bool
    ) throws(Unavailable) {
        var unavailable = Unavailable(problems: [])
        var seen: Set<ModuleSource> = []
        let fetcher = Self.fetcher(onProgress: onProgress, isCancelled: isCancelled)
        let users =
            workload.plugins.compactMap { plugin in plugin.module.map { ($0, "plugin \(plugin.name)") } }
            + strategies.map { ($0.module, "strategy \($0.name)") }
        for (module, user) in users where seen.insert(module.source).inserted {
            do {
                try take(module, fetcher, onProgress)
            } catch FetchError.interrupted {
                unavailable.isInterrupted = true
                throw unavailable
            } catch {
                let attempt = if case .file = module.source { "read" } else { "fetch" }
                unavailable.problems.append("cannot \(attempt) module \(module.written) (\(user)): \(error)")
            }
        }
        guard unavailable.problems.isEmpty else { throw unavailable }
    }

    /// The bytes of one module that is not in a file.
    ///
    /// It blocks.
    ///
    /// - Parameter onProgress: gets a line before and after.
    package static func fetch(_ module: ModuleReference, onProgress: @escaping (String) -> Void) throws -> [UInt8] {
        var library = ModuleLibrary()
        try library.take(module, fetcher(onProgress: onProgress, isCancelled: { false }), onProgress)
        return library.contents[library.hash(of: module)] ?? []
    }

    private init() {}

    /// The module must have been read.
    package func hash(of module: ModuleReference) -> ContentHash {
        guard let identity = modules[module.source] else { preconditionFailure("\(module.written) was not read") }
        return identity.contentHash
    }

    /// One hash for each plugin of the chain.
    package func hashes(of strategy: Strategy, plugins: [PluginSpecification]) -> [ContentHash] {
        plugins.map { hash(of: $0.module ?? strategy.module) }
    }

    /// The workload with the digests that its images turned out to have.
    package func resolved(_ workload: Workload) -> Workload {
        var workload = workload
        for index in workload.plugins.indices {
            guard let source = workload.plugins[index].module?.source else { continue }
            workload.plugins[index].module?.manifestDigest = modules[source]?.manifestDigest
        }
        for index in workload.strategies.indices {
            let source = workload.strategies[index].module.source
            workload.strategies[index].module.manifestDigest = modules[source]?.manifestDigest
        }
        return workload
    }

    private mutating func take(
        _ module: ModuleReference, _ fetcher: ModuleFetcher, _ onProgress: (String) -> Void
    ) throws {
        let fetched: FetchedModule
        switch module.source {
        case .file(let path):
            let bytes = try PrivateFile.read(path, limit: Self.limitBytes)
            let hash = ContentHash(of: bytes)
            contents[hash] = bytes
            modules[module.source] = Identity(contentHash: hash)
            return
        case .download(let address, let contentHash):
            onProgress("fetching \(module.written)")
            fetched = try fetcher.download(address, contentHash: contentHash)
        case .image(let image):
            onProgress("fetching \(module.written)")
            fetched = try fetcher.pull(image)
        }
        contents[fetched.contentHash] = fetched.bytes
        modules[module.source] = Identity(
            contentHash: fetched.contentHash, manifestDigest: fetched.manifestDigest)
        let digest = fetched.manifestDigest.map { ", manifest sha256:\($0)" } ?? ""
        onProgress(
            "fetched \(module.written): \(Units.bytes(fetched.bytes.count)), sha256 \(fetched.contentHash)\(digest)")
    }

    private static func fetcher(
        onProgress: (String) -> Void, isCancelled: @escaping @Sendable () -> Bool
    ) -> ModuleFetcher {
        var cache: ContentCache?
        if let directory = CacheDirectory.defaultPath() {
            do throws(ProcessError) {
                // The compiled modules' own directory is private already; this one lies in it.
                try PrivateDirectory.open(directory)
                cache = try ContentCache(directory: "\(directory)/modules")
            } catch {
                onProgress("modules are fetched for this run only, there is no cache: \(error.description)")
            }
        }
        return ModuleFetcher(cache: cache, isCancelled: isCancelled)
    }
}
