internal import SluiceAnalysis
internal import SluiceModel

/// Figures of a memory as sentences.
enum HeapText {
    /// Start, end, growths, and growth in the second half.
    static func figures(of memory: MemorySummary) -> String {
        var parts: [String] = []
        if let high = memory.highWaterBytes {
            parts.append("High water \(Units.bytes(high)) of \(Units.bytes(memory.capBytes))")
        }
        let starts = memory.trials.compactMap(\.startBytes)
        if let least = starts.min(), let most = starts.max() {
            parts.append("after configuration \(range(least, most))")
        }
        let ends = memory.trials.compactMap(\.endBytes)
        if let least = ends.min(), let most = ends.max() {
            // The high water is of one VM; a worker can have several.
            let isOfSeveral = most > memory.highWaterBytes ?? .max
            parts.append("at the end \(range(least, most))" + (isOfSeveral ? " in a worker's VMs together" : ""))
        }
        parts.append(
            "\(counted(memory.growthsGranted, "growth")) granted, \(grouped(memory.growthsRefused)) refused")
        var text = parts.joined(separator: "; ") + "."
        if let half = memory.secondHalf {
            text +=
                half.bytes == 0
                ? " No step in the second half of the measured requests (\(grouped(half.requests)) of a VM)."
                : " Second half of the measured requests: \(Units.bytes(half.bytes)) in \(grouped(half.requests)) "
                    + "requests of a VM, \(Units.bytes(Int(half.bytesPerThousandRequests.rounded()))) for each 1,000 "
                    + "(memory grows in steps, so a single step can make up all of it)."
        }
        return text
    }

    /// What the host asked the guest for, by export, and what the host's limits kept out; empty when there is nothing
    /// to say.
    static func ledger(of strategy: StrategySummary) -> String {
        var sentences: [String] = []
        if let exports = strategy.heap.hostAllocationsByExport, !exports.isEmpty {
            let parts = exports.map {
                "\(Units.bytes($0.bytes)) in \(counted($0.calls, "call")) of \($0.export)"
            }
            sentences.append("The host asked for \(parts.joined(separator: " and ")).")
        }
        if strategy.vmEvents.logLinesSuppressed > 0 {
            let lines = counted(strategy.vmEvents.logLinesSuppressed, "log line")
            sentences.append("Dropped above the log rate: \(lines).")
        }
        if strategy.vmEvents.queueMessagesRefused > 0 {
            let messages = counted(strategy.vmEvents.queueMessagesRefused, "message")
            sentences.append("Refused by full queues: \(messages).")
        }
        let refused = refusals(strategy.vmEvents)
        if !refused.isEmpty { sentences.append("Refused by the limits on what the host keeps: \(refused).") }
        return sentences.joined(separator: " ")
    }

    private static func refusals(_ events: VMEventCounts) -> String {
        [
            (events.queuesRefused, "queue", ""), (events.callOutsRefused, "call-out", ""),
            (events.metricsRefused, "metric", ""), (events.sharedDataRefused, "write", " of shared data"),
            (events.streamChangesRefused, "change", " of streams"),
        ].filter { $0.0 > 0 }.map { counted($0.0, $0.1) + $0.2 }.joined(separator: ", ")
    }

    private static func range(_ least: Int, _ most: Int) -> String {
        least == most ? Units.bytes(least) : "\(Units.bytes(least)) to \(Units.bytes(most))"
    }
}
