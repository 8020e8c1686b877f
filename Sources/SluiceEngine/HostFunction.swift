/// A host function: reads its parameters from `slots`, writes its result to `slots[0]` and returns 0; or returns
/// `HostTrap.raise(…)`, which ends the guest's call with a trap.
///
/// Write it where no actor is implied: a closure in a `main.swift` checks on each call that it runs on the main actor.
///
/// `context` is what `LinkedModule.instantiate` was given. The callback runs on the thread of the instance.
package typealias HostCallback =
    @convention(c) (_ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>) -> Int32

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

    package init(module: String, name: String, type: FunctionType, callback: HostCallback) {
        self.module = module
        self.name = name
        self.type = type
        self.callback = callback
    }
}
