import Glibc
import Synchronization

/// Address space of an engine's memories that are gone, for its next ones. A strategy with a fresh VM for each request
/// otherwise maps and unmaps gigabytes for each, under a lock that all threads of the process share.
final class RegionPool: Sendable {
    private struct Region {
        var mapping: LinearMapping
        /// Bytes from the base on that can be read and written, and are zero.
        var accessible: Int
    }

    /// Beyond them address space is given back.
    private static let mostRegions = 16
    private let regions = Mutex<[Region]>([])

    deinit {
        for region in regions.withLock({ $0 }) { region.mapping.unmap() }
    }

    /// Zeros from the base up to `accessible`, and nothing that can be touched behind them. `nil` with `errno` set when
    /// the system refuses.
    func take(usableBytes: Int, guardBytes: Int, accessible: Int) -> LinearMapping? {
        let total = LinearMapping.totalBytes(usableBytes: usableBytes, guardBytes: guardBytes)
        let reused = regions.withLock { regions in
            regions.lastIndex { $0.mapping.totalBytes == total && $0.mapping.usableBytes == usableBytes }
                .map { regions.remove(at: $0) }
        }
        guard let reused else {
            return LinearMapping.make(usableBytes: usableBytes, guardBytes: guardBytes, accessible: accessible)
        }
        guard reused.mapping.setAccessible(from: reused.accessible, to: accessible) else {
            let code = errno
            reused.mapping.unmap()
            errno = code
            return nil
        }
        return reused.mapping
    }

    /// The memory is gone; `accessible` is the size that it had.
    func give(_ mapping: LinearMapping, accessible: Int) {
        // Private pages without a file behind them come back as zeros.
        let bytes = LinearMapping.pageRounded(accessible)
        let isEmptied = bytes == 0 || madvise(mapping.base, bytes, MADV_DONTNEED) == 0
        let isKept =
            isEmptied
            && regions.withLock { regions in
                guard regions.count < Self.mostRegions else { return false }
                regions.append(Region(mapping: mapping, accessible: accessible))
                return true
            }
        if !isKept { mapping.unmap() }
    }
}

/// Address space for a memory: usable bytes, of which the first are accessible, and a guard behind them that never is.
///
/// `@unchecked`: an address and two sizes.
struct LinearMapping: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let usableBytes: Int
    let totalBytes: Int

    static func totalBytes(usableBytes: Int, guardBytes: Int) -> Int {
        max(pageRounded(usableBytes + guardBytes), pageSize)
    }

    /// `nil` with `errno` set when the system refuses.
    static func make(usableBytes: Int, guardBytes: Int, accessible: Int) -> LinearMapping? {
        let total = totalBytes(usableBytes: usableBytes, guardBytes: guardBytes)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let base = mmap(nil, total, PROT_NONE, flags, -1, 0), base != MAP_FAILED else { return nil }
        let mapping = LinearMapping(base: base, usableBytes: usableBytes, totalBytes: total)
        guard mapping.setAccessible(from: 0, to: accessible) else {
            let code = errno
            mapping.unmap()
            errno = code
            return nil
        }
        return mapping
    }

    /// Makes the accessible part longer or shorter. What is taken away holds zeros or is not wanted any more.
    func setAccessible(from oldSize: Int, to newSize: Int) -> Bool {
        let (old, new) = (Self.pageRounded(oldSize), Self.pageRounded(newSize))
        if new > old { return mprotect(base + old, new - old, PROT_READ | PROT_WRITE) == 0 }
        return new == old || mprotect(base + new, old - new, PROT_NONE) == 0
    }

    func unmap() { munmap(base, totalBytes) }

    /// Up to a whole page of the system's.
    static func pageRounded(_ bytes: Int) -> Int { (bytes + pageSize - 1) & ~(pageSize - 1) }

    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
}
