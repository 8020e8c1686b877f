import Glibc
package import SluiceModel
package import SluiceProcess
import SluiceWire

/// Native code that engines made on this host for this user, so that a module is compiled once a host.
///
/// Native code is trusted like this program itself, so it is read from a directory of this user alone,
/// never from the wire. A file holds the SHA-256 of the code and the code.
package struct ArtifactCache: Sendable {
    /// Oldest files go when a new one brings the cache above this.
    package static let limitBytes = 1 << 30

    private static let hashCount = 64
    private static let suffix = ".artifact"
    private let directory: String

    /// Makes the directory, or refuses one that others can get at.
    package init(directory: String) throws(ProcessError) {
        self.directory = directory
        try PrivateDirectory.open(directory)
    }

    /// The path of the native code of a module under an engine's key, made by `compile` when it is not there.
    ///
    /// Of several processes that want the same, one compiles and the others wait for it.
    package func artifact(
        module: ContentHash, engineKey: String, compile: () throws -> [UInt8]
    ) throws -> String {
        let name = ContentHash(of: Array("\(module.hexadecimal)\n\(engineKey)".utf8)).hexadecimal
        let path = "\(directory)/\(name)\(Self.suffix)"
        let lock = try PrivateFile.lock("\(directory)/\(name).lock", wait: true)
        defer { withExtendedLifetime(lock) {} }
        if (try? Self.read(path)) != nil {
            PrivateFile.touch(path)
            return path
        }
        let code = try compile()
        try PrivateFile.write(Array(ContentHash(of: code).hexadecimal.utf8) + code, to: path)
        CacheDirectory.removeOldest(
            in: directory, suffix: Self.suffix, limitBytes: Self.limitBytes, keeping: path)
        return path
    }

    /// The native code in a file of the cache; throws when it is not as it was written.
    package static func read(_ path: String) throws -> [UInt8] {
        let bytes = try PrivateFile.read(path)
        let code = Array(bytes.dropFirst(hashCount))
        guard ContentHash(of: code).hexadecimal.utf8.elementsEqual(bytes.prefix(hashCount)) else {
            throw TrialFailure(kind: .internalError, reason: "\(path) is damaged; remove it to have it made again")
        }
        return code
    }
}
