import Foundation
import SluiceHistogram
import Testing

/// The codec against another implementation, in both directions.
@Suite struct OracleTests {
    /// Ranks, by which every sample can be reached: between them the oracle rounds where we round up.
    private static func ranks(of count: Int) -> [Int] {
        Array(Set((0...40).map { max(1, $0 * count / 40) })).sorted()
    }

    /// Samples of different shapes: spread over all magnitudes, one slot only, both ends of the range, none of 0.
    private static let sampleSets: [[Int64]] =
        (0..<6).map { randomSamples(seed: 100 + $0, count: 4_000) } + [
            [Int64](repeating: 50_000, count: 70_000), [0, 3_600_000_000_000], [1, 3, 5, 2047, 2048, 4096],
        ]

    @Test("It reads our encoding: the same total, and the same value at every rank")
    func theyReadOurs() throws {
        let program = """
            import sys
            from hdrh.histogram import HdrHistogram
            for line in sys.stdin.read().splitlines():
                encoded, *ranks = line.split()
                h = HdrHistogram.decode(encoded)
                n = h.get_total_count()
                print(n, *[h.get_value_at_percentile(100 * int(rank) / n) for rank in ranks])
            """
        let histograms = Self.sampleSets.map(histogram(of:))
        let input = histograms.map { histogram in
            ([Data(histogram.encoded()).base64EncodedString()] + Self.ranks(of: histogram.count).map(String.init))
                .joined(separator: " ")
        }.joined(separator: "\n")
        let lines = try Oracle.run(program, input: input).split(separator: "\n")
        #expect(lines.count == histograms.count)
        for (line, histogram) in zip(lines, histograms) {
            let ours = Self.ranks(of: histogram.count).map { rank -> String in
                let quantile = Double(rank) / Double(histogram.count)
                guard case .value(let nanoseconds) = histogram.quantile(quantile, samplesNeededBeyond: 0) else {
                    return "n/a"
                }
                return "\(nanoseconds)"
            }
            #expect(line == ([String(histogram.count)] + ours).joined(separator: " "))
        }
    }

    @Test("We read its encoding: the same histogram as from the same samples")
    func weReadTheirs() throws {
        let program = """
            import sys
            from hdrh.histogram import HdrHistogram
            for line in sys.stdin.read().splitlines():
                h = HdrHistogram(1, 3600000000000, 3)
                for sample in line.split():
                    assert h.record_value(int(sample))
                print(h.encode().decode())
            """
        let input = Self.sampleSets.map { $0.map(String.init).joined(separator: " ") }.joined(separator: "\n")
        let lines = try Oracle.run(program, input: input).split(separator: "\n")
        #expect(lines.count == Self.sampleSets.count)
        for (line, samples) in zip(lines, Self.sampleSets) {
            let bytes = try #require(Data(base64Encoded: String(line)))
            #expect(try LatencyHistogram(encoded: Array(bytes)) == histogram(of: samples))
        }
    }
}
