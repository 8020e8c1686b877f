import ArgumentParser
import Glibc
import SluiceAnalysis

/// The command `sluice`. Parses, runs one subcommand, and is the one place that prints errors and exits.
@main enum Main {
    static func main() async {
        do {
            try UnknownCommand.check(Array(CommandLine.arguments.dropFirst()))
            try await run(try SluiceCommand.parseAsRoot())
        } catch let end as CommandEnd {
            if !end.message.isEmpty { Output.writeErrorLines("sluice: \(end.message)") }
            exit(end.code.rawValue)
        } catch {
            end(ofParser: error)
        }
    }

    /// Runs a command that has been parsed: what it throws besides its end and the parser's own is a defect.
    private static func run(_ command: any ParsableCommand) async throws {
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                var command = command
                try command.run()
            }
        } catch let error where !(error is CommandEnd) && SluiceCommand.exitCode(for: error) == .failure {
            throw CommandEnd(.internalError, "internal error: \(error)")
        }
    }

    /// The parser's own: help and version are no errors; anything else is a wrong command line.
    private static func end(ofParser error: any Error) -> Never {
        let text = SluiceCommand.fullMessage(for: error)
        if SluiceCommand.exitCode(for: error).isSuccess {
            try? Output.write(text)
            exit(SluiceAnalysis.ExitCode.pass.rawValue)
        }
        Output.writeError(text + "\n")
        exit(SluiceAnalysis.ExitCode.usage.rawValue)
    }
}

struct SluiceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "Load-tests Proxy-Wasm plugins and compares their garbage collectors.",
        discussion: """
            Exit codes: 0 pass, 1 a budget failed (gate) or a module does not load (check), \
            2 usage, bad file or could not start, 3 inconclusive, \
            4 the measurement is invalid, 5 an agent was lost, 70 internal error or storage, 130 interrupted.
            """,
        version: BuildVersion.current,
        subcommands: [
            RunCommand.self, CompareCommand.self, GateCommand.self, HeapCommand.self, ReportCommand.self,
            RunsCommand.self, CheckCommand.self, ImportCommand.self,
            AgentCommand.self, AgentTrialCommand.self, AgentCompileCommand.self, CheckModuleCommand.self,
        ])
}

/// How a command ends when it does not simply return.
struct CommandEnd: Error, CustomStringConvertible {
    var code: SluiceAnalysis.ExitCode
    /// For standard error; empty when everything has been said.
    var message: String

    /// The message, for errors that this one is the reason of.
    var description: String { message }

    init(_ code: SluiceAnalysis.ExitCode, _ message: String = "") {
        self.code = code
        self.message = message
    }
}
