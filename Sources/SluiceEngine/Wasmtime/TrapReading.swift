import CWasmtime
import SluiceModel

extension WasmtimeLibrary {
    /// Of a longer name, which a module may have, the rest is cut off.
    private static let functionNameBytes = 512

    /// What ended a call. Exactly one of the two is given, and is deleted.
    ///
    /// `codeOffset` is by how much the module's code lies further back than that of what was compiled.
    func consumeTrap(error: OpaquePointer?, trap: OpaquePointer?, hostRaised: Bool, codeOffset: Int) -> Trap {
        var frames = wasm_frame_vec_t()
        var message = wasm_name_t()
        var number: wasmtime_trap_code_t = 0
        var code: TrapCode?
        if let trap {
            functions.pointee.wasm_trap_message(trap, &message)
            functions.pointee.wasm_trap_trace(trap, &frames)
            if functions.pointee.wasmtime_trap_code(trap, &number) { code = TrapCode(wasmtime: number) }
        } else if let error {
            functions.pointee.wasmtime_error_message(error, &message)
            functions.pointee.wasmtime_error_wasm_trace(error, &frames)
        }
        // Frames point into the trap or the error.
        let backtrace = consumeFrames(&frames, codeOffset: codeOffset)
        if let trap { functions.pointee.wasm_trap_delete(trap) }
        if let error { functions.pointee.wasmtime_error_delete(error) }
        let text = TrapMessage.cause(in: consume(&message))
        if hostRaised {
            code = .hostError
        } else if text.hasPrefix("GC heap out of memory") {
            code = .gcHeapOutOfMemory
        }
        return Trap(code: code ?? .other, message: text, backtrace: backtrace)
    }

    private func consumeFrames(_ frames: inout wasm_frame_vec_t, codeOffset: Int) -> [BacktraceFrame] {
        // All bits set stands for an unknown offset: of the frame that met the end of the stack.
        let unknownOffset = Int(bitPattern: UInt.max)
        defer { functions.pointee.wasm_frame_vec_delete(&frames) }
        return UnsafeBufferPointer(start: frames.data, count: frames.size).map { frame in
            let name = functions.pointee.wasmtime_frame_func_name(frame).map {
                String(
                    decoding: UnsafeBufferPointer(
                        start: $0.pointee.data, count: min($0.pointee.size, Self.functionNameBytes)), as: UTF8.self)
            }
            let offset = functions.pointee.wasm_frame_module_offset(frame)
            return BacktraceFrame(
                functionIndex: functions.pointee.wasm_frame_func_index(frame), functionName: name,
                moduleOffset: offset == unknownOffset ? nil : offset + codeOffset)
        }
    }
}

enum TrapMessage {
    /// The library's message without the backtrace that it begins with: the causes, outermost first, joined by colons.
    static func cause(in message: String) -> String {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        guard let heading = lines.lastIndex(of: "Caused by:") else { return message }
        let indented = lines[(heading + 1)...].map { $0.hasPrefix("    ") ? $0.dropFirst(4) : $0 }
        var causes: [String] = []
        for line in indented {
            if line.hasPrefix("\(causes.count): ") {
                causes.append(String(line.drop { $0 != " " }.dropFirst()))
            } else if causes.isEmpty {
                return text(indented)
            } else {
                causes[causes.count - 1] += "\n\(line)"
            }
        }
        return text(causes.map { $0.last == "\n" ? $0.dropLast() : $0[...] }, separator: ": ")
    }

    private static func text(_ parts: [Substring], separator: String = "\n") -> String {
        var result = parts.joined(separator: separator)
        while result.last == "\n" { result.removeLast() }
        return result
    }
}

extension TrapCode {
    init(wasmtime code: wasmtime_trap_code_t) {
        self =
            switch UInt32(code) {
            case WASMTIME_TRAP_CODE_STACK_OVERFLOW.rawValue: .stackOverflow
            case WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS.rawValue: .memoryOutOfBounds
            case WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS.rawValue: .tableOutOfBounds
            case WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL.rawValue: .indirectCallToNull
            case WASMTIME_TRAP_CODE_BAD_SIGNATURE.rawValue: .badSignature
            case WASMTIME_TRAP_CODE_INTEGER_OVERFLOW.rawValue: .integerOverflow
            case WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO.rawValue: .integerDivisionByZero
            case WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER.rawValue: .badConversionToInteger
            case WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED.rawValue: .unreachable
            case WASMTIME_TRAP_CODE_INTERRUPT.rawValue: .interrupt
            case WASMTIME_TRAP_CODE_NULL_REFERENCE.rawValue: .nullReference
            case WASMTIME_TRAP_CODE_ARRAY_OUT_OF_BOUNDS.rawValue: .arrayOutOfBounds
            case WASMTIME_TRAP_CODE_ALLOCATION_TOO_LARGE.rawValue: .allocationTooLarge
            case WASMTIME_TRAP_CODE_CAST_FAILURE.rawValue: .castFailure
            default: .other
            }
    }
}
