import Glibc

/// Unbuffered output, so that what goes to the two streams appears in the order in which it was written.
enum Output {
    /// Results.
    static func write(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// Progress, logs and errors, as they are.
    static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var offset = 0
            while offset < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
                if count < 0, errno == EINTR { continue }
                // Nobody reads it any more.
                if count <= 0 { return }
                offset += count
            }
        }
    }
}
