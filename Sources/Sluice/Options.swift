import ArgumentParser
import Glibc
import SluiceAnalysis
import SluiceLoad
import SluiceModel
import SluiceWorkload

/// Where runs are kept.
struct StoreOptions: ParsableArguments {
    @Option(name: .customLong("store"), help: "The file that runs are stored in.")
    var path = "sluice.sqlite"
}

/// What the command line says about the host, before what the workload says.
struct HostOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Through which export the host asks plugins for memory. (default: the workload's host.allocator)",
            valueName: "export"))
    var allocator: AllocatorChoice?

    /// Reads a workload file; every error in it is printed in one go.
    func read(_ path: String) throws -> (workload: Workload, text: String) {
        do throws(WorkloadErrors) {
            var read = try WorkloadReader.read(path: path, patternError: PatternSyntax.problem)
            if let allocator { read.workload.host.allocator = allocator }
            return read
        } catch {
            Output.writeErrorLines(error.description)
            throw CommandEnd(.usage)
        }
    }
}

/// What every command that runs a workload takes.
struct WorkloadOptions: ParsableArguments {
    @Argument(help: "The workload file.")
    var workload: String

    @OptionGroup var host: HostOptions

    /// As `HostOptions.read`.
    func read() throws -> (workload: Workload, text: String) { try host.read(workload) }
}

extension AllocatorChoice: ExpressibleByArgument {}

/// Strategies named on the command line, checked against a workload.
enum StrategySelection {
    static func select(_ names: [String], of workload: Workload) throws -> [Strategy] {
        guard !names.isEmpty else { return workload.strategies }
        return try names.map { name in
            guard let strategy = workload.strategies.first(where: { $0.name == name }) else {
                let help = Suggestion.help(for: name, among: workload.strategies.map(\.name))
                throw CommandEnd(.usage, "workload \(workload.name) has no strategy `\(name)`; \(help)")
            }
            return strategy
        }
    }

    /// `a,b` and repeated options alike; nobody is run twice.
    static func split(_ lists: [String]) -> [String] {
        var seen: Set<String> = []
        return lists.flatMap { $0.split(separator: ",").map(String.init) }.filter { seen.insert($0).inserted }
    }
}

/// What a person sees.
enum TerminalStyle {
    /// In place and in colour only for a person.
    static func isInteractive(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1 && getenv("NO_COLOR") == nil && getenv("CI") == nil
    }

    /// Columns of the terminal behind a descriptor; `nil` when there is none, or it does not say.
    static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
