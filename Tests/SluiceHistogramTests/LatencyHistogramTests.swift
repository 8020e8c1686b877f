import SluiceHistogram
import Testing

@Suite struct LatencyHistogramTests {
    @Test("A new histogram has no samples and no maximum")
    func empty() {
        let histogram = LatencyHistogram()
        #expect(histogram.isEmpty && histogram.count == 0 && histogram.maximumNanoseconds == nil)
    }

    @Test(
        "A sample outside 0 to 1 h is refused and not counted",
        arguments: [-1, Int64.min, LatencyHistogram.longestNanoseconds + 1, Int64.max])
    func outOfRange(nanoseconds: Int64) {
        var histogram = LatencyHistogram()
        let isCounted = histogram.record(nanoseconds: nanoseconds)
        #expect(!isCounted)
        #expect(histogram.isEmpty)
    }

    @Test(
        "A figure is at most 0.1 % above its sample, and never below",
        arguments: [
            0, 1, 2, 1023, 1024, 2047, 2048, 2049, 4095, 4096, 999_999_999, 3_599_999_999_999, 3_600_000_000_000,
        ])
    func resolution(nanoseconds: Int64) throws {
        let maximum = try #require(histogram(of: [nanoseconds]).maximumNanoseconds)
        #expect(stands(maximum, for: nanoseconds))
    }

    @Test("Merging is commutative and associative, and loses nothing", arguments: 0..<8 as Range<UInt64>)
    func merge(seed: UInt64) {
        let parts = (0..<3).map { randomSamples(seed: seed * 3 + $0, count: 500) }
        let histograms = parts.map(histogram(of:))
        var leftFirst = histograms[0]
        leftFirst.add(histograms[1])
        leftFirst.add(histograms[2])
        var rightFirst = histograms[2]
        rightFirst.add(histograms[1])
        var other = histograms[0]
        other.add(rightFirst)
        #expect(leftFirst == other)
        #expect(leftFirst == histogram(of: parts.flatMap { $0 }))
        #expect(leftFirst != histograms[0])
    }

    @Test("A copy does not change with its original, and a reset one is empty")
    func copies() {
        var original = histogram(of: [1, 1_000_000])
        let copy = original
        original.reset()
        #expect(original == LatencyHistogram())
        #expect(copy.count == 2)
        #expect(copy == histogram(of: [1_000_000, 1]))
    }
}
