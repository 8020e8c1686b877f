import SluiceLoad
import SluiceModel

/// Why a trial could not begin, for a person: everything that a `VMFailure` knows, in a few lines.
enum StartFailureText {
    /// - Parameter plugins: those of the plan, which know their modules' files.
    static func describe(_ error: TrialStartError, plugins: [PlannedPlugin]) -> String {
        switch error {
        case .pattern(let error): "pattern /\(error.pattern)/: \(error.message) at offset \(error.offset)"
        case .system(let reason): reason
        case .plugin(let failure): describe(failure, plugins)
        }
    }

    private static func describe(_ failure: VMFailure, _ plugins: [PlannedPlugin]) -> String {
        let module =
            plugins.first { $0.specification.name == failure.plugin }.map { ", module \($0.moduleName)," } ?? ""
        let kind = failure.kind == .startUp ? "" : " (\(failure.kind.rawValue))"
        var lines = ["plugin \(failure.plugin)\(module) did not start\(kind): \(cause(failure))"]
        if let asked = failure.refusedToBytes {
            lines.append(
                "  memory: \(Units.bytes(failure.linearBytes)), growth to \(Units.bytes(asked)) was refused by the cap")
        }
        for (depth, frame) in failure.backtrace.enumerated() {
            lines.append("  #\(depth) \(frame.functionName ?? "<wasm function \(frame.functionIndex)>")")
        }
        if !failure.lastLogLines.isEmpty {
            lines.append("  it logged:")
            lines += failure.lastLogLines.map { "    \($0)" }
        }
        return lines.joined(separator: "\n")
    }

    /// Without what the callback's name, or the engine's own, would say twice.
    private static func cause(_ failure: VMFailure) -> String {
        let trap = "wasm trap: "
        if failure.message.hasPrefix(failure.callback) { return failure.message }
        if failure.message.hasPrefix(trap) {
            return "it trapped in \(failure.callback): \(failure.message.dropFirst(trap.count))"
        }
        return "\(failure.callback): \(failure.message)"
    }
}
