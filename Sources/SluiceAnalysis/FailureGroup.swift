package import SluiceModel

/// VM failures of one strategy that look alike: same plugin, same kind, same innermost frames.
package struct FailureGroup: Sendable, Codable, Equatable {
    /// How the VMs died.
    package var kind: VMFailureKind
    /// Failures in the group, 1 or more.
    package var count: Int
    /// The earliest, by block and time.
    package var first: FailureOccurrence
    /// Requests begun in the VM at its death: lowest, middle and highest of the group.
    package var leastVMRequests: Int
    /// The lower of the two in the middle.
    package var medianVMRequests: Int
    /// The highest of the group.
    package var mostVMRequests: Int
    /// `nil` when no known cause fits.
    package var knownCause: KnownCause?
}

/// One VM failure with where it happened.
package struct FailureOccurrence: Sendable, Codable, Equatable {
    /// From 0.
    package var block: Int
    /// From 0.
    package var agent: Int
    /// From 0, of the agent.
    package var worker: Int
    /// All that was recorded of it.
    package var failure: VMFailure
}

/// What is known to lead to such a failure, and what to do about it.
package struct KnownCause: Sendable, Codable, Equatable {
    /// A few words.
    package var title: String
    /// How it comes about.
    package var cause: String
    /// What to change.
    package var wayOut: String
}

/// Collects failures of a strategy into groups.
struct FailureGrouping {
    private struct Key: Hashable {
        var plugin: String
        var kind: String
        var frames: [String]
    }
    private struct Group {
        var kind: VMFailureKind
        var first: FailureOccurrence
        var vmRequests: [Int]
    }
    /// Frames that tell one failure from another; deeper ones differ by call path only.
    private static let framesCompared = 3

    private var order: [Key] = []
    private var groups: [Key: Group] = [:]
    private let environment: [String]

    init(environment: [String]) { self.environment = environment }

    mutating func add(_ occurrence: FailureOccurrence) {
        let failure = occurrence.failure
        let key = Key(
            plugin: failure.plugin, kind: failure.kind.rawValue,
            frames: failure.backtrace.prefix(Self.framesCompared).map {
                $0.functionName ?? "function \($0.functionIndex)"
            })
        if groups[key] == nil {
            order.append(key)
            groups[key] = Group(kind: failure.kind, first: occurrence, vmRequests: [failure.vmRequestNumber])
        } else {
            groups[key]!.vmRequests.append(failure.vmRequestNumber)
            if Self.isEarlier(occurrence, than: groups[key]!.first) { groups[key]!.first = occurrence }
        }
    }

    /// Allocator failures first, then by number.
    func finish() -> [FailureGroup] {
        let finished = order.map { key -> FailureGroup in
            let group = groups[key]!
            let sorted = group.vmRequests.sorted()
            return FailureGroup(
                kind: group.kind, count: sorted.count, first: group.first, leastVMRequests: sorted[0],
                medianVMRequests: sorted[(sorted.count - 1) / 2], mostVMRequests: sorted[sorted.count - 1],
                knownCause: KnownCauses.cause(of: group.first.failure, environment: environment))
        }
        return finished.enumerated().sorted { left, right in
            let leftFirst = left.element.kind.isAllocatorFailure
            if leftFirst != right.element.kind.isAllocatorFailure { return leftFirst }
            if left.element.count != right.element.count { return left.element.count > right.element.count }
            return left.offset < right.offset
        }.map(\.element)
    }

    private static func isEarlier(_ left: FailureOccurrence, than right: FailureOccurrence) -> Bool {
        (left.block, left.failure.timeNanoseconds) < (right.block, right.failure.timeNanoseconds)
    }
}
