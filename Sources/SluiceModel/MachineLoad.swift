/// What went on on the coordinator's machine during the load of a trial, beside the trial itself. `nil`: the kernel did
/// not tell.
package struct MachineLoad: Sendable, Codable, Equatable {
    /// Of all CPUs' time, the part that was not idle, 0 to 1.
    package var busyFraction: Double?
    /// Of all CPUs' time, the part that a hypervisor gave to others, 0 to 1.
    package var stealFraction: Double?
    /// Of the time, the part in which something that could have run waited for a CPU, 0 to 1.
    package var pressureFraction: Double?
    /// Periods in which a CPU limit of the container stopped its processes.
    package var throttledPeriods: Int?

    package init(
        busyFraction: Double? = nil, stealFraction: Double? = nil, pressureFraction: Double? = nil,
        throttledPeriods: Int? = nil
    ) {
        self.busyFraction = busyFraction
        self.stealFraction = stealFraction
        self.pressureFraction = pressureFraction
        self.throttledPeriods = throttledPeriods
    }
}
