import ArgumentParser
import Glibc
import SluiceAnalysis
import SluiceLoad
import SluiceWorkload

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Makes a workload of a configuration of Envoy or Istio, or of a plugin's test suite.",
        discussion: """
            Reads Envoy's YAML or JSON (Wasm filters and services, alone or within a listener or a bootstrap), Istio's \
            WasmPlugin and TrafficExtension, several of them in one file too, and suites of Google's plugin tester \
            (.textpb, or YAML). What a workload cannot have is a comment in it and a warning on standard error.
            """)

    @Argument(help: "The file to import.")
    var file: String

    @Option(name: .shortAndLong, help: "Writes the workload to this file. (default: standard output)")
    var output: String?

    @Option(help: "The module of a test suite that names none, or another one.")
    var module: String?

    @Flag(help: "Replaces the file that --output names.")
    var force = false

    func run() throws {
        if let output, !force, access(output, F_OK) == 0 {
            throw CommandEnd(.usage, "\(output) is there already; say --force to replace it")
        }
        let imported: ImportedWorkload
        do throws(WorkloadErrors) {
            imported = try WorkloadImporter.read(path: file, output: output, module: module)
        } catch {
            Output.writeErrorLines(error.description)
            throw CommandEnd(.usage)
        }
        for note in imported.notes {
            let place = note.position.map { ":\($0.line):\($0.column)" } ?? ""
            Output.writeErrorLines("\(file)\(place): warning: \(note.text)")
        }
        if let output {
            try ReportFile.write(imported.text, to: output)
            warnAboutRest(output)
        } else {
            try Output.write(String(imported.text.dropLast()))
        }
    }

    /// Most often a module that is not where the gateway has it.
    private func warnAboutRest(_ output: String) {
        do throws(WorkloadErrors) {
            _ = try WorkloadReader.read(path: output, patternError: PatternSyntax.problem)
        } catch {
            Output.writeErrorLines("before the workload can run:\n\(error.description)")
        }
    }
}
