import ArgumentParser
import SluiceAnalysis
import SluiceWorkload

/// Commands that there are not: the parser takes `sluice rnu` for an argument too many, and prints the help of `sluice`
/// itself for `sluice help rnu`.
enum UnknownCommand {
    /// Throws when the command line names one.
    static func check(_ arguments: [String]) throws {
        guard let first = arguments.first, !first.hasPrefix("-") else { return }
        guard first == "help" else {
            _ = try find(first, among: SluiceCommand.configuration.subcommands)
            return
        }
        var subcommands = SluiceCommand.configuration.subcommands
        for argument in arguments.dropFirst() where !argument.hasPrefix("-") {
            subcommands = try find(argument, among: subcommands).configuration.subcommands
        }
    }

    private static func find(
        _ name: String, among commands: [any ParsableCommand.Type]
    ) throws -> any ParsableCommand.Type {
        if let command = commands.first(where: { $0._commandName == name }) { return command }
        let shown = commands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
        let help = shown.isEmpty ? "nothing follows here" : Suggestion.help(for: name, among: shown)
        throw CommandEnd(.usage, "there is no command `\(name)`; \(help)")
    }
}
