import SluiceModel

/// What a module declares: read from its bytes by ourselves, as it must be known before an engine may see the module.
///
/// The engine validates the module afterwards; what is read here is no more than well-formed.
struct ModuleSurface: Sendable {
    private(set) var imports: [ModuleImport] = []
    private(set) var exports: [ModuleExport] = []
    /// Memories that it imports or has of its own.
    private(set) var memories: [DeclaredMemory] = []
    /// It declares a type of the GC or the function-references proposal.
    private(set) var usesGarbageCollection = false
    /// The sections that all this was read from, as a module of their own: what a cache keeps beside native code.
    private(set) var declarations: [UInt8] = []

    /// Imports of memories and tables, where they stand in the module.
    private(set) var movedImports: [ModuleRewriting.MovedImport] = []
    /// By how much the module's code lies further back than the code of what the engine compiles, after
    /// `ModuleRewriting`.
    var codeOffset = 0

    private var types: [FunctionType?] = []
    private var functionTypes: [UInt32] = []

    init(reading bytes: [UInt8]) throws(EngineError) {
        var reader = BinaryReader(bytes[...])
        try Self.checkPreamble(&reader)
        declarations = Array(bytes.prefix(8))
        var rank = -1
        while !reader.isAtEnd {
            let start = reader.offset
            let (identifier, contents) = try reader.nextSection()
            if identifier != 0 {
                let next = ModuleRewriting.rank(of: identifier)
                guard next > rank else { throw reader.malformed("a section is repeated or out of order") }
                rank = next
            }
            var section = BinaryReader(contents, section: BinaryReader.sectionName(identifier))
            switch identifier {
            case 1: try readTypes(&section)
            case 2: try readImports(&section)
            case 3: try readFunctions(&section)
            case 5: try readMemories(&section)
            case 7: try readExports(&section)
            default: continue
            }
            guard section.isAtEnd else {
                let name = BinaryReader.sectionName(identifier)
                throw .invalidModule(
                    reason: "the \(name) section goes on after its last entry, at byte \(section.offset)")
            }
            declarations.append(contentsOf: bytes[start..<reader.offset])
        }
    }

    func exportedFunction(_ name: String) -> FunctionType? {
        for export in exports where export.name == name {
            if case .function(let type) = export.type { return type }
        }
        return nil
    }

    /// Refuses what the engine, or every engine here, cannot run.
    func check(for engine: EngineDescription) throws(EngineError) {
        func refuse(_ reason: String) -> EngineError { .unsupported(engine: engine.name, reason: reason) }
        if usesGarbageCollection && !engine.capabilities.garbageCollection {
            throw refuse("the module uses Wasm GC types, which this engine does not have; use cranelift or pulley")
        }
        if memories.count > 1 { throw refuse("the module has \(memories.count) memories; one is supported") }
        guard let memory = memories.first else { return }
        if memory.is64Bit { throw refuse("the module has a 64-bit memory; 32-bit memories are supported") }
        if memory.isShared { throw refuse("the module has a shared memory; memories of one thread are supported") }
        if let maximum = memory.limits.maximum, maximum < memory.limits.minimum {
            throw .invalidModule(reason: "the memory's maximum is below its minimum")
        }
        if memory.limits.maximum ?? 0 > 65536 { throw .invalidModule(reason: "the memory's maximum is above 4 GiB") }
        if memory.hasCustomPageSize { throw refuse("the module has a memory with its own page size") }
    }

    private static func checkPreamble(_ reader: inout BinaryReader) throws(EngineError) {
        _ = try reader.take(4)
        let version = Array(try reader.take(4, "but the version of the format"))
        if version == [1, 0, 0, 0] { return }
        throw .invalidModule(
            reason: version[2...] == [1, 0]
                ? "it is a component; a Proxy-Wasm plugin is a core module"
                : "it has an unknown version of the binary format")
    }

    // MARK: Sections

    private mutating func readTypes(_ reader: inout BinaryReader) throws(EngineError) {
        for _ in 0..<(try reader.unsigned32()) {
            guard reader.peek() == 0x4e else {
                try readType(&reader)
                continue
            }
            usesGarbageCollection = true
            _ = try reader.byte()
            for _ in 0..<(try reader.unsigned32()) { try readType(&reader) }
        }
    }

