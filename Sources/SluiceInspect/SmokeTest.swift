package import SluiceModel
import SluiceProxyWasm

/// What became of a module that was started and given one stream.
package struct SmokeResult: Sendable, Codable, Equatable {
    /// How a smoke test ended.
    package enum Outcome: String, Sendable, Codable, Equatable, CaseIterable {
        case passed
        /// The VM died, or did not start.
        case failed
        /// The process that ran it died with it, or did not come to an end.
        case crashed
        /// It does not link, or the engine does not take it.
        case refused
        /// Not tried, for a reason that is not the module's.
        case notRun = "not-run"
    }

    /// How far a VM came.
    package enum Stage: String, Sendable, Codable, Equatable, CaseIterable {
        case instantiate
        /// `_initialize`, `main`, `_start`
        case start
        /// Root context, `proxy_on_vm_start`, `proxy_on_configure`
        case configure
        case stream
    }

    /// What it was tried as.
    package var type: PluginType
    /// How that ended.
    package var outcome: Outcome
    /// The stage that it failed in; absent when it passed.
    package var stage: Stage?
    /// Why it was not run, crashed, or what is to be known although it passed; empty otherwise.
    package var reason: String
    /// Status of the response to the one request; absent without a response.
    package var status: Int?
    /// Why the VM died, if it did.
    package var failure: VMFailure?
    /// Size of the linear memory once instantiated. Absent, as the sizes below, when the VM did not come so far.
    package var instantiatedBytes: Int?
    /// After `_initialize`, `main` or `_start`.
    package var startedBytes: Int?
    /// After `proxy_on_configure`.
    package var configuredBytes: Int?
    /// After the stream; absent when the VM is dead.
    package var finalBytes: Int?
    /// The last lines that the plugin wrote.
    package var logLines: [String]

    init(_ type: PluginType, _ outcome: Outcome, stage: Stage? = nil, reason: String = "") {
        self.type = type
        self.outcome = outcome
        self.stage = stage
        self.reason = reason
        logLines = []
    }

    init(_ type: PluginType, _ probe: ProbeResult) {
        self.init(type, probe.failure == nil ? .passed : .failed)
        failure = probe.failure
        status = probe.status
        instantiatedBytes = probe.baseline.instantiatedBytes
        startedBytes = probe.baseline.startedBytes
        configuredBytes = probe.baseline.configuredBytes
        finalBytes = probe.finalBytes
        logLines = probe.logLines
        if probe.failure != nil {
            stage =
                if configuredBytes != nil { .stream } else if startedBytes != nil {
                    .configure
                } else if instantiatedBytes != nil { .start } else { .instantiate }
        } else if probe.isPaused {
            reason = "the plugin held the stream and waits for something, such as the answer to a call-out"
        }
    }

    /// The VM came as far as to take streams.
    var isStarted: Bool { configuredBytes != nil }
}
