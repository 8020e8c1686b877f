/// In which order the trials of a run take place.
///
/// Strategies are compared within a block, back to back. Blocks go in pairs, the second in the reverse order of the
/// first, so that a machine that slowly changes favours nobody; and every pair begins with another strategy, so that
/// nobody always comes first: A B, B A, B A, A B, … for two.
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
            let shift = strategies.isEmpty ? 0 : block / 2 % strategies.count
            let order = strategies[shift...] + strategies[..<shift]
            return (block % 2 == 0 ? Array(order) : order.reversed()).map { Entry(strategy: $0, block: block) }
        }
    }
}
