internal import SluiceModel

/// What a collector in a heap costs at least, relative to the cheapest of all strategies and sizes.
///
/// With T the cost of a point and G the part of it that is known to be the collector's, the baseline is the least T − G
/// of all points, and the overhead T over it. No part is known here, so G is 0 and the cheapest point has an overhead
/// of 1: every figure is a lower bound. After Cai et al., Distilling the real cost of production garbage collectors,
/// ISPASS 2022.
enum LowerBoundOverhead {
    private static let resamples = 2000
    private static let leastTrials = 3

    /// Fills in baseline, overheads and their intervals. Blocks are resampled whole, as a block's trials share their
    /// seed and their minutes, and the baseline is chosen anew in each resample.
    static func apply(to sweep: inout HeapSweep) {
        let running = sweep.points.indices.filter { sweep.points[$0].meanCPUNanosecondsPerRequest != nil }
        let means = running.compactMap { sweep.points[$0].meanCPUNanosecondsPerRequest }
        guard let baseline = means.min(), baseline > 0 else { return }
        sweep.baselineNanoseconds = baseline
        for (index, mean) in zip(running, means) { sweep.points[index].overhead = mean / baseline }
        let blocks = running.map { sweep.points[$0].cpuNanosecondsPerRequest }
        guard let trials = blocks.map(\.count).min(), trials >= leastTrials else { return }
        var random = SeededRandom(key: 1)
        var overheads = [[Double]](repeating: [], count: running.count)
        for _ in 0..<resamples {
            let drawn = (0..<trials).map { _ in Int(random.next(below: UInt64(trials))) }
            let sums = blocks.map { block in drawn.reduce(0) { $0 + block[$1] } }
            let least = sums.min() ?? 0
            for (position, sum) in sums.enumerated() { overheads[position].append(sum / least) }
        }
        for (index, values) in zip(running, overheads) {
            let sorted = values.sorted()
            sweep.points[index].overheadInterval = [sorted[resamples / 40], sorted[resamples - 1 - resamples / 40]]
        }
    }
}

extension HeapSweep {
    /// The sweep with the overheads of its points.
    package func withOverheads() -> HeapSweep {
        var sweep = self
        LowerBoundOverhead.apply(to: &sweep)
        return sweep
    }
}
