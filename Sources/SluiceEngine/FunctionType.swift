/// The type of one Wasm value.
package enum ValueType: Sendable, Equatable, Hashable, CustomStringConvertible {
    case i32, i64, f32, f64, v128
    /// Any reference type: functions, externals, and everything of the Wasm GC proposal.
    case reference

    package var description: String {
        switch self {
        case .i32: "i32"
        case .i64: "i64"
        case .f32: "f32"
        case .f64: "f64"
        case .v128: "v128"
        case .reference: "ref"
        }
    }
}

/// Parameters and results of a Wasm function.
package struct FunctionType: Sendable, Equatable, Hashable, CustomStringConvertible {
    /// Types of the parameters, first to last.
    package var parameters: [ValueType]
    /// Types of the results, first to last; more than one is allowed.
    package var results: [ValueType]

    package init(_ parameters: [ValueType] = [], _ results: [ValueType] = []) {
        self.parameters = parameters
        self.results = results
    }

    /// `(i32, i32) -> i32`; `()` where there is nothing, parentheses around more than one result.
    package var description: String {
        let left = parameters.map(\.description).joined(separator: ", ")
        let right = results.map(\.description).joined(separator: ", ")
        return "(\(left)) -> \(results.count == 1 ? right : "(\(right))")"
    }

    /// Slots that a call needs: parameters come in the slots in which results go out.
    package var slotCount: Int { max(parameters.count, results.count) }
}

/// Pages of 64 KiB of a declared memory.
package struct Limits: Sendable, Equatable, Hashable {
    /// Pages that an instance begins with.
    package var minimum: UInt64
    /// Pages that the memory may grow to; `nil` when the module sets no bound.
    package var maximum: UInt64?
    package init(minimum: UInt64, maximum: UInt64?) {
        self.minimum = minimum
        self.maximum = maximum
    }
}

/// What a module imports or exports.
package enum ExternType: Sendable, Equatable, Hashable, CustomStringConvertible {
    case function(FunctionType)
    case memory(Limits)
    case table
    case global
    case tag

    package var description: String {
        switch self {
        case .function(let type): "function \(type)"
        case .memory: "memory"
        case .table: "table"
        case .global: "global"
        case .tag: "tag"
        }
    }
}

/// One import of a module, in the order of its import section.
package struct ModuleImport: Sendable, Equatable {
    /// The import module, `env` for example.
    package var module: String
    /// The name within the import module.
    package var name: String
    /// What has to be given for it.
    package var type: ExternType
    package init(module: String, name: String, type: ExternType) {
        self.module = module
        self.name = name
        self.type = type
    }
}

/// One export of a module, in the order of its export section.
package struct ModuleExport: Sendable, Equatable {
    /// The name under which it is found; unique within a module.
    package var name: String
    /// What is found there.
    package var type: ExternType
    package init(name: String, type: ExternType) {
        self.name = name
        self.type = type
    }
}
