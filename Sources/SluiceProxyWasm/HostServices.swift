package import SluiceModel

/// Looks at what plugins log.
package protocol LogObserver: AnyObject, Sendable {
    /// A record, or a piece of standard output or error; on the thread of the chain, valid during the call only.
    func observe(_ text: UnsafeRawBufferPointer)
}

/// What surrounds the plugins of a chain.
package struct HostServices: Sendable {
    /// Names of the clusters that call-outs can go to; a call-out says the position.
    package var clusters: [String]
    /// Attributes with values of the workload.
    package var properties: [Property]
    /// Foreign functions with fixed answers.
    package var foreignFunctions: [ForeignFunction]
    /// How much plugins may log.
    package var limits: GuestLimits
    /// `nil`: nobody wants to see what is logged.
    package var logObserver: (any LogObserver)?

    package init(
        clusters: [String] = [], properties: [Property] = [], foreignFunctions: [ForeignFunction] = [],
        limits: GuestLimits = GuestLimits(), logObserver: (any LogObserver)? = nil
    ) {
        self.logObserver = logObserver
        self.limits = limits
        self.clusters = clusters
        self.properties = properties
        self.foreignFunctions = foreignFunctions
    }
}

/// The same in the form in which host functions look things up.
final class ServiceTable {
    private let clusters: [[UInt8]]
    let properties: PropertyStore?
    let foreignFunctions: [(name: [UInt8], status: ResultCode, result: [UInt8])]
    let logObserver: (any LogObserver)?

    init(_ services: HostServices) {
        clusters = services.clusters.map { Array($0.utf8) }
        logObserver = services.logObserver
        properties = services.properties.isEmpty ? nil : PropertyStore(services.properties)
        foreignFunctions = services.foreignFunctions.map {
            (Array($0.name.utf8), ResultCode(rawValue: Int32($0.status)) ?? .internalFailure, $0.result)
        }
    }

    /// The position of a cluster.
    func cluster(named name: UnsafeRawBufferPointer) -> Int? {
        clusters.firstIndex { $0.count == name.count && $0.elementsEqual(name) }
    }
}

/// What the VMs of a chain have in common.
final class ChainResources {
    let shared: SharedHostState
    let tallies = ChainTallies()
    let services: ServiceTable
    let desk: CallOutDesk
    let limits: GuestLimits

    init(shared: SharedHostState, services: HostServices) {
        self.shared = shared
        self.services = ServiceTable(services)
        limits = services.limits
        desk = CallOutDesk(tallies: tallies, limits: services.limits)
        tallies.clock.pointee.streamBytesLimit = services.limits.streamBytes
    }
}
