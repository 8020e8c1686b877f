import SluiceLoad
import SluiceModel

/// Why a trial could not begin, for a person: everything that a `VMFailure` knows, in a few lines.
enum StartFailureText {
    static func describe(_ error: TrialStartError) -> String {
        switch error {
        case .pattern(let error): "pattern /\(error.pattern)/: \(error.message) at offset \(error.offset)"
        case .system(let reason): reason
        case .plugin(let failure): describe(failure)
        }
    }

    private static func describe(_ failure: VMFailure) -> String {
        var lines = [
            "plugin \(failure.plugin) did not start (\(failure.kind.rawValue)) in \(failure.callback): "
                + failure.message
        ]
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
}
