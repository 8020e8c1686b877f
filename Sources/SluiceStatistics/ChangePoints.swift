internal import Glibc

/// Where the level of a series changed for good, as far as it can be told.
///
/// A series is cut in two where Student's t between the parts is largest, if that is significant, and so on with the
/// parts; what no longer stands against its final neighbours is dropped again. That is the order of work of E-divisive
/// (D. Matteson, N. James, A nonparametric approach for multiple change point analysis, JASA 109, 2014), with a t test
/// in place of its permutations, so that equal histories have equal change points. Each test is corrected for the
/// number of places that it chose from.
package enum ChangePoints {
    /// A change of the level.
    package struct Change: Sendable, Equatable {
        /// Of the first value on the new level.
        package var index: Int
        /// Mean from the change before, or the beginning, up to here.
        package var before: Double
        /// Mean from here up to the next change, or the end.
        package var after: Double
        /// Of a difference like this without a change, the choice of the place counted in; 0 to 1.
        package var probability: Double
    }

    /// Values that a level needs at least: fewer are outliers.
    package static let leastValues = 4
    /// The risk of each test.
    package static let usualLevel = 0.01

    /// In the order of the series; none in one of fewer than eight values.
    ///
    /// - Parameters:
    ///   - values: finite.
    ///   - leastDifference: levels that are closer than this are one, however sure the difference is; 0 or more.
    package static func find(
        in values: [Double], leastDifference: Double = 0, level: Double = usualLevel
    ) -> [Change] {
        precondition(values.allSatisfy(\.isFinite), "a level of what is not a number")
        var cuts: [Int] = []
        var open = [0..<values.count]
        while let range = open.popLast() {
            guard let cut = bestCut(of: range, in: values), cut.probability <= level else { continue }
            cuts.append(cut.index)
            open += [range.lowerBound..<cut.index, cut.index..<range.upperBound]
        }
        cuts.sort()
        while true {
            let changes = cuts.indices.map { change(at: $0, of: cuts, in: values) }
            let weakest = changes.indices.filter { index in
                let change = changes[index]
                return change.probability > level || abs(change.after - change.before) < leastDifference
            }.max { changes[$0].probability < changes[$1].probability }
            guard let weakest else { return changes }
            cuts.remove(at: weakest)
        }
    }

    /// One of the cuts between the neighbours that it has among them.
    private static func change(at position: Int, of cuts: [Int], in values: [Double]) -> Change {
        let start = position > 0 ? cuts[position - 1] : 0
        let end = position + 1 < cuts.count ? cuts[position + 1] : values.count
        return test(start..<end, at: cuts[position], in: values)
    }

    private static func bestCut(of range: Range<Int>, in values: [Double]) -> Change? {
        guard range.count >= 2 * leastValues else { return nil }
        return (range.lowerBound + leastValues...range.upperBound - leastValues)
            .map { test(range, at: $0, in: values) }.min { $0.probability < $1.probability }
    }

    /// Student's t test between the parts, with equal variances.
    private static func test(_ range: Range<Int>, at index: Int, in values: [Double]) -> Change {
        let left = values[range.lowerBound..<index]
        let right = values[index..<range.upperBound]
        let before = left.reduce(0, +) / Double(left.count)
        let after = right.reduce(0, +) / Double(right.count)
        let squares =
            left.reduce(0) { $0 + ($1 - before) * ($1 - before) }
            + right.reduce(0) { $0 + ($1 - after) * ($1 - after) }
        let freedom = Double(range.count - 2)
        let error = (squares / freedom * (1 / Double(left.count) + 1 / Double(right.count))).squareRoot()
        let difference = abs(after - before)
        // What rounding alone can come to is no difference.
        let isEqual = difference <= 1e-12 * max(abs(before), abs(after))
        let tail = isEqual ? 0.5 : StudentT(degreesOfFreedom: freedom).survival(difference / error)
        let places = max(1, range.count - 2 * leastValues + 1)
        return Change(index: index, before: before, after: after, probability: min(1, 2 * tail * Double(places)))
    }
}
