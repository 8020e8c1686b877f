/// What a language's runtime writes when it ends a program: the line that says why, before the stacks that follow it.
package enum LastWords {
    /// Of Go and TinyGo, Rust, C, and AssemblyScript.
    package static let beginnings = [
        "panic: ", "fatal error: ", "runtime: out of memory", "thread '", "panicked at ", "Assertion failed", "abort:",
    ]

    /// Whether a line of a log begins like that.
    package static func begin(_ line: String) -> Bool { beginnings.contains { line.hasPrefix($0) } }
}
