import SluiceModel
import SluiceProcess
import SluiceWire

/// The agent's side of `TrialProcess`: one process and the pipes to it.
final class TrialChild: Sendable {
    enum Event: Sendable {
        case message(AgentMessage)
        /// The last event: how the process ended, and what was wrong with its messages, if anything.
        case ended(ProcessEnding, problem: String?)
    }

    /// Batches that may wait for the connection before the process is held up.
    private static let queueCapacity = 256

    let trial: TrialIdentity
    let events = ThreadToTaskQueue<Event>(capacity: queueCapacity)
    private let child: PipedProcess

    /// Starts the process and gives it its setup.
    init(_ setup: TrialSetup, configuration: AgentConfiguration) throws {
        trial = setup.trial
        let exit = AwaitedEnding()
        let child = try PipedProcess.start(
            executable: configuration.executable, arguments: configuration.trialArguments
        ) { exit.set($0) }
        self.child = child
        let events = events
        try OperatingSystemThread.start(name: "trial-messages") {
            var problem: String?
            do {
                while let frame = try child.fromChild.next() {
                    events.send(.message(try MessageCodec.agentMessage(frame)))
                }
            } catch {
                problem = "\(error)"
                child.process.kill()
            }
            events.send(.ended(exit.wait(), problem: problem))
            events.finish()
        }
        try child.toChild.write(try MessageCodec.encode(setup))
    }

    /// Passes a message on. A process that has ended already says so by other means.
    func send(_ message: CoordinatorMessage) {
        guard let frame = try? MessageCodec.encode(message) else { return }
        try? child.toChild.write(frame)
    }

    func kill() { child.process.kill() }
}
