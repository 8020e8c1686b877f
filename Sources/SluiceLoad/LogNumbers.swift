import SluiceModel
import SluiceProxyWasm

/// The numbers that a workload looks for in the log of one worker's plugins: the latest of each.
///
/// `@unchecked`: it belongs to the thread of its worker, which makes it, runs the plugins and reads it.
final class LogNumbers: LogObserver, @unchecked Sendable {
    private struct Wanted {
        var name: String
        var pattern: Pattern
        var factor: Double
        /// Seen since the last time; `nil` without one.
        var value: Int64?
    }

    private var wanted: [Wanted] = []

    /// `nil` when no number is wanted from the log.
    init?(_ observations: [Observation]) throws(PatternError) {
        for observation in observations {
            guard let log = observation.log else { continue }
            wanted.append(
                Wanted(
                    name: observation.metric, pattern: try Pattern(log.pattern, group: observation.metric),
                    factor: log.unit.factor))
        }
        if wanted.isEmpty { return nil }
    }

    func observe(_ text: UnsafeRawBufferPointer) {
        for index in wanted.indices {
            guard let found = wanted[index].pattern.capture(in: text),
                let number = Double(String(decoding: found, as: UTF8.self)),
                let value = Int64(exactly: (number * wanted[index].factor).rounded())
            else { continue }
            wanted[index].value = value
        }
    }

    /// What was logged since the last time: a number that nobody repeats is not known any more.
    func sample(into samples: inout [MetricSample], nowNanoseconds: Int64) {
        for index in wanted.indices {
            guard let value = wanted[index].value else { continue }
            wanted[index].value = nil
            samples.append(MetricSample(timeNanoseconds: nowNanoseconds, name: wanted[index].name, value: value))
        }
    }
}
