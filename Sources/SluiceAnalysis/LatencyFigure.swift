internal import SluiceModel

/// One quantile, or the maximum, of a latency: a number, infinity, or an honest "not available".
package struct LatencyFigure: Sendable, Codable, Equatable {
    /// `nil` when it is infinite or not available.
    package var nanoseconds: Int64?
    /// The quantile falls among requests that failed, which count as infinitely slow.
    package var isInfinite: Bool
    /// Fewer than 100 samples lie beyond the quantile: it must not be read without its interval.
    package var fewSamples: Bool
    /// Why there is no figure; `nil` when there is one.
    package var unavailableBecause: String?
    /// Between which samples the quantile lies; there even where the figure is not available. `nil` for the maximum,
    /// without samples, and where nobody asked for it.
    package var interval: LatencyInterval?
    /// What the harness's own lag has to do with it; `nil` where it was not judged.
    package var harness: HarnessPart?

    /// A number.
    package static func finite(_ nanoseconds: Int64, fewSamples: Bool = false) -> LatencyFigure {
        LatencyFigure(nanoseconds: nanoseconds, isInfinite: false, fewSamples: fewSamples)
    }

    /// The quantile falls among failed requests.
    package static func infinite(fewSamples: Bool = false) -> LatencyFigure {
        LatencyFigure(nanoseconds: nil, isInfinite: true, fewSamples: fewSamples)
    }

    /// No figure, and why.
    package static func unavailable(_ reason: String) -> LatencyFigure {
        LatencyFigure(nanoseconds: nil, isInfinite: false, fewSamples: false, unavailableBecause: reason)
    }

    /// Whether there is a figure, finite or not.
    package var isAvailable: Bool { unavailableBecause == nil }
    /// Too much of it can be the harness's own.
    package var isInvalid: Bool { isAvailable && harness?.isTooMuch == true }

    /// `5.12 ms`, `~5.12 ms` with few samples, `!5.12 ms` when it is not valid, `∞`, `n/a`.
    package var words: String {
        guard isAvailable else { return "n/a" }
        let marks = (isInvalid ? "!" : "") + (fewSamples ? "~" : "")
        return marks + (isInfinite ? "∞" : nanoseconds.map { Units.duration(nanoseconds: $0) } ?? "n/a")
    }
}

/// The part of a figure that can be the harness's own, see `HarnessShare`.
package struct HarnessPart: Sendable, Codable, Equatable {
    /// At most so much of it; `nil`: that it is infinite can be the harness's doing.
    package var atMostNanoseconds: Int64?
    /// More than this makes the figure invalid.
    package var allowedNanoseconds: Int64

    /// The figure is not valid.
    package var isTooMuch: Bool { atMostNanoseconds.map { $0 > allowedNanoseconds } ?? true }
}

/// Two samples that enclose a quantile of the population, by their binomial ranks. It holds for independent requests;
/// pauses of a collector come in clusters, so that another trial may well lie outside of it.
package struct LatencyInterval: Sendable, Codable, Equatable {
    /// 1 − α of every interval in a report.
    package static let confidence = 0.95

    /// `nil` when no sample is a lower bound, or when the lower bound itself is a failed request.
    package var lowerNanoseconds: Int64?
    /// `nil` when it reaches failed requests or beyond the slowest sample.
    package var upperNanoseconds: Int64?
    /// Even the lower bound is a failed request.
    package var isInfinite: Bool

    package init(lowerNanoseconds: Int64?, upperNanoseconds: Int64?, isInfinite: Bool = false) {
        self.lowerNanoseconds = lowerNanoseconds
        self.upperNanoseconds = upperNanoseconds
        self.isInfinite = isInfinite
    }

    /// `8.12 ms to 9.30 ms`, `8.12 ms and more`, `up to 9.30 ms`, `∞`.
    package var words: String {
        if isInfinite { return "∞" }
        let lower = lowerNanoseconds.map { Units.duration(nanoseconds: $0) }
        let upper = upperNanoseconds.map { Units.duration(nanoseconds: $0) }
        return switch (lower, upper) {
        case (let lower?, let upper?): lower == upper ? lower : "\(lower) to \(upper)"
        case (let lower?, nil): "\(lower) and more"
        case (nil, let upper?): "up to \(upper)"
        case (nil, nil): "without bounds"
        }
    }

    /// Every value of it is at most the limit.
    package func isWithin(_ limitNanoseconds: Int64) -> Bool {
        upperNanoseconds.map { $0 <= limitNanoseconds } ?? false
    }

    /// Every value of it is above the limit.
    package func isBeyond(_ limitNanoseconds: Int64) -> Bool {
        isInfinite || lowerNanoseconds.map { $0 > limitNanoseconds } ?? false
    }
}

/// A quantile and what it came to.
package struct LatencyQuantile: Sendable, Codable, Equatable {
    /// Above 0, up to 1; 1 is the maximum.
    package var quantile: Double
    /// What it came to.
    package var figure: LatencyFigure
}
