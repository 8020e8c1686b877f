/// After how many blocks a gate looks at its results, and with which risk at each look.
///
/// Who looks four times with 5 % each is wrong 13 times in 100. The level of each look is such that all looks together
/// are wrong at most 5 times in 100, on either side, at the limit itself; simulated with normal log-ratios.
package struct LookPlan: Sendable, Equatable {
    /// Blocks at each look, ascending; at least one.
    package let looks: [Int]
    /// The risk at each look, on one side.
    package let level: Double

    /// The looks of a gate that may take as many blocks as it needs.
    package static let standardLooks = [8, 16, 24, 40]
    /// The risk of all looks together, on one side.
    package static let totalLevel = 0.05
    /// By number of looks, from one.
    private static let levels = [totalLevel, 0.0295, 0.022, 0.0177]

    /// Stops at a look that decides, and at the latest after `atMost` blocks, 1 or more; more than 40 are not used.
    package static func sequential(atMost: Int) -> LookPlan {
        let last = min(max(1, atMost), standardLooks[standardLooks.count - 1])
        let looks = standardLooks.filter { $0 < last } + [last]
        return LookPlan(looks: looks, level: levels[looks.count - 1])
    }

    /// One look, after all `blocks`, 1 or more.
    package static func fixed(blocks: Int) -> LookPlan { LookPlan(looks: [max(1, blocks)], level: totalLevel) }

    /// The most blocks that it may take.
    package var mostBlocks: Int { looks[looks.count - 1] }
}
