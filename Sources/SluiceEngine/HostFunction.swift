/// A host function: reads its parameters from `slots`, writes its result to `slots[0]` and returns 0; or returns
/// `HostTrap.raise(…)`, which ends the guest's call with a trap.
///
/// Write it where no actor is implied: a closure in a `main.swift` checks on each call that it runs on the main actor.
///
/// `context` is what `LinkedModule.instantiate` was given. The callback runs on the thread of the instance.
package typealias HostCallback =
    @convention(c) (_ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>) -> Int32

/// A host function that stands for several ones: `name` says as which of them it was called.
package typealias NamedHostCallback =
    @convention(c) (
        _ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>, _ name: UnsafePointer<CChar>
    ) -> Int32

/// One function that the host offers to modules.
package struct HostFunction: Sendable {
    /// The import module, `env` for example.
    package var module: String
    /// The name within the import module.
    package var name: String
    /// The type that an import of this name must have exactly.
    package var type: FunctionType
    /// What runs when the guest calls it.
    package var callback: HostCallback
    /// Set for a function that is nothing but a trap with this message; `callback` is not used then.
    package private(set) var trapMessage: String?
    /// What runs instead of `callback` where there is one.
    package var replacement: NamedHostCallback?

    package init(module: String, name: String, type: FunctionType, callback: HostCallback) {
        self.module = module
        self.name = name
        self.type = type
        self.callback = callback
    }

    /// A function that ends the guest's call with `message` whenever it is called. `nil` for a type with vectors or
    /// references in it, which no host function can have.
    package static func trapping(
        module: String, name: String, type: FunctionType, message: String
    ) -> HostFunction? {
        guard !(type.parameters + type.results).contains(where: { $0 == .v128 || $0 == .reference }) else { return nil }
        var function = HostFunction(module: module, name: name, type: type) { (_, _) in 1 }
        function.trapMessage = message
        return function
    }
}
