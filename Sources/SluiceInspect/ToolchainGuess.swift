import SluiceEngine

/// What a module was built with, as far as it shows.
package enum Toolchain: String, Sendable, Codable, Equatable, CaseIterable {
    /// The standard Go toolchain.
    case go
    case tinygo
    case rust
    /// C and C++ with Emscripten or a WASI SDK.
    case cpp
    case assemblyscript
    case unknown

    /// As people call it.
    package var title: String {
        switch self {
        case .go: "Go"
        case .tinygo: "TinyGo"
        case .rust: "Rust"
        case .cpp: "C or C++"
        case .assemblyscript: "AssemblyScript"
        case .unknown: "unknown"
        }
    }
}

/// A guess at the toolchain, with what it rests on.
struct ToolchainGuess {
    let toolchain: Toolchain
    /// One line for a person; empty when there is nothing to go by.
    let evidence: String

    /// The `producers` section first, then names that only one runtime has.
    init(_ module: ModuleInspection, functionNames: Set<String>) {
        for producer in module.producers {
            let said = "\(producer.field) \(producer.tool) \(producer.version)"
            let text = "\(producer.tool) \(producer.version)".lowercased()
            // TinyGo leaves no name of its own, but the LLVM that it is built with does.
            if ["tinygo", "espressif/llvm-project"].contains(where: text.contains) {
                self.init(.tinygo, said)
                return
            }
            if producer.tool == "Go" || producer.tool.hasPrefix("Go cmd") {
                self.init(.go, said)
                return
            }
            if producer.tool == "rustc" || producer.tool == "Rust" {
                self.init(.rust, "\(said)\(Self.version(of: "rustc", in: module))")
                return
            }
        }
        self = Self.byNames(module, functionNames)
    }

    private init(_ toolchain: Toolchain, _ evidence: String) {
        self.toolchain = toolchain
        self.evidence = evidence.trimmingSpaces
    }

    private static func version(of tool: String, in module: ModuleInspection) -> String {
        guard let producer = module.producers.first(where: { $0.tool == tool }) else { return "" }
        return ", \(tool) \(producer.version)"
    }

    private static func byNames(_ module: ModuleInspection, _ functions: Set<String>) -> ToolchainGuess {
        let exports = Set(module.exports.map(\.name))
        let sections = Set(module.customSections.map(\.name))
        if sections.contains("go:buildid") || sections.contains("go.buildid") {
            return ToolchainGuess(.go, "custom section go:buildid")
        }
        if functions.contains("runtime.alloc") || functions.contains("runtime.run$1") {
            return ToolchainGuess(.tinygo, "function names of its runtime")
        }
        if functions.contains(where: { $0.hasPrefix("__rust_") || $0.hasPrefix("_ZN4core") }) {
            return ToolchainGuess(.rust, "function names of its runtime")
        }
        if exports.contains("__new") && exports.contains("__pin") {
            return ToolchainGuess(.assemblyscript, "exports __new and __pin")
        }
        let growthSignal = module.imports.contains { $0.name == "emscripten_notify_memory_growth" }
        if growthSignal || exports.contains("emscripten_stack_get_current") || exports.contains("__growWasmMemory")
            || sections.contains("emscripten_metadata")
        {
            return ToolchainGuess(.cpp, "names of Emscripten")
        }
        if let clang = module.producers.first(where: { $0.tool.contains("clang") }) {
            return ToolchainGuess(.cpp, "\(clang.field) \(clang.tool) \(clang.version)")
        }
        return ToolchainGuess(.unknown, "")
    }
}

extension String {
    var trimmingSpaces: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
