import SluiceModel
import SluiceProxyWasm

/// Memory: who allocates, how far it grows, and how it is entered.
extension FindingRules {
    static func allocation(_ facts: ModuleFacts) -> [Finding] {
        var findings: [Finding] = []
        let names = facts.allocators.map(\.export)
        let usesMalloc = facts.allocators.first { $0.isUsed }?.export == AllocatorExport.malloc.rawValue
        let isByFlag = usesMalloc && facts.releasers.contains("free")
        if usesMalloc, facts.toolchain == .tinygo {
            findings.append(
                Finding(
                    .warning, "malloc-never-freed", "the host allocates through malloc, and nobody calls free",
                    cause: "TinyGo keeps everything that its malloc returned until free is called; a host hands over "
                        + "every header and body that way, so that memory grows with every request",
                    advice: names.count > 1
                        ? "do not export malloc: Envoy then uses proxy_on_memory_allocate, whose blocks are collected"
                        : "export proxy_on_memory_allocate and not malloc; the Go SDK for TinyGo does, unless a linker "
                            + "flag such as --export=malloc adds it"))
        } else if isByFlag, facts.toolchain != .cpp {
            findings.append(
                Finding(
                    .warning, "malloc-exported", "malloc and free are exported, and the host uses malloc",
                    cause:
                        "a linker flag such as --export=malloc makes the C allocator visible; a host prefers it, and "
                        + "never calls free",
                    advice: "export proxy_on_memory_allocate only, or be sure that the plugin frees what it is given"))
        }
        if names.count > 1 {
            findings.append(
                Finding(
                    .note, "two-allocators", "both malloc and proxy_on_memory_allocate are exported: Envoy uses malloc",
                    cause: "the C++ host looks for malloc first; the text of the ABI says the reverse"))
        }
        return findings
    }

    /// The C++ host gives a VM this much, whatever it declares.
    private static let envoyLimitBytes = 1 << 30

    static func memory(_ facts: ModuleFacts) -> [Finding] {
        guard let memory = facts.memory else {
            return [
                Finding(
                    .error, "no-memory", "it has no linear memory: a host cannot give it anything",
                    advice: "build it with a Proxy-Wasm SDK")
            ]
        }
        var findings: [Finding] = []
        if memory.minimumBytes > envoyLimitBytes {
            findings.append(
                Finding(
                    .error, "memory-over-limit",
                    "it begins with \(Units.bytes(memory.minimumBytes)), and Envoy gives a VM 1 GiB at most",
                    advice: "lower the initial memory of the linker"))
        }
        if let maximum = memory.maximumBytes, maximum == memory.minimumBytes {
            findings.append(
                Finding(
                    .warning, "fixed-memory", "its memory cannot grow beyond \(Units.bytes(maximum))",
                    cause: "minimum and maximum are the same, as Emscripten does without ALLOW_MEMORY_GROWTH",
                    advice: "allow growth, or be sure that this is enough for the streams of one worker together"))
        }
        if memory.isImported {
            findings.append(
                Finding(
                    .note, "imported-memory", "it imports its memory",
                    cause: "older Emscripten did so; of Envoy's engines only V8 makes one"))
        } else if !memory.isExported {
            findings.append(
                Finding(
                    .warning, "memory-not-exported", "its memory is not exported",
                    cause: "hosts find the memory by its export; this one finds it without",
                    advice: "export the memory"))
        }
        return findings
    }

    static func entry(_ facts: ModuleFacts, _ request: CheckRequest) -> [Finding] {
        var findings: [Finding] = []
        if facts.abiMarkers.count > 1 {
            findings.append(
                Finding(
                    .note, "several-abi-versions",
                    "it names the ABI versions \(facts.abiMarkers.joined(separator: ", ")): the first counts"))
        }
        if facts.entryPoints.isEmpty, facts.abiVersion != nil {
            findings.append(
                Finding(
                    .note, "no-entry-point", "no code runs before the first callback",
                    cause: "neither _initialize nor _start is exported",
                    advice: "if the plugin registers itself in main, build it as a WASI reactor or command"))
        }
        if !facts.hasFunctionNames {
            findings.append(
                Finding(
                    .note, "no-function-names", "backtraces will show numbers instead of names",
                    cause: "there is no name section", advice: "keep it for load tests: do not strip the module"))
        }
        if let type = request.type, type != .service, facts.abiVersion != nil,
            !PluginSurface.hasCallbacks(of: type, among: facts.callbacks)
        {
            findings.append(
                Finding(
                    .warning, "no-callbacks", "it exports no callback of the type \(type.rawValue)",
                    advice: "a filter of this type does nothing with it"))
        }
        return findings
    }
}
