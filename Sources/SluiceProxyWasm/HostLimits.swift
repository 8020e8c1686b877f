/// Bounds on what a guest can make the host keep, of one thing each; `GuestLimits` has those of all together. They lie
/// far above what plugins need; what goes beyond fails with `InternalFailure` in the guest and costs the host nothing.
enum HostLimits {
    /// Bytes of one header map, live and replaced fields together.
    static let headerMapBytes = 1 << 20
    static let headerMapEntries = 4096
    /// Bytes of one body buffer.
    static let bodyBytes = 1 << 28
    /// Bytes that the filters of one stream keep as properties.
    static let propertyBytes = 1 << 20
    /// Buffers that the finished call-outs of one chain keep for the next ones.
    static let idleCallOutBytes = 1 << 26
    /// A stream to which plugins have added more gives its buffers back when it is over.
    static let keptStreamBytes = 1 << 16
    /// `random_get` in one call, as in the C++ host.
    static let randomBytes: UInt32 = 64 * 1024
    /// Longest wait in one `poll_oneoff`: nothing can interrupt it, and the worker waits along.
    static let pollNanoseconds: UInt64 = 100_000_000
    static let pollSubscriptions: UInt32 = 4096
}
