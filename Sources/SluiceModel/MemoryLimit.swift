/// The memory that the VMs of one plugin get in a trial, where it is not simply what the host allows.
///
/// This is how the smallest heap that a plugin runs in is searched for.
package struct MemoryLimit: Sendable, Codable, Equatable, Hashable {
    /// What is limited, and how.
    package enum Form: String, Sendable, Codable, Equatable, CaseIterable {
        /// The linear memory has this size from the beginning and never another, as if the module declared
        /// minimum = maximum. An allocator that doubles its heap can use all of it.
        case fixed
        /// The linear memory begins as the module declares it, and may grow up to this. For runtimes that use no
        /// memory but what they have grown themselves.
        case cap
        /// The Wasm GC heap may grow up to this; the linear memory is as the host allows.
        case gcHeapCap = "gc-heap-cap"
    }

    package var form: Form
    /// A whole number of pages, 1 page to 4 GiB.
    package var bytes: Int

    package init(form: Form, bytes: Int) {
        self.form = form
        self.bytes = bytes
    }

    /// Size of a page of Wasm memory.
    package static let pageBytes = 65_536
}
