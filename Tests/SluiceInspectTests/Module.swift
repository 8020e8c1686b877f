import SluiceEngine
import SluiceInspect
import SluiceModel
import SluiceProxyWasm

/// Modules of the tests, and what is said about them.
enum Module {
    static let marker = "(func (export \"proxy_abi_version_0_2_1\"))"
    static let memory = "(memory (export \"memory\") 1)"
    static let malloc = "(func (export \"malloc\") (param i32) (result i32) (i32.const 1024))"
    static let initialize = "(func (export \"_initialize\"))"

    /// A plugin that loads everywhere, with more fields.
    static func plugin(_ fields: String = "") -> String {
        "(module \(fields) \(marker) \(memory) \(malloc) \(initialize))"
    }

    /// The binary form of a text.
    static func binary(_ text: String) throws -> [UInt8] {
        let settings = EngineSettings(
            memoryCapBytes: 1 << 30, gcHeapCapBytes: 1 << 30, deadlineNanoseconds: 1_000_000_000)
        return try Engines.make(.null, settings: settings).binary(of: Array(text.utf8))
    }

    static func facts(_ text: String) throws -> ModuleFacts { try facts(binary(text)) }

    static func facts(_ bytes: [UInt8]) throws -> ModuleFacts {
        ModuleFacts(try ModuleInspection(reading: bytes), byteCount: bytes.count)
    }

    /// A module with a custom section behind everything else.
    static func binary(_ text: String, section name: String, _ contents: [UInt8]) throws -> [UInt8] {
        var body = [UInt8(name.utf8.count)]
        body += Array(name.utf8)
        body += contents
        precondition(body.count < 128, "one byte of length")
        var module = try binary(text)
        module += [0, UInt8(body.count)]
        return module + body
    }

    /// Contents of a `producers` section with one entry a field.
    static func producers(_ entries: [(field: String, tool: String, version: String)]) -> [UInt8] {
        func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
        var contents = [UInt8(entries.count)]
        for entry in entries {
            contents += text(entry.field)
            contents.append(1)
            contents += text(entry.tool)
            contents += text(entry.version)
        }
        return contents
    }

    /// The report on a module that was not run.
    static func report(
        _ facts: ModuleFacts, _ profile: EnvoyProfile = .latest, link: LinkMode = .strict,
        type: PluginType? = nil, smoke: [SmokeResult] = []
    ) -> CheckReport {
        let plugin = PluginSpecification(
            name: "test", rootID: "", configuration: [], vmID: "", vmConfiguration: [], environmentVariables: [],
            failurePolicy: .closed, reloadBaseIntervalNanoseconds: 1_000_000_000, module: nil)
        let host = HostSettings(
            envoyProfile: profile.rawValue, memoryCapBytes: 1 << 24, deadlineNanoseconds: 1_000_000_000,
            engine: .cranelift, link: link)
        return CheckReport(
            request: CheckRequest(
                path: "test.wasm", name: "test.wasm", profile: profile, type: type, plugin: plugin, host: host),
            facts: facts, smoke: smoke)
    }

    /// Codes of the findings with their severity: `error missing-import`.
    static func codes(_ report: CheckReport) -> [String] {
        report.findings.map { "\($0.severity.rawValue) \($0.code)" }
    }
}
