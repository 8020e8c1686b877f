/// Finds the smallest memory that a plugin runs a fixed sequence of requests in, by bisection over whole pages.
///
/// Pure: it says which size to try next and is told what came of it. The heap of a conservative collector may run in m
/// pages and not in m + 1, so the sizes above what was found are tried as well, and where one of them is too small the
/// search goes on above it.
package struct MinimumHeapSearch: Sendable {
    /// What a size turned out to be.
    package enum Verdict: Sendable, Equatable {
        /// All replays went through.
        case ran
        /// Out of memory, or too slow.
        case tooSmall(reason: String)
        /// Something that more memory does not explain.
        case crashed(message: String)
    }

    /// How the search ended.
    package enum Ending: Sendable, Equatable {
        /// The smallest size, in pages.
        case found(pages: Int)
        /// Not even in the largest size, for this reason.
        case doesNotRun(reason: String)
        /// At this size, with this message.
        case crashed(pages: Int, message: String)
        /// Sizes that run and sizes that do not went on alternating.
        case unsettled(pages: Int)
    }

    private enum Phase {
        case start, down(Int), up(Int), bisect, confirm(Int), ended(Ending)
    }

    /// Sizes above the one found that must run as well.
    package static let confirmations = 3
    private static let mostRounds = 4

    private let leastPages: Int
    private let mostPages: Int
    private let start: Int
    private let stride: Int
    private var phase = Phase.start
    /// The largest size known to be too small below the one that is looked for.
    private var lower: Int
    private var upper: Int
    private var rounds = 0
    private var known: [Int: Verdict] = [:]

    /// In the order in which they were tried.
    package private(set) var attempts: [MinimumHeapAttempt] = []
    /// A size above one that ran was too small.
    package private(set) var isNonMonotone = false

    /// - Parameters:
    ///   - leastPages: what the module declares, 1 or more; nothing smaller is tried.
    ///   - mostPages: the largest size to try, not below `leastPages`.
    ///   - start: the size to begin with: what it ran in before.
    ///   - stride: how far from there the next size is, 1 or more; then twice as far, until the answer changes.
    package init(leastPages: Int, mostPages: Int, start: Int, stride: Int) {
        precondition(leastPages >= 1 && mostPages >= leastPages && stride >= 1)
        self.leastPages = leastPages
        self.mostPages = mostPages
        self.start = min(max(start, leastPages), mostPages)
        self.stride = stride
        lower = leastPages - 1
        upper = mostPages
    }

    /// The size to try next; `nil` when the search has ended.
    package var next: Int? {
        switch phase {
        case .start: start
        case .down(let width): max(leastPages, upper - width)
        case .up(let width): min(mostPages, lower + width)
        case .bisect: (lower + upper) / 2
        case .confirm(let offset): upper + offset
        case .ended: nil
        }
    }

    /// `nil` until the search has ended.
    package var ending: Ending? { if case .ended(let ending) = phase { ending } else { nil } }

    /// What came of the size that `next` named.
    package mutating func record(_ verdict: Verdict) {
        guard let pages = next else { preconditionFailure("the search has ended") }
        attempts.append(MinimumHeapAttempt(pages: pages, verdict: verdict))
        known[pages] = verdict
        apply(verdict, at: pages)
        while let pages = next, let verdict = known[pages] { apply(verdict, at: pages) }
    }

    private mutating func apply(_ verdict: Verdict, at pages: Int) {
        switch verdict {
        case .crashed(let message): phase = .ended(.crashed(pages: pages, message: message))
        case .ran: goOn(afterRunningIn: pages)
        case .tooSmall(let reason): goOn(afterFailingIn: pages, reason)
        }
    }

    private mutating func goOn(afterRunningIn pages: Int) {
        if case .confirm(let offset) = phase {
            let isLast = offset == Self.confirmations || upper + offset == mostPages
            phase = isLast ? .ended(.found(pages: upper)) : .confirm(offset + 1)
            return
        }
        let earlier = phase
        upper = pages
        guard pages > leastPages else { return confirm() }
        switch earlier {
        case .start: phase = .down(stride)
        case .down(let width): phase = .down(2 * width)
        case .up, .bisect, .confirm, .ended: narrow()
        }
    }

    private mutating func goOn(afterFailingIn pages: Int, _ reason: String) {
        lower = pages
        switch phase {
        case .start, .up:
            guard pages < mostPages else {
                phase = .ended(.doesNotRun(reason: reason))
                return
            }
            if case .up(let width) = phase { phase = .up(2 * width) } else { phase = .up(stride) }
        case .confirm:
            isNonMonotone = true
            rounds += 1
            guard rounds < Self.mostRounds, pages < mostPages else {
                phase = .ended(.unsettled(pages: pages))
                return
            }
            phase = .up(1)
        case .down, .bisect, .ended: narrow()
        }
    }

    private mutating func narrow() {
        if upper - lower > 1 { phase = .bisect } else { confirm() }
    }

    private mutating func confirm() {
        phase = upper < mostPages ? .confirm(1) : .ended(.found(pages: upper))
    }
}

/// One size that was tried.
package struct MinimumHeapAttempt: Sendable, Equatable {
    /// Of 64 KiB.
    package var pages: Int
    /// What came of it.
    package var verdict: MinimumHeapSearch.Verdict
}
