import Glibc
import SluiceAnalysis
import SluiceReport

/// Unbuffered output, so that what goes to the two streams appears in the order in which it was written.
enum Output {
    /// Results. A result that cannot be written is an error, except when its reader has gone, as `head` does.
    static func write(_ text: String) throws {
        try writeOut(text + "\n")
    }

    private static func writeOut(_ text: String) throws {
        let code = write(text, to: STDOUT_FILENO)
        if code != 0, code != EPIPE {
            throw CommandEnd(.internalError, "cannot write to standard output: \(String(cString: strerror(code)))")
        }
    }

    /// A file's text as it is, byte for byte; on a terminal without control characters and with a last line feed.
    static func writeStored(_ text: String) throws {
        let isTerminal = isatty(STDOUT_FILENO) != 0
        try writeOut(
            isTerminal ? text.split(separator: "\n").map { Escape.terminal(String($0)) + "\n" }.joined() : text)
    }

    /// Progress, logs and errors, as they are.
    static func writeError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    /// The same for text that quotes files or plugins: their control characters do not reach the terminal.
    static func writeErrorLines(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            writeError(Escape.terminal(String(line)) + "\n")
        }
    }

    /// - Returns: 0, or why not everything was written.
    static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            var offset = 0
            while offset < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return count < 0 ? errno : EIO }
                offset += count
            }
            return 0
        }
    }
}
