import Synchronization

/// Set once by the control plane, read by the workers.
package final class StopFlag: Sendable {
    private let flag = Atomic(false)

    package init() {}

    var isSet: Bool { flag.load(ordering: .relaxed) }

    /// Makes the workers end early, each as soon as it looks at the flag next. It cannot be taken back.
    package func set() { flag.store(true, ordering: .relaxed) }
}
