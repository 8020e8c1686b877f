internal import Glibc

/// Wilcoxon's signed-rank distribution: of the sum of the ranks that get a plus when n signs are thrown fairly.
package struct SignedRank: Sendable {
    /// 1 or more.
    package let count: Int
    /// Of each sum from 0 on; empty where the normal distribution stands in.
    private let cumulativeProbabilities: [Double]

    /// Up to here the distribution is counted out; the normal one is equal to four digits from far below.
    private static let mostCounted = 200

    package init(count: Int) {
        precondition(count > 0, "ranks of no values")
        self.count = count
        guard count <= Self.mostCounted else {
            cumulativeProbabilities = []
            return
        }
        var probabilities = [Double](repeating: 0, count: count * (count + 1) / 2 + 1)
        probabilities[0] = 1
        var largest = 0
        for rank in 1...count {
            largest += rank
            for sum in stride(from: largest, through: 0, by: -1) {
                probabilities[sum] = (probabilities[sum] + (sum >= rank ? probabilities[sum - rank] : 0)) / 2
            }
        }
        var total = 0.0
        cumulativeProbabilities = probabilities.map { probability in
            total += probability
            return total
        }
    }

    /// The probability of a sum up to this one; 0 below 0.
    package func cumulative(_ sum: Int) -> Double {
        let most = count * (count + 1) / 2
        if sum < 0 { return 0 }
        if sum >= most { return 1 }
        if !cumulativeProbabilities.isEmpty { return cumulativeProbabilities[sum] }
        let number = Double(count)
        let variance = number * (number + 1) * (2 * number + 1) / 24
        return erfc((Double(most) / 2 - Double(sum) - 0.5) / (2 * variance).squareRoot()) / 2
    }

    /// The largest sum whose `cumulative` is at most this probability; `nil` when even 0 is likelier.
    package func critical(_ probability: Double) -> Int? {
        var low = -1
        var high = count * (count + 1) / 2
        while high - low > 1 {
            let middle = (low + high) / 2
            if cumulative(middle) <= probability { low = middle } else { high = middle }
        }
        return low >= 0 ? low : nil
    }
}
