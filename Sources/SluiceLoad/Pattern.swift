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
    /// What came of looking for a pattern in a text.
    enum Finding: Equatable {
        case present, absent
        /// PCRE2 gave up, with this error.
        case unknown(errorCode: Int32)
    }

    /// Steps of a match. A pattern that backtracks without end must not stop the worker.
    private static let stepLimit: UInt32 = 1_000_000
    /// Machine code keeps the places that it may go back to on a stack; PCRE2's own has 32 KiB, too little for an
    /// alternation repeated over a long body.
    private static let firstStackBytes = 32 << 10
    private static let stackBytes = 1 << 20

    private let code: OpaquePointer
    private let matchData: OpaquePointer
    private let context: OpaquePointer
    /// `nil`: PCRE2 does not compile to machine code here.
    private let stack: OpaquePointer?
    /// Number of the group that `capture` gives; 0: the whole match.
    private let group: Int

    /// - Parameters:
    ///   - isLiteral: takes the pattern for text to be found as it is.
    ///   - group: name of the group that `capture` gives.
    init(_ pattern: String, isLiteral: Bool = false, group: String? = nil) throws(PatternError) {
        var errorCode: Int32 = 0
        var errorOffset = 0
        let bytes = Array(pattern.utf8)
        guard
            let code = pcre2_compile_8(bytes, bytes.count, isLiteral ? PCRE2_LITERAL : 0, &errorCode, &errorOffset, nil)
        else { throw PatternError(pattern: pattern, message: Self.message(of: errorCode), offset: errorOffset) }
        self.code = code
        pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
        let number = group.map { Int(pcre2_substring_number_from_name_8(code, $0)) } ?? 0
        guard number >= 0 else {
            pcre2_code_free_8(code)
            throw PatternError(pattern: pattern, message: "there is no group \(group ?? "")", offset: 0)
        }
        self.group = number
        // One pair of offsets is enough to know whether it matches.
        matchData = pcre2_match_data_create_8(UInt32(number + 1), nil)
        context = pcre2_match_context_create_8(nil)
        pcre2_set_match_limit_8(context, Self.stepLimit)
        stack = pcre2_jit_stack_create_8(Self.firstStackBytes, Self.stackBytes, nil)
        pcre2_jit_stack_assign_8(context, nil, stack.map { UnsafeMutableRawPointer($0) })
    }

    deinit {
        pcre2_match_context_free_8(context)
        if let stack { pcre2_jit_stack_free_8(stack) }
        pcre2_match_data_free_8(matchData)
        pcre2_code_free_8(code)
    }

    /// Looks for it anywhere in the text. No allocation.
    func find(in text: UnsafeRawBufferPointer) -> Finding {
        var empty: UInt8 = 0
        return withUnsafePointer(to: &empty) { placeholder in
            let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? placeholder
            let result = pcre2_match_8(code, start, text.count, 0, 0, matchData, context)
            if result >= 0 { return .present }
            return result == PCRE2_ERROR_NOMATCH ? .absent : .unknown(errorCode: result)
        }
    }

    /// What the group is in the first match; `nil` without one.
    func capture(in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard case .present = find(in: text), let offsets = pcre2_get_ovector_pointer_8(matchData) else { return nil }
        let (first, end) = (offsets[2 * group], offsets[2 * group + 1])
        // A group that took no part has offsets beyond every text.
        guard first <= end, end <= text.count else { return nil }
        return UnsafeRawBufferPointer(rebasing: text[first..<end])
    }

    /// PCRE2's own text.
    static func message(of errorCode: Int32) -> String {
        var message = [UInt8](repeating: 0, count: 256)
        let count = pcre2_get_error_message_8(errorCode, &message, message.count)
        return String(decoding: message.prefix(max(0, Int(count))), as: UTF8.self)
    }
}
