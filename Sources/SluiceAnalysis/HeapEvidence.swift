/// What a verdict on a memory rests on, the best that there is.
package enum HeapEvidence: String, Sendable, Codable, Equatable, CaseIterable {
    /// Tier 1: live bytes after collections, which the plugin itself reports.
    case liveBytes = "live-bytes"
    /// Tier 2: how much more heap longer sequences need, see `LeakEvidence`.
    case smallestHeaps = "smallest-heaps"
    /// Tier 3: the steps in which the memory grew.
    case pages

    /// 1 is the best.
    package var tier: Int {
        switch self {
        case .liveBytes: 1
        case .smallestHeaps: 2
        case .pages: 3
        }
    }

    /// `tier 3, pages only`.
    package var words: String {
        switch self {
        case .liveBytes: "tier 1, live bytes that the plugin reports"
        case .smallestHeaps: "tier 2, smallest heaps"
        case .pages: "tier 3, pages only"
        }
    }
}
