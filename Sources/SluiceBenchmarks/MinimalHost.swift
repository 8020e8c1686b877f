import CMinimalHost
import SluiceEngine

/// The C host, on the library that Sluice itself found.
final class MinimalHost {
    struct CannotOpen: Error { var reason: String }

    private let handle: OpaquePointer

    init() throws {
        var reason = [CChar](repeating: 0, count: 256)
        guard let handle = minimal_host_open(try Engines.locateLibrary(), &reason, reason.count) else {
            throw CannotOpen(
                reason: String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        self.handle = handle
    }

    deinit { minimal_host_close(handle) }

    /// Nanoseconds for one.
    func lookUp(count: UInt32) -> Double { Double(minimal_host_run_look_ups(handle, count)) / Double(count) }

    /// Nanoseconds for one. Nothing else can be run afterwards.
    func freshInstance(count: UInt32) -> Double {
        Double(minimal_host_run_fresh_instances(handle, count)) / Double(count)
    }

    /// Nanoseconds for one.
    func request(count: UInt32) -> Double { Double(minimal_host_run_requests(handle, count)) / Double(count) }
}
