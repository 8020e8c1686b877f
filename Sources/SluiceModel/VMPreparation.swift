/// What an agent's VMs are made of in a trial, and which it made before those of its workers.
package struct VMPreparation: Sendable, Codable, Equatable {
    /// VMs that were started and configured before those of the workers and thrown away: one for each plugin.
    package var canaries: Int
    package var memory: GuestMemoryKind

    package init(canaries: Int, memory: GuestMemoryKind) {
        self.canaries = canaries
        self.memory = memory
    }
}

/// What the memories of an engine's instances are: what a fresh one costs, and whether every growth is seen.
package enum GuestMemoryKind: String, Sendable, Codable, Equatable, CaseIterable {
    /// Our own: address space of memories that are gone is used again, pages are zero and come when they are touched,
    /// and compiled code copies the data segments into them, as there is no copy-on-write image.
    case own
    /// Instances have none.
    case none

    /// For people.
    package var words: String {
        switch self {
        case .own: "own linear memory, address space used again, data segments copied at instantiation"
        case .none: "no memory"
        }
    }
}
