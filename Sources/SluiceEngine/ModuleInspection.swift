/// What a module says about itself: read from its binary form without an engine, and no more than well-formed.
package struct ModuleInspection: Sendable {
    /// A memory that the module has of its own or imports.
    package struct Memory: Sendable, Equatable {
        /// Pages that it begins with, and may grow to.
        package let limits: Limits
        /// It is made by the host.
        package let isImported: Bool
        /// Threads could share it.
        package let isShared: Bool
        /// It has 64-bit addresses.
        package let is64Bit: Bool
    }

    /// A section that the format leaves to tools.
    package struct CustomSection: Sendable, Equatable {
        /// As it is written in the module.
        package let name: String
        /// Contents without the name.
        package let contents: ArraySlice<UInt8>
    }

    /// In the order of the import section.
    package let imports: [ModuleImport]
    /// In the order of the export section.
    package let exports: [ModuleExport]
    /// Imported ones first.
    package let memories: [Memory]
    /// It declares a type of the GC or the function-references proposal.
    package let usesGarbageCollection: Bool
    /// It runs code of its own while it is instantiated.
    package let hasStartFunction: Bool
    /// In the order of the module.
    package let customSections: [CustomSection]

    /// Throws `invalidModule` for anything but a core module in binary form.
    package init(reading bytes: [UInt8]) throws(EngineError) {
        guard bytes.starts(with: [0x00, 0x61, 0x73, 0x6d]) else {
            throw .invalidModule(
                reason: bytes.isEmpty ? "the file is empty" : "it does not begin with the magic number")
        }
        let surface = try ModuleSurface(reading: bytes)
        imports = surface.imports
        exports = surface.exports
        let importedCount = surface.movedImports.count { $0.isMemory }
        memories = surface.memories.enumerated().map { index, memory in
            Memory(
                limits: memory.limits, isImported: index < importedCount, isShared: memory.isShared,
                is64Bit: memory.is64Bit)
        }
        usesGarbageCollection = surface.usesGarbageCollection
        var sections: [CustomSection] = []
        var hasStart = false
        var reader = BinaryReader(bytes[...])
        _ = try reader.take(8)
        while !reader.isAtEnd {
            let identifier = try reader.byte()
            let contents = try reader.take(try reader.unsigned32())
            if identifier == 8 { hasStart = true }
            guard identifier == 0 else { continue }
            var section = BinaryReader(contents)
            let name = try section.name()
            sections.append(CustomSection(name: name, contents: contents[section.offset...]))
        }
        customSections = sections
        hasStartFunction = hasStart
    }

    /// What the `producers` section says, if there is one: field, tool and version.
    ///
    /// https://github.com/WebAssembly/tool-conventions/blob/main/ProducersSection.md
    package var producers: [Producer] {
        guard let section = customSections.first(where: { $0.name == "producers" }) else { return [] }
        // A damaged section is worth what was read of it before the damage.
        var result: [Producer] = []
        var reader = BinaryReader(section.contents)
        do throws(EngineError) {
            for _ in 0..<(try reader.unsigned32()) {
                let field = try reader.name()
                for _ in 0..<(try reader.unsigned32()) {
                    result.append(Producer(field: field, tool: try reader.name(), version: try reader.name()))
                }
            }
        } catch { return result }
        return result
    }

    /// One entry of the `producers` section.
    package struct Producer: Sendable, Equatable {
        /// `language`, `processed-by` or `sdk`.
        package let field: String
        /// The name of a language or a program.
        package let tool: String
        /// Its version; may be empty.
        package let version: String
    }

    /// Names of the module's functions; `nil` without a readable name section, when backtraces show numbers.
    package var functionNames: [String]? {
        guard let section = customSections.first(where: { $0.name == "name" }) else { return nil }
        do throws(EngineError) {
            var reader = BinaryReader(section.contents)
            while !reader.isAtEnd {
                let identifier = try reader.byte()
                let contents = try reader.take(try reader.unsigned32())
                guard identifier == 1 else { continue }
                var names = BinaryReader(contents)
                var result: [String] = []
                for _ in 0..<(try names.unsigned32()) {
                    _ = try names.unsigned32()
                    result.append(try names.name())
                }
                return result
            }
        } catch { return nil }
        return nil
    }
}
