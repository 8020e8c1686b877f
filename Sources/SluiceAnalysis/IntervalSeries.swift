internal import SluiceHistogram
internal import SluiceModel

/// Joins the interval batches of all workers second by second, with their histograms kept encoded until the end:
/// that is a few kilobytes for each, in whatever order they come.
struct IntervalSeries {
    private struct Second: Sendable {
        var startNanoseconds: Int64
        var endNanoseconds: Int64
        var counts = OutcomeCounts()
        var responseTimes: [(role: LoadRole, histogram: EncodedHistogram)] = []

        mutating func add(_ batch: IntervalBatch) {
            startNanoseconds = min(startNanoseconds, batch.startNanoseconds)
            endNanoseconds = max(endNanoseconds, batch.endNanoseconds)
            for segment in batch.segments {
                counts += segment.counts
                responseTimes.append((segment.role, segment.responseTime))
            }
        }
    }
    private static let intervalNanoseconds: Int64 = 1_000_000_000

    private var seconds: [Int64: Second] = [:]

    mutating func add(_ batch: IntervalBatch) {
        // Batches that end late (the last one waits for requests in flight) are counted where they begin.
        let key =
            batch.endNanoseconds - batch.startNanoseconds > 2 * Self.intervalNanoseconds
            ? batch.startNanoseconds / Self.intervalNanoseconds
            : batch.middleNanoseconds / Self.intervalNanoseconds
        seconds[
            key, default: Second(startNanoseconds: batch.startNanoseconds, endNanoseconds: batch.endNanoseconds)
        ].add(batch)
    }

    /// The points in order of time; each histogram is added to `measured` or `warmup` on the way.
    func finish(
        timing: TrialTiming, measured: inout LatencyHistogram, warmup: inout LatencyHistogram
    ) throws(HistogramError) -> [IntervalPoint] {
        let tasks = ParallelTasks<Result<Lot, HistogramError>>()
        let sorted = seconds.sorted { $0.key < $1.key }.map(\.value)
        // The first lot is the caller's own.
        for start in stride(from: Self.lot, to: sorted.count, by: Self.lot) {
            let part = Array(sorted[start..<min(start + Self.lot, sorted.count)])
            tasks.begin { Self.joined(part, timing: timing) }
        }
        let first = Self.joined(Array(sorted.prefix(Self.lot)), timing: timing)
        var points: [IntervalPoint] = []
        for result in [first] + tasks.finish() {
            let lot = try result.get()
            points += lot.points
            measured.add(lot.measured)
            warmup.add(lot.warmup)
        }
        return points
    }

    /// Seconds that are joined in one go: enough to be worth a thread.
    private static let lot = 256

    private struct Lot: Sendable {
        var points: [IntervalPoint] = []
        var measured = LatencyHistogram()
        var warmup = LatencyHistogram()
    }

    private static func joined(_ seconds: [Second], timing: TrialTiming) -> Result<Lot, HistogramError> {
        var lot = Lot()
        let decoder = HistogramDecoder()
        // Histograms are large: one is emptied again and again, instead of one made for each second.
        var merged = LatencyHistogram()
        for second in seconds {
            if !merged.isEmpty { merged.reset() }
            for (role, encoded) in second.responseTimes where !encoded.bytes.isEmpty {
                let histogram: SparseHistogram
                do { histogram = try decoder.decode(encoded.bytes) } catch { return .failure(error) }
                merged.add(histogram)
                if role == .measured { lot.measured.add(histogram) } else { lot.warmup.add(histogram) }
            }
            lot.points.append(point(of: second, merged: merged, timing: timing))
        }
        return .success(lot)
    }

    private static func point(of second: Second, merged: LatencyHistogram, timing: TrialTiming) -> IntervalPoint {
        let span = Double(second.endNanoseconds - second.startNanoseconds) / 1e9
        let p99 = SampleRule.figure(of: 0.99, in: merged, infinite: 0)
        let median: Int64? =
            if case .value(let nanoseconds) = merged.quantile(0.5, samplesNeededBeyond: 0) { nanoseconds } else { nil }
        return IntervalPoint(
            startSeconds: Double(second.startNanoseconds) / 1e9, endSeconds: Double(second.endNanoseconds) / 1e9,
            isWarmup: second.startNanoseconds < timing.warmupNanoseconds,
            answered: second.counts.succeeded + second.counts.checkFailed, failed: second.counts.failed,
            medianNanoseconds: median, p99Nanoseconds: p99.nanoseconds,
            maximumNanoseconds: merged.maximumNanoseconds,
            ratePerSecond: span > 0 ? Double(second.counts.total) / span : 0)
    }
}

extension IntervalBatch {
    /// Which part of a trial a batch belongs to: its end can be a little behind a boundary, when a call was under way
    /// then.
    var middleNanoseconds: Int64 { startNanoseconds + (endNanoseconds - startNanoseconds) / 2 }
}
