import Foundation
import SluiceAnalysis
import SluiceModel
import SluiceStatistics

/// How many blocks a gate may take, when it looks, and what that can show: said before it begins.
struct GatePlan {
    /// When it looks.
    var looks: LookPlan
    /// `nil` when the number of blocks is fixed.
    var atMostBlocks: Int?
    private var blockNanoseconds: Int64
    /// The tightest budget against the baseline; `nil` without any.
    private var allowedFraction: Double?
    private var pilot: GatePilot?

    /// Starting a trial's processes and VMs, roughly.
    private static let betweenTrialsNanoseconds: Int64 = 700_000_000
    /// How much log-ratios vary from block to block as long as nothing is known: 6 %, a usual value.
    private static let assumedDeviation = 0.06

    /// - Parameters:
    ///   - arms: strategies of a block.
    ///   - blocks: as many and no more; `nil`: as the workload says.
    ///   - atMost: stops when it can decide.
    ///   - budgetNanoseconds: what all of it may take; `nil`: any time.
    ///   - pilot: an earlier gate on the same workload; `nil` when there is none.
    init(
        workload: Workload, arms: Int, blocks: Int?, atMost: Int?, budgetNanoseconds: Int64?, pilot: GatePilot?
    ) throws {
        self.pilot = pilot
        blockNanoseconds = Int64(arms) * (workload.load.durationNanoseconds + Self.betweenTrialsNanoseconds)
        allowedFraction = workload.budgets.againstBaseline.map(\.allowedFraction).min()
        let isRelative = allowedFraction != nil
        var most = blocks == nil ? atMost ?? workload.gate.atMostBlocks : nil
        if let budgetNanoseconds, blocks == nil {
            let fitting = Int(budgetNanoseconds / max(1, blockNanoseconds))
            guard fitting >= (isRelative ? 2 : 1) else {
                let needed = Units.duration(nanoseconds: blockNanoseconds * (isRelative ? 2 : 1))
                throw CommandEnd(.usage, "--time-budget is too short: at least \(needed) are needed")
            }
            most = min(most ?? LookPlan.sequential(atMost: .max).mostBlocks, fitting)
        } else if most == nil, blocks == nil, isRelative {
            most = LookPlan.sequential(atMost: .max).mostBlocks
        }
        atMostBlocks = most
        looks = most.map { LookPlan.sequential(atMost: $0) } ?? .fixed(blocks: blocks ?? workload.gate.blocks)
    }

    /// Who runs, for how long at each look, and which effect that can show.
    func announcement(_ workload: Workload, _ arms: GateArms) -> String {
        let names = arms.all.map(\.name).joined(separator: ", ")
        var lines = ["\(workload.name): \(names), one trial each in every block, in turning order"]
        for look in looks.looks {
            let time = Units.duration(nanoseconds: blockNanoseconds * Int64(look))
            var line = "  after \(look) block\(look == 1 ? "" : "s"), about \(time)"
            if let allowedFraction {
                let power = Power(
                    standardDeviation: pilot?.standardDeviation ?? Self.assumedDeviation, level: looks.level,
                    limit: log1p(allowedFraction))
                line +=
                    power.leastEffect(blocks: look)
                    .map { ": can show +\(Units.percentage(fraction: expm1($0))) and more" } ?? ": too few to decide"
            }
            lines.append(line)
        }
        if allowedFraction != nil {
            let variation =
                pilot.map {
                    "\(Units.percentage(fraction: expm1($0.standardDeviation))), as they did in run \($0.run)"
                } ?? Units.percentage(fraction: Self.assumedDeviation)
            lines.append("  with 95 % probability, if blocks vary by \(variation); what they do vary by is measured")
        }
        if looks.looks.count > 1 { lines.append("  it stops at the first look that decides") }
        return lines.joined(separator: "\n")
    }
}
