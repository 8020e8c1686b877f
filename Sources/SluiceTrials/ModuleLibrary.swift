package import SluiceModel
import SluiceProcess
import SluiceWire

/// The modules of a workload, read once; agents get them by their hash.
package struct ModuleLibrary: Sendable {
    /// What agents fetch.
    package private(set) var contents: [ContentHash: [UInt8]] = [:]
    private var hashes: [ModuleReference: ContentHash] = [:]

    /// A module that cannot be read.
    package struct Unreadable: Error, CustomStringConvertible {
        /// The module as the workload names it.
        package var module: ModuleReference
        /// What went wrong, in the system's words.
        package var reason: String
        package var description: String { "cannot read module \(module.written): \(reason)" }
    }

    /// Larger modules are refused; the largest that is known to be in use has 60 MiB.
    private static let limitBytes = 256 * Units.mebibyte

    package init(workload: Workload, strategies: [Strategy]) throws(Unreadable) {
        for module in workload.plugins.compactMap(\.module) + strategies.map(\.module) where hashes[module] == nil {
            do throws(ProcessError) {
                let bytes = try PrivateFile.read(module.path, limit: Self.limitBytes)
                let hash = ContentHash(of: bytes)
                hashes[module] = hash
                contents[hash] = bytes
            } catch {
                throw Unreadable(module: module, reason: error.description)
            }
        }
    }

    /// The module must have been read.
    package func hash(of module: ModuleReference) -> ContentHash {
        guard let hash = hashes[module] else { preconditionFailure("module \(module.written) was not read") }
        return hash
    }

    /// One hash for each plugin of the chain.
    package func hashes(of strategy: Strategy, plugins: [PluginSpecification]) -> [ContentHash] {
        plugins.map { hash(of: $0.module ?? strategy.module) }
    }
}
