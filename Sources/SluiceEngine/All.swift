package import SluiceModel

/// What an engine can do, known before it is made.
package struct EngineCapabilities: Sendable, Equatable {
    /// Runs modules that use the Wasm GC proposal.
    package var garbageCollection: Bool
    /// Compiles to machine code; otherwise it interprets or runs nothing.
    package var nativeCode: Bool
    /// Runs guest code at all.
    package var executes: Bool
}

/// An engine by its name.
package struct EngineDescription: Sendable {
    /// The name in workload files and reports; each engine has one of its own.
    package let name: EngineName
    /// What it can do; known without loading its library.
    package let capabilities: EngineCapabilities
    let makeBackend: @Sendable (EngineSettings, _ libraryPath: String?) throws(EngineError) -> any EngineBackend
}

/// Every engine there is.
package enum Engines {
    /// In the order in which they are shown to people.
    package static let all: [EngineDescription] = [
        WasmtimeEngine.cranelift, WasmtimeEngine.winch, WasmtimeEngine.pulley, NullEngine.description,
    ]

    /// Every name has one.
    package static func description(of name: EngineName) -> EngineDescription {
        all.first { $0.name == name }!
    }

    /// The file of the libwasmtime that engines use, found as `make` finds it and checked.
    package static func locateLibrary() throws(EngineError) -> String { try WasmtimeLibrary.find(path: nil).path }

    /// Makes an engine. `libraryPath` replaces the search for libwasmtime; the null engine needs none.
    package static func make(
        _ name: EngineName, settings: EngineSettings, libraryPath: String? = nil
    ) throws(EngineError) -> WasmEngine {
        let description = description(of: name)
        return WasmEngine(
            description: description, settings: settings,
            backend: try description.makeBackend(settings, libraryPath))
    }
}
