import Glibc

/// Where this user's caches are, and how they are kept small.
package enum CacheDirectory {
    /// `$XDG_CACHE_HOME/sluice` or `~/.cache/sluice`; `nil` when neither is set to an absolute path.
    package static func defaultPath() -> String? {
        if let base = absolutePath(in: "XDG_CACHE_HOME") { return "\(base)/sluice" }
        return absolutePath(in: "HOME").map { "\($0)/.cache/sluice" }
    }

    /// Removes the files that were used longest ago until the rest is not above the limit.
    ///
    /// - Parameters:
    ///   - suffix: of the names of the files that count.
    ///   - kept: the path of a file that stays in any case.
    package static func removeOldest(in directory: String, suffix: String, limitBytes: Int, keeping kept: String) {
        var files: [(path: String, bytes: Int, usedSeconds: Int)] = []
        for name in PrivateDirectory.names(in: directory) where name.hasSuffix(suffix) {
            let path = "\(directory)/\(name)"
            if let (bytes, usedSeconds) = PrivateFile.sizeAndTime(path) { files.append((path, bytes, usedSeconds)) }
        }
        var total = files.reduce(0) { $0 + $1.bytes }
        for file in files.sorted(by: { $0.usedSeconds < $1.usedSeconds }) where total > limitBytes {
            guard file.path != kept else { continue }
            unlink(file.path)
            total -= file.bytes
        }
    }

    private static func absolutePath(in variable: String) -> String? {
        guard let value = getenv(variable) else { return nil }
        let path = String(cString: value)
        return path.hasPrefix("/") ? path : nil
    }
}
