import CMinimalHost
import SluiceEngine
import SluiceModel
import SluiceProcess
import SluiceProxyWasm

/// A plugin as Sluice's own host runs it.
struct BenchmarkPlugin {
    let engine: WasmEngine
    let plugin: ChainPlugin

    /// The plugin of the minimal C host.
    ///
    /// - Parameter lookUpsPerRequest: header look-ups of each request beside the three that the plugin makes anyway.
    init(engine name: EngineName, lookUpsPerRequest: Int = 0) throws {
        try self.init(engine: name, module: Array(Self.text(lookUpsPerRequest: lookUpsPerRequest).utf8))
    }

    /// The reference guest `header-auth` with the `manual` collector, from where `scripts/build-plugins` puts it.
    static func headerAuth(engine name: EngineName) throws -> BenchmarkPlugin {
        let path = "workloads/plugins/build/header-auth.manual.wasm"
        return try BenchmarkPlugin(engine: name, module: try PrivateFile.read(path))
    }

    private init(engine name: EngineName, module bytes: [UInt8]) throws {
        engine = try Engines.make(
            name,
            settings: EngineSettings(
                memoryCapBytes: 1 << 30, gcHeapCapBytes: 1 << 30, deadlineNanoseconds: 5_000_000_000))
        let module = try engine.compile(bytes)
        let specification = PluginSpecification(
            name: "header-auth", rootID: "", configuration: [], vmID: "", vmConfiguration: [],
            environmentVariables: [], failurePolicy: .closed, reloadBaseIntervalNanoseconds: 1_000_000_000,
            module: nil)
        guard let hash = ContentHash(hexadecimal: String(repeating: "0", count: 64)) else { preconditionFailure() }
        plugin = ChainPlugin(
            planned: PlannedPlugin(specification: specification, moduleHash: hash, environmentVariables: []),
            module: try PluginLinker.link(module, profile: "1.39"))
    }

    /// The C host offers a function that no gateway has; the loops that need it are of no use here.
    private static func text(lookUpsPerRequest: Int) -> String {
        var text = String(cString: minimal_host_plugin_text())
        func replace(_ part: String, _ replacement: String) {
            precondition(text.contains(part), "the C host's plugin has changed")
            text = text.split(separator: part, omittingEmptySubsequences: false).joined(separator: replacement)
        }
        replace("  (import \"env\" \"nothing\" (func $nothing (param i32) (result i32)))\n", "")
        replace("(call $nothing (local.get $count))", "(local.get $count)")
        if lookUpsPerRequest > 0 {
            replace("(func (export \"run_look_ups\")", "(func $runLookUps (export \"run_look_ups\")")
            replace(
                "    (local $allowed i32)\n",
                "    (local $allowed i32)\n    (drop (call $runLookUps (i32.const \(lookUpsPerRequest))))\n")
        }
        return text
    }

    /// The headers that the C host sends, and the one that `header-auth` wants to see.
    static let request = RequestTemplate(
        weight: 1, method: "GET", path: Template(literal: "/orders/4711?expand=items"), authority: "example.com",
        headers: [
            HeaderTemplate(name: "user-agent", value: Template(literal: "sluice")),
            HeaderTemplate(name: "accept", value: Template(literal: "application/json")),
            HeaderTemplate(name: "allow", value: Template(literal: "true")),
            HeaderTemplate(
                name: "authorization", value: Template(literal: "Bearer 0123456789abcdef0123456789abcdef")),
            HeaderTemplate(
                name: "x-request-id", value: Template(literal: "7f3f8a52-0a3c-4c1e-9d6e-2b8f5f0a1c2d")),
        ], body: nil, trailers: [], expectation: .nothing)
}