    private mutating func readType(_ reader: inout BinaryReader) throws(EngineError) {
        var form = try reader.byte()
        if form == 0x50 || form == 0x4f {
            usesGarbageCollection = true
            for _ in 0..<(try reader.unsigned32()) { _ = try reader.unsigned32() }
            form = try reader.byte()
        }
        switch form {
        case 0x60:
            let parameters = try readValueTypes(&reader)
            types.append(FunctionType(parameters, try readValueTypes(&reader)))
        case 0x5f, 0x5e:
            usesGarbageCollection = true
            let fields = form == 0x5e ? 1 : try reader.unsigned32()
            for _ in 0..<fields {
                if let packed = reader.peek(), packed == 0x78 || packed == 0x77 {
                    _ = try reader.byte()
                } else {
                    _ = try readValueType(&reader)
                }
                _ = try reader.byte()
            }
            types.append(nil)
        default: throw reader.malformed("there is an unknown kind of type")
        }
    }

    private mutating func readValueTypes(_ reader: inout BinaryReader) throws(EngineError) -> [ValueType] {
        var result: [ValueType] = []
        for _ in 0..<(try reader.unsigned32()) { result.append(try readValueType(&reader)) }
        return result
    }

    private mutating func readValueType(_ reader: inout BinaryReader) throws(EngineError) -> ValueType {
        switch try reader.byte() {
        case 0x7f: return .i32
        case 0x7e: return .i64
        case 0x7d: return .f32
        case 0x7c: return .f64
        case 0x7b: return .v128
        case 0x70, 0x6f: return .reference
        case 0x63, 0x64:
            usesGarbageCollection = true
            try reader.skipSigned()
            return .reference
        case 0x68...0x6e, 0x71...0x75:
            usesGarbageCollection = true
            return .reference
        default: throw reader.malformed("there is an unknown value type")
        }
    }

    private mutating func readImports(_ reader: inout BinaryReader) throws(EngineError) {
        for _ in 0..<(try reader.unsigned32()) {
            let start = reader.offset
            let module = try reader.name()
            let name = try reader.name()
            let kind = try reader.byte()
            let typeStart = reader.offset
            let type: ExternType
            switch kind {
            case 0:
                let index = try reader.unsigned32()
                functionTypes.append(index)
                type = .function(try functionType(index, reader))
            case 1:
                _ = try readValueType(&reader)
                _ = try DeclaredMemory(reading: &reader)
                movedImports.append(
                    .init(entry: start..<reader.offset, type: typeStart..<reader.offset, isMemory: false))
                type = .table
            case 2:
                let memory = try DeclaredMemory(reading: &reader)
                memories.append(memory)
                movedImports.append(
                    .init(entry: start..<reader.offset, type: typeStart..<reader.offset, isMemory: true))
                type = .memory(memory.limits)
            case 3:
                _ = try readValueType(&reader)
                _ = try reader.byte()
                type = .global
            case 4:
                _ = try reader.byte()
                _ = try reader.unsigned32()
                type = .tag
            default: throw reader.malformed("there is an unknown kind of import")
            }
            imports.append(ModuleImport(module: module, name: name, type: type))
        }
    }

    private mutating func readFunctions(_ reader: inout BinaryReader) throws(EngineError) {
        for _ in 0..<(try reader.unsigned32()) { functionTypes.append(try reader.unsigned32()) }
    }

    private mutating func readMemories(_ reader: inout BinaryReader) throws(EngineError) {
        for _ in 0..<(try reader.unsigned32()) {
            memories.append(try DeclaredMemory(reading: &reader))
        }
    }

    private mutating func readExports(_ reader: inout BinaryReader) throws(EngineError) {
        for _ in 0..<(try reader.unsigned32()) {
            let name = try reader.name()
            let kind = try reader.byte()
            let index = Int(try reader.unsigned32())
            let type: ExternType
            switch kind {
            case 0:
                guard index < functionTypes.count else { throw reader.malformed("an export names no function") }
                type = .function(try functionType(functionTypes[index], reader))
            case 1: type = .table
            case 2:
                guard index < memories.count else { throw reader.malformed("an export names no memory") }
                type = .memory(memories[index].limits)
            case 3: type = .global
            case 4: type = .tag
            default: throw reader.malformed("there is an unknown kind of export")
            }
            exports.append(ModuleExport(name: name, type: type))
        }
    }

    private func functionType(_ index: UInt32, _ reader: BinaryReader) throws(EngineError) -> FunctionType {
        guard Int(index) < types.count, let type = types[Int(index)] else {
            throw reader.malformed("a function has no type")
        }
        return type
    }
}
