package import SluiceModel

/// What all VMs of an agent process share, whatever their worker: shared data, shared queues and metrics.
package final class SharedHostState: Sendable {
    let data: SharedData
    let queues: SharedQueues
    let metrics: MetricRegistry

    /// `limits` say how much fits.
    package init(limits: GuestLimits = GuestLimits()) {
        data = SharedData(limits)
        queues = SharedQueues(limits)
        metrics = MetricRegistry(limits)
    }

    /// The value of a counter or gauge that a plugin has defined by this name; `nil` when none has.
    package func metricValue(_ name: String) -> Int64? { metrics.value(ofName: Array(name.utf8)) }
}
