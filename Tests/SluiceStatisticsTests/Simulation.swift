import Foundation
import SluiceStatistics

/// How much is simulated: a little in every test run, the whole of it by `scripts/verify-statistics`.
enum SimulationSize {
    static let isFull = ProcessInfo.processInfo.environment["SLUICE_VERIFY_STATISTICS"] == "full"

    static func of(reduced: Int, full: Int) -> Int { isFull ? full : reduced }

    /// In full, what came out is worth seeing.
    static func report(_ line: String) {
        if isFull { print("statistics: \(line)") }
    }
}

/// How many of the simulated gates ended how.
struct GateTally {
    var gates = 0
    var passed = 0
    var failed = 0
    var blocks = 0

    var passRate: Double { Double(passed) / Double(gates) }
    var failRate: Double { Double(failed) / Double(gates) }
    var meanBlocks: Double { Double(blocks) / Double(gates) }

    var words: String {
        func percentage(_ value: Double) -> String { "\((value * 10_000).rounded() / 100) %" }
        return "\(gates) gates: \(percentage(passRate)) pass, \(percentage(failRate)) fail, "
            + "\((meanBlocks * 10).rounded() / 10) blocks"
    }

    /// The bound, and three standard errors of a share that is simulated so often.
    func allowed(_ share: Double) -> Double { share + 3 * (share * (1 - share) / Double(gates)).squareRoot() }

    func required(_ share: Double) -> Double { share - 3 * (share * (1 - share) / Double(gates)).squareRoot() }
}

/// A gate as the command decides it, on simulated blocks.
enum SimulatedGate {
    /// - Parameter nextBlock: the log-ratio of one more block.
    static func run(
        plan: LookPlan = .sequential(atMost: 40), limit: Double, into tally: inout GateTally, nextBlock: () -> Double
    ) {
        tally.gates += 1
        var values: [Double] = []
        for look in plan.looks {
            while values.count < look { values.append(nextBlock()) }
            let outcome = LookOutcome.of([BlockEvidence(values: values, limit: limit)], level: plan.level)[0]
            guard outcome != .open else { continue }
            if outcome == .pass { tally.passed += 1 } else { tally.failed += 1 }
            break
        }
        tally.blocks += values.count
    }
}

/// Blocks of simulated trials: the baseline, the candidate and the baseline again, on a machine that drifts.
struct SimulatedBlocks {
    var trial = SimulatedTrial()
    var machine: SimulatedMachine
    /// By which factor every time of the candidate is longer.
    var slowdown = 1.0
    private var random: SimulationRandom
    private var block = 0

    init(seed: UInt64, drift: Double, slowdown: Double = 1) {
        random = SimulationRandom(seed: seed)
        machine = SimulatedMachine(drift: drift)
        self.slowdown = slowdown
    }

    /// Response times of one trial in microseconds.
    mutating func responseTimes(isCandidate: Bool, arrivals: UInt64) -> [Double] {
        let speed = machine.next(&random)
        let times = trial.responseTimes(speed: speed, arrivals: arrivals, &random)
        return isCandidate ? times.map { $0 * slowdown } : times
    }

    /// ln p99 of one trial.
    mutating func logarithm(isCandidate: Bool, arrivals: UInt64) -> Double {
        var times = responseTimes(isCandidate: isCandidate, arrivals: arrivals)
        return log(quantile(0.99, of: &times))
    }

    mutating func nextArrivals() -> UInt64 { random.bits() }

    /// The log-ratio of one more block, in the order that a gate uses: turned in every other block.
    mutating func next() -> Double {
        let arrivals = random.bits()
        let first = logarithm(isCandidate: block % 2 == 1, arrivals: arrivals)
        let second = logarithm(isCandidate: block % 2 == 0, arrivals: arrivals)
        let again = logarithm(isCandidate: false, arrivals: arrivals)
        let (baseline, candidate) = block % 2 == 0 ? (first, second) : (second, first)
        block += 1
        return candidate - (baseline + again) / 2
    }
}
