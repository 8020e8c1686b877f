import Glibc
import SluiceGenerate
import SluiceModel
import Testing

@Suite("Variables")
struct VariableTests {
    @Test("Uniform numbers reach both ends and are even")
    func uniform() {
        let values = Make.values(.uniform(-3, 6), count: 20_000).compactMap { Int($0) }
        #expect(values.count == 20_000)
        let counts = Dictionary(grouping: values) { $0 }.mapValues(\.count)
        #expect(Set(counts.keys) == Set(-3...6))
        #expect(counts.values.allSatisfy { abs(Double($0) - 2_000) < 4.5 * 42.4 })
    }

    @Test("The whole range of 64 bits is allowed")
    func wholeRange() {
        let values = Make.values(.uniform(.min, .max), count: 100).compactMap { Int64($0) }
        #expect(values.count == 100)
        #expect(Set(values).count == 100)
        #expect(values.contains { $0 < 0 } && values.contains { $0 > 0 })
        #expect(Make.values(.uniform(.min, .min), count: 1) == ["-9223372036854775808"])
        #expect(Make.values(.uniform(.max, .max), count: 1) == ["9223372036854775807"])
    }

    @Test("Zipf ranks have the probabilities of the definition (χ²)", arguments: [0.5, 0.99, 1.0, 1.01, 2.0, 3.5])
    func zipf(exponent: Double) {
        let ranks = 50
        let draws = 100_000
        let values = Make.values(.zipf(count: Int64(ranks), exponent: exponent), count: draws).compactMap { Int($0) }
        #expect(values.allSatisfy { (1...ranks).contains($0) })
        let weights = (1...ranks).map { pow(Double($0), -exponent) }
        let total = weights.reduce(0, +)
        var counts = [Double](repeating: 0, count: ranks)
        for value in values { counts[value - 1] += 1 }
        var chiSquare = 0.0
        var freedom = -1.0
        var rest = (observed: 0.0, expected: 0.0)
        for (weight, count) in zip(weights, counts) {
            let expected = weight / total * Double(draws)
            if expected < 20 {
                rest = (rest.observed + count, rest.expected + expected)
            } else {
                chiSquare += (count - expected) * (count - expected) / expected
                freedom += 1
            }
        }
        if rest.expected > 20 {
            chiSquare += (rest.observed - rest.expected) * (rest.observed - rest.expected) / rest.expected
            freedom += 1
        }
        #expect(chiSquare < freedom + 4 * (2 * freedom).squareRoot(), "χ² \(chiSquare) of \(freedom)")
    }

    @Test("Zipf works on one rank and on very many")
    func zipfExtremes() {
        #expect(Make.values(.zipf(count: 1, exponent: 1), count: 10) == Array(repeating: "1", count: 10))
        let values = Make.values(.zipf(count: 1_000_000_000_000, exponent: 1.1), count: 1_000).compactMap { Int64($0) }
        #expect(values.count == 1_000)
        #expect(values.allSatisfy { $0 >= 1 && $0 <= 1_000_000_000_000 })
        #expect(values.contains { $0 > 1_000_000 })
    }

    @Test("A sequence counts requests from its start")
    func sequence() {
        #expect(Make.values(.sequence(start: 98), count: 4) == ["98", "99", "100", "101"])
    }

    @Test("A choice takes every text about as often")
    func choice() {
        let counts = Dictionary(grouping: Make.values(.choice(["a", "", "long text"]), count: 9_000)) { $0 }
            .mapValues(\.count)
        #expect(Set(counts.keys) == ["a", "", "long text"])
        #expect(counts.values.allSatisfy { abs($0 - 3_000) < 4 * 45 })
    }

    @Test("Identifiers are of version 4 and differ")
    func uuid() throws {
        let values = Make.values(.uuid, count: 1_000)
        let pattern = try Regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
        #expect(values.allSatisfy { $0.wholeMatch(of: pattern) != nil })
        #expect(Set(values).count == 1_000)
    }
}
