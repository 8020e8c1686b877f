internal import SluiceModel
internal import SluiceStatistics

/// Live bytes after collections as the plugin reports them, over the second half of each agent's trial.
struct LiveHeapEvidence {
    enum Course { case flat, rising, unclear }

    /// Values in the second half below which no slope is fitted.
    static let leastPoints = 8
    /// A rise over the second half below this part of the level is not told from noise.
    private static let noiseFraction = 0.05
    /// Runs from which on the interval over them decides; with fewer all of them have to agree.
    static let enoughRuns = 5

    /// One agent in one trial: live bytes against requests of one worker.
    struct Run {
        var points: [(requests: Double, bytes: Double)]
    }

    let metric: String
    let lastBytes: Int64
    /// Bytes a request, ascending.
    let slopes: [Double]
    let course: Course
    /// Of the mean slope over the runs, in bytes a request; `nil` with fewer than two.
    let interval: (lower: Double, upper: Double)?
    /// Bytes a request.
    let smallestVisibleLeak: Double

    var highestSlope: Double { slopes.last ?? 0 }

    /// `nil` when no value was seen at all.
    init?(metric: String, lastBytes: Int64?, runs: [Run]) {
        guard let lastBytes else { return nil }
        self.metric = metric
        self.lastBytes = lastBytes
        var slopes: [Double] = []
        var courses: [Course] = []
        var visible = 0.0
        for run in runs {
            guard let end = run.points.last?.requests else { continue }
            let half = run.points.filter { $0.requests >= end / 2 }
            guard half.count >= Self.leastPoints, let first = half.first,
                let slope = TheilSen.slope(of: half.map { (x: $0.requests, y: $0.bytes) })
            else { continue }
            let level = half.map(\.bytes).sorted()[half.count / 2]
            let noise = max(Double(HeapJudge.pageBytes), Self.noiseFraction * level)
            let requests = max(1, end - first.requests)
            slopes.append(slope)
            courses.append(slope * requests > noise ? .rising : .flat)
            visible = max(visible, noise / requests)
        }
        self.slopes = slopes.sorted()
        smallestVisibleLeak = visible
        interval = MeanInterval(slopes).map { ($0.mean - $0.margin(level: 0.025), $0.mean + $0.margin(level: 0.025)) }
        course =
            if courses.isEmpty {
                .unclear
            } else if slopes.count >= Self.enoughRuns, let interval {
                // The interval may be wide where single runs happen to agree, and narrow where one of many does not.
                interval.lower > visible ? .rising : interval.upper <= visible ? .flat : .unclear
            } else if courses.allSatisfy({ $0 == .flat }) {
                .flat
            } else if courses.allSatisfy({ $0 == .rising }) {
                .rising
            } else {
                .unclear
            }
    }

    /// The slopes in words.
    var words: String {
        guard let lowest = slopes.first, let highest = slopes.last else { return "too few values for a slope" }
        func rate(_ slope: Double) -> String { Units.bytes(Int((slope * 1000).rounded())) }
        return slopes.count == 1
            ? "\(rate(lowest)) for each 1,000 requests in one run"
            : "\(rate(lowest)) to \(rate(highest)) for each 1,000 requests in \(slopes.count) runs"
                + (interval.map { "; 95 % interval of their mean \(rate($0.lower)) to \(rate($0.upper))" } ?? "")
    }

    var summary: LiveHeapSummary {
        LiveHeapSummary(
            metric: metric, lastBytes: lastBytes, lowestBytesPerThousandRequests: slopes.first.map { $0 * 1000 },
            highestBytesPerThousandRequests: slopes.last.map { $0 * 1000 }, runs: slopes.count,
            intervalOfBytesPerThousandRequests: interval.map { [$0.lower * 1000, $0.upper * 1000] })
    }
}
