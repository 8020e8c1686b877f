/// Something about a module that a person should know before it is rolled out.
package struct Finding: Sendable, Codable, Equatable {
    /// How much it matters.
    package enum Severity: String, Sendable, Codable, Equatable, CaseIterable {
        /// The module does not load, start or serve.
        case error
        /// It loads, and will cause trouble that users have met before.
        case warning
        /// Good to know.
        case note
    }

    /// How much it matters in the profile that was asked for.
    package var severity: Severity
    /// What kind of finding it is: words in lower case with hyphens, the same in every version of the format.
    package var code: String
    /// What was found, in one sentence.
    package var title: String
    /// Why it is so, as far as the cause is known; empty otherwise.
    package var cause: String
    /// What to do about it; empty when there is nothing to do.
    package var advice: String
    /// Texts that a host prints for it, exactly.
    package var hostTexts: [String]

    package init(
        _ severity: Severity, _ code: String, _ title: String, cause: String = "", advice: String = "",
        hostTexts: [String] = []
    ) {
        self.severity = severity
        self.code = code
        self.title = title
        self.cause = cause
        self.advice = advice
        self.hostTexts = hostTexts
    }
}
