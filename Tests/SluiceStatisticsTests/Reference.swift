import Foundation

/// The figures of `Fixtures/scipy.json`, which `scripts/verify-statistics` computes again.
struct Reference: Decodable {
    struct Distribution: Decodable {
        /// Degrees of freedom, where, and the value there.
        var cumulative: [[Double]]
        var quantile: [[Double]]
    }
    struct Ranks: Decodable {
        var count: Int
        var cumulative: [Double]
    }
    struct OneSample: Decodable {
        var values: [Double]
        var mean: Double
        var standardDeviation: Double
        var margin: Double
        var meanAbove: Double
        var meanBelow: Double
        var ranksAbove: Double
        var ranksBelow: Double
        var centre: Double
        /// At 5 % on each side; absent where there are too few values.
        var bounds: [Double]?
    }
    struct Line: Decodable {
        var x: [Double]
        var y: [Double]
        var slope: Double
    }
    struct Correction: Decodable {
        var probabilities: [Double]
        var adjusted: [Double]
    }
    var studentT: Distribution
    var signedRank: [Ranks]
    var oneSample: [OneSample]
    var theilSen: [Line]
    var holm: [Correction]

    static let all: Reference = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/scipy.json")
        do { return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: path)) } catch {
            fatalError("\(path.path) cannot be read: \(error)")
        }
    }()
}

/// Relative to the larger of the two; equal when both are the same, 0 included.
func relativeDifference(_ left: Double, _ right: Double) -> Double {
    left == right ? 0 : abs(left - right) / max(abs(left), abs(right))
}
