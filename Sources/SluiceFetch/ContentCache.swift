import Glibc
package import SluiceModel
package import SluiceProcess
import SluiceWire

/// What was fetched from elsewhere, by the hash of its content, for this user.
///
/// The directory is private, and a hash is computed again at every read: what was damaged is fetched again.
package struct ContentCache: Sendable {
    /// What was used longest ago goes when something new brings the cache above this.
    package static let limitBytes = 1 << 30

    private static let suffix = ".content"
    private let directory: String

    /// Makes the directory, or refuses one that others can get at.
    package init(directory: String) throws(ProcessError) {
        self.directory = directory
        try PrivateDirectory.open(directory)
    }

    /// `nil` when it is not there, or no longer what it was.
    package func content(_ hash: ContentHash, limitBytes: Int) -> [UInt8]? {
        let path = path(hash)
        guard let bytes = try? PrivateFile.read(path, limit: limitBytes) else { return nil }
        guard ContentHash(of: bytes) == hash else {
            unlink(path)
            return nil
        }
        PrivateFile.touch(path)
        return bytes
    }

    /// - Parameter hash: must be that of the bytes.
    package func keep(_ bytes: [UInt8], as hash: ContentHash) throws(ProcessError) {
        let path = path(hash)
        try PrivateFile.write(bytes, to: path)
        CacheDirectory.removeOldest(
            in: directory, suffix: Self.suffix, limitBytes: Self.limitBytes, keeping: path)
    }

    private func path(_ hash: ContentHash) -> String { "\(directory)/\(hash.hexadecimal)\(Self.suffix)" }
}
