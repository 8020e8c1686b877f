import Glibc
import SluiceProcess

/// Where the agents of one run find their coordinator: a directory of this user alone, with a socket in it.
///
/// Its owner holds a lock on it, so that what a killed coordinator left behind is known by its free lock and removed
/// by the next one.
package struct RendezvousDirectory: Sendable {
    /// What the kernel takes for a socket's path, with some to spare.
    static let longestSocketPathBytes = 100

    private static let readyPrefix = "sluice-run-"
    private static let newPrefix = "sluice-new-"

    /// The directory, absolute.
    package let path: String
    private let lock: Descriptor

    /// Where the coordinator listens; at most `longestSocketPathBytes` long.
    package var socketPath: String { "\(path)/socket" }

    /// In the first of the base directories that will do.
    package static func create(in bases: [String]) throws(ClusterError) -> RendezvousDirectory {
        var tried: [String] = []
        for base in bases {
            let length = "\(base)/\(readyPrefix)XXXXXX/socket".utf8.count
            guard length <= longestSocketPathBytes else {
                tried.append(
                    "\(base): a socket's path there would have \(length) bytes, over \(longestSocketPathBytes)")
                continue
            }
            do throws(ProcessError) { return try create(in: base) } catch { tried.append("\(base): \(error)") }
        }
        throw .noDirectory(tried: tried)
    }

    /// `$XDG_RUNTIME_DIR`, `$TMPDIR`, `/tmp`, as far as they are set.
    static func defaultBases() -> [String] {
        var bases: [String] = []
        for variable in ["XDG_RUNTIME_DIR", "TMPDIR"] {
            guard let value = getenv(variable) else { continue }
            let path = String(cString: value)
            if path.hasPrefix("/") { bases.append(path) }
        }
        return bases + ["/tmp"]
    }

    /// Removes what coordinators of this user that are gone have left there.
    package static func sweep(_ base: String) {
        for name in PrivateDirectory.names(in: base) where name.hasPrefix(readyPrefix) {
            let path = "\(base)/\(name)"
            // Opening checks the owner as well: a directory of somebody else is none of our business.
            guard (try? PrivateDirectory.open(path)) != nil, access("\(path)/lock", F_OK) == 0,
                let lock = try? PrivateFile.lock("\(path)/lock", wait: false)
            else { continue }
            withExtendedLifetime(lock) { PrivateDirectory.remove(path) }
        }
    }

    /// Called in every ending.
    package func remove() { PrivateDirectory.remove(path) }

    private static func create(in base: String) throws(ProcessError) -> RendezvousDirectory {
        sweep(base)
        // Under another name until it is locked: a sweep must not take it for left over.
        let new = try PrivateDirectory.makeTemporary(in: base, prefix: newPrefix)
        guard let lock = try PrivateFile.lock("\(new)/lock", wait: true) else { throw .last("lock \(new)") }
        let ready = "\(base)/\(readyPrefix)\(new.suffix(6))"
        guard rename(new, ready) == 0 else {
            PrivateDirectory.remove(new)
            throw .last("rename \(new)")
        }
        return RendezvousDirectory(path: ready, lock: lock)
    }
}
