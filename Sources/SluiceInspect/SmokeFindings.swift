import SluiceModel
import SluiceProxyWasm

/// What trying a module has shown.
enum SmokeFindings {
    static func findings(_ smoke: [SmokeResult], _ facts: ModuleFacts, _ request: CheckRequest) -> [Finding] {
        var findings: [Finding] = []
        // All types start alike: a start that fails is one finding.
        if let failed = smoke.first(where: { $0.outcome == .failed && !$0.isStarted }) {
            findings.append(start(failed))
        }
        for result in smoke where result.outcome == .failed && result.isStarted {
            findings.append(stream(result, isAsked: request.type == result.type))
        }
        for result in smoke where result.outcome == .crashed {
            findings.append(
                Finding(
                    .error, "crashed", "trying it as \(result.type.rawValue) ended the process", cause: result.reason,
                    advice: "another engine may run it; the module should be reported to the engine's makers"))
        }
        return findings
    }

    private static func start(_ result: SmokeResult) -> Finding {
        guard let failure = result.failure else { return Finding(.error, "start-failed", "it does not start") }
        var finding = Finding(
            .error, "start-failed", "it does not start: \(failure.callback) failed", hostTexts: [text(of: failure)])
        explain(failure, &finding)
        return finding
    }

    private static func stream(_ result: SmokeResult, isAsked: Bool) -> Finding {
        guard let failure = result.failure else { return Finding(.error, "stream-failed", "a stream fails") }
        var finding = Finding(
            isAsked ? .error : .note, "stream-failed",
            "as a plugin of the type \(result.type.rawValue) it dies in \(failure.callback)",
            hostTexts: [text(of: failure)])
        explain(failure, &finding)
        if finding.cause.isEmpty, !isAsked {
            finding.cause =
                "SDKs export the callbacks of every type, so that only trying shows which one it is made for"
            finding.advice = "nothing, if it is not meant to be of this type; else look at what it logged"
        }
        return finding
    }

    /// As the C++ host prints the end of a VM.
    private static func text(of failure: VMFailure) -> String {
        "Function: \(failure.callback) failed: \(failure.message)"
    }

    private static func explain(_ failure: VMFailure, _ finding: inout Finding) {
        let log = failure.lastLogLines.joined(separator: "\n")
        switch failure.kind {
        case .deadlineExceeded:
            finding.cause = "the call ran past its deadline"
            finding.advice = "look for an endless loop in the functions of the backtrace"
        case .growthRefused, .startUpAllocator, .allocatorReturnedNull, .gcHeapOutOfMemory, .trapInAllocator:
            finding.cause = "the plugin's allocator failed"
            finding.advice = "give it more memory with --memory, or look at the functions of the backtrace"
        case .startUp, .trap: explain(message: failure.message, log: log, &finding)
        }
    }

    private static func explain(message: String, log: String, _ finding: inout Finding) {
        if message == "restricted_callback" {
            finding.cause =
                "Envoy's V8 engine lets a module call few host functions while it starts, and fewer from its "
                + "allocator; this call was not one of them"
            finding.advice = "call it from proxy_on_vm_start or later; do not end main with an exit"
        } else if message.hasSuffix("returned false") {
            finding.cause = "the plugin refused its configuration, or could not use it"
            finding.advice = "give it what it expects with --configuration"
        } else if log.contains("root_id") {
            finding.cause = "the plugin chooses its root context by the property plugin_root_id"
            finding.advice = "name it with --root-id"
        } else if log.contains("context type") {
            finding.cause = "the plugin has no context for this type of stream"
            finding.advice = "try the type that it is made for"
        } else if log.contains("poll_oneoff") {
            finding.cause = "the Go runtime takes a refused poll_oneoff for fatal"
            finding.advice = "use \(EnvoyProfile.v1_39.releases), or build with TinyGo"
        }
    }
}
