/// What plugins have in common that are in one VM of a worker: Envoy's key of a VM, and where the VM is.
package struct VMKey: Sendable, Equatable, Hashable {
    private let vmID: String
    private let vmConfiguration: [UInt8]
    private let moduleHash: ContentHash
    /// A singleton is on no worker's thread in Envoy, so that its VM is never a worker's.
    private let placement: ServicePlacement
    /// Only a search for the smallest heap gives one.
    private let memoryLimit: MemoryLimit?

    /// `moduleHash` is that of the module which the plugin runs.
    package init(_ specification: PluginSpecification, moduleHash: ContentHash, memoryLimit: MemoryLimit? = nil) {
        vmID = specification.vmID
        vmConfiguration = specification.vmConfiguration
        placement = specification.placement
        self.moduleHash = moduleHash
        self.memoryLimit = memoryLimit
    }
}
