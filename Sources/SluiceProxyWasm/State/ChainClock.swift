/// Time, progress and use of a chain, as its VMs and streams see them.
struct ChainClock {
    /// As the caller of the chain gave it last.
    var nowNanoseconds: Int64 = 0
    /// Requests begun in this worker.
    var requestsBegun = 0
    /// What plugins have added to the streams of the chain, and how much that may be.
    var streamBytes = 0
    var streamBytesLimit = Int.max
}
