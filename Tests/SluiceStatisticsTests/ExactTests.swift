import SluiceStatistics
import Testing

@Suite struct `Exact statistics` {
    let reference = Reference.all

    @Test func `Student's t is SciPy's to ten digits, far out in the tails too`() {
        #expect(reference.studentT.cumulative.count == 144)
        for row in reference.studentT.cumulative {
            let difference = relativeDifference(StudentT(degreesOfFreedom: row[0]).cumulative(row[1]), row[2])
            #expect(difference < 1e-9, "cumulative probability of \(row[1]) with \(row[0]) degrees")
        }
        for row in reference.studentT.quantile {
            let difference = abs(StudentT(degreesOfFreedom: row[0]).quantile(row[1]) - row[2]) / max(1, abs(row[2]))
            #expect(difference < 1e-8, "quantile \(row[1]) with \(row[0]) degrees")
        }
    }

    @Test func `Student's t has its limits`() {
        let few = StudentT(degreesOfFreedom: 3)
        #expect(few.cumulative(.infinity) == 1)
        #expect(few.cumulative(-.infinity) == 0)
        #expect(few.survival(1e200) >= 0)
        #expect(few.quantile(0.5) == 0 || abs(few.quantile(0.5)) < 1e-300)
        let many = StudentT(degreesOfFreedom: 1e12)
        #expect(relativeDifference(many.quantile(0.95), 1.6448536269514722) < 1e-12)
        let nearby = StudentT(degreesOfFreedom: 0.99e9)
        #expect(relativeDifference(nearby.quantile(0.9823), many.quantile(0.9823)) < 1e-7)
    }

    @Test func `the signed-rank distribution is the one that counting out gives`() {
        for ranks in reference.signedRank {
            let distribution = SignedRank(count: ranks.count)
            for (sum, probability) in ranks.cumulative.enumerated() {
                #expect(relativeDifference(distribution.cumulative(sum), probability) < 1e-12)
            }
            #expect(distribution.cumulative(-1) == 0)
            #expect(distribution.cumulative(ranks.cumulative.count) == 1)
        }
    }

    @Test func `the normal distribution takes over from the signed ranks without a step`() {
        let counted = SignedRank(count: 200)
        let approximated = SignedRank(count: 201)
        for part in [0.42, 0.45, 0.5, 0.55] {
            let left = counted.cumulative(Int(part * 20_100))
            let right = approximated.cumulative(Int(part * 20_301))
            #expect(abs(left - right) < 0.003)
        }
    }

    @Test func `t tests, signed-rank tests and their intervals are SciPy's`() {
        #expect(reference.oneSample.count == 28)
        for sample in reference.oneSample {
            let evidence = BlockEvidence(values: sample.values, limit: 0)
            guard let interval = evidence.interval, let ranks = evidence.ranks else {
                Issue.record("no interval of \(sample.values)")
                continue
            }
            #expect(abs(interval.mean - sample.mean) < 1e-14)
            #expect(relativeDifference(interval.standardDeviation, sample.standardDeviation) < 1e-12)
            #expect(relativeDifference(interval.margin(level: 0.0177), sample.margin) < 1e-9)
            #expect(relativeDifference(interval.probabilityIfAtMost(0), sample.meanAbove) < 1e-9)
            #expect(relativeDifference(interval.probabilityIfAtLeast(0), sample.meanBelow) < 1e-9)
            #expect(relativeDifference(ranks.probabilityIfAtMost(0), sample.ranksAbove) < 1e-9)
            #expect(relativeDifference(ranks.probabilityIfAtLeast(0), sample.ranksBelow) < 1e-9)
            #expect(abs(ranks.estimate - sample.centre) < 1e-12)
            #expect((ranks.lowerBound(level: 0.05) == nil) == (sample.bounds == nil))
            if let bounds = sample.bounds, let lower = ranks.lowerBound(level: 0.05),
                let upper = ranks.upperBound(level: 0.05)
            {
                #expect(abs(lower - bounds[0]) < 1e-12 && abs(upper - bounds[1]) < 1e-12)
            }
        }
    }

    @Test func `Theil–Sen slopes are SciPy's`() throws {
        for line in reference.theilSen {
            let slope = try #require(TheilSen.slope(of: zip(line.x, line.y).map { (x: $0, y: $1) }))
            #expect(relativeDifference(slope, line.slope) < 1e-12)
        }
    }

    @Test func `Holm's correction is the closed test by Bonferroni`() {
        for correction in reference.holm {
            for (ours, theirs) in zip(Holm.adjusted(correction.probabilities), correction.adjusted) {
                #expect(relativeDifference(ours, theirs) < 1e-12)
            }
        }
        #expect(Holm.adjusted([]) == [])
    }

    @Test func `neither the order of the blocks nor the unit changes anything, and swapped arms change the sign`() {
        for sample in reference.oneSample where sample.values.count > 2 {
            let evidence = BlockEvidence(values: sample.values, limit: 0.02)
            let turned = BlockEvidence(values: sample.values.reversed(), limit: 0.02)
            let swapped = BlockEvidence(values: sample.values.map { -$0 }, limit: -0.02)
            // An absolute figure in other units: every logarithm moves by the same amount, its limit too.
            let moved = BlockEvidence(values: sample.values.map { $0 + 6.9 }, limit: 6.92)
            #expect(abs(evidence.riskOfFailing(level: 0.02) - turned.riskOfFailing(level: 0.02)) < 1e-12)
            #expect(abs(evidence.riskOfFailing(level: 0.02) - swapped.riskOfPassing(level: 0.02)) < 1e-12)
            #expect(abs(evidence.riskOfPassing(level: 0.02) - moved.riskOfPassing(level: 0.02)) < 1e-9)
        }
    }
}
