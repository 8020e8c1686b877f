import CLinux
import Glibc

/// Files of this user alone, and locks between processes.
package enum PrivateFile {
    /// Puts the bytes under the name in one step: readers see all of them or what was there before.
    package static func write(_ bytes: [UInt8], to path: String) throws(ProcessError) {
        let temporary = "\(path).\(getpid()).new"
        let number = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard number >= 0 else { throw .last("create \(temporary)") }
        let file = Descriptor(owning: number)
        do throws(ProcessError) {
            try file.write(bytes)
            guard fsync(number) == 0 else { throw .last("write \(temporary)") }
            guard rename(temporary, path) == 0 else { throw .last("rename \(temporary)") }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// - Parameter limit: more bytes than that are an error.
    package static func read(_ path: String, limit: Int = 1 << 30) throws(ProcessError) -> [UInt8] {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw .last("open \(path)") }
        let bytes = try Descriptor(owning: number).readToEnd(limit: limit + 1)
        guard bytes.count <= limit else { throw .system(attempt: "read \(path)", code: EFBIG) }
        return bytes
    }

    /// Bytes, and Unix time of the last write or touch; `nil` when it is not there.
    package static func sizeAndTime(_ path: String) -> (bytes: Int, seconds: Int)? {
        var information = stat()
        guard lstat(path, &information) == 0 else { return nil }
        return (Int(information.st_size), information.st_mtim.tv_sec)
    }

    /// Marks a file as used now.
    package static func touch(_ path: String) { utimensat(AT_FDCWD, path, nil, 0) }

    /// Locks a file, made when missing, against every other process; the lock lasts as long as what is returned,
    /// and ends with the process in any case.
    ///
    /// - Parameter wait: otherwise `nil` when somebody else holds it.
    package static func lock(_ path: String, wait: Bool) throws(ProcessError) -> Descriptor? {
        let number = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard number >= 0 else { throw .last("open \(path)") }
        let file = Descriptor(owning: number)
        while flock(number, LOCK_EX | (wait ? 0 : LOCK_NB)) != 0 {
            if errno == EWOULDBLOCK { return nil }
            guard errno == EINTR else { throw .last("lock \(path)") }
        }
        return file
    }
}
