extension WorkloadReader {
    /// A duration as workload files write it, `90s` or `30m`, in nanoseconds; `nil` when it is none, or not above 0.
    package static func duration(_ text: String) -> Int64? {
        (try? UnitParser.duration(text)).flatMap { $0 > 0 ? $0 : nil }
    }
}
