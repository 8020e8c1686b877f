internal import SluiceModel

/// Maps values onto a stretch of a picture, and knows where an axis should have its ticks.
struct Scale {
    enum Kind { case linear, logarithmic }

    let kind: Kind
    let domain: ClosedRange<Double>
    /// The picture's coordinates of the domain's ends; the first may be the larger one.
    let from: Double
    let to: Double

    /// Values outside the domain are put on its edge.
    func callAsFunction(_ value: Double) -> Double {
        let clamped = min(max(value, domain.lowerBound), domain.upperBound)
        let fraction =
            switch kind {
            case .linear: (clamped - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
            case .logarithmic:
                Self.log10(clamped / domain.lowerBound) / Self.log10(domain.upperBound / domain.lowerBound)
            }
        return from + (to - from) * fraction
    }

    static func log10(_ value: Double) -> Double { value.logarithm10 }

    /// A logarithmic scale from a step of 1-2-5 below the least value to one above the greatest.
    static func logarithmic(_ least: Double, _ most: Double, from: Double, to: Double) -> Scale {
        let low = Self.step(below: max(least, 1e-9))
        var high = Self.step(below: most * 1.0000001)
        while high < most * 1.05 || high <= low { high = Self.step(after: high) }
        return Scale(kind: .logarithmic, domain: low...high, from: from, to: to)
    }

    /// From 0 up to a value, which is above 0.
    static func linear(upTo most: Double, from: Double, to: Double) -> Scale {
        Scale(kind: .linear, domain: 0...max(most, 1), from: from, to: to)
    }

    /// 1, 2 or 5 times a power of ten in the domain: all of them over up to two decades, powers of ten over more.
    var logarithmicTicks: [Double] {
        let decades = Self.log10(domain.upperBound / domain.lowerBound)
        var ticks: [Double] = []
        var value = Self.step(below: domain.lowerBound)
        while value <= domain.upperBound * 1.0000001 {
            let leading = value / Self.power(below: value)
            if value >= domain.lowerBound * 0.9999999, decades <= 2.5 || leading < 1.5 { ticks.append(value) }
            value = Self.step(after: value)
        }
        return ticks
    }

    /// About `count` round numbers.
    func linearTicks(count: Int) -> [Double] {
        let raw = domain.upperBound / Double(max(1, count))
        var step = Self.step(below: raw)
        if step < raw { step = Self.step(after: step) }
        return multiples(of: max(1, step))
    }

    /// About `count` multiples of a power of two, for bytes.
    func byteTicks(count: Int) -> [Double] {
        var step = 1024.0
        while domain.upperBound / step > Double(count) { step *= 2 }
        return multiples(of: step)
    }

    private func multiples(of step: Double) -> [Double] {
        (0...Int(domain.upperBound / step * 1.0000001)).map { Double($0) * step }
    }

    private static func power(below value: Double) -> Double {
        var power = 1.0
        while power * 10 <= value * 1.0000001 { power *= 10 }
        while power > value * 1.0000001 { power /= 10 }
        return power
    }

    private static func step(below value: Double) -> Double {
        let power = power(below: value)
        let leading = value / power * 1.0000001
        return power * (leading >= 5 ? 5 : leading >= 2 ? 2 : 1)
    }

    private static func step(after value: Double) -> Double {
        let power = power(below: value)
        let leading = value / power
        return power * (leading < 1.5 ? 2 : leading < 3 ? 5 : 10)
    }
}
