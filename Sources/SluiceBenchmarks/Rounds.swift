import SluiceLoad
import SluiceModel
import SluiceProcess

/// Rounds that alternate between the sides of a comparison, so that a drift of the machine meets all of them.
enum Rounds {
    static let count = 7

    /// Medians of nanoseconds per operation, in the order of the sides.
    static func medians(_ sides: [() throws -> Double]) throws -> [Double] {
        var values: [[Double]] = sides.map { _ in [] }
        for _ in 0..<count { for (index, side) in sides.enumerated() { values[index].append(try side()) } }
        return values.map { $0.sorted()[$0.count / 2] }
    }

    /// One line: the figures, their ratio, and whether it is within what is asked for.
    static func report(_ title: String, _ ours: Double, against reference: Double, named name: String, limit: Double) {
        let ratio = ours / reference
        let verdict = ratio <= limit ? "within" : "ABOVE"
        print(
            "\(title): \(Units.significant(ours)) ns, \(name) \(Units.significant(reference)) ns, ratio "
                + "\(Units.fixed(ratio, decimals: 2)), \(verdict) the limit of \(Units.fixed(limit, decimals: 2))")
    }

    /// Nanoseconds that a body takes.
    static func time(_ body: () throws -> Void) rethrows -> Double {
        let start = MonotonicClock.nowNanoseconds()
        try body()
        return Double(MonotonicClock.nowNanoseconds() - start)
    }
}
