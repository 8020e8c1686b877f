package import SluiceModel

/// What a run tells while it goes on, for the progress display.
package enum RunNotice: Sendable {
    /// Before the first trial: a strategy is tried out, the one at this position of so many.
    case rehearsalBegins(strategy: String, position: Int, strategies: Int)
    /// - Parameters:
    ///   - position: of this trial among all, from 0.
    case trialBegins(TrialPlan, position: Int, trials: Int)
    /// The agents have got their common start instant.
    case loadBegins(TrialIdentity, instantNanoseconds: Int64)
    case batch(TrialIdentity, IntervalBatch)
    case trialEnded(TrialRecord)
    /// A line for people: from an agent, or how far the reading of a module has come.
    case log(String)
}
