package import SluiceEngine

/// For host functions beside those of the tables, which `PluginLinker.link` takes.
package enum AddedFunction {
    /// The linear memory of the VM that a host function was called from, by the context that it was given; `nil` while
    /// the VM has no instance.
    package static func memory(ofContext context: UnsafeMutableRawPointer) -> GuestMemory? {
        context.assumingMemoryBound(to: VMState.self).pointee.memory
    }
}
