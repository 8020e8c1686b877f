/// Bounds on what plugins can make the host keep, beside memory and time. What goes beyond them is refused with
/// `InternalFailure`, costs the host nothing, and is counted.
package struct GuestLimits: Sendable, Codable, Equatable {
    /// Elements of each table of a VM, 1 to 10,000,000: a `table.grow` beyond it gives the guest -1, and a module that
    /// declares more is not instantiated.
    package var tableElements: Int
    /// Log lines of a VM that are kept in a second, 1 or more; the others are counted and dropped.
    package var logLinesPerSecond: Int
    /// Messages that wait in one shared queue, 1 or more.
    package var queueMessages: Int
    /// Bytes that wait in all shared queues of an agent, and of the queues' names; each message and each queue is
    /// counted with `entryBytes` more.
    package var queueBytes: Int
    /// Shared queues of an agent, 1 or more.
    package var queues: Int
    /// Call-outs of a worker that are under way at the same time, 1 or more.
    package var callOuts: Int
    /// Bytes that a worker's call-outs under way hold of what plugins sent, each counted with `callOutEntryBytes` more.
    package var callOutBytes: Int
    /// Messages of gRPC streams and answers to call-outs that wait in a worker, 1 or more.
    package var callOutMessages: Int
    /// Metrics of an agent, 1 or more.
    package var metrics: Int
    /// Bytes of the names of an agent's metrics, each counted with `entryBytes` more.
    package var metricBytes: Int
    /// Keys of shared data in an agent, 1 or more.
    package var sharedDataKeys: Int
    /// Bytes of an agent's shared data, names and values, each key counted with `entryBytes` more.
    package var sharedDataBytes: Int
    /// Bytes that plugins have added to the open streams of a worker: header fields, bodies, properties and local
    /// responses.
    package var streamBytes: Int

    /// About what the host spends on a message, a metric or a key beside their bytes.
    package static let entryBytes = 32
    /// About what it spends on a call-out.
    package static let callOutEntryBytes = 512

    package init(
        tableElements: Int = 1_000_000, logLinesPerSecond: Int = 10_000, queueMessages: Int = 65_536,
        queueBytes: Int = 1 << 28, queues: Int = 4096, callOuts: Int = 65_536, callOutBytes: Int = 1 << 28,
        callOutMessages: Int = 1 << 20, metrics: Int = 65_536, metricBytes: Int = 1 << 24,
        sharedDataKeys: Int = 1 << 20, sharedDataBytes: Int = 1 << 28, streamBytes: Int = 1 << 30
    ) {
        self.tableElements = tableElements
        self.logLinesPerSecond = logLinesPerSecond
        self.queueMessages = queueMessages
        self.queueBytes = queueBytes
        self.queues = queues
        self.callOuts = callOuts
        self.callOutBytes = callOutBytes
        self.callOutMessages = callOutMessages
        self.metrics = metrics
        self.metricBytes = metricBytes
        self.sharedDataKeys = sharedDataKeys
        self.sharedDataBytes = sharedDataBytes
        self.streamBytes = streamBytes
    }

    /// What an earlier version did not know is as it is by default.
    package init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func read(_ key: CodingKeys, _ limit: WritableKeyPath<GuestLimits, Int>) throws {
            self[keyPath: limit] = try container.decodeIfPresent(Int.self, forKey: key) ?? self[keyPath: limit]
        }
        try read(.tableElements, \.tableElements)
        try read(.logLinesPerSecond, \.logLinesPerSecond)
        try read(.queueMessages, \.queueMessages)
        try read(.queueBytes, \.queueBytes)
        try read(.queues, \.queues)
        try read(.callOuts, \.callOuts)
        try read(.callOutBytes, \.callOutBytes)
        try read(.callOutMessages, \.callOutMessages)
        try read(.metrics, \.metrics)
        try read(.metricBytes, \.metricBytes)
        try read(.sharedDataKeys, \.sharedDataKeys)
        try read(.sharedDataBytes, \.sharedDataBytes)
        try read(.streamBytes, \.streamBytes)
    }
}
