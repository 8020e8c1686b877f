/// In which order the trials of a run take place.
///
/// Strategies are compared within a block, back to back; the order turns from block to block, so that no strategy
/// always runs on a machine that another has just warmed or worn: A B, B A, … for two, a rotation for more.
package enum TrialOrder {
    /// One trial's place in the order.
    package struct Entry: Sendable, Equatable {
        /// The strategy that the trial runs, by name.
        package var strategy: String
        /// From 0.
        package var block: Int
    }

    /// - Parameter blocks: 1 or more.
    package static func entries(strategies: [String], blocks: Int) -> [Entry] {
        (0..<blocks).flatMap { block in
            let shift = strategies.isEmpty ? 0 : block % strategies.count
            return (strategies[shift...] + strategies[..<shift]).map { Entry(strategy: $0, block: block) }
        }
    }
}
