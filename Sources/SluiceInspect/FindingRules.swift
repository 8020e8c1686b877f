import SluiceModel
import SluiceProxyWasm

/// What is to be said about a module, the gravest first.
enum FindingRules {
    static func findings(_ facts: ModuleFacts, _ smoke: [SmokeResult], _ request: CheckRequest) -> [Finding] {
        let all =
            linking(facts, request) + releases(facts, request.profile) + waiting(facts, request.profile)
            + allocation(facts) + memory(facts) + entry(facts, request)
            + SmokeFindings.findings(smoke, facts, request)
        return Finding.Severity.allCases.flatMap { severity in all.filter { $0.severity == severity } }
    }

    // MARK: Linking

    /// What the profile that was asked for prints.
    private static func linking(_ facts: ModuleFacts, _ request: CheckRequest) -> [Finding] {
        let errors = facts.answer(of: request.profile)?.errors ?? []
        return ModuleFacts.LinkError.Kind.allCases.compactMap { kind in
            let texts = errors.filter { $0.kind == kind }.map(\.text)
            guard !texts.isEmpty else { return nil }
            var finding = linkFinding(kind, facts, request.profile)
            if request.host.link == .lenient, kind == .missingImport || kind == .importType || kind == .exportType {
                finding.severity = .warning
            }
            finding.hostTexts = texts
            return finding
        }
    }

    private static func linkFinding(
        _ kind: ModuleFacts.LinkError.Kind, _ facts: ModuleFacts, _ profile: EnvoyProfile
    ) -> Finding {
        let code = kind.rawValue
        switch kind {
        case .noABIVersion:
            return Finding(
                .error, code, "it does not say which version of the ABI it follows",
                cause: "no function proxy_abi_version_0_1_0, _0_2_0 or _0_2_1 is exported",
                advice: "build it with a Proxy-Wasm SDK, for the target and with the exports that the SDK asks for")
        case .missingImport:
            return Finding(
                .error, code, "it imports functions that this host does not have",
                cause: facts.toolchain == .go
                    ? "the Go toolchain imports WASI functions that hosts have only learnt since"
                    : "a library or the toolchain uses functions that are not part of the ABI, or of this release",
                advice: importAdvice(facts))
        case .importType:
            return Finding(
                .error, code, "it imports functions with other types than the host has them",
                cause: "Envoy declares path_link and path_symlink with one parameter less than WASI does; for other "
                    + "functions the module was built against another version of the ABI",
                advice: "avoid what needs these functions, or rebuild with a current SDK")
        case .exportType:
            return Finding(
                .error, code, "it exports callbacks with types that the host cannot call",
                cause: "the marker of the ABI version and the SDK's callbacks do not belong together",
                advice: "rebuild with one SDK; host: { link: lenient } runs it as hosts on wasmtime do, without them")
        case .noAllocator:
            return Finding(
                .error, code, "a host cannot give it anything: neither malloc nor proxy_on_memory_allocate is exported",
                advice: "use an SDK, or export one of them with the linker")
        case .other: return Finding(.error, code, "it cannot be linked")
        }
    }

    /// The ways out of a missing import: a newer host, or a module without it.
    private static func importAdvice(_ facts: ModuleFacts) -> String {
        var ways: [String] = []
        if let first = facts.profiles.first(where: { $0.loads && $0.profile.firstMinor != nil }) {
            ways.append("use \(first.releases)\(first.profile == .latest ? "" : ", or later")")
        } else if facts.answer(of: .full)?.loads == true {
            ways.append("no release of Envoy offers all of them; a host with all of WASI does")
        }
        switch facts.toolchain {
        case .go: ways.append("build with TinyGo, which imports less")
        case .tinygo where facts.imports("sched_yield"):
            ways.append("define sched_yield in the plugin, so that the linker does not import it")
        default: ways.append("build without what imports them")
        }
        return ways.joined(separator: "; ")
    }

    // MARK: Releases

    /// Releases that do not load it, besides the one that was asked for.
    private static func releases(_ facts: ModuleFacts, _ asked: EnvoyProfile) -> [Finding] {
        let refusing = facts.profiles.filter { !$0.loads && $0.profile.firstMinor != nil && $0.profile != asked }
        guard !refusing.isEmpty, facts.profiles.contains(where: \.loads) else { return [] }
        return refusing.map { answer in
            Finding(
                .note, "release-refuses", "\(answer.releases) do not load it", advice: importAdvice(facts),
                hostTexts: answer.errors.map(\.text))
        }
    }

    /// Functions that are there and refuse to work, of which the Go runtime needs one.
    private static func waiting(_ facts: ModuleFacts, _ asked: EnvoyProfile) -> [Finding] {
        let name = "poll_oneoff"
        guard facts.imports(name) else { return [] }
        return facts.profiles.filter { answer in
            answer.loads && PluginSurface.unimplemented(in: answer.profile).contains(name)
        }.map { answer in
            Finding(
                answer.profile == asked ? .warning : .note, "poll-oneoff",
                "\(answer.releases) load it, and it can die there under load",
                cause: "its runtime calls poll_oneoff when it has to wait, which a garbage collection under load makes "
                    + "it do; these releases answer ENOSYS, and the Go runtime takes that for fatal",
                advice: "use \(EnvoyProfile.v1_39.releases), or build with TinyGo",
                hostTexts: facts.toolchain == .go ? ["fatal error: poll_oneoff failed"] : [])
        }
    }
}
