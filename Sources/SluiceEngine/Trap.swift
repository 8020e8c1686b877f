package import SluiceModel

/// Why a guest call ended without returning.
package enum TrapCode: String, Sendable, Equatable, CaseIterable {
    case unreachable
    case memoryOutOfBounds = "memory-out-of-bounds"
    case tableOutOfBounds = "table-out-of-bounds"
    case indirectCallToNull = "indirect-call-to-null"
    case badSignature = "bad-signature"
    case integerOverflow = "integer-overflow"
    case integerDivisionByZero = "integer-division-by-zero"
    case badConversionToInteger = "bad-conversion-to-integer"
    case stackOverflow = "stack-overflow"
    /// The call ran past its deadline.
    case interrupt
    /// A Wasm GC object did not fit below the cap of the GC heap.
    case gcHeapOutOfMemory = "gc-heap-out-of-memory"
    /// A Wasm GC object larger than the engine can ever make.
    case allocationTooLarge = "allocation-too-large"
    case nullReference = "null-reference"
    case arrayOutOfBounds = "array-out-of-bounds"
    case castFailure = "cast-failure"
    /// A host function ended the call.
    case hostError = "host-error"
    case other
}

/// The end of a guest call that did not return. The instance must not be called again.
package struct Trap: Error, Sendable, Equatable {
    /// What stopped the guest; `other` when the engine has no code for it.
    package var code: TrapCode
    /// The engine's message, or the host function's, without the backtrace.
    package var message: String
    /// Innermost first.
    package var backtrace: [BacktraceFrame]

    package init(code: TrapCode, message: String, backtrace: [BacktraceFrame]) {
        self.code = code
        self.message = message
        self.backtrace = backtrace
    }
}
