import Testing

/// Every rule about single files.
enum Rule: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case fileLength = "no source is longer than 500 lines"
    case lineLength = "no line of Swift is longer than 120 characters"
    case unfinishedWork = "no comment puts work off"
    case machinePaths = "no file names a path of a machine"
    case registryHosts = "no file names the host of a package registry"
    case shellStrictness = "every shell script stops at an error"
    case bannedCode = "no forced casts and tries, no testable imports"
    case printing = "only programs print"
    case foundation = "no Foundation on the way of a request"
    case functionLength = "no function is longer than 70 lines"
    case documentation = "types and functions that other targets see are documented"
    case propertyDocumentation = "properties that other targets see are documented"
    case imports = "rooms import what the table of rooms allows"

    var testDescription: String { rawValue }

    func findings(in file: SourceFile) -> [Finding] {
        switch self {
        case .fileLength: TextRules.fileLength(file)
        case .lineLength: TextRules.lineLength(file)
        case .unfinishedWork: TextRules.unfinishedWork(file)
        case .machinePaths: TextRules.machinePaths(file)
        case .registryHosts: TextRules.registryHosts(file)
        case .shellStrictness: TextRules.shellStrictness(file)
        case .bannedCode: SwiftRules.bannedCode(file)
        case .printing: SwiftRules.printing(file)
        case .foundation: SwiftRules.foundation(file)
        case .functionLength: SwiftRules.functionLength(file)
        case .documentation: SwiftRules.documentation(file)
        case .propertyDocumentation: SwiftRules.propertyDocumentation(file)
        case .imports: LayoutRules.imports(file)
        }
    }
}
