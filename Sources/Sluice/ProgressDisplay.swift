import Glibc
import SluiceModel
import SluiceReport
import SluiceTrials
import Synchronization

/// Shows progress on standard error: one line in place on a terminal, otherwise a line every ten seconds of a trial.
final class ProgressDisplay: Sendable {
    private struct State {
        var tracker: ProgressTracker
        /// The start of the next line that is due, in whole tens of seconds of the trial.
        var nextLineNanoseconds = ProgressDisplay.lineIntervalNanoseconds
        var isLineOpen = false
    }

    private static let lineIntervalNanoseconds: Int64 = 10_000_000_000

    private let isInPlace: Bool
    private let state: Mutex<State>

    init(blocks: Int) {
        isInPlace = TerminalStyle.isInteractive(STDERR_FILENO)
        state = Mutex(State(tracker: ProgressTracker(blocks: blocks)))
    }

    func note(_ notice: RunNotice) {
        state.withLock { state in
            state.tracker.note(notice)
            switch notice {
            case .log(let line):
                closeLine(&state)
                Output.writeErrorLines(line)
            case .rehearsalBegins(let strategy, let position, let strategies):
                let text =
                    isInPlace
                    ? "\r\u{1B}[K" + Escape.terminal("checking that \(strategy) starts, \(position + 1)/\(strategies)")
                    : position == 0 ? "checking that all \(strategies) strategies start\n" : ""
                Output.writeError(text)
                state.isLineOpen = isInPlace
            case .trialBegins:
                state.nextLineNanoseconds = Self.lineIntervalNanoseconds
                show(&state, force: false)
            case .trialEnded(let trial):
                if trial.startedAtSeconds != nil { show(&state, force: true) }
                closeLine(&state)
            case .loadBegins, .batch: show(&state, force: false)
            }
        }
    }

    /// Leaves the cursor on a line of its own.
    func finish() { state.withLock { closeLine(&$0) } }

    private func show(_ state: inout State, force: Bool) {
        guard let progress = state.tracker.state() else { return }
        if isInPlace {
            Output.writeError(
                "\r\u{1B}[K"
                    + ProgressLine.render(progress, width: (TerminalStyle.columns(of: STDERR_FILENO) ?? 80) - 1))
            state.isLineOpen = true
        } else if force || progress.elapsedNanoseconds >= state.nextLineNanoseconds {
            Output.writeError(ProgressLine.render(progress, width: 120) + "\n")
            while state.nextLineNanoseconds <= progress.elapsedNanoseconds {
                state.nextLineNanoseconds += Self.lineIntervalNanoseconds
            }
        }
    }

    private func closeLine(_ state: inout State) {
        if state.isLineOpen { Output.writeError("\n") }
        state.isLineOpen = false
    }
}
