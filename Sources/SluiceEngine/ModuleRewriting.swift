/// Makes every memory of a module one that is created and grown through us.
///
/// An engine refuses growth beyond a declared maximum without asking anybody, and makes imported memories without
/// asking either. So the maximum is taken out of the declaration, and applied in our own growth callback, where the
/// refusal gives the guest the same -1 and is counted; and an imported memory becomes one of the module's own, as do
/// imported tables. A module has one memory, and its imported tables come first in any case, so that no index changes.
struct ModuleRewriting {
    /// What an import of a memory or a table says, to be repeated in the module's own section.
    struct MovedImport: Sendable {
        let entry: Range<Int>
        let type: Range<Int>
        let isMemory: Bool
    }

    private let module: [UInt8]
    private let moved: [MovedImport]
    private let importCount: Int
    private let memory: DeclaredMemory?
    private var result: [UInt8]

    /// `surface` must have been read from `module`.
    static func rewrite(_ module: [UInt8], surface: ModuleSurface) throws(EngineError) -> [UInt8] {
        guard surface.memories.first?.limits.maximum != nil || !surface.movedImports.isEmpty else { return module }
        var rewriting = ModuleRewriting(module: module, surface: surface)
        try rewriting.run()
        return rewriting.result
    }

    private init(module: [UInt8], surface: ModuleSurface) {
        self.module = module
        moved = surface.movedImports
        importCount = surface.imports.count
        memory = surface.memories.first
        result = Array(module.prefix(8))
    }

    private mutating func run() throws(EngineError) {
        let tables = moved.filter { !$0.isMemory }.map { module[$0.type] }
        var pending: [UInt8] = []
        if !tables.isEmpty { pending.append(4) }
        if memory != nil { pending.append(5) }
        var reader = BinaryReader(module[...])
        _ = try reader.take(8)
        while !reader.isAtEnd {
            let start = reader.offset
            let (identifier, contents) = try reader.nextSection()
            while let next = pending.first, identifier != 0, Self.rank(of: identifier) > Self.rank(of: next) {
                try appendOwnSection(pending.removeFirst(), tables: tables, existing: nil)
            }
            if identifier == 2 {
                appendImports(contents)
            } else if pending.first == identifier {
                try appendOwnSection(pending.removeFirst(), tables: tables, existing: contents)
            } else {
                result.append(contentsOf: module[start..<reader.offset])
            }
        }
        for identifier in pending { try appendOwnSection(identifier, tables: tables, existing: nil) }
    }

    /// Place of a section in the order that the format wants; unknown ones come last.
    static func rank(of identifier: UInt8) -> Int {
        let order: [UInt8] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]
        return order.firstIndex(of: identifier) ?? order.count
    }

    private mutating func appendSection(_ identifier: UInt8, _ contents: [UInt8]) {
        result.append(identifier)
        result.append(contentsOf: BinaryReader.encoded(UInt32(contents.count)))
        result.append(contentsOf: contents)
    }

    private mutating func appendImports(_ contents: ArraySlice<UInt8>) {
        var body = BinaryReader.encoded(UInt32(importCount - moved.count))
        // The number of imports stands before the first entry.
        var position = contents.startIndex + BinaryReader.encodedLength(contents)
        for entry in moved {
            body.append(contentsOf: module[position..<entry.entry.lowerBound])
            position = entry.entry.upperBound
        }
        body.append(contentsOf: module[position..<contents.endIndex])
        appendSection(2, body)
    }

    private mutating func appendOwnSection(
        _ identifier: UInt8, tables: [ArraySlice<UInt8>], existing: ArraySlice<UInt8>?
    ) throws(EngineError) {
        if identifier == 5 {
            guard let memory else { return }
            appendSection(5, [1, 0] + BinaryReader.encoded(UInt32(clamping: memory.limits.minimum)))
            return
        }
        var own = BinaryReader(existing ?? [0], section: BinaryReader.sectionName(4))
        let count = try own.unsigned32()
        let (sum, isTooLarge) = count.addingReportingOverflow(UInt32(tables.count))
        guard !isTooLarge else { throw own.malformed("the number of tables is too large") }
        var body = BinaryReader.encoded(sum)
        for table in tables { body.append(contentsOf: table) }
        if let existing { body.append(contentsOf: existing[own.offset...]) }
        appendSection(4, body)
    }
}
