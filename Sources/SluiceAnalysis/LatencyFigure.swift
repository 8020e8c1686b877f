/// One quantile, or the maximum, of a latency: a number, infinity, or an honest "not available".
package struct LatencyFigure: Sendable, Codable, Equatable {
    /// `nil` when it is infinite or not available.
    package var nanoseconds: Int64?
    /// The quantile falls among requests that failed, which count as infinitely slow.
    package var isInfinite: Bool
    /// Fewer than 100 samples lie beyond the quantile: read it as an order of magnitude.
    package var fewSamples: Bool
    /// Why there is no figure; `nil` when there is one.
    package var unavailableBecause: String?

    /// A number.
    package static func finite(_ nanoseconds: Int64, fewSamples: Bool = false) -> LatencyFigure {
        LatencyFigure(nanoseconds: nanoseconds, isInfinite: false, fewSamples: fewSamples, unavailableBecause: nil)
    }

    /// The quantile falls among failed requests.
    package static func infinite(fewSamples: Bool = false) -> LatencyFigure {
        LatencyFigure(nanoseconds: nil, isInfinite: true, fewSamples: fewSamples, unavailableBecause: nil)
    }

    /// No figure, and why.
    package static func unavailable(_ reason: String) -> LatencyFigure {
        LatencyFigure(nanoseconds: nil, isInfinite: false, fewSamples: false, unavailableBecause: reason)
    }

    /// Whether there is a figure, finite or not.
    package var isAvailable: Bool { unavailableBecause == nil }
}

/// A quantile and what it came to.
package struct LatencyQuantile: Sendable, Codable, Equatable {
    /// Above 0, up to 1; 1 is the maximum.
    package var quantile: Double
    /// What it came to.
    package var figure: LatencyFigure
}
