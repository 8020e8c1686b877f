import SluiceProcess

/// The pipes of a process that an agent started: the other ends of a `PipedProcess`.
struct InheritedPipes {
    let incoming = FrameReader(Descriptor(owning: 3))
    let outgoing = FrameWriter(Descriptor(owning: 4))

    /// Takes them over; once in a process.
    init() {
        Signals.dieWithParent()
        Signals.ignoreBrokenPipes()
    }
}
