/// Bounds on what plugins can make the host keep, beside memory and time.
package struct GuestLimits: Sendable, Codable, Equatable {
    /// Elements of each table of a VM, 1 to 10,000,000: a `table.grow` beyond it gives the guest -1, and a module that
    /// declares more is not instantiated.
    package var tableElements: Int
    /// Log lines of a VM that are kept in a second, 1 or more; the others are counted and dropped.
    package var logLinesPerSecond: Int
    /// Messages that wait in one shared queue, 1 or more; a further one is refused with `InternalFailure`, and counted.
    package var queueMessages: Int
    /// Bytes that wait in all shared queues of an agent, each message counted with 32 more; otherwise as
    /// `queueMessages`.
    package var queueBytes: Int

    package init(
        tableElements: Int = 1_000_000, logLinesPerSecond: Int = 10_000, queueMessages: Int = 65_536,
        queueBytes: Int = 1 << 28
    ) {
        self.tableElements = tableElements
        self.logLinesPerSecond = logLinesPerSecond
        self.queueMessages = queueMessages
        self.queueBytes = queueBytes
    }
}
