/// The minimum mutator utilisation: the share of a window of time that the plugin has for its work at least, when the
/// window lies where its collector takes most. It shows what a longest pause hides, short pauses in a row.
///
/// P. Cheng, G. Blelloch, A parallel, real-time garbage collector, PLDI 2001. A module tells nobody when its collector
/// runs, so that it is estimated, see `Evidence`.
package struct MutatorUtilisation: Sendable, Codable, Equatable {
    /// What is taken for the collector's time.
    package enum Evidence: String, Sendable, Codable, Equatable {
        /// What requests took beyond the median service time, in intervals in which the plugin reports a collection.
        case collections
        /// What requests took beyond the median service time, whatever it was.
        case serviceTime = "service-time"
        /// Nothing can be told.
        case none
    }

    /// Windows that are looked at, in nanoseconds.
    package static let windowsNanoseconds: [Int64] = [1_000_000, 10_000_000, 100_000_000, 1_000_000_000]

    /// What the figures rest on.
    package var evidence: Evidence
    /// How to read the figures, or why there are none.
    package var explanation: String
    /// One for each of `windowsNanoseconds`.
    package var windows: [Window]

    /// A window and what is left to the plugin in it.
    package struct Window: Sendable, Codable, Equatable {
        /// Its length.
        package var nanoseconds: Int64
        /// 0 to 1; `nil`: not known.
        package var minimum: Double?
    }

    /// Not available, and why.
    static func unknown(_ explanation: String) -> MutatorUtilisation {
        MutatorUtilisation(
            evidence: .none, explanation: explanation,
            windows: windowsNanoseconds.map { Window(nanoseconds: $0, minimum: nil) })
    }
}
