package import SluiceModel
package import SluiceProxyWasm

/// The Proxy-Wasm metrics that a workload wants to see, read at the end of each interval.
package struct ObservedMetrics {
    private let names: [String]
    private let shared: SharedHostState

    package init(observations: [Observation], shared: SharedHostState) {
        names = observations.map(\.metric)
        self.shared = shared
    }

    /// Metrics that no plugin has defined leave no sample: unknown is not 0.
    func sample(into samples: inout [MetricSample], nowNanoseconds: Int64) {
        for name in names {
            if let value = shared.metricValue(name) {
                samples.append(MetricSample(timeNanoseconds: nowNanoseconds, name: name, value: value))
            }
        }
    }
}
