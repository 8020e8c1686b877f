import Glibc
import SluiceAgent
import SluiceProcess
import SluiceWire

// The program behind the tests of agents and coordinator: real processes with a made-up load in them.

let arguments = Array(CommandLine.arguments.dropFirst())

func option(_ name: String) -> String? {
    guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
    return arguments[index + 1]
}

switch arguments.first {
case "agent":
    do {
        let number = Int32(option("--token-descriptor") ?? "") ?? -1
        var configuration = AgentConfiguration(
            socketPath: option("--socket") ?? "", token: try AgentConfiguration.token(fromDescriptor: number),
            buildVersion: option("--build-version") ?? "test", cacheDirectory: option("--cache"))
        if let token = option("--other-token") { configuration.token = token }
        complain("agent \(getpid()) dials in")
        try await AgentSupervisor(configuration: configuration).run()
    } catch {
        complain("agent: \(error)")
        exit(5)
    }
case "agent-trial": exit(TrialProcess.run(FakeRunner()))
case "agent-compile": exit(CompileProcess.run(FakeRunner()))
case "broken-agent":
    complain("cannot find what it needs")
    exit(3)
case "silent-agent":
    Signals.dieWithParent()
    complain("thinking")
    sleep(60)
case "coordinate":
    exit(await TestCoordinator.run(base: option("--base") ?? "", seconds: Double(option("--seconds") ?? "") ?? 0))
default:
    complain("unknown mode")
    exit(2)
}
