import SluiceModel

/// What an engine has to do. One conformer for each library; the table in `All.swift` says which engine uses which.
protocol EngineBackend: Sendable {
    var version: String { get }
    var memoryKind: GuestMemoryKind { get }
    /// Part of the key under which compiled code is cached: everything that makes code of two engines differ.
    var artifactKey: String { get }
    /// `bytes` are a core Wasm module after `ModuleRewriting` and `DataSegmentMerging`, `surface` was read from the
    /// module before them.
    func compile(_ bytes: [UInt8], surface: ModuleSurface) throws(EngineError) -> any ModuleBackend
    func load(_ code: ArraySlice<UInt8>, surface: ModuleSurface) throws(EngineError) -> any ModuleBackend
    func binary(ofText text: [UInt8]) throws(EngineError) -> [UInt8]
}

protocol ModuleBackend: Sendable {
    func serialise() throws(EngineError) -> [UInt8]
    /// `functions` holds one entry for each function import, in the order of the imports.
    func link(_ functions: [HostFunction]) throws(EngineError) -> any LinkedBackend
}

protocol LinkedBackend: Sendable {
    func instantiate(
        context: UnsafeMutableRawPointer, vmOrdinal: Int, beforeStart: ((WasmInstance) -> Void)?
    ) throws(EngineError) -> WasmInstance
}
