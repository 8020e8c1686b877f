import SluiceModel

/// What plugins add to streams counts until the stream object is used again, and large buffers end with it.
extension StreamState {
    /// The stream before is forgotten.
    @inline(__always)
    mutating func releaseAdded(_ clock: UnsafeMutablePointer<ChainClock>) {
        let added = addedBytes
        guard added != 0 else { return }
        clock.pointee.streamBytes &-= added
        addedBytes = 0
        countedDataBytes = 0
        if added > HostLimits.keptStreamBytes { dropBuffers() }
    }

    /// All but the first two maps and bodies, which hold what comes next already.
    @inline(never)
    private mutating func dropBuffers() {
        for index in 2..<4 { maps[index] = HeaderBlock() }
        for index in 2..<6 { bodies[index] = [] }
        for index in 0..<2 * filterCount { waiting[index] = [] }
        properties = HeaderBlock()
        localResponse = LocalResponse()
    }

    /// The stream is over: nobody reads its request any more, and its buffers go back to the target.
    @inline(__always)
    mutating func dropLargeRequest() {
        guard addedBytes > HostLimits.keptStreamBytes else { return }
        for index in 0..<2 { maps[index] = HeaderBlock() }
    }
}

/// What a host call adds to its stream.
extension HostCall {
    /// Whether so many bytes more fit. Without a stream nothing is added.
    @inline(__always)
    func admits(_ byteCount: Int) -> Bool {
        let clock = vm.pointee.clock
        guard clock.pointee.streamBytes &+ byteCount > clock.pointee.streamBytesLimit else { return true }
        noteRefusedChange()
        return false
    }

    @inline(never)
    func noteRefusedChange() { vm.pointee.tallies.events.streamChangesRefused += 1 }

    /// Counts a change that has been made, in bytes; below 0 when there are fewer now.
    @inline(__always)
    func charge(_ change: Int, to stream: UnsafeMutablePointer<StreamState>) {
        stream.pointee.addedBytes &+= change
        vm.pointee.clock.pointee.streamBytes &+= change
    }

    /// The same for a body. The data of a connection leave its buffers again and again, so that what is in them counts.
    func chargeBody(_ change: Int, to stream: UnsafeMutablePointer<StreamState>) {
        guard stream.pointee.isConnection else { return charge(change, to: stream) }
        let present =
            stream.pointee.body(.request, .work).pointee.count + stream.pointee.body(.response, .work).pointee.count
        charge(present - stream.pointee.countedDataBytes, to: stream)
        stream.pointee.countedDataBytes = present
    }
}
