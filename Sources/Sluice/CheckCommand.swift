import ArgumentParser
import Foundation
import Glibc
import SluiceAnalysis
import SluiceInspect
import SluiceModel
import SluiceProcess
import SluiceProxyWasm
import SluiceReport
import SluiceTrials

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Says where a plugin module loads, and why not elsewhere.",
        discussion: """
            Reads the module, compares it with every profile of Envoy, and tries it: it is started and configured, \
            and takes one stream. A module that has to be of one type is tried as that type with --type.

            Exit codes: 0 it loads, 1 it does not, 2 it cannot be read, or cannot be tried here.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case terminal, json }

    @Argument(help: "The module: a .wasm or .wat file, or oci://registry/repository:tag.")
    var module: String

    @Option(help: "The release of Envoy that decides: 1.21 to 1.39, latest, or full for a WASI host outside Envoy.")
    var envoy = "latest"

    @Option(help: "http, tcp or service. (default: the module is tried as each)")
    var type: PluginType?

    @Option(help: "The plugin's configuration, as text; @FILE reads it from a file.")
    var configuration = ""

    @Option(help: "The VM's configuration, in the same way.")
    var vmConfiguration = ""

    @Option(name: .customLong("root-id"), help: "What the plugin reads as plugin_root_id.")
    var rootID = ""

    @Option(name: .customLong("env"), help: "An environment variable of the plugin, NAME=VALUE. Can be repeated.")
    var environment: [String] = []

    @Option(help: "Cap of the linear memory in MiB, 1 to 4096.")
    var memory = 1024

    @Flag(help: "Try it although it does not fit: what does not fit traps, or is taken for absent.")
    var lenient = false

    @Option(help: "terminal or json.")
    var format = Format.terminal

    func run() throws {
        let fetched = try fetchedModule()
        let session = InspectSession(
            executable: OwnExecutable.path, arguments: [CheckModuleCommand.configuration.commandName ?? ""],
            request: try request(path: fetched?.path ?? module))
        let outcome: InspectSession.Outcome
        do { outcome = try withExtendedLifetime(fetched) { try session.run() } } catch {
            throw CommandEnd(.internalError, "\(error)")
        }
        switch outcome {
        case .unreadable(let reason): throw CommandEnd(.usage, "\(module): \(reason)")
        case .report(let report):
            switch format {
            case .json: try Output.write(try CheckJSON.render(report))
            case .terminal:
                try Output.write(CheckText.lines(report).map(Escape.terminal).joined(separator: "\n"))
            }
            switch report.loads {
            case true?: return
            case false?: throw CommandEnd(.doesNotLoad)
            case nil: throw CommandEnd(.usage, "\(module) \(report.verdict)")
            }
        }
    }

    /// `nil` for a file.
    private func fetchedModule() throws -> MemoryFile? {
        let reference = try ModuleArgument.reference(module)
        if case .file = reference.source { return nil }
        do { return try MemoryFile(ModuleLibrary.fetch(reference, onProgress: Output.writeErrorLines)) } catch {
            throw CommandEnd(.usage, "cannot fetch module \(module): \(error)")
        }
    }

    private func request(path: String) throws -> CheckRequest {
        let profile: EnvoyProfile
        switch EnvoyProfile.resolve(envoy) {
        case .profile(let known): profile = known
        case .tooOld, .tooNew, .notARelease:
            throw CommandEnd(
                .usage,
                "--envoy \(envoy): the behaviour of this release is not known; say 1.21 to "
                    + "1.\(EnvoyProfile.newestMinor), latest or full")
        }
        guard (1...4096).contains(memory) else { throw CommandEnd(.usage, "--memory \(memory): say 1 to 4096 MiB") }
        let image = module.hasPrefix(ImageReference.scheme) ? module.split(separator: "@")[0] : nil
        let name =
            image?.split(separator: "/").last?.split(separator: ":").first.map(String.init)
            ?? URL(filePath: module).deletingPathExtension().lastPathComponent
        let plugin = PluginSpecification(
            name: name, rootID: rootID, configuration: try bytes(configuration), vmID: "",
            vmConfiguration: try bytes(vmConfiguration), environmentVariables: try environment.map(variable),
            failurePolicy: .closed, reloadBaseIntervalNanoseconds: Units.nanosecondsPerSecond, module: nil)
        return CheckRequest(
            path: path, name: module, profile: profile, type: type, plugin: plugin,
            host: HostSettings(
                envoyProfile: profile.rawValue, memoryCapBytes: memory * Units.mebibyte,
                deadlineNanoseconds: 5 * Units.nanosecondsPerSecond, engine: .cranelift,
                link: lenient ? .lenient : .strict))
    }

    /// The text itself, or what is in the file that is named after an `@`.
    private func bytes(_ text: String) throws -> [UInt8] {
        guard text.hasPrefix("@") else { return Array(text.utf8) }
        do throws(ProcessError) { return try PrivateFile.read(String(text.dropFirst())) } catch {
            throw CommandEnd(.usage, error.description)
        }
    }

    private func variable(_ text: String) throws -> EnvironmentVariable {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw CommandEnd(.usage, "--env \(text): say NAME=VALUE")
        }
        return EnvironmentVariable(name: String(parts[0]), value: String(parts[1]))
    }
}

extension PluginType: ExpressibleByArgument {}

extension SluiceAnalysis.ExitCode {
    /// 1 says that a budget failed in one command, and that a module does not load in the other.
    fileprivate static let doesNotLoad = SluiceAnalysis.ExitCode.budgetFailed
}

/// The process that reads and tries one module.
struct CheckModuleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-module", abstract: "Looks at one module for a check.", shouldDisplay: false)

    func run() throws { Glibc.exit(InspectProcess.run()) }
}
