package import SluiceModel

/// One planned request.
package struct Arrival: Sendable, Equatable {
    /// Counts the requests of a trial over all phases, agents and workers from 0.
    package var index: Int64
    /// The intended start, in nanoseconds since the trial's common start instant.
    package var offsetNanoseconds: Int64
    /// Whether its sample counts.
    package var role: LoadRole

    package init(index: Int64, offsetNanoseconds: Int64, role: LoadRole) {
        self.index = index
        self.offsetNanoseconds = offsetNanoseconds
        self.role = role
    }
}
