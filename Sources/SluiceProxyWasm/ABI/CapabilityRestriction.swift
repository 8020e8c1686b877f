import Glibc
import SluiceEngine

/// Which functions a module may use, as Envoy's `capability_restriction_config` says it. What is not allowed can still
/// be imported, and refuses its service; a callback that is not allowed is not called.
package struct CapabilityRestriction: Sendable {
    private let allowed: Set<String>?

    /// Full names of host functions and callbacks (`proxy_log`), bare names of WASI functions (`fd_write`); `nil` or
    /// empty: all of them.
    package init(allowed: [String]?) { self.allowed = allowed.flatMap { $0.isEmpty ? nil : Set($0) } }

    /// No restriction.
    package static let none = CapabilityRestriction(allowed: nil)

    /// Entry points cannot be restricted.
    func allows(callback: Callback) -> Bool {
        switch callback {
        case .initialize, .start, .main, .mainVoid: true
        default: allowed?.contains(callback.exportName) ?? true
        }
    }

    /// The functions, with those that are not allowed replaced.
    func apply(to functions: [HostFunction]) -> [HostFunction] {
        guard let allowed else { return functions }
        return functions.map { function in
            guard !allowed.contains(function.name), Self.isRestrictable(function) else { return function }
            var stub = function
            if function.module == "env" {
                stub.replacement = { refuse($0, $1, $2, "proxy-wasm", UInt32(ResultCode.internalFailure.rawValue)) }
            } else {
                stub.replacement = { refuse($0, $1, $2, "WASI", WASIErrno.notCapable.rawValue) }
            }
            return stub
        }
    }

    /// What Emscripten needs is no capability.
    private static func isRestrictable(_ function: HostFunction) -> Bool {
        function.module != "env" || function.name.hasPrefix("proxy_")
    }
}

private func refuse(
    _ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>, _ name: UnsafePointer<CChar>,
    _ kind: String, _ result: UInt32
) -> Int32 {
    let text = "Attempted call to restricted \(kind) capability: \(String(cString: name))"
    Array(text.utf8).withUnsafeBytes {
        context.assumingMemoryBound(to: VMState.self).pointee.log.append(record: $0)
    }
    slots.pointee = ValueSlot(u32: result)
    return 0
}
