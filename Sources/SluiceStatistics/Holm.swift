/// Holm's step-down correction: of several claims, how likely it is that even one is wrong.
///
/// S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
package enum Holm {
    /// The corrected probabilities, in the order given: a claim holds when its own is at most the level for all.
    package static func adjusted(_ probabilities: [Double]) -> [Double] {
        var result = probabilities
        var highest = 0.0
        let ascending = probabilities.indices.sorted { probabilities[$0] < probabilities[$1] }
        for (position, index) in ascending.enumerated() {
            highest = max(highest, min(1, Double(probabilities.count - position) * probabilities[index]))
            result[index] = highest
        }
        return result
    }
}
