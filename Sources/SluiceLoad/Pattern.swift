import CPCRE2

/// Why PCRE2 does not take a pattern.
package struct PatternError: Error, Equatable {
    /// As written in the workload.
    package var pattern: String
    /// PCRE2's own message.
    package var message: String
    /// Byte offset in the pattern.
    package var offset: Int
}

/// Looks at a pattern before anything starts.
package enum PatternSyntax {
    /// PCRE2's message with the offset, or `nil` for a good pattern.
    package static func problem(in pattern: String) -> String? {
        do {
            _ = try Pattern(pattern)
            return nil
        } catch { return "\(error.message) at offset \(error.offset)" }
    }
}

/// A compiled PCRE2 pattern with the match data of its one owner. Confined to a thread.
///
/// Compiled to machine code where PCRE2 can, otherwise interpreted.
final class Pattern {
    private let code: OpaquePointer
    private let matchData: OpaquePointer
    private let context: OpaquePointer

    /// - Parameter isLiteral: takes the pattern for text to be found as it is.
    init(_ pattern: String, isLiteral: Bool = false) throws(PatternError) {
        var errorCode: Int32 = 0
        var errorOffset = 0
        let bytes = Array(pattern.utf8)
        guard
            let code = pcre2_compile_8(bytes, bytes.count, isLiteral ? PCRE2_LITERAL : 0, &errorCode, &errorOffset, nil)
        else {
            var message = [UInt8](repeating: 0, count: 256)
            let count = pcre2_get_error_message_8(errorCode, &message, message.count)
            throw PatternError(
                pattern: pattern, message: String(decoding: message.prefix(max(0, Int(count))), as: UTF8.self),
                offset: errorOffset)
        }
        self.code = code
        pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
        // One pair of offsets is enough to know whether it matches.
        matchData = pcre2_match_data_create_8(1, nil)
        context = pcre2_match_context_create_8(nil)
        // A pattern that backtracks without end must not stop the worker.
        pcre2_set_match_limit_8(context, 1_000_000)
    }

    deinit {
        pcre2_match_context_free_8(context)
        pcre2_match_data_free_8(matchData)
        pcre2_code_free_8(code)
    }

    /// Whether it matches somewhere in the text. A match that runs into the limit is none.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        var empty: UInt8 = 0
        return withUnsafePointer(to: &empty) { placeholder in
            let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? placeholder
            return pcre2_match_8(code, start, text.count, 0, 0, matchData, context) >= 0
        }
    }
}
