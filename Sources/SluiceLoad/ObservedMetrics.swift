package import SluiceModel
package import SluiceProxyWasm

/// The numbers of plugins that a workload wants to see, read at the end of each interval.
package struct ObservedMetrics {
    private let names: [String]
    private let shared: SharedHostState
    private let logNumbers: LogNumbers?

    package init(observations: [Observation], shared: SharedHostState) {
        self.init(observations: observations, shared: shared, logNumbers: nil)
    }

    /// With those of the worker's log.
    init(observations: [Observation], shared: SharedHostState, logNumbers: LogNumbers?) {
        names = observations.filter { $0.log == nil }.map(\.metric)
        self.shared = shared
        self.logNumbers = logNumbers
    }

    /// Metrics that no plugin has defined leave no sample: unknown is not 0.
    func sample(into samples: inout [MetricSample], nowNanoseconds: Int64) {
        for name in names {
            if let value = shared.metricValue(name) {
                samples.append(MetricSample(timeNanoseconds: nowNanoseconds, name: name, value: value))
            }
        }
        logNumbers?.sample(into: &samples, nowNanoseconds: nowNanoseconds)
    }
}
