import SluiceModel

/// The arrivals of one phase by one of the arrival processes. A new process is a file in this folder and a case here.
enum PhaseArrivals: Sendable {
    case even(EvenArrivals)
    case poisson(PoissonArrivals)

    /// `key`: of this phase's random stream.
    init(_ phase: Phase, key: UInt64) {
        let line = RateLine(phase)
        switch phase.arrivals {
        case .constant: self = .even(EvenArrivals(line: line))
        case .poisson: self = .poisson(PoissonArrivals(line: line, key: key))
        }
    }

    var count: Int64 {
        switch self {
        case .even(let arrivals): arrivals.count
        case .poisson(let arrivals): arrivals.count
        }
    }

    /// Nanoseconds since the beginning of the phase, never descending with the ordinal.
    @inline(__always)
    func offsetNanoseconds(ordinal: Int64, cache: inout PoissonCellCache) -> Int64 {
        switch self {
        case .even(let arrivals): arrivals.offsetNanoseconds(ordinal: ordinal)
        case .poisson(let arrivals): arrivals.offsetNanoseconds(ordinal: ordinal, cache: &cache)
        }
    }
}
